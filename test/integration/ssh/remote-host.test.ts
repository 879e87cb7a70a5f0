import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { collect, HAS_SSHD, specOf, startProxy, startSshd, useHost } from './ssh-lab.ts';

/** What a call was refused with. */
async function refusal(call: Promise<unknown>): Promise<RemoteError> {
  const error = await call.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof RemoteError)) throw new Error(`not a RemoteError: ${String(error)}`);
  return error;
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe.runIf(HAS_SSHD).each(['ssh2', 'system'] as const)('a remote host by %s', (transport) => {
  const deps = { transport };

  test('runs scripts byte for byte and keeps them apart', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    expect(host.status.state).toBe('idle');
    expect(await host.run("printf 'no newline'; echo oops >&2; exit 7")).toEqual({
      stdout: Buffer.from('no newline'),
      stderr: 'oops\n',
      code: 7,
    });
    expect(host.status.state).toBe('connected');
    expect((await host.run('cd /; umask 077; x=1; exit 0')).code).toBe(0);
    expect((await host.run('echo "${x-unset}"; cat; read a; echo "$?"')).stdout.toString()).toBe('unset\n1\n');
    // A script that cannot be read, and one that ends itself badly, are no end of the shell.
    expect((await host.run('echo "unfinished')).code).not.toBe(0);
    expect((await host.run("kill -9 $(sh -c 'echo $PPID')")).code).toBe(137);
    const bytes = await host.run(`printf '\\000\\001\\377\\n\\n'`);
    expect([...bytes.stdout]).toEqual([0, 1, 255, 10, 10]);
    const odd = `printf %s 'it'"'"'s $HOME \`x\` ! \\ % "ü" \t'`;
    expect((await host.run(odd)).stdout.toString()).toBe('it\'s $HOME `x` ! \\ % "ü" \t');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => host.run(`echo ${i}`)));
    expect(answers.map((a) => a.stdout.toString().trim())).toEqual(answers.map((_, i) => String(i)));
  });

  test('takes scripts and answers of many megabytes', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    const text = randomBytes(300_000).toString('hex');
    expect((await host.run(`printf %s '${text}' | wc -c`)).stdout.toString().trim()).toBe('600000');
    const much = await host.run('head -c 20000000 /dev/zero');
    expect(much.stdout.length).toBe(20_000_000);
    const error = await refusal(host.run('head -c 20000000 /dev/zero', { maxBytes: 1_000_000 }));
    expect(error.kind).toBe('too-large');
    expect((await host.run('echo again')).stdout.toString()).toBe('again\n');
    expect((await host.run('head -c 3000000 /dev/zero | tr "\\\\0" e >&2')).stderr.length).toBe(64 * 1024);
  });

  test('answers small scripts in a few milliseconds', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    await host.run(':');
    const times: number[] = [];
    for (let i = 0; i < 60; i++) {
      const started = performance.now();
      await host.run('echo x');
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    expect(times[30]).toBeLessThan(15);
  });

  test('ends a script that takes too long, and one that is cancelled, and goes on', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    await host.run(':');
    const late = await refusal(host.run('sleep 60', { timeoutMs: 300 }));
    expect([late.kind, late.sent]).toEqual(['timeout', true]);
    expect((await host.run('echo on')).stdout.toString()).toBe('on\n');
    const abort = new AbortController();
    const running = refusal(host.run('echo begun >&2; sleep 60', { signal: abort.signal }));
    const waiting = new AbortController();
    const queued = refusal(host.run('echo never', { signal: waiting.signal }));
    waiting.abort();
    expect([(await queued).kind, (await queued).sent]).toEqual(['cancelled', false]);
    abort.abort();
    expect((await running).kind).toBe('cancelled');
    expect((await host.run('echo on')).stdout.toString()).toBe('on\n');
    expect(host.status.state).toBe('connected');
  });

  test('gives programs channels with three streams, and SFTP', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd), { deps });
    const channel = await host.exec('cat; echo told >&2; exit 9');
    const sent = randomBytes(5_000_000);
    channel.stdin.end(sent);
    const got = await collect(channel);
    expect([got.code, got.stderr, sha(got.stdout)]).toEqual([9, 'told\n', sha(sent)]);
    const sftp = await host.sftp();
    const hello = Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]);
    sftp.stdin.write(hello);
    const answer = await new Promise<Buffer>((resolve) => sftp.stdout.once('data', resolve));
    expect(answer[4]).toBe(2);
    sftp.destroy();
    await sftp.closed;
    const abort = new AbortController();
    const endless = await host.exec('while :; do echo x; sleep 0.05; done', { signal: abort.signal });
    endless.stdout.resume();
    abort.abort();
    await endless.closed;
    expect(sshd.accepted()).toBe(1);
  });

  test('ends a channel whose outputs nobody reads, and keeps what was said for who reads it late', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    const silent = await host.exec('cat >/dev/null; exit 4');
    silent.stdin.end(randomBytes(3_000_000));
    expect((await silent.closed).code).toBe(4);
    const early = await host.exec('echo said; echo told >&2; exit 6');
    for (let i = 0; i < 10; i++) await host.run('sleep 0.02');
    expect(await collect(early)).toEqual({ code: 6, stdout: Buffer.from('said\n'), stderr: 'told\n' });
  });

  test('keeps the last words of scripts that are over at once', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    for (let i = 0; i < 20; i++) {
      const end = await collect(await host.exec('echo denied >&2; exit 71'));
      expect(end).toEqual({ code: 71, stdout: Buffer.alloc(0), stderr: 'denied\n' });
    }
  });

  test('holds back a program whose output nobody reads', async () => {
    const { host } = useHost(specOf(await startSshd()), { deps });
    const channel = await host.exec('head -c 100000000 /dev/zero; echo all >&2');
    let told = false;
    channel.stderr.on('data', () => (told = true));
    // Others go on meanwhile, and the program is still writing.
    for (let i = 0; i < 20; i++) await host.run('sleep 0.02');
    expect(told).toBe(false);
    let bytes = 0;
    channel.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
    expect((await channel.closed).code).toBe(0);
    expect(bytes).toBe(100_000_000);
  });

  test('does everything at once over one sign-in, never more than eight channels', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd), { deps });
    // What runs says so itself: the server keeps a session for a while after its channel has been closed.
    const running = join(tempFolder(), 'running');
    const counted = (script: string): string => `echo + >>${running}; ${script}; echo - >>${running}`;
    const bulk = Array.from({ length: 9 }, async () => {
      const channel = await host.exec(counted('head -c 200000 /dev/zero'), { lane: 'bulk' });
      return (await collect(channel)).stdout.length;
    });
    const small = Array.from(
      { length: 8 },
      async (_, i) => (await collect(await host.exec(counted(`echo ${i}`)))).stdout.length,
    );
    const runs = Array.from({ length: 20 }, async () => (await host.run('echo run')).stdout.length);
    const sftp = await host.sftp();
    expect(await Promise.all(bulk)).toEqual(Array(9).fill(200_000));
    expect(await Promise.all(small)).toEqual(Array(8).fill(2));
    expect(await Promise.all(runs)).toEqual(Array(20).fill(4));
    sftp.destroy();
    expect(sshd.accepted()).toBe(1);
    let now = 0;
    const at = readFileSync(running, 'utf8')
      .split('\n')
      .map((mark) => (now += mark === '+' ? 1 : mark === '-' ? -1 : 0));
    // One of the eight is the coprocess.
    expect(Math.max(...at)).toBeLessThanOrEqual(7);
    expect(now).toBe(0);
  });

  test.each([1, 2])('learns that a server allows %i sessions, and serves everybody in turn', async (most) => {
    const sshd = await startSshd({ config: [`MaxSessions ${most}`] });
    const { host } = useHost(specOf(sshd), { deps });
    expect((await host.run('echo first')).stdout.toString()).toBe('first\n');
    const work = Array.from({ length: 6 }, async (_, i) => {
      if (i % 2 === 0) return (await host.run(`echo ${i}`)).stdout.toString();
      return (await collect(await host.exec(`echo ${i}`))).stdout.toString();
    });
    expect(await Promise.all(work)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `${i}\n`));
    expect((await host.run('echo last')).stdout.toString()).toBe('last\n');
    expect(sshd.accepted()).toBe(1);
  });

  test('says that an account for file transfer gives no shell, and transfers files', async () => {
    const { host } = useHost(specOf(await startSshd({ config: ['ForceCommand internal-sftp'] })), { deps });
    const error = await refusal(host.run('echo hello'));
    expect([error.kind, error.hint]).toEqual(['no-shell', expect.stringContaining('file transfer only')]);
    expect((await refusal(host.exec('echo hello'))).kind).toBe('no-shell');
    const sftp = await host.sftp();
    sftp.stdin.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
    const answer = await new Promise<Buffer>((resolve) => sftp.stdout.once('data', resolve));
    expect(answer[4]).toBe(2);
    sftp.destroy();
    expect(host.status.state).toBe('connected');
  });

  test('is not overrun by a login shell that prints without end', async () => {
    const { host } = useHost(specOf(await startSshd({ config: ['ForceCommand yes'] })), { deps });
    expect((await refusal(host.run('echo hello'))).kind).toBe('no-shell');
    expect((await refusal(host.exec('echo hello'))).kind).toBe('no-shell');
    expect(host.status.state).toBe('connected');
  });

  test('carries 128 MB each way through new keys every 32 MB, byte for byte', async () => {
    const { host } = useHost(specOf(await startSshd({ config: ['RekeyLimit 32M'] })), { deps });
    const block = randomBytes(1024 * 1024);
    const channel = await host.exec('cat', { lane: 'bulk' });
    const got = createHash('sha256');
    const sent = createHash('sha256');
    let bytes = 0;
    channel.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      got.update(chunk);
    });
    for (let i = 0; i < 128; i++) {
      block.writeUInt32BE(i);
      const copy = Buffer.from(block);
      sent.update(copy);
      if (!channel.stdin.write(copy)) await new Promise((resolve) => channel.stdin.once('drain', resolve));
    }
    channel.stdin.end();
    expect((await channel.closed).code).toBe(0);
    expect(bytes).toBe(128 * 1024 * 1024);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
    expect((await host.run('echo fine')).stdout.toString()).toBe('fine\n');
  });

  test('tells a cut in the middle of a script, and comes back by itself', async () => {
    const sshd = await startSshd();
    const proxy = await startProxy(sshd.port);
    const { host } = useHost(specOf({ ...sshd, port: proxy.port }), { deps });
    const states: ConnectionStatus['state'][] = [];
    host.onStatus((status) => states.push(status.state));
    await host.run(':');
    const cut = refusal(host.run('echo begun; sleep 60'));
    const open = await host.exec('sleep 60');
    proxy.cut();
    const error = await cut;
    expect([error.kind, error.sent]).toEqual(['lost', true]);
    open.stdout.resume();
    open.stderr.resume();
    expect(await open.closed).toEqual({ code: null, signal: null });
    await eventually(() => host.status.state === 'connected');
    expect((await host.run('echo back')).stdout.toString()).toBe('back\n');
    expect(states).toContain('unreachable');
  });

  test('finds within seconds after a pause that the connection is dead, and replaces it', async () => {
    const sshd = await startSshd();
    const proxy = await startProxy(sshd.port);
    const { host } = useHost(specOf({ ...sshd, port: proxy.port }), { deps });
    await host.run(':');
    host.wake();
    await host.run(':');
    expect(sshd.accepted()).toBe(1);
    proxy.freeze();
    const started = performance.now();
    host.wake();
    await eventually(() => sshd.accepted() === 2 && host.status.state === 'connected');
    expect(performance.now() - started).toBeLessThan(8_000);
    expect((await host.run('echo awake')).stdout.toString()).toBe('awake\n');
  });

  test('says why a host is not reached, waits longer each time, and recovers', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd), { deps });
    await host.run(':');
    await sshd.stop();
    await eventually(() => host.status.state === 'unreachable');
    await eventually(() => /^Not heard from since \d\d:\d\d: .*refused/.test(host.status.message ?? ''));
    expect(host.status.retryAt).not.toBeNull();
    const error = await refusal(host.connect('nobody'));
    expect([error.kind, error.sent]).toEqual(['unreachable', false]);
    await startSshd({ port: sshd.port, hostKey: sshd.hostKey, key: sshd.key });
    await host.connect('person');
    expect(host.status).toMatchObject({ state: 'connected', message: null });
  });

  test('stops after a refused sign-in instead of trying for ever', async () => {
    const sshd = await startSshd({ config: ['AuthenticationMethods publickey'] });
    const other = await startSshd();
    const { host } = useHost(specOf({ ...sshd, key: other.key }), { deps });
    const error = await refusal(host.run('echo no'));
    expect(error.kind).toBe('sign-in-refused');
    expect(host.status.state).toBe('refused');
    for (let i = 0; i < 5; i++) expect((await refusal(host.run('echo no'))).kind).toBe('sign-in-refused');
    host.wake();
    expect(
      sshd
        .log()
        .split('\n')
        .filter((line) => line.startsWith('Connection from')),
    ).toHaveLength(1);
    expect((await refusal(host.connect('person'))).kind).toBe('sign-in-refused');
    expect(
      sshd
        .log()
        .split('\n')
        .filter((line) => line.startsWith('Connection from')),
    ).toHaveLength(2);
  });

  test('signs out and in again', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd), { deps });
    await host.run(':');
    await host.disconnect();
    expect(host.status.state).toBe('idle');
    await eventually(() => /Disconnected from|Connection closed/.test(sshd.log()));
    expect((await host.run('echo in')).stdout.toString()).toBe('in\n');
    expect(sshd.accepted()).toBe(2);
  });
});

describe.runIf(HAS_SSHD)('the way to connect', () => {
  test('is the ssh of the system when a server takes only what ssh2 does not have', async () => {
    const sshd = await startSshd({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    const ssh2 = useHost(specOf(sshd), { deps: { transport: 'ssh2' } });
    expect((await refusal(ssh2.host.connect('nobody'))).message).toContain('no way to encrypt in common');
    const auto = useHost(specOf(sshd));
    expect((await auto.host.run('echo fine')).stdout.toString()).toBe('fine\n');
  });
});
