import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';

it('a script gives the vault its passphrase by a file descriptor, and is told when it is wrong or missing', async () => {
  const slipway = new Slipway();
  const unlock = (input: string, fd = '0') => slipway.start(['jobs', '--json', '--passphrase-fd', fd], { input }).ended;
  const problem = async (input: string, fd?: string): Promise<unknown> => JSON.parse((await unlock(input, fd)).stdout);

  expect(await problem('\n')).toMatchObject({ error: { code: 'bad_input' } });
  expect(await problem('short\n')).toMatchObject({ error: { code: 'bad_input' } });
  for (const fd of ['x', '7', '999'])
    expect(await problem('long enough\n', fd)).toMatchObject({ error: { code: 'bad_input' } });
  expect(existsSync(join(slipway.home, 'secrets', 'device-key.json'))).toBe(false);

  expect(await unlock('correct horse battery\n')).toMatchObject({ code: 0 });
  expect(await unlock('correct horse battery')).toMatchObject({ code: 0 });
  expect(await problem('correct horse batterz\n')).toMatchObject({ error: { code: 'secrets/wrong_passphrase' } });
  // Each passphrase takes a second by itself, and much longer on a busy machine.
}, 300_000);

it('a script changes the passphrase by descriptors; without a keyring nothing is moved', async () => {
  const slipway = new Slipway();
  const folder = writeFiles({ now: 'correct horse battery\n', next: 'staple another one\n' });
  const [now, next] = [join(folder, 'now'), join(folder, 'next')];
  const unlock = (file: string) => slipway.start(['jobs', '--passphrase-fd', '3'], { files: [file] }).ended;
  expect(await unlock(now)).toMatchObject({ code: 0 });
  const change = (...files: string[]) =>
    slipway.start(['vault', 'passphrase', '--json', '--passphrase-fd', '3', '--new-passphrase-fd', '4'], { files })
      .ended;
  const wrong = await change(next, now);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'secrets/wrong_passphrase' } });
  const changed = await change(now, next);
  expect(changed).toMatchObject({ code: 0 });
  expect(JSON.parse(changed.stdout)).toMatchObject({ keeper: 'passphrase', state: 'open' });
  expect((await unlock(now)).code).toBe(2);
  expect(await unlock(next)).toMatchObject({ code: 0 });

  const moved = await slipway.json<{ error: { code: string } }>('vault', 'move', 'keyring');
  expect(moved).toMatchObject({ code: 3, value: { error: { code: 'secrets/unavailable' } } });
  expect((await slipway.run('vault', 'status')).stdout).toBe(
    'Secrets are kept in a vault with a passphrase: locked.\n',
  );
  expect((await slipway.run('vault', 'passphrase')).stderr).toContain('--passphrase-fd');
}, 300_000);
