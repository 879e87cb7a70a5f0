/** An sshd of a bench's own, and a way to it that is as slow as a far one. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { systemClock } from '../../electron/core/clock.ts';
import { KnownHosts } from '../../electron/core/ssh/known-hosts.ts';
import { createRemoteHost } from '../../electron/core/ssh/remote-host-client.ts';
import type { RemoteHost } from '../../electron/core/ssh/remote-host.ts';
import { SignInPrompts } from '../../electron/core/ssh/sign-in-prompts.ts';
import { freePort } from '../support/free-port.ts';
import { hostSpec, variableWords } from '../support/host-spec.ts';

export const SSHD = '/usr/sbin/sshd';
/** In memory where there is such a place: both ends lie on this machine, and its disk would be measured instead of the way. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface SshLab {
  readonly folder: string;
  readonly key: string;
  /** Of the way with the delay; of sshd itself without one. */
  readonly port: number;
  stop(): void;
}

/** Carries bytes to a local port, each half a round trip late; prints its own port. Runs in a process of its own, so that it costs nobody's time. */
function carryLate(target: number, roundTripMs: number): void {
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), roundTripMs / 2));
    from.on('end', () => setTimeout(() => to.end(), roundTripMs / 2));
    from.on('error', () => to.destroy());
  };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    near.setNoDelay();
    far.setNoDelay();
    carry(near, far);
    carry(far, near);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    console.log(typeof address === 'object' ? address?.port : '');
  });
  process.stdin.on('end', () => process.exit()).resume();
}

/** A line that a process prints. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
    child.once('exit', () => reject(new Error('the way with the delay did not come up')));
  });
}

/** Waits until a server takes connections. @throws Error when it has ended before */
async function untilListening(server: ChildProcess, port: number): Promise<void> {
  while (server.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await pause(10);
  }
  throw new Error('sshd did not come up');
}

/** `env`: variables of its sessions. Without a round trip there is no way between. `sftpOnly`: it runs no commands. */
export async function startSshLab(
  options: {
    readonly roundTripMs?: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly sftpOnly?: boolean;
  } = {},
): Promise<SshLab> {
  const { roundTripMs = 0, sftpOnly = false } = options;
  const folder = await mkdtemp(join(FOLDER, 'slipway-bench-ssh-'));
  for (const name of ['key', 'host'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  await writeFile(join(folder, 'authorized'), await readFile(join(folder, 'key.pub')));
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'PidFile none',
    'PermitRootLogin yes',
    'Subsystem sftp internal-sftp',
    ...(sftpOnly ? ['ForceCommand internal-sftp'] : []),
    // Start-up files of whoever measures would be measured.
    `SetEnv ${variableWords({ HOME: folder, ...options.env })}`,
  ];
  await writeFile(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const sshd = spawn(SSHD, ['-D', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
  await untilListening(sshd, port);
  const proxy =
    roundTripMs === 0
      ? null
      : spawn(process.execPath, [fileURLToPath(import.meta.url), `${port}`, `${roundTripMs}`], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
  return {
    folder,
    key: join(folder, 'key'),
    port: proxy === null ? port : Number(await firstLine(proxy)),
    stop() {
      proxy?.kill();
      sshd.kill();
    },
  };
}

/** A connection to it, as the app makes them. */
export function hostOf(lab: SshLab): RemoteHost {
  return createRemoteHost({
    site: 'bench',
    resolve: () => Promise.resolve(hostSpec({ port: lab.port, user: userInfo().username, key: lab.key })),
    hostKeys: new KnownHosts(join(lab.folder, 'known_hosts')),
    prompts: new SignInPrompts(),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });
}

if (import.meta.main) {
  const [target, roundTripMs] = process.argv.slice(2);
  carryLate(Number(target), Number(roundTripMs));
}
