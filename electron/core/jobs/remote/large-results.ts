import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobFile, JobMove, JobMoveProblem, JobMoveProgress } from '../../transfer/engine/job-moves.ts';
import { EndError } from '../../transfer/ends/far-end.ts';
import { UnreadableError } from '../../transfer/collect-tree.ts';
import type { RemoteEntry } from '../../transfer/list-remote.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';

/** From here on a result comes back in pieces: what a cut connection or a killed core has brought need not come again. */
export const LARGE_RESULT_BYTES = 8 * 1024 * 1024;

/** Brings large results of a submission back into a folder aside, which outlives the core, and hands them over when all that were asked for are there and proven. */
export class LargeResults {
  readonly #moves: RemoteJobDeps['moves'];
  readonly #move: JobMove;

  /** `runs`: the folder on the site that holds the run folders of the submission; `token`: the submission's. */
  constructor({ moves, job, site }: RemoteJobDeps, { runs, token }: { readonly runs: string; readonly token: string }) {
    this.#moves = moves;
    const target = join(job.folder, JOB_FOLDER.runs);
    this.#move = {
      job: job.id,
      name: `${JOB_FOLDER.runs} ${token}`,
      site: site.name,
      direction: 'down',
      sourceRoot: runs,
      targetRoot: join(target, `.fetching-${token}`),
      roomAt: target,
    };
  }

  /**
   * Brings files as listed into a folder of this workstation.
   * @throws RemoteError, UnreadableError, EndError; the signal's reason
   */
  async bring(
    files: readonly RemoteEntry[],
    target: string,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: JobMoveProgress) => void },
  ): Promise<void> {
    const aside = this.#move.targetRoot;
    if (!this.#moves.isBegun(this.#move)) await rm(aside, { recursive: true, force: true });
    const problems = await this.#moves.run(this.#move, files.map(toJobFile), options);
    if (problems.length > 0) throw new UnreadableError(wordsOf(problems));
    for (const { path } of files) {
      await mkdir(dirname(join(target, path)), { recursive: true });
      await rename(join(aside, path), join(target, path));
    }
    this.#moves.forget(this.#move, new Set(files.map(({ path }) => path)));
    if (!this.#moves.isBegun(this.#move)) await rm(aside, { recursive: true, force: true });
  }
}

/** Whether waiting may help: the way to the site, or room on this workstation. */
export function isPassing(error: unknown): boolean {
  return error instanceof EndError && (error.problem.kind === 'space' || error.problem.kind === 'transient');
}

function toJobFile({ path, size, modifiedAt, mode }: RemoteEntry): JobFile {
  return { path, size, modifiedAt: modifiedAt * 1000, mode: mode ?? null, mark: null };
}

function wordsOf([first, ...more]: readonly JobMoveProblem[]): string {
  return more.length === 0 ? first!.message : `${first!.message} And ${more.length} more.`;
}
