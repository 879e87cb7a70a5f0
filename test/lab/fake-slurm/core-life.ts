import type { Database } from 'better-sqlite3';
import pino from 'pino';
import { createSlurm } from '../../../shared/domain/scheduler/slurm.ts';
import { CoreBudget } from '../../../electron/core/jobs/core-budget.ts';
import { JobFeed } from '../../../electron/core/jobs/job-feed.ts';
import { JobService } from '../../../electron/core/jobs/job-service.ts';
import { RunJournal } from '../../../electron/core/jobs/run-journal.ts';
import type { RunWorkerClient } from '../../../electron/core/jobs/run-worker/run-worker-client.ts';
import type { RemoteSite } from '../../../electron/core/sites/remote/remote-site.ts';
import { SiteMonitors } from '../../../electron/core/sites/remote/site-monitors.ts';
import type { Site } from '../../../electron/core/sites/site.ts';
import type { ByteChannel, RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { JobMoveStore } from '../../../electron/core/storage/job-move-store.ts';
import { JobStore } from '../../../electron/core/storage/job-store.ts';
import { RunStore } from '../../../electron/core/storage/run-store.ts';
import { SubmissionStore } from '../../../electron/core/storage/submission-store.ts';
import type { JobMovesDeps } from '../../../electron/core/transfer/engine/job-moves.ts';
import { JobMoves } from '../../../electron/core/transfer/engine/job-moves.ts';
import { HostFiles } from '../../../electron/core/transfer/host-files.ts';
import { ShakyHost } from './shaky-host.ts';
import type { ShakyDeps } from './shaky-host.ts';
import type { Scenario } from './scenario.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface LifeDeps {
  readonly db: Database;
  readonly time: VirtualTime;
  readonly scenario: Scenario;
  readonly workdir: string;
  readonly host: ShakyDeps;
  readonly worker: RunWorkerClient;
  /** Counts what is under way, so that time stands still meanwhile. */
  readonly busy: <T>(work: Promise<T>) => Promise<T>;
  /** Asked at each command and write: whether the core is killed just before, or just after it. */
  readonly killed: (where: 'before' | 'after' | 'write', script: string) => boolean;
  readonly onDeath: () => void;
  readonly onWrite: () => void;
}

const NEVER = new Promise<never>(() => {});
const log = pino({ level: 'silent' });

/**
 * One life of Slipway's core: the production job service, drivers, protocol and monitor over the profile's database. Killed, it does nothing any more: no write
 * of it lands, no timer fires, and no answer reaches it.
 */
export class CoreLife {
  readonly service: JobService;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly #monitors: SiteMonitors;
  readonly #host: ShakyHost;
  readonly #d: LifeDeps;
  #isDead = false;

  constructor(deps: LifeDeps) {
    this.#d = deps;
    const { db, time, scenario, workdir } = deps;
    this.jobs = this.#mortal(new JobStore(db));
    this.runs = this.#mortal(new RunStore(db));
    const timers = {
      elapsed: () => time.elapsed(),
      after: (ms: number, act: () => void) => time.after(ms, () => this.#isDead || act()),
    };
    this.#host = new ShakyHost(deps.host);
    const host = this.#mortalHost(this.#host);
    const tools = { tar: true, zstd: false, gzip: false, gnuFind: true, statFormat: true, bash: null };
    const site: RemoteSite = {
      ...{ name: 'hpc', kind: 'slurm', host, scheduler: createSlurm(), workdir, coreTypes: [] },
      limits: {
        maxArraySize: scenario.maxArraySize,
        ...{ maxSubmit: null, minJobAgeSeconds: scenario.minJobAge, accounting: scenario.accounting },
      },
      ...{ tools, files: new HostFiles(host, tools), fileHost: { host, tools }, scratch: [] },
      pollSeconds: scenario.pollSeconds,
    };
    this.#monitors = new SiteMonitors({ clock: time, timers, log, watched: () => false });
    this.service = new JobService({
      ...{ jobs: this.jobs, runs: this.runs, journal: new RunJournal(this.runs), feed: new JobFeed() },
      // This workstation runs nothing here.
      site: { name: 'this-machine' } as Site,
      ...{ findSite: () => site, monitors: this.#monitors, submissions: this.#mortal(new SubmissionStore(db)) },
      ...{ budget: new CoreBudget(1), stager: this.#mortalWorker(), collector: this.#mortalWorker() },
      ...{ clock: time, timers, log },
      keys: {
        recipientOf: () => {
          throw new Error('no key here');
        },
        identitiesOf: () => Promise.reject(new Error('no key here')),
      },
      // Nothing in these jobs is large.
      moves: new JobMoves({ moves: new JobMoveStore(db) } as JobMovesDeps),
      buckets: { names: () => [], nameInStore: () => null, open: () => Promise.reject(new Error('no bucket here')) },
    });
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#host.abandon();
    this.#d.onDeath();
  }

  /** The machine is awake again. */
  wake(): void {
    this.#monitors.wake();
  }

  /** A store whose writes do nothing after death. */
  #mortal<T extends object>(store: T): T {
    const reads = /^(?:get|by|last|list|unfinished|removed|range|states|inState|attempts|page|column|ofJob)/;
    return new Proxy(store, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        if (reads.test(String(name))) return value.bind(target) as unknown;
        return (...args: unknown[]): unknown => {
          if (!this.#isDead && this.#d.killed('write', '')) this.kill();
          if (this.#isDead) return name === 'deleteUnready' ? [] : undefined;
          const result = Reflect.apply(value, target, args) as unknown;
          this.#d.onWrite();
          return result;
        };
      },
    });
  }

  #mortalWorker(): RunWorkerClient {
    return new Proxy(this.#d.worker, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          this.#untilDeath(() => this.#d.busy(Reflect.apply(value, target, args) as Promise<unknown>));
      },
    });
  }

  #mortalHost(host: ShakyHost): RemoteHost {
    const command = async <T>(script: string, run: () => Promise<T>): Promise<T> => {
      if (this.#d.killed('before', script)) this.kill();
      return this.#untilDeath(async () => {
        const result = await run().catch((error: unknown) => error as Error);
        if (!this.#isDead && this.#d.killed('after', script)) this.kill();
        if (result instanceof Error) throw result;
        return result;
      });
    };
    return new Proxy<RemoteHost>(host, {
      get: (target, name) => {
        if (name === 'run')
          return (...args: Parameters<RemoteHost['run']>) => command(args[0], () => this.#d.busy(host.run(...args)));
        if (name === 'exec')
          return (...args: Parameters<RemoteHost['exec']>) =>
            command(args[0], async () => {
              const channel: ByteChannel = await host.exec(...args);
              void this.#d.busy(channel.closed);
              return channel;
            });
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  async #untilDeath<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return NEVER;
    try {
      return await work();
    } finally {
      if (this.#isDead) await NEVER;
    }
  }
}
