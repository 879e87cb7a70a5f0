/** The programs that transfers are measured beside, as people call them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SshLab } from './ssh-bench-lab.ts';
import { SSHD } from './ssh-bench-lab.ts';

const run = promisify(execFile);

export const PEERS = ['scp', 'sftp', 'rsync', 'rclone', 'tar-ssh'] as const;
export type Peer = (typeof PEERS)[number];

/** What is not installed; nothing can be measured without it. */
export function missingPeers(): string[] {
  const programs = [SSHD, '/usr/bin/scp', '/usr/bin/sftp', '/usr/bin/rsync', '/usr/bin/rclone', '/usr/bin/zstd'];
  return programs.filter((path) => !existsSync(path));
}

const OPTIONS = [
  '-F',
  'none',
  '-oStrictHostKeyChecking=no',
  '-oUserKnownHostsFile=/dev/null',
  '-oLogLevel=ERROR',
  '-oIdentitiesOnly=yes',
  '-oIdentityAgent=none',
];
const PLACE = `${userInfo().username}@127.0.0.1`;

/** A connection of ssh that is signed in and that other programs go through (ControlMaster). */
export interface OpenConnection {
  readonly socket: string;
  close(): Promise<void>;
}

/** Signs in once. @throws Error when it fails */
export async function openConnection(lab: SshLab): Promise<OpenConnection> {
  const socket = join(lab.folder, 'connection');
  await run('ssh', [...OPTIONS, '-i', lab.key, '-p', `${lab.port}`, '-M', '-S', socket, '-f', '-N', '-n', PLACE]);
  const close = async (): Promise<void> => void (await run('ssh', ['-F', 'none', '-S', socket, '-O', 'exit', PLACE]));
  return { socket, close };
}

export interface PeerWork {
  /** `up`: from this machine to the lab. */
  readonly direction: 'up' | 'down';
  readonly from: string;
  /** Is what `from` is, there; for a tree it is made by the program or is there already. */
  readonly to: string;
  readonly isTree: boolean;
  /** For scp: the connection to go through, instead of signing in. */
  readonly through?: OpenConnection;
}

/** Carries a file or a tree with one of the programs. @throws Error when it fails */
export async function carryBy(lab: SshLab, peer: Peer, work: PeerWork): Promise<void> {
  const { direction, from, to, isTree, through } = work;
  const isUp = direction === 'up';
  const slash = isTree ? '/' : '';
  const ssh = ['ssh', ...OPTIONS, '-i', lab.key, '-p', `${lab.port}`];
  const there = (path: string): string => `${PLACE}:${path}`;
  switch (peer) {
    case 'scp': {
      const [a, b] = isUp ? [from, there(to)] : [there(from), to];
      const open = through === undefined ? [] : [`-oControlPath=${through.socket}`];
      const words = [...OPTIONS, ...open, '-i', lab.key, '-P', `${lab.port}`, '-q', ...(isTree ? ['-r'] : []), a, b];
      await run('scp', words);
      return;
    }
    case 'sftp': {
      if (isUp && isTree) await mkdir(to, { recursive: true });
      const batch = join(lab.folder, 'batch');
      await writeFile(batch, `${isUp ? 'put' : 'get'} ${isTree ? '-r' : ''} ${from} ${to}\n`);
      await run('sftp', [...OPTIONS, '-i', lab.key, '-P', `${lab.port}`, '-q', '-b', batch, PLACE]);
      return;
    }
    case 'rsync': {
      const [a, b] = isUp ? [`${from}${slash}`, there(`${to}${slash}`)] : [there(`${from}${slash}`), `${to}${slash}`];
      await run('rsync', ['-a', ...(isTree ? [] : ['-W']), '-e', ssh.join(' '), a, b]);
      return;
    }
    case 'rclone': {
      const remote = `:sftp,host=127.0.0.1,port=${lab.port},user=${userInfo().username},key_file=${lab.key}:`;
      const [a, b] = isUp ? [from, `${remote}${to}`] : [`${remote}${from}`, to];
      await run('rclone', ['--config', '/dev/null', isTree ? 'copy' : 'copyto', a, b]);
      return;
    }
    case 'tar-ssh': {
      const far = isUp ? `mkdir -p ${to} && tar -xf - -C ${to}` : `tar -cf - -C ${from} .`;
      const near = isUp ? `tar -cf - -C ${from} . | ` : '';
      const end = isUp ? '' : ` | tar -xf - -C ${to}`;
      if (!isUp) await mkdir(to, { recursive: true });
      await run('bash', ['-o', 'pipefail', '-c', `${near}${ssh.join(' ')} ${PLACE} '${far}'${end}`]);
    }
  }
}
