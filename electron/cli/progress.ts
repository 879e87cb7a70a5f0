import type { Job, JobSiteNote } from '../../shared/contract/jobs.ts';
import { movedWords } from '../../shared/domain/moved-words.ts';
import { formatDuration } from '../../shared/domain/units.ts';
import type { CliContext } from './context.ts';
import { printable } from './format.ts';

const BAR_COLUMNS = 24;
/** Without a terminal a line is written at most this often. */
const PLAIN_INTERVAL_MS = 5000;

const PHASE_WORDS: Readonly<Partial<Record<JobSiteNote['phase'], string>>> = {
  staging: 'sending files',
  submitting: 'handing over to the scheduler',
  collecting: 'bringing results back',
  'waiting-for-site': 'waiting for the site',
  held: 'held',
};

/** What the site of a job says, in a few words; empty when it says nothing. */
export function noteWords(note: JobSiteNote | null): string {
  if (note === null) return '';
  const said = note.message ?? PHASE_WORDS[note.phase] ?? '';
  const moved = note.progress === null ? '' : `, ${movedWords(note.progress)}`;
  return printable(`${said}${moved}`).replace(/\s+/g, ' ');
}

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

  /** `note`: what the job's site says of it; null on this workstation. */
  show(job: Job, note: JobSiteNote | null = null): void {
    const said = noteWords(note) === '' ? '' : `; ${noteWords(note)}`;
    const ended = job.runs.done + job.runs.failed + job.runs.cancelled;
    if (this.#context.terminal === null) {
      if (this.#now() - this.#lastPlain < PLAIN_INTERVAL_MS) return;
      this.#lastPlain = this.#now();
      this.#context.stderr(`${summary(job)}${said}\n`);
      return;
    }
    const filled = Math.round((BAR_COLUMNS * ended) / Math.max(1, job.runs.total));
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_COLUMNS - filled)}`;
    const elapsed = (this.#now() - this.#begun) / 1000;
    const eta =
      ended > 0 && ended < job.runs.total
        ? `, about ${formatDuration(Math.ceil((elapsed / ended) * (job.runs.total - ended)))} left`
        : '';
    const line = `${bar} ${summary(job)}${eta}${said}`.slice(0, this.#context.terminal.width - 1);
    this.#context.stderr(`\r\u001b[K${line}`);
    this.#drawn = true;
  }

  /** Leaves a clean line behind. */
  end(): void {
    if (this.#drawn) this.#context.stderr('\r\u001b[K');
    this.#drawn = false;
  }
}
