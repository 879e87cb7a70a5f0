import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, closeSync, symlinkSync, writeSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Transfer } from '../../../shared/contract/transfers.ts';
import { profileOf } from '../../lab/aws-profile.ts';
import type { Radosgw } from '../../lab/radosgw.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import type { Proxy } from '../ssh/ssh-lab.ts';
import { startProxy } from '../ssh/ssh-lab.ts';

const MEBIBYTE = 1024 * 1024;
/** What may be repeated after a crash. */
const REPEATED = 64 * MEBIBYTE;
/** SSH, SFTP and tar, or HTTP, around the content. */
const OVERHEAD = 1.06;

/** A profile with the site `hpc` behind a proxy that counts; `transport`: how it is reached. */
export async function profileWithSite(
  transport: 'ssh2' | 'system' = 'ssh2',
): Promise<{ slipway: Slipway; proxy: Proxy; workdir: string }> {
  const slipway = new Slipway();
  let proxy: Proxy | null = null;
  const { workdir } = await addSite(slipway, 'hpc', {
    args: ['--transport', transport],
    reachedBy: async (sshd) => {
      proxy = await startProxy(sshd.port);
      return proxy.port;
    },
  });
  return { slipway, proxy: proxy!, workdir };
}

/** A profile with the bucket `data` of a store behind a proxy that counts. */
export async function profileWithBucket(store: Radosgw, user: string): Promise<{ slipway: Slipway; proxy: Proxy }> {
  const owner = await store.addUser(user);
  await store.addBucket(owner, `${user}-data`);
  const proxy = await startProxy(Number(new URL(store.endpoint).port));
  const slipway = new Slipway();
  const { profile, configFile, credentialsFile } = profileOf(owner);
  const added = await slipway.run(
    ...['bucket', 'add', 'data', '--bucket', `${user}-data`, '--endpoint', `http://127.0.0.1:${proxy.port}`],
    ...['--profile', profile, '--config-file', configFile, '--credentials-file', credentialsFile],
  );
  if (added.code !== 0) throw new Error(`the bucket could not be added: ${added.stderr}`);
  return { slipway, proxy };
}

/** A file system of its own, of so many MiB; it is gone after the test. */
export function smallDisk(mebibytes: number): string {
  const folder = tempFolder('slipway-disk-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

/** Writes a tree of one large file and many small ones, of bytes that cannot be compressed. @returns its bytes */
export function writeMixedTree(root: string, largeMebibytes: number, smallFiles: number): number {
  mkdirSync(root, { recursive: true });
  const large = openSync(join(root, 'large.bin'), 'w');
  for (let i = 0; i < largeMebibytes; i++) writeSync(large, randomBytes(MEBIBYTE));
  closeSync(large);
  let bytes = largeMebibytes * MEBIBYTE;
  for (let i = 0; i < smallFiles; i++) {
    const path = join(root, 'small', `${i % 100}`, `file ${i}.dat`);
    if (i < 100) mkdirSync(dirname(path), { recursive: true });
    const content = randomBytes((i * 37) % 9000);
    writeFileSync(path, content);
    bytes += content.length;
  }
  symlinkSync('small/0', join(root, 'link'));
  return bytes;
}

export interface CrashedTransfer {
  readonly transfer: Transfer;
  /** Bytes that had been carried when the core was killed, each time. */
  readonly killedAt: readonly number[];
  /** Bytes that were carried in all. */
  readonly carried: number;
}

/** More than so many bytes mean that too much was repeated. */
export function mostCarried({ killedAt }: CrashedTransfer, bytes: number): number {
  return bytes * OVERHEAD + killedAt.length * REPEATED;
}

export function wordsOf({ killedAt, carried }: CrashedTransfer, bytes: number): string {
  const places = killedAt.map((at) => `${Math.round((100 * at) / bytes)} %`).join(', ');
  return `killed when ${places} had been carried; ${Math.round((carried - bytes) / MEBIBYTE)} MiB more than the tree`;
}

/**
 * Runs a command that moves files, and kills the core each time that so many bytes have been carried; a look by the next command brings the transfer back. Resolves
 * when it has ended.
 */
export async function moveThroughCrashes(
  slipway: Slipway,
  {
    args,
    crashes,
    carried,
  }: { readonly args: readonly string[]; readonly crashes: readonly number[]; readonly carried: () => number },
): Promise<CrashedTransfer> {
  const before = carried();
  const first = slipway.start(args);
  const killedAt: number[] = [];
  const look = async (): Promise<Transfer> => {
    const [transfer] = (await slipway.json<Transfer[]>('transfers')).value;
    if (transfer === undefined) throw new Error('no transfer was stored');
    return transfer;
  };
  for (const moment of crashes) {
    const isThere = await eventually(async () => {
      if (carried() - before >= moment) return 'there';
      // A transfer that has ended before carries nothing more.
      return killedAt.length > 0 && (await look()).endedAt !== null ? 'ended' : null;
    }, 3600);
    if (isThere === 'ended') break;
    killedAt.push(carried() - before);
    slipway.kill();
    await first.ended;
    await look();
  }
  const transfer = await eventually(async () => {
    const now = await look();
    return now.endedAt === null ? null : now;
  }, 3600);
  return { transfer, killedAt, carried: carried() - before };
}
