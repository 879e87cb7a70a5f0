import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { SignInPrompt } from '../../../shared/contract/connections.ts';
import { systemClock } from '../../../electron/core/clock.ts';
import type { HostSpec } from '../../../electron/core/ssh/host-spec.ts';
import { KnownHosts } from '../../../electron/core/ssh/known-hosts.ts';
import type { RemoteHostDeps } from '../../../electron/core/ssh/remote-host-client.ts';
import { createRemoteHost } from '../../../electron/core/ssh/remote-host-client.ts';
import type { ByteChannel, RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { SignInPrompts } from '../../../electron/core/ssh/sign-in-prompts.ts';

import { freePort } from '../../support/free-port.ts';
import { hostSpec, variableWords } from '../../support/host-spec.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';

export { freePort } from '../../support/free-port.ts';

/** What these tests need: a real sshd, and root, because it serves several users. */
export const HAS_SSHD = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/sbin/sshd');

/** A private key file without passphrase unless one is given; returns its path. */
export function newKey(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', passphrase = ''): string {
  const path = join(tempFolder('slipway-key-'), 'id');
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path]);
  return path;
}

/** A running sshd. */
export interface Sshd {
  readonly port: number;
  readonly folder: string;
  /** Accepted private key file. */
  readonly key: string;
  readonly hostKey: string;
  /** Home folder of root's sessions. */
  readonly home: string;
  log(): string;
  accepted(): number;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Lines of sshd_config that come first, so that they win. */
  readonly config?: readonly string[];
  /** Variables of root's sessions. */
  readonly env?: Readonly<Record<string, string>>;
  /** More public keys that are accepted. */
  readonly authorized?: readonly string[];
  readonly port?: number;
  readonly hostKey?: string;
  readonly key?: string;
  /** False: the server has no SFTP. */
  readonly sftp?: boolean;
  /** PAM decides: what it runs gets the answer on stdin. Each answer must be one of these. */
  readonly answers?: readonly string[];
}

