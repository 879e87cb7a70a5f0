import type { TransferProblem } from '../../../../shared/contract/transfers.ts';

/** What the executor tells of its work. */
export interface ExecutorEvents {
  /** Bytes are on their way; negative when they have to go again. */
  readonly onBytes: (bytes: number) => void;
  /** Bytes of a large file that an earlier session has brought there. */
  readonly onResumed: (bytes: number) => void;
  /** A file is on its way. */
  readonly onFile: (path: string) => void;
  /** Bytes that need not travel, because the target has their contents. */
  readonly onReused: (bytes: number) => void;
  /** A file has arrived whole. `bytes` of it had been told by `onBytes`. */
  readonly onArrived: (files: number, bytes: number) => void;
  /** Files are proven and have their names. */
  readonly onPublished: (files: number) => void;
  readonly onPhase: (phase: 'moving' | 'verifying' | 'publishing') => void;
  readonly onProblems: (problems: readonly TransferProblem[]) => void;
}
