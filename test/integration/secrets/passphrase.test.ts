import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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
});
