import type { Clock, Timers } from '../../clock.ts';
import { newId } from '../../jobs/job-id.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import type { JobMoveStore } from '../../storage/job-move-store.ts';
import type { SentContentStore } from '../../storage/sent-content-store.ts';
import type { NewTransferFile, TransferFile, TransferFileStore } from '../../storage/transfer-file-store.ts';
import type { FarEnd } from '../ends/far-end.ts';
import { EndError } from '../ends/far-end.ts';
import type { FollowFile, HashFile } from '../local/hash-file.ts';
import { lookAtLocal } from '../local/walk-local.ts';
import { Executor } from './executor.ts';
import { FetchMover } from './fetch-mover.ts';
import type { Mover } from './mover.ts';
import { noRoomMessage } from './no-room.ts';
import { below } from './place-paths.ts';
import { RetryWaits } from './retry-waits.ts';
import { SendMover } from './send-mover.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface JobMovesDeps {
  readonly moves: JobMoveStore;
  readonly files: TransferFileStore;
  readonly sent: SentContentStore;
  /** The far end of a site. @throws AppError `not_found` */
  readonly endOf: (site: string) => FarEnd;
  /** The folders of this workstation. */
  readonly local: FarEnd;
  readonly hash: HashFile;
  readonly follow: FollowFile;
  readonly bucket: TokenBucket;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A file of a job that is moved. */
export interface JobFile {
  /** Below both roots. */
  readonly path: string;
  readonly size: number;
  /** UTC milliseconds. */
  readonly modifiedAt: number;
  /** Null = as new files are. */
  readonly mode: number | null;
  /** Of a file here: see `LocalEntry.mark`; null for one of the site. */
  readonly mark: string | null;
}

/** Which move of a job: what was begun under the same name, also by an earlier core, is gone on with. */
export interface JobMoveName {
  readonly job: string;
  readonly name: string;
}

/** Files of a job on their way to its site (`up`) or back (`down`). */
export interface JobMove extends JobMoveName {
  readonly site: string;
  readonly direction: 'up' | 'down';
  /** Absolute. */
  readonly sourceRoot: string;
  /** Absolute; made when it is not there. Files get their names in it one by one, each proven. */
  readonly targetRoot: string;
  /** A folder that is there, on the file system of the target root. */
  readonly roomAt: string;
}

export interface JobMoveProgress {
  /** Of all files: what is there, and what is on its way. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Bytes that have travelled since the move was begun or gone on with. */
  readonly travelledBytes: number;
}

/** A file that did not get there; the others did. */
export interface JobMoveProblem {
  readonly path: string;
  readonly message: string;
  readonly hint: string | null;
}

/** More files than a job has. */
const ALL = Number.MAX_SAFE_INTEGER;
/** A file system that is filled to the last byte is of no use to anybody. */
const KEPT_FREE_BYTES = 1024 * 1024;

/**
 * Moves the large files of jobs by the engine: what the far side has is not sent, pieces go over several lanes, each is journaled, and every file is proven. A job
 * begins a move when it needs it, goes on with it after any failure, and forgets it when it has what it wanted: there is no queue, and no state that could differ
 * from the job's.
 */
export class JobMoves {
  readonly #d: JobMovesDeps;
  readonly #waits: RetryWaits;

  constructor(deps: JobMovesDeps) {
    this.#d = deps;
    this.#waits = new RetryWaits(deps.timers);
  }

  /** Whether something was begun under that name and not forgotten. */
  isBegun({ job, name }: JobMoveName): boolean {
    return this.#d.moves.find(job, name) !== null;
  }