/** Starts an sshd on loopback with a configuration of its own; it is ended after the test. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  mkdirSync('/run/sshd', { recursive: true });
  const folder = tempFolder('slipway-sshd-');
  chmodSync(folder, 0o755);
  const home = tempFolder('slipway-home-');
  const hostKey = options.hostKey ?? newKey();
  const key = options.key ?? newKey();
  const port = options.port ?? (await freePort());
  const authorized = [`${key}.pub`, ...(options.authorized ?? [])].map((path) => readFileSync(path, 'utf8'));
  writeFileSync(join(folder, 'authorized'), authorized.join(''));
  let binary = '/usr/sbin/sshd';
  const pam: string[] = ['UsePAM no'];
  if (options.answers !== undefined) {
    // The service of PAM is the name of the program.
    const name = `slipway-sshd-${randomBytes(4).toString('hex')}`;
    binary = join(folder, name);
    copyFileSync('/usr/sbin/sshd', binary);
    writeFileSync(join(folder, 'answers'), options.answers.map((answer) => `${answer}\n`).join(''));
    const check = `#!/bin/sh\nanswer=$(tr -d '\\000')\ngrep -qxF -- "$answer" '${folder}/answers'\n`;
    writeFileSync(join(folder, 'check'), check, { mode: 0o755 });
    const service = `/etc/pam.d/${name}`;
    writeFileSync(
      service,
      `auth optional pam_echo.so Lab: say the word\nauth required pam_exec.so expose_authtok quiet ${folder}/check\nauth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n`,
    );
    onTestFinished(() => rmSync(service, { force: true }));
    pam[0] = 'UsePAM yes';
  }
  writeFileSync(
    join(folder, 'config'),
    [
      ...(options.config ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${folder}/authorized`,
      'StrictModes no',
      'PidFile none',
      'LogLevel VERBOSE',
      'PermitRootLogin yes',
      'MaxStartups 100',
      ...pam,
      ...(options.sftp === false ? [] : ['Subsystem sftp internal-sftp']),
      // Start-up files of whoever tests may do anything: take locks, for one, that a session which is killed leaves behind.
      'Match User root',
      `SetEnv ${variableWords({ HOME: home, ...options.env })}`,
      '',
    ].join('\n'),
  );
  const logFile = join(folder, 'log');
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const child = spawn(binary, ['-D', '-f', join(folder, 'config'), '-E', logFile], { stdio: 'ignore' });
  const stop = (): Promise<void> => stopTree(child);
  onTestFinished(stop);
  await eventually(() => log().includes('Server listening') || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error(`sshd did not start: ${log()}`);
  return {
    port,
    folder,
    key,
    hostKey,
    home,
    log,
    accepted: () =>
      log()
        .split('\n')
        .filter((l) => /Accepted \S+ for/.test(l)).length,
    stop,
  };
}

/** Ends a server and the processes of its connections. */
async function stopTree(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const descendants = (pid: number): number[] => {
    try {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      return children === '' ? [] : children.split(' ').flatMap((c) => [Number(c), ...descendants(Number(c))]);
    } catch {
      return [];
    }
  };
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (const pid of [child.pid!, ...descendants(child.pid!)]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
  await ended;
}

/** How that sshd is reached as root with its key. */
export function specOf(sshd: Pick<Sshd, 'port' | 'key'>, more: Partial<HostSpec> = {}): HostSpec {
  return { ...hostSpec({ port: sshd.port, user: 'root', key: sshd.key }), ...more };
}

/** A host under test; it is disposed after the test. */
export interface HostUnderTest {
  readonly host: RemoteHost;
  readonly prompts: SignInPrompts;
  readonly knownHosts: string;
  /** Every prompt that was opened. */
  readonly asked: SignInPrompt[];
}

/** Connects to that spec; `answer` is the person, when there is one. */
export function useHost(
  spec: HostSpec | (() => Promise<HostSpec>),
  options: {
    readonly answer?: (prompt: SignInPrompt) => readonly string[] | null;
    readonly deps?: Partial<RemoteHostDeps>;
    readonly knownHosts?: string;
  } = {},
): HostUnderTest {
  const prompts = new SignInPrompts();
  const asked: SignInPrompt[] = [];
  const { answer } = options;
  if (answer !== undefined) {
    prompts.watch();
    prompts.onChange(() => {
      for (const prompt of prompts.open()) {
        if (asked.some((p) => p.id === prompt.id)) continue;
        asked.push(prompt);
        queueMicrotask(() => prompts.answer(prompt.id, answer(prompt)));
      }
    });
  }
  const knownHosts = options.knownHosts ?? join(tempFolder('slipway-known-'), 'known_hosts');
  const host = createRemoteHost({
    site: 'lab',
    resolve: typeof spec === 'function' ? spec : () => Promise.resolve(spec),
    hostKeys: new KnownHosts(knownHosts),
    prompts,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    ...options.deps,
  });
  onTestFinished(() => host.dispose());
  return { host, prompts, knownHosts, asked };
}

/** Everything that a channel says. */
export async function collect(channel: ByteChannel): Promise<{ code: number | null; stdout: Buffer; stderr: string }> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  channel.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const { code } = await channel.closed;
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

/** A TCP proxy that can stop carrying bytes of the connections it has, or cut them. */
export interface Proxy {
  readonly port: number;
  /** Connections that exist now carry nothing any more; new ones do. */
  freeze(): void;
  cut(): void;
  connections(): number;
  /** Bytes that have gone to the server and come from it, since the start. */
  carried(): { readonly up: number; readonly down: number };
}

export async function startProxy(target: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const carried = { up: 0, down: 0 };
  const server: Server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    near.on('data', (bytes) => (carried.up += bytes.length));
    far.on('data', (bytes) => (carried.down += bytes.length));
    near.pipe(far);
    far.pipe(near);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  onTestFinished(() => {
    cut();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe();
        far.unpipe();
        near.pause();
        far.pause();
      }
    },
    cut,
    connections: () => pairs.size,
    carried: () => ({ ...carried }),
  };
}
