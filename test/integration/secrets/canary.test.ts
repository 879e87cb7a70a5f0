import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { LabBucket } from '../../lab/bucket-lab.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { SecretWatch } from '../../support/secret-watch.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';

describe.skipIf(!hasRadosgw() || !HAS_SSHD)('secrets of a whole run', () => {
  const store = useRadosgw();

  it('are in no argument, environment, log, database, profile or temporary file, and contents reach no storage in the clear', async () => {
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

    // Contents go to a host and to the bucket, and come back: there they are ciphertext, and here in no place but those that were named.
    const content = randomBytes(24).toString('hex');
    const source = tempFolder();
    writeFileSync(join(source, 'design.inp'), `* confidential ${content}\n`);
    secrets.push(content);
    const { workdir } = await addSite(first, 'box');
    const back = tempFolder();
    for (const [i, place] of [`box:${workdir}/`, 'bucket:canary-data/input/'].entries()) {
      const sent = await run(first, ['put', join(source, 'design.inp'), place, '--key', 'turbine']);
      expect(sent).toMatchObject({ state: 'done', files: { done: 1 } });
      const to = join(back, String(i));
      await run(first, ['get', `${place}design.inp.age`, to, '--key', 'turbine']);
      expect(readFileSync(to, 'utf8')).toContain(content);
    }
    const stored = await new LabBucket(store(), owner, 'canary-data').below('input/');
    expect([...stored.keys()]).toEqual(['design.inp.age']);
    expect(stored.get('design.inp.age')).not.toContain(content);

    const words = give('words', phrase.words.join(' '));
    await run(second, ['key', 'recover', 'turbine', '--phrase-fd', '4'], [words]);

    expect(watch.looks).toBeGreaterThan(10);
    expect(watch.inProcesses()).toEqual([]);
    expect(watch.inFiles(first.home, second.home, temporary, workdir)).toEqual([]);
  }, 180_000);

  it('would be seen: in an argument, in a variable and in a file', async () => {
    const canary = randomBytes(16).toString('hex');
    const watch = new SecretWatch(() => [canary]);
    const folder = tempFolder();
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep', 'log'), Buffer.concat([randomBytes(100), Buffer.from(canary)]));
    expect(watch.inFiles(folder)).toEqual([join(folder, 'deep', 'log')]);
    const start = (args: string[], env: Record<string, string>): void => {
      const lasting = ['-e', 'setInterval(() => {}, 1000)', ...args];
      const child = spawn(process.execPath, lasting, { env: { ...process.env, ...env }, stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
    };
    start([canary], {});
    await eventually(() => watch.inProcesses().some((seen) => seen.startsWith('cmdline')));
    start([], { TOKEN: canary });
    await eventually(() => watch.inProcesses().some((seen) => seen.startsWith('environ')));
  });
});