  /**
   * Moves these files now; others that earlier calls of the same name had, and that were not forgotten, wait until they are wanted again. Resolves to those that did
   * not get there; the next call tries them again. @throws EndError or RemoteError when nothing can go on for now: what has moved is not lost; the signal's reason
   */
  async run(
    move: JobMove,
    files: readonly JobFile[],
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: JobMoveProgress) => void },
  ): Promise<JobMoveProblem[]> {
    try {
      return await this.#run(move, files, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof EndError && error.cause instanceof RemoteError) throw error.cause;
      throw error;
    }
  }

  /** The job has what it wanted of these files, or of all. What was moved stays; harmless when there is no such move. */
  forget({ job, name }: JobMoveName, some?: ReadonlySet<string>): void {
    const { moves, files } = this.#d;
    const id = moves.find(job, name);
    if (id === null) return;
    const rows = files.first(id, ALL);
    const over = some === undefined ? rows : rows.filter(({ targetPath }) => some.has(targetPath));
    if (over.length === rows.length) moves.remove(job, name);
    else files.remove(over);
  }

  /** Gives a move up: removes what lies aside at the target, as far as that can be reached, and forgets it. @throws EndError, RemoteError */
  async discard(move: JobMove, signal: AbortSignal): Promise<void> {
    const id = this.#d.moves.find(move.job, move.name);
    if (id === null) return;
    const files = this.#d.files.first(id, ALL);
    this.forget(move);
    const mover = await this.#open(move, id, signal);
    try {
      await mover.discard([files.filter(({ state }) => state !== 'done')], signal);
    } finally {
      await mover.close();
    }
  }

  async #run(
    move: JobMove,
    wanted: readonly JobFile[],
    { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: JobMoveProgress) => void },
  ): Promise<JobMoveProblem[]> {
    const { files } = this.#d;
    const id = this.#begin(move);
    this.#plan(id, wanted);
    await this.#assureDone(move, id, signal);
    const planned = files.first(id, ALL).filter(({ state }) => state !== 'skipped');
    const open = planned.filter(({ state }) => state === 'todo' || state === 'arrived');
    const progress = new MoveMeter(planned, onProgress);
    if (open.length === 0) return [];
    await this.#assureRoom(move, open, signal);
    const problems: JobMoveProblem[] = [];
    const mover = await this.#open(move, id, signal);
    try {
      await new Executor({
        transfer: id,
        mover,
        files,
        waits: this.#waits,
        turn: () => Promise.resolve(),
        signal,
        events: {
          onBytes: (bytes) => progress.moving(bytes),
          onResumed: (bytes) => progress.resumed(bytes),
          onReused: (bytes) => progress.reused(bytes),
          onArrived: (_, bytes) => progress.arrived(bytes),
          onFile: () => undefined,
          onPhase: () => undefined,
          onPublished: () => undefined,
          onProblems: (found) => problems.push(...found),
        },
      }).run();
    } finally {
      await mover.close().catch(() => undefined);
    }
    return problems;
  }

  #begin({ job, name, direction }: JobMove): string {
    const { moves, clock } = this.#d;
    const known = moves.find(job, name);
    if (known !== null) return known;
    const id = newId();
    moves.begin({ id, job, name, direction, createdAt: clock.now() });
    return id;
  }

  /** Brings the journal into line with what is wanted now. */
  #plan(id: string, wanted: readonly JobFile[]): void {
    const { files } = this.#d;
    const missing = new Map(wanted.map((file) => [file.path, file]));
    const rows = files.first(id, ALL);
    files.setState(
      rows.filter(({ targetPath }) => !missing.has(targetPath)),
      'skipped',
    );
    const known = rows.filter(({ targetPath }) => missing.has(targetPath));
    const kept = known.filter((row) => row.state !== 'failed' && isSame(missing.get(row.targetPath)!, row));
    files.remove(known.filter((row) => !kept.includes(row)));
    const woken = kept.filter(({ state }) => state === 'skipped');
    files.setState(
      woken.filter(({ sha256 }) => sha256 === null),
      'todo',
    );
    // Perhaps published already, which is harmless to repeat.
    files.setState(
      woken.filter(({ sha256 }) => sha256 !== null),
      'arrived',
    );
    for (const { targetPath } of kept) missing.delete(targetPath);
    files.insert(id, [...missing.values()].map(toPlanned));
  }

  /** What was published earlier may be gone: somebody cleared the folder away, or the machine went down before it was on its disk. */
  async #assureDone(move: JobMove, id: string, signal: AbortSignal): Promise<void> {
    const { files } = this.#d;
    const done = files.first(id, ALL).filter(({ state }) => state === 'done');
    if (done.length === 0) return;
    const sizes = await this.#sizesAt(move, done, signal);
    for (const file of done) if (sizes.get(file.targetPath) !== file.size) files.restart(file);
  }

  async #sizesAt(
    { direction, site, targetRoot }: JobMove,
    done: readonly TransferFile[],
    signal: AbortSignal,
  ): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    if (direction === 'down') {
      for (const { targetPath } of done) {
        const entry = await lookAtLocal(below('local', targetRoot, targetPath), targetPath);
        if (entry?.kind === 'file') sizes.set(targetPath, entry.size);
      }
      return sizes;
    }
    for await (const batch of this.#d.endOf(site).walk(targetRoot, { hash: false }, signal))
      for (const { kind, path, size } of batch) if (kind === 'file') sizes.set(path, size);
    return sizes;
  }

  /** @throws EndError `space`, before anything is written */
  async #assureRoom(move: JobMove, open: readonly TransferFile[], signal: AbortSignal): Promise<void> {
    // What was begun holds its room already.
    const needed = open.filter(({ ticket }) => ticket === null).reduce((sum, { size }) => sum + size, 0);
    if (needed === 0) return;
    const target = move.direction === 'up' ? this.#d.endOf(move.site) : this.#d.local;
    const { freeBytes } = await target.space(move.roomAt, signal);
    if (freeBytes === null || needed + KEPT_FREE_BYTES <= freeBytes) return;
    const where = move.direction === 'up' ? `on ${move.site} in ${move.roomAt}` : `here in ${move.roomAt}`;
    throw new EndError({
      kind: 'space',
      message: noRoomMessage(needed, freeBytes),
      hint: `Make room ${where}: it goes on by itself.`,
    });
  }

  #open({ direction, site, sourceRoot, targetRoot }: JobMove, id: string, signal: AbortSignal): Promise<Mover> {
    const { hash, follow, bucket, sent, clock, local } = this.#d;
    const end = this.#d.endOf(site);
    const throttle = (bytes: number): Promise<void> => bucket.take(bytes, signal);
    const plan = { sourceRoots: [sourceRoot], targetRoot };
    return end.traits(signal).then((traits): Mover | Promise<Mover> => {
      const common = { end, traits, plan, kind: 'site', transfer: id, hash, throttle, seal: null } as const;
      if (direction === 'down') return new FetchMover({ ...common, follow, local });
      return SendMover.open({ ...common, sent, clock, hashesFirst: true }, signal);
    });
  }
}

