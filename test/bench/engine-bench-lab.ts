/** The transfer engine as the core builds it, with a host of a bench as the only site; nothing of it is left out but the shell around it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { systemClock, systemTimers } from '../../electron/core/clock.ts';
import type { RemoteHost } from '../../electron/core/ssh/remote-host.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { LeftoverStore } from '../../electron/core/storage/leftover-store.ts';
import { SentContentStore } from '../../electron/core/storage/sent-content-store.ts';
import { TransferFileStore } from '../../electron/core/storage/transfer-file-store.ts';
import { TransferStore } from '../../electron/core/storage/transfer-store.ts';
import { FolderEnd } from '../../electron/core/transfer/ends/folder-end.ts';
import { SshEnd } from '../../electron/core/transfer/ends/ssh/ssh-end.ts';
import { TokenBucket } from '../../electron/core/transfer/engine/token-bucket.ts';
import { TransferService } from '../../electron/core/transfer/engine/transfer-service.ts';
import { HashPool } from '../../electron/core/transfer/hash-worker/hash-pool.ts';
import type { FileTools } from '../../electron/core/transfer/host-files.ts';
import { PackPool } from '../../electron/core/transfer/pack-worker/pack-pool.ts';
import { WalkPool } from '../../electron/core/transfer/walk-worker/walk-pool.ts';
import { entryUrl } from '../../electron/entry/entry-url.ts';
import type { Transfer, TransferRequest } from '../../shared/contract/transfers.ts';
import { transferRequest } from '../../shared/contract/transfers.ts';
import type { z } from '../../shared/zod.ts';
import type { SshLab } from './ssh-bench-lab.ts';
import { hostOf } from './ssh-bench-lab.ts';

/** Something that took part of the time. */
export interface Step {
  readonly name: string;
  /** Milliseconds since the transfer was asked for. */
  readonly from: number;
  readonly to: number;
}

export interface Carried {
  readonly transfer: Transfer;
  readonly seconds: number;
  readonly steps: readonly Step[];
  /** How late the event loop was, at the 99th percentile and at most, in milliseconds. */
  readonly lateP99: number;
  readonly lateMost: number;
}

export interface EngineBenchLab {
  readonly host: RemoteHost;
  /** Carries something and waits until the transfer has ended. @throws Error when it did not end well */
  carry(request: z.input<typeof transferRequest>): Promise<Carried>;
  close(): Promise<void>;
}

/** Opens an engine whose only site is the host of the lab, and signs in there. */
export async function openEngine(lab: SshLab, tools: FileTools): Promise<EngineBenchLab> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-engine-'));
  const db = openDatabase({ path: join(folder, 'state.db'), migrations: STATE_MIGRATIONS, now: Date.now });
  const host = hostOf(lab);
  const hashPool = new HashPool(entryUrl('hash-worker'));
  const packPool = new PackPool(entryUrl('pack-worker'));
  const walkPool = new WalkPool(entryUrl('walk-worker'));
  const local = new FolderEnd(hashPool.hash);
  const end = new SshEnd(host, tools, packPool.pack);
  const steps: Step[] = [];
  const timed = timedEnd(end, steps);
  const transfers = new TransferService({
    transfers: new TransferStore(db),
    files: new TransferFileStore(db),
    endOf: ({ kind }) => (kind === 'local' ? local : timed),
    local,
    hash: hashPool.hash,
    walk: walkPool.walk,
    follow: hashPool.follow,
    leftovers: new LeftoverStore(db),
    sent: new SentContentStore(db),
    sealOf: () => {
      throw new Error('nothing is encrypted here');
    },
    bucket: new TokenBucket(systemTimers),
    clock: systemClock,
    timers: systemTimers,
    log: pino({ level: 'silent' }),
  });
  await end.resolve('.', AbortSignal.timeout(60_000));
  return {
    host,
    async carry(request) {
      const late = monitorEventLoopDelay({ resolution: 1 });
      steps.length = 0;
      late.enable();
      const began = performance.now();
      const transfer = await ended(transfers, transferRequest.parse(request), (state) => {
        const now = performance.now();
        steps.push({ name: `state ${state}`, from: now, to: now });
      });
      const seconds = (performance.now() - began) / 1000;
      late.disable();
      if (transfer.state !== 'done') throw new Error(`a transfer is ${transfer.state}: ${transfer.message}`);
      return {
        transfer,
        seconds,
        steps: steps.map(({ name, from, to }) => ({ name, from: from - began, to: to - began })),
        lateP99: late.percentile(99) / 1e6,
        lateMost: late.max / 1e6,
      };
    },
    async close() {
      await transfers.dispose();
      end.close();
      await host.dispose();
      await Promise.all([hashPool.dispose(), packPool.dispose(), walkPool.dispose()]);
      db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ended(
  transfers: TransferService,
  request: TransferRequest,
  onState: (state: Transfer['state']) => void,
): Promise<Transfer> {
  const { promise, resolve } = Promise.withResolvers<Transfer>();
  let last: Transfer['state'] | null = null;
  let id: string | null = null;
  const stop = transfers.onChange((changed) => {
    if (id !== null && changed !== id) return;
    const now = transfers.get(changed);
    if (now.state !== last) onState((last = now.state));
    if (['done', 'done-with-problems', 'failed', 'cancelled', 'needs-you', 'waiting'].includes(now.state)) resolve(now);
  });
  ({ id } = transfers.start(randomUUID(), request));
  return promise.finally(stop);
}

/** The same end, which writes down how long each of its calls took, and those of its sessions. */
function timedEnd<T extends object>(end: T, steps: Step[]): T {
  return new Proxy(end, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...words: unknown[]): unknown => {
        const from = performance.now();
        const told = (): void => void steps.push({ name: String(key), from, to: performance.now() });
        const result: unknown = value.apply(target, words);
        if (result instanceof Promise)
          return result
            .finally(told)
            .then((found: unknown) => (key === 'send' || key === 'fetch' ? timedEnd(found as object, steps) : found));
        return result !== null && typeof result === 'object' && Symbol.asyncIterator in result
          ? followed(result as AsyncIterable<unknown>, told)
          : result;
      };
    },
  });
}

async function* followed(batches: AsyncIterable<unknown>, told: () => void): AsyncGenerator<unknown> {
  try {
    yield* batches;
  } finally {
    told();
  }
}
