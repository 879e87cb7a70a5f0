import type { Job } from '../../shared/contract/jobs.ts';
import { formatDuration } from '../../shared/domain/units.ts';
import type { CliContext } from './context.ts';

const BAR_COLUMNS = 24;
/** Without a terminal a line is written at most this often. */
const PLAIN_INTERVAL_MS = 5000;

function summary({ runs }: Job): string {
  const parts = [`${runs.done + runs.failed + runs.cancelled}/${runs.total} runs`];
  if (runs.running > 0) parts.push(`${runs.running} running`);
  if (runs.failed > 0) parts.push(`${runs.failed} failed`);
  if (runs.cancelled > 0) parts.push(`${runs.cancelled} cancelled`);
  if (runs.unknown > 0) parts.push(`${runs.unknown} unknown`);
  return parts.join(', ');
}

/** Shows a job's progress on stderr: a bar that is redrawn on a terminal, plain lines in a pipe. */
export class JobProgress {
  readonly #context: CliContext;
  readonly #now: () => number;
  readonly #begun: number;
  #lastPlain = 0;
  #drawn = false;

  constructor(context: CliContext, now: () => number = Date.now) {
    this.#context = context;
    this.#now = now;
    this.#begun = now();
  }

  show(job: Job): void {
    const ended = job.runs.done + job.runs.failed + job.runs.cancelled;
    if (this.#context.terminal === null) {
      if (this.#now() - this.#lastPlain < PLAIN_INTERVAL_MS) return;
      this.#lastPlain = this.#now();
      this.#context.stderr(`${summary(job)}\n`);
      return;
    }
    const filled = Math.round((BAR_COLUMNS * ended) / Math.max(1, job.runs.total));
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_COLUMNS - filled)}`;
    const elapsed = (this.#now() - this.#begun) / 1000;
    const eta =
      ended > 0 && ended < job.runs.total
        ? `, about ${formatDuration(Math.ceil((elapsed / ended) * (job.runs.total - ended)))} left`
        : '';
    const line = `${bar} ${summary(job)}${eta}`.slice(0, this.#context.terminal.width - 1);
    this.#context.stderr(`\r\u001b[K${line}`);
    this.#drawn = true;
  }

  /** Leaves a clean line behind. */
  end(): void {
    if (this.#drawn) this.#context.stderr('\r\u001b[K');
    this.#drawn = false;
  }
}
