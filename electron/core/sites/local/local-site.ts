/** This workstation as a site: runs are detached processes that outlive the core and are found again by the next one. */
import { spawn } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CoreType, Site as SiteView } from '../../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../../shared/domain/core-type.ts';
import type { Clock } from '../../clock.ts';
import type { EndRecord, RunHandle, RunObservation, Site, StartRequest } from '../site.ts';
import { Launcher } from './launcher.ts';
import { findProgram } from './probe-programs.ts';
import { endTree } from './process-tree.ts';
import { bootId, processStart, TOKEN_VARIABLE } from './processes.ts';
import { cancelPath, readEnd, readStart, runToken, writeEnd } from './run-records.ts';
import type { StartRecord } from './run-records.ts';
import { describeSoftware } from './software-catalogue.ts';

export interface LocalSiteDeps {
  readonly clock: Clock;
  readonly platform?: NodeJS.Platform;
  /** The variable PATH in which programs are looked for. */
  readonly path?: string;
}

/** The wrapper asks, and kills after three seconds; a wrapper that needs longer than this hangs itself. */
const CANCEL_PATIENCE_MS = 10_000;
/** How long `cancel` keeps its caller waiting. */
const CANCEL_ANSWER_MS = 1_000;
const GRACE_MS = 3_000;
/** A wrapper fills its claim within microseconds of creating it; an empty one of this age was left by a kill. */
const EMPTY_CLAIM_MS = 10_000;
const SYSTEM_NAMES: Partial<Record<NodeJS.Platform, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };

/** What is known of an attempt's wrapper. `alive` was proved by pid and start time together, so that no signal can reach a stranger with the same number. */
type Wrapper =
  | { readonly kind: 'alive'; readonly start: StartRecord }
  | { readonly kind: 'gone'; readonly start: StartRecord | null; readonly why: 'restarted' | 'killed' }
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly reason: string };

export function createLocalSite(deps: LocalSiteDeps): Site {
  return new LocalSite(deps);
}

class LocalSite implements Site {
  readonly name = 'local';
  readonly #clock: Clock;
  readonly #platform: NodeJS.Platform;
  readonly #path: string;
  readonly #launcher = new Launcher();
  /** Gives a run its own session and process group, so that nothing that it does to its group reaches another run. */
  readonly #setsid: string | null;
  readonly #boot: Promise<string | null>;
  /** What is being done in the place of wrappers that have gone or hang, by attempt. */
  readonly #settling = new Map<string, Promise<void>>();

  constructor({ clock, platform = process.platform, path = process.env['PATH'] ?? '' }: LocalSiteDeps) {
    this.#clock = clock;
    this.#platform = platform;
    this.#path = path;
    this.#setsid = platform === 'linux' ? findProgram('setsid', `/usr/bin:/bin:${path}`, platform) : null;
    this.#boot = bootId(platform);
  }

  coreTypes(): readonly CoreType[] {
    const limit = process.constrainedMemory();
    const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
    const model = cpus()[0]?.model.trim() || process.arch;
    const description = `${model}, ${SYSTEM_NAMES[this.#platform] ?? this.#platform}`;
    return [{ ...PLAIN_CORE_TYPE, name: 'this-machine', description, cores: availableParallelism(), memoryBytes }];
  }

