import { spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgeFile } from '../../../electron/core/encryption/age-header.ts';
import { AgeWriter } from '../../../electron/core/encryption/age-writer.ts';
import { decryptFile } from '../../../electron/core/encryption/decrypt-file.ts';
import { headerForJob, newJobIdentity } from '../../../electron/core/encryption/job-access.ts';
import { NODE_AGE_FUNCTIONS, receiveSecretScript } from '../../../electron/core/encryption/node-scripts.ts';
import { hasAge } from '../../lab/age.ts';
import { testCipherPool } from '../../support/cipher-pool.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';

const SHELLS = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0,
);
const pool = testCipherPool();
const isLinux = process.platform === 'linux' && existsSync('/dev/shm');

/** Runs a script of a node with these functions; what it is given by standard input. */
function run(shell: readonly string[], script: string, input: string | Buffer = '', env: Record<string, string> = {}) {
  const [program, ...args] = [...shell, '-c', `${NODE_AGE_FUNCTIONS}\n${script}`];
  return spawnSync(program!, args, { input, encoding: 'utf8', env: { ...process.env, ...env } });
}

/** Folders of identities that a process has in memory. */
const kept = (pid: number | undefined): string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith(`slipway-${pid}.`));

describe.skipIf(!hasAge() || !isLinux).each(SHELLS)('a node with %s', (...shell) => {
  it('decrypts inputs with a key of the job alone and encrypts outputs to the project, who reads them', async () => {
    const folder = tempFolder();
    const [project, job] = [await newJobIdentity(), await newJobIdentity()];
    const plain = randomBytes(200_000);
    const made = createAgeFile([project.recipient]);
    const writer = new AgeWriter(
      made,
      { size: plain.length, read: async (at, n) => Buffer.from(plain.subarray(at, at + n)) },
      pool,
    );
    writeFileSync(join(folder, "it's.age"), await writer.read(0, writer.size));
    writeFileSync(join(folder, 'header'), await headerForJob(made.header, [project.identity], job));
    const script = `cd '${folder}' && slipway_need_age && slipway_take_identity && slipway_guard_identity || exit 7
      ls -ld "$slipway_memory" "$slipway_identity" >modes; printf %s "$slipway_memory" >where
      slipway_decrypt "it's.age" input header ${made.header.length} || exit 8
      slipway_decrypt - streamed header ${made.header.length} <"it's.age" || exit 9
      slipway_decrypt "it's.age" stolen && exit 10
      slipway_encrypt ${project.recipient.text} input output.age || exit 11
      slipway_encrypt ${project.recipient.text} - log.age <modes || exit 12`;
    const done = run(shell, script, job.identity);
    expect(done).toMatchObject({ status: 0, stderr: expect.stringContaining("it's.age cannot be decrypted") });
    for (const name of ['input', 'streamed']) expect(readFileSync(join(folder, name)).equals(plain)).toBe(true);
    expect(existsSync(join(folder, 'stolen'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('part'))).toEqual([]);
    expect(readFileSync(join(folder, 'modes'), 'utf8')).toMatch(/^drwx------.*\n-rw-------/);
    expect(existsSync(readFileSync(join(folder, 'where'), 'utf8'))).toBe(false);

    const to = join(folder, 'back');
    await decryptFile({ from: join(folder, 'output.age'), to, identities: [project.identity], pool });
    expect(readFileSync(to).equals(plain)).toBe(true);
    const again = decryptFile({ from: join(folder, 'output.age'), to: `${to}2`, identities: [job.identity], pool });
    await expect(again).rejects.toMatchObject({ kind: 'no-key' });
  });

  it('drops the key when the job is ended by a signal, and ends by that signal', async () => {
    const { identity } = await newJobIdentity();
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
      const [program, ...args] = [
        ...shell,
        '-c',
        `${NODE_AGE_FUNCTIONS}\nslipway_take_identity && slipway_guard_identity || exit 7\necho ready\nexec 3<&0\nwhile :; do sleep 0.05; done`,
      ];
      const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'ignore'] });
      child.stdin.end(identity);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      expect(kept(child.pid)).toHaveLength(1);
      const ended = new Promise((resolve) => child.on('exit', (_, by) => resolve(by)));
      child.kill(signal);
      expect(await ended).toBe(signal);
      expect(kept(child.pid)).toEqual([]);
    }
  });

  it('says what is missing before anything is touched', () => {
    const bin = tempFolder();
    for (const name of ['uname', 'cat', 'grep', 'mktemp', 'rm', 'printf', 'find'])
      symlinkSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), join(bin, name));
    const own = spawnSync('sh', ['-c', `command -v ${shell[0]}`], { encoding: 'utf8' }).stdout.trim();
    const without = run([own, ...shell.slice(1)], 'slipway_need_age; echo $?', '', { PATH: bin });
    expect(without.stdout).toBe('1\n');
    expect(without.stderr).toContain('the program age is not on');
    writeFileSync(join(bin, 'age'), '#!/bin/sh\necho v0.9.1\n', { mode: 0o755 });
    const old = run([own, ...shell.slice(1)], 'slipway_need_age; echo $?', '', { PATH: bin });
    expect(old).toMatchObject({ stdout: '1\n', stderr: expect.stringContaining('too old') });

    for (const input of ['', 'no key'])
      expect(run(shell, 'slipway_take_identity; echo "$? [$slipway_memory]"', input)).toMatchObject({
        stdout: '1 []\n',
        stderr: expect.stringContaining('has not arrived'),
      });
  });

  it('sweeps what a killed job has left, when its process is gone and it is old', async () => {
    const { identity } = await newJobIdentity();
    const gone = 4_000_000 + Math.floor(Math.random() * 100_000);
    const left = (pid: number, days: number): string => {
      const path = `/dev/shm/slipway-${pid}.${randomUUID()}`;
      mkdirSync(path);
      onTestFinished(() => rmSync(path, { recursive: true, force: true }));
      const then = Date.now() / 1000 - days * 86_400;
      utimesSync(path, then, then);
      return path;
    };
    const [old, fresh, going] = [left(gone, 5), left(gone, 0), left(process.pid, 5)];
    expect(run(shell, 'slipway_take_identity && slipway_drop_identity', identity).status).toBe(0);
    expect([old, fresh, going].map((path) => existsSync(path))).toEqual([false, true, true]);
  });

  it('takes no folder that is on a disk', () => {
    expect(run(shell, 'slipway_in_memory /dev/shm; echo $?; slipway_in_memory /; echo $?').stdout).toBe('0\n1\n');
  });

  it('leaves nothing of a file that is damaged', async () => {
    const folder = tempFolder();
    const { identity, recipient } = await newJobIdentity();
    const script = `cd '${folder}' && slipway_take_identity && slipway_guard_identity || exit 7
      head -c 300000 /dev/zero >plain && slipway_encrypt ${recipient.text} plain whole.age && head -c 200000 whole.age >cut.age || exit 8
      slipway_decrypt cut.age plain; echo $?
      slipway_decrypt missing.age plain; echo $?; ls`;
    const { stdout } = run(shell, script, identity);
    expect(stdout).toBe('1\n1\ncut.age\nplain\nwhole.age\n');
    expect(statSync(join(folder, 'plain')).size).toBe(300_000);
  });
});

describe.skipIf(!isLinux)('a key that waits for its job', () => {
  it('is for the account alone, and is there whole or not at all', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'a b'));
    const path = join(folder, 'a b', "it's");
    const receive = (input: string) => spawnSync('sh', ['-c', receiveSecretScript(path)], { input }).status;
    expect(receive('')).toBe(1);
    expect(readdirSync(join(folder, 'a b'))).toEqual([]);
    expect(receive('AGE-SECRET-KEY-1X')).toBe(0);
    expect(await eventually(() => statSync(path).mode & 0o777)).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toBe('AGE-SECRET-KEY-1X');
  });
});
