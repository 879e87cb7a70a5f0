import type { CoreType, Site as SiteView } from '../../../shared/contract/sites.ts';

/** One attempt of a run on a site. It is found again by this alone, also by another core after a restart. */
export interface RunHandle {
  /** Absolute path of the run's folder. */
  readonly runDir: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

export interface StartRequest extends RunHandle {
  /** Absolute path of the job's folder; the wrapper lies in it. */
  readonly jobDir: string;
  /** Mandatory, at least 1: a solver that never ends is an ordinary mistake. */
  readonly walltimeSeconds: number;
  /** Bytes of the whole process tree; null = no limit. */
  readonly memoryBytes: number | null;
  /** Added to the core's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * `before-failed`, `fetch-failed` (inputs did not come from the bucket): the command was not run. `after-failed`, `deliver-failed` (outputs did not get into the
 * bucket): the command ended by itself, then that failed. `terminated`: stopped by a signal that nobody here sent.
 */
export const END_REASONS = [
  'exit',
  'timeout',
  'out-of-memory',
  'cancelled',
  'terminated',
  'before-failed',
  'after-failed',
  'fetch-failed',
  'deliver-failed',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** What the wrapper wrote into end.json. */
export interface EndRecord {
  readonly attempt: number;
  /** Of the command, or of `before` or the fetching when that failed; null when it was stopped. With a `signal` it is the shell's 128 + n. */
  readonly exitCode: number | null;
  /** `SIGSEGV`, …: what ended the program, as far as the shell's exit code tells; null = no signal. */
  readonly signal: string | null;
  readonly reason: EndReason;
  /** Epoch seconds. */
  readonly endedAt: number;
  readonly wallSeconds: number;
  /** Highest sum of resident memory seen; null without a memory limit, or when the run was over before the first look. */
  readonly peakMemoryBytes: number | null;
  /** Exit code of `after`; null when it did not run to its end. */
  readonly afterExitCode: number | null;
}

/** What a look at an attempt shows. Times are UTC milliseconds; `reason` is a sentence for people. */
export type RunObservation =
  | { readonly kind: 'not-started' }
  | { readonly kind: 'running'; readonly startedAt: number }
  | { readonly kind: 'ended'; readonly end: EndRecord; readonly startedAt: number | null }
  /** It began and will never tell its end: the machine restarted, or the wrapper was killed. None of its processes is left. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The look itself failed or found what makes no sense: nothing may be concluded. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** This workstation as a place that runs work. Remote sites are driven by `jobs/remote`. */
export interface Site {
  readonly name: string;
  /** Hardware choices, known without asking. */
  coreTypes(): readonly CoreType[];
  /** Hardware and software; looks for programs. */
  describe(): Promise<SiteView>;
  /**
   * Starts an attempt detached: it goes on without the core. `onExit` is called when the process that was started has ended; what that means, `observe` tells
   * (after a double start: still running). Throws when it cannot be started.
   */
  start(request: StartRequest, onExit: () => void): void;
  observe(handle: RunHandle): Promise<RunObservation>;
  /**
   * Ends an attempt with all its processes; harmless when it has ended or never began. Resolves when it has ended, after a second at the latest: a program
   * that ignores the request is killed some seconds later, without anyone waiting.
   */
  cancel(handle: RunHandle): Promise<void>;
  /** Lets go of everything; attempts that are going go on. */
  dispose(): Promise<void>;
}