  async describe(): Promise<SiteView> {
    const software = await describeSoftware(this.#path, this.#platform);
    return {
      name: 'local',
      kind: 'local',
      title: 'This workstation',
      coreTypes: [...this.coreTypes()],
      software,
      address: null,
      scheduler: null,
      workdir: null,
      connection: null,
      transferHost: null,
      probedAt: null,
    };
  }

  start(request: StartRequest, onExit: () => void): void {
    const environment = {
      ...request.environment,
      [TOKEN_VARIABLE]: runToken(request),
      SLIPWAY_EPOCH: (this.#clock.now() / 1000).toFixed(2),
    };
    const { jobDir, runDir, attempt, walltimeSeconds, memoryBytes } = request;
    const args = [runDir, String(attempt), String(Math.ceil(walltimeSeconds)), String(memoryBytes ?? 0)];
    if (this.#platform === 'win32') {
      startWindows(join(jobDir, 'wrapper.ps1'), args, environment, onExit);
      return;
    }
    const detach = this.#setsid === null ? [] : [this.#setsid];
    this.#launcher.start([...detach, '/bin/sh', join(jobDir, 'wrapper.sh'), ...args], environment, onExit);
  }

  async observe(handle: RunHandle): Promise<RunObservation> {
    const now = this.#clock.now();
    const first = await readEnd(handle, now);
    if (first.kind === 'read') return await this.#ended(first.record, handle);
    const wrapper = await this.#wrapper(handle);
    if (wrapper.kind === 'none') return { kind: 'not-started' };
    if (wrapper.kind === 'unknown') return wrapper;
    if (wrapper.kind === 'alive') return { kind: 'running', startedAt: wrapper.start.startedAt * 1000 };
    // A run whose wrapper has gone would go on unwatched, without a time limit, in a folder that a re-run wants.
    if (wrapper.why === 'killed') await this.#settle(handle, () => this.#endTree(handle, wrapper.start));
    // The wrapper may have written its end between the two looks, or `cancel` in its place.
    const last = await readEnd(handle, now);
    if (last.kind === 'read') return await this.#ended(last.record, handle);
    if (wrapper.why === 'restarted') return { kind: 'lost', reason: 'the machine restarted while the run was going' };
    if (last.kind === 'damaged') return { kind: 'unknown', reason: last.reason };
    if (wrapper.start === null) {
      return { kind: 'lost', reason: 'the run wrapper was cut short as it began: it was killed, or the disk was full' };
    }
    return { kind: 'lost', reason: 'the run wrapper was killed before it could tell how the run ended' };
  }

  async cancel(handle: RunHandle): Promise<void> {
    await mkdir(join(handle.runDir, '.slipway'), { recursive: true });
    // Before the signal: it tells the wrapper that this is no shutdown, and a wrapper that is just starting that it need not.
    await writeFile(cancelPath(handle), '');
    const waiting = new AbortController();
    const all = this.#seeThrough(handle).finally(() => waiting.abort());
    await Promise.race([all, delay(CANCEL_ANSWER_MS, undefined, { signal: waiting.signal }).catch(() => undefined)]);
  }

  async dispose(): Promise<void> {
    this.#launcher.dispose();
    await Promise.allSettled(this.#settling.values());
  }

  /** Asks the wrapper to end the attempt, and does it in its place when it cannot. */
  async #seeThrough(handle: RunHandle): Promise<void> {
    const deadline = performance.now() + CANCEL_PATIENCE_MS;
    let told = false;
    for (;;) {
      const wrapper = await this.#wrapper(handle);
      if (wrapper.kind === 'none') return;
      const patient = performance.now() < deadline;
      if (patient && wrapper.kind === 'alive') {
        // On Windows the file is all that it needs.
        if (!told && this.#platform !== 'win32') told = tell(wrapper.start.pid);
      } else if (!patient || wrapper.kind === 'gone') {
        await this.#settle(handle, () => this.#replaceWrapper(handle, wrapper));
        return;
      }
      await delay(50);
    }
  }

  /** Ends what the wrapper has not ended, and speaks for it if it has left no word. */
  async #replaceWrapper(handle: RunHandle, wrapper: Wrapper): Promise<void> {
    const now = this.#clock.now();
    if (wrapper.kind === 'alive') {
      await endTree({ token: wrapper.start.token, wrapper: wrapper.start.pid }, this.#platform, 0);
    } else if (wrapper.kind === 'gone' && wrapper.why === 'killed') {
      if ((await readEnd(handle, now)).kind === 'read') return;
      await this.#endTree(handle, wrapper.start);
    } else return;
    if (wrapper.start === null || (await readEnd(handle, now)).kind === 'read') return;
    const endedAt = now / 1000;
    await writeEnd(handle, {
      attempt: handle.attempt,
      exitCode: null,
      signal: null,
      reason: 'cancelled',
      endedAt,
      wallSeconds: Math.max(0, endedAt - wrapper.start.startedAt),
      peakMemoryBytes: null,
      afterExitCode: null,
    });
  }

  async #endTree(handle: RunHandle, start: StartRecord | null): Promise<void> {
    await endTree({ token: start?.token ?? runToken(handle), wrapper: null }, this.#platform, GRACE_MS);
  }

  /** Does `work` for an attempt whose wrapper is no help, or waits for what is already being done about it. */
  async #settle(handle: RunHandle, work: () => Promise<void>): Promise<void> {
    const key = `${handle.attempt} ${handle.runDir}`;
    let settling = this.#settling.get(key);
    if (settling === undefined) {
      settling = work().finally(() => this.#settling.delete(key));
      this.#settling.set(key, settling);
    }
    await settling;
  }

  async #ended(end: EndRecord, handle: RunHandle): Promise<RunObservation> {
    if (end.reason === 'terminated') {
      const wrapper = await this.#wrapper(handle);
      if (wrapper.kind === 'gone' && wrapper.why === 'restarted') {
        return { kind: 'lost', reason: 'the machine was shut down while the run was going' };
      }
    }
    return { kind: 'ended', end, startedAt: (end.endedAt - end.wallSeconds) * 1000 };
  }

  async #wrapper(handle: RunHandle): Promise<Wrapper> {
    const reading = await readStart(handle, this.#clock.now());
    if (reading.kind === 'absent') {
      const there = await access(handle.runDir).then(
        () => true,
        () => false,
      );
      return there ? { kind: 'none' } : { kind: 'unknown', reason: `the run folder ${handle.runDir} is not there` };
    }
    if (reading.kind === 'damaged') {
      if (reading.empty && reading.ageMs > EMPTY_CLAIM_MS) return { kind: 'gone', start: null, why: 'killed' };
      return { kind: 'unknown', reason: reading.empty ? 'the run is just being started' : reading.reason };
    }
    const start = reading.record;
    if (start.host.toLowerCase() !== hostname().toLowerCase()) {
      return {
        kind: 'unknown',
        reason: `the run was started on ${start.host}, and only that machine can tell how it is`,
      };
    }
    const boot = await this.#boot;
    if (boot !== null && start.bootId !== null && start.bootId !== boot)
      return { kind: 'gone', start, why: 'restarted' };
    const ticks = await processStart(start.pid, this.#platform);
    if (ticks !== null && ticks === start.startTicks?.trim()) return { kind: 'alive', start };
    return { kind: 'gone', start, why: 'killed' };
  }
}

function startWindows(
  wrapper: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  onExit: () => void,
): void {
  const options = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File', wrapper];
  const env = { ...process.env, ...environment };
  const child = spawn('powershell.exe', [...options, ...args], {
    env,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  child.once('exit', onExit);
  // The core then sees that nothing was started.
  child.once('error', onExit);
  child.unref();
}

/** True when the request to end was delivered. */
function tell(pid: number): boolean {
  try {
    process.kill(pid, 'SIGTERM');
    return true;
  } catch {
    return false;
  }
}