function isSame(file: JobFile, row: TransferFile): boolean {
  return file.size === row.size && file.modifiedAt === row.modifiedAt && file.mark === row.mark;
}

function toPlanned({ path, size, modifiedAt, mode, mark }: JobFile): NewTransferFile {
  return {
    kind: 'file',
    state: 'todo',
    action: 'new',
    sourceRoot: 0,
    sourcePath: path,
    targetPath: path,
    size,
    modifiedAt,
    mode,
    mark,
    linkTarget: null,
    targetSize: null,
    targetModifiedAt: null,
  };
}

/** Adds up what a move tells of its bytes. */
class MoveMeter {
  readonly #tell: (progress: JobMoveProgress) => void;
  readonly #totalBytes: number;
  #arrived: number;
  #moving = 0;
  /** What need not travel, or had before. */
  #spared: number;

  constructor(planned: readonly TransferFile[], tell: (progress: JobMoveProgress) => void) {
    this.#tell = tell;
    this.#totalBytes = planned.reduce((sum, { size }) => sum + size, 0);
    this.#arrived = planned
      .filter(({ state }) => state === 'done' || state === 'arrived')
      .reduce((sum, { size }) => sum + size, 0);
    this.#spared = this.#arrived;
    this.#told();
  }

  moving(bytes: number): void {
    this.#moving += bytes;
    this.#told();
  }

  resumed(bytes: number): void {
    this.#spared += bytes;
    this.moving(bytes);
  }

  /** They have been told as arrived. */
  reused(bytes: number): void {
    this.#spared += bytes;
    this.#told();
  }

  arrived(bytes: number): void {
    this.#arrived += bytes;
    this.#told();
  }

  #told(): void {
    const bytes = Math.min(this.#totalBytes, Math.max(0, this.#arrived + this.#moving));
    this.#tell({ bytes, totalBytes: this.#totalBytes, travelledBytes: Math.max(0, bytes - this.#spared) });
  }
}
