import { JOB_FOLDER } from '../job-folder.ts';
import type { JobLayout } from '../../sites/remote/remote-layout.ts';
import { EndError } from '../../transfer/ends/far-end.ts';
import type { JobFile, JobMove, JobMoveProgress } from '../../transfer/engine/job-moves.ts';
import { StageError } from '../../transfer/stage-tree.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';

/** Brings the large inputs of a job to its site, to be looked at by nobody before all of them are there and proven. */
export class LargeInputs {
  readonly #moves: RemoteJobDeps['moves'];
  readonly #move: JobMove;

  constructor({ moves, job, site }: RemoteJobDeps, layout: JobLayout) {
    this.#moves = moves;
    this.#move = {
      job: job.id,
      name: JOB_FOLDER.inputs,
      site: site.name,
      direction: 'up',
      sourceRoot: job.folder,
      targetRoot: layout.large,
      roomAt: site.workdir,
    };
  }

  /** Goes on with what an earlier try has brought. @throws StageError, RemoteError; the signal's reason */
  async bring(
    files: readonly JobFile[],
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: JobMoveProgress) => void },
  ): Promise<void> {
    try {
      const [problem] = await this.#moves.run(this.#move, files, options);
      if (problem !== undefined) throw stageError('other', problem);
    } catch (error) {
      if (!(error instanceof EndError)) throw error;
      const { kind } = error.problem;
      throw stageError(kind === 'space' || kind === 'permission' ? kind : 'other', error.problem);
    }
  }

  /** They are there, with everything that needs them. */
  forget(): void {
    this.#moves.forget(this.#move);
  }

  /** Nobody waits for them any more: removes what has not got there. @throws EndError, RemoteError */
  async discard(signal: AbortSignal): Promise<void> {
    await this.#moves.discard(this.#move, signal);
  }
}

function stageError(
  kind: StageError['kind'],
  { message, hint }: { readonly message: string; readonly hint: string | null },
): StageError {
  return new StageError(
    kind,
    `The inputs could not be laid out on the site: ${message}${hint === null ? '' : ` ${hint}`}`,
  );
}
