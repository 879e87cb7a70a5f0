import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { SecretWatch } from '../../support/secret-watch.ts';
import { eventually, Slipway } from '../../support/slipway.ts';

describe.skipIf(!hasRadosgw())('secrets of a whole run', () => {
  const store = useRadosgw();

  it('are in no argument, environment, log, database, profile or temporary file', async () => {
    const passphrase = randomBytes(12).toString('hex');
    const owner = await store().addUser('canary');
    await store().addBucket(owner, 'canary-data');
    const secrets = [passphrase, owner.secretAccessKey];
    const watch = new SecretWatch(() => secrets);

    // What scripts hand over by descriptors lies in files of theirs; everything else is looked through.
    const given = tempFolder();
    const give = (name: string, text: string): string => {
      writeFileSync(join(given, name), `${text}\n`, { mode: 0o600 });
      return join(given, name);
    };
    const vault = give('vault', passphrase);
    const [first, second] = [new Slipway(), new Slipway()];
    const temporary = tempFolder();
    const run = async <T>(slipway: Slipway, args: readonly string[], files: readonly string[] = []): Promise<T> => {
      const all = [...args, '--json', '--passphrase-fd', '3'];
      const ended = await slipway.start(all, { files: [vault, ...files], env: { TMPDIR: temporary } }).ended;
      expect(ended, `${args.join(' ')}: ${ended.stderr}`).toMatchObject({ code: 0 });
      return JSON.parse(ended.stdout) as T;
    };

    const { phrase } = await run<{ key: ProjectKey; phrase: RecoveryPhrase }>(first, ['key', 'create', 'turbine']);
    secrets.push(phrase.words.slice(3, 7).join(' '), phrase.words.slice(3, 7).join('","'));
    const secretFile = give('secret', owner.secretAccessKey);
    const signIn = ['--endpoint', store().endpoint, '--access-key-id', owner.accessKeyId, '--secret-fd', '4'];
    await run(first, ['bucket', 'add', 'canary-data', ...signIn], [secretFile]);
    await run(first, ['bucket', 'check', 'canary-data']);

    const words = give('words', phrase.words.join(' '));
    await run(second, ['key', 'recover', 'turbine', '--phrase-fd', '4'], [words]);

    expect(watch.looks).toBeGreaterThan(20);
    expect(watch.inProcesses()).toEqual([]);
    expect(watch.inFiles(first.home, second.home, temporary)).toEqual([]);
  }, 180_000);

  it('would be seen: in an argument, in a variable and in a file', async () => {
    const canary = randomBytes(16).toString('hex');
    const watch = new SecretWatch(() => [canary]);
    const folder = tempFolder();
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'log'), Buffer.concat([randomBytes(100), Buffer.from(canary)]));
    expect(watch.inFiles(folder)).toEqual([join(folder, 'deep', 'log')]);
    const start = (args: string[], env: Record<string, string>): void => {
      const child = spawn('sh', ['-c', 'exec sleep 30', ...args], { env: { ...process.env, ...env }, stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
    };
    start([canary], {});
    await eventually(() => watch.inProcesses().some((seen) => seen.startsWith('cmdline')));
    start([], { TOKEN: canary });
    await eventually(() => watch.inProcesses().some((seen) => seen.startsWith('environ')));
  });
});
