import type { CoreType, Site as SiteView } from '../../../shared/contract/sites.ts';

/** One attempt of a run on a site. */
export interface RunHandle {
  readonly runDir: string;
  readonly attempt: number;
}

export interface StartRequest extends RunHandle {
  readonly jobDir: string;
  readonly walltimeSeconds: number;
  /** Bytes of the whole process tree; null = no limit. */
  readonly memoryBytes: number | null;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the wrapper wrote into end.json. */
export interface EndRecord {
  readonly attempt: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly reason: 'exit' | 'timeout' | 'out-of-memory' | 'cancelled' | 'terminated' | 'before-failed' | 'after-failed';
  /** Epoch seconds. */
  readonly endedAt: number;
  readonly wallSeconds: number;
  readonly peakMemoryBytes: number | null;
}

/** What a look at an attempt shows. Times are UTC milliseconds. */
export type RunObservation =
  | { readonly kind: 'not-started' }
  | { readonly kind: 'running'; readonly startedAt: number }
  | { readonly kind: 'ended'; readonly end: EndRecord; readonly startedAt: number | null }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A place that runs work. */
export interface Site {
  /** Hardware choices, known without asking. */
  coreTypes(): readonly CoreType[];
  /** Hardware and software; looks for programs. */
  describe(): Promise<SiteView>;
  /** Starts an attempt detached. `onExit` is called when the process that was started has ended. Throws when it cannot be started. */
  start(request: StartRequest, onExit: () => void): void;
  observe(handle: RunHandle): Promise<RunObservation>;
  /** Ends an attempt with all its processes; resolves when it is asked for, or has ended. */
  cancel(handle: RunHandle): Promise<void>;
  /** Lets go of everything; attempts that are going go on. */
  dispose(): Promise<void>;
}
