import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, closeSync, symlinkSync, writeSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Transfer } from '../../../shared/contract/transfers.ts';
import { eventually } from '../../support/slipway.ts';
import type { Slipway } from '../../support/slipway.ts';

const MEBIBYTE = 1024 * 1024;

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

/** Ends every process of a profile at once, as a crash of the machine would. */
export function killAll(slipway: Slipway): void {
  for (const pid of slipway.processes()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
}

export interface CrashedTransfer {
  readonly transfer: Transfer;
  /** How much had been carried when the core was killed, each time. */
  readonly killedAt: readonly number[];
}

/**
 * Runs a command that moves files, and kills the core each time that so many bytes have been carried; a look by the next command brings the transfer back. Resolves
 * when it has ended.
 */
export async function moveThroughCrashes(
  slipway: Slipway,
  args: readonly string[],
  crashes: readonly number[],
  carried: () => number,
): Promise<CrashedTransfer> {
  const first = slipway.start(args);
  const killedAt: number[] = [];
  const look = async (): Promise<Transfer> =>
    (await slipway.json<Transfer[]>('transfers')).value[0] ?? Promise.reject(new Error('no transfer was stored'));
  for (const [i, moment] of crashes.entries()) {
    let hasEnded = false;
    await eventually(async () => {
      if (carried() >= moment) return true;
      // A transfer that has ended before carries nothing more.
      hasEnded = i > 0 && (await look()).endedAt !== null;
      return hasEnded;
    }, 300);
    if (hasEnded) break;
    killedAt.push(carried());
    killAll(slipway);
    await first.ended;
    await look();
  }
  const transfer = await eventually(async () => {
    const now = await look();
    return now.endedAt === null ? null : now;
  }, 300);
  return { transfer, killedAt };
}
