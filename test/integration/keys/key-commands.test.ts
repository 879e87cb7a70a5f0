import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';
import { HAS_TERMINAL, inTerminal } from '../cli/terminal.ts';

const PASSPHRASE = 'correct horse battery';

interface Made {
  readonly key: ProjectKey;
  readonly phrase: RecoveryPhrase;
}

/** A command of a script that gives the vault's passphrase by standard input. */
async function json<T>(slipway: Slipway, ...args: string[]): Promise<{ code: number | null; value: T }> {
  const { code, stdout, stderr } = await slipway.start([...args, '--json', '--passphrase-fd', '0'], {
    input: PASSPHRASE,
  }).ended;
  try {
    return { code, value: JSON.parse(stdout) as T };
  } catch {
    throw new Error(`not JSON: ${stdout}\n${stderr}`);
  }
}

it('scripts make, pass on, rotate and recover keys', async () => {
  const [ada, grace] = [new Slipway(), new Slipway()];
  const missing = await ada.json<{ error: unknown }>('key', 'create', 'turbine');
  expect(missing).toMatchObject({ code: 3, value: { error: { code: 'secrets/locked' } } });
  expect((await ada.json<{ keys: unknown[] }>('key', 'list')).value).toEqual({ keys: [], device: null });

  const { value: made } = await json<Made>(ada, 'key', 'create', 'turbine');
  expect(made.phrase.words).toHaveLength(24);
  expect(await json(ada, 'key', 'create', 'turbine')).toMatchObject({
    code: 2,
    value: { error: { code: 'keys/exists' } },
  });
  expect(await json(ada, 'key', 'create', 'a/b')).toMatchObject({ code: 2, value: { error: { code: 'bad_input' } } });
  expect(await ada.json('key', 'show', 'wing')).toMatchObject({ code: 4 });

  const device = (await json<{ publicKey: string }>(grace, 'key', 'device')).value.publicKey;
  await json(ada, 'key', 'add-recipient', 'turbine', device, '--label', 'Grace');
  const file = join(tempFolder(), 'turbine.key.age');
  expect(await json(ada, 'key', 'export', 'turbine', '-o', file)).toMatchObject({ code: 0, value: { path: file } });
  expect(await json(ada, 'key', 'export', 'turbine', '-o', file)).toMatchObject({ code: 2 });
  expect(readFileSync(file, 'utf8')).not.toContain('AGE-SECRET');
  const imported = await json<ProjectKey>(grace, 'key', 'import', file);
  expect(imported.value).toMatchObject({ name: 'turbine', publicKey: made.key.publicKey });

  const rotated = (await json<Made>(ada, 'key', 'rotate', 'turbine')).value;
  expect(rotated.key.generations).toHaveLength(2);
  const shown = await ada.run('key', 'show', 'turbine');
  expect(shown.stdout).toContain('Grace');
  expect(shown.stdout).toContain(rotated.key.publicKey);

  // Wrong words are told before anything is made, also before the vault.
  const next = new Slipway();
  const recover = async (words: readonly string[]): Promise<unknown> => {
    const args = ['key', 'recover', 'turbine', '--phrase-fd', '0', '--json'];
    return JSON.parse((await next.start(args, { input: `${words.join(' ')}\n` }).ended).stdout);
  };
  const { words } = rotated.phrase;
  expect(await recover(words.with(0, 'zzzz'))).toMatchObject({ error: { code: 'keys/wrong_phrase' } });
  expect(await recover(words)).toMatchObject({ error: { code: 'secrets/locked' } });
}, 300_000);

it.skipIf(!HAS_TERMINAL)(
  'a person chooses a passphrase, writes the words down and gives two of them back',
  async () => {
    const slipway = new Slipway();
    const create = inTerminal(slipway, 'key', 'create', 'turbine');
    await create.until(/Passphrase: /);
    create.type(`${PASSPHRASE}\r`);
    await create.until(/The same again: /);
    create.type(`${PASSPHRASE}\r`);
    await create.until(/Recovery phrase of the key turbine/);
    const first = Number(/\d+/.exec(await create.until(/Word \d+: /))![0]);
    const words = new Map([...create.screen().matchAll(/(\d+) ([a-z]{3,8})\b/g)].map((m) => [Number(m[1]), m[2]!]));
    expect(words.size).toBeGreaterThanOrEqual(24);
    create.type('nonsense\r');
    const second = Number(/\d+/.exec(await create.until(/Word \d+: /))![0]);
    create.type(`${words.get(second)}\r`);
    await create.until(new RegExp(`Word ${first} is not what the phrase says`));
    for (const number of [first, second]) {
      await create.until(new RegExp(`Word ${number}: `));
      create.type(`${words.get(number)}\r`);
    }
    await create.until(/Confirmed/);
    expect(await create.ended).toBe(0);
    expect(create.screen()).not.toContain(PASSPHRASE);
    expect((await slipway.json<{ keys: ProjectKey[] }>('key', 'list')).value.keys[0]?.generations[0]?.confirmed).toBe(
      true,
    );

    expect(await slipway.run('key', 'phrase', 'turbine')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not shown again'),
    });
  },
  120_000,
);

it('scripts remove a key when they say so, and not while something works with it', async () => {
  const slipway = new Slipway();
  await json<Made>(slipway, 'key', 'create', 'turbine');
  const source = tempFolder();
  const watch = await json<{ id: string }>(
    slipway,
    'watch',
    'add',
    source,
    join(tempFolder(), 'x'),
    '--key',
    'turbine',
  );
  expect(watch).toMatchObject({ code: 0 });
  const asked = await slipway.json<{ error: { message: string } }>('key', 'remove', 'turbine');
  expect(asked.code).toBe(2);
  expect(asked.value.error.message).toMatch(/phrase is not confirmed.*lost for good.*--yes/s);
  const busy = await slipway.json<{ error: { code: string; message: string } }>('key', 'remove', 'turbine', '--yes');
  expect(busy).toMatchObject({ code: 2, value: { error: { code: 'keys/in_use' } } });
  expect(busy.value.error.message).toContain(`the folder watch ${watch.value.id}`);
  expect((await slipway.run('watch', 'remove', watch.value.id)).code).toBe(0);
  expect((await slipway.run('key', 'remove', 'turbine', '--yes')).stdout).toContain('not on this device any more');
  expect((await slipway.json<{ keys: unknown[] }>('key', 'list')).value.keys).toEqual([]);
  expect((await slipway.run('key', 'remove', 'turbine', '--yes')).code).toBe(4);
}, 300_000);
