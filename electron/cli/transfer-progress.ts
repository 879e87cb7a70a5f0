import type { Transfer, TransferState } from '../../shared/contract/transfers.ts';
import { formatBytes, formatDuration } from '../../shared/domain/units.ts';
import type { CliContext } from './context.ts';
import { plural, printable } from './format.ts';

const BAR_COLUMNS = 24;
/** Without a terminal a line is written at most this often, and with each new state. */
const PLAIN_INTERVAL_MS = 5000;

const WORDS: Partial<Record<TransferState, string>> = {
  queued: 'waits for its turn',
  planning: 'comparing both sides',
  waiting: 'waiting',
};

/** What a transfer has done so far, in a line. */
export function transferLine(transfer: Transfer): string {
  const { state, files, bytes, bytesPerSecond, secondsLeft, message } = transfer;
  const said = WORDS[state] ?? phaseWords(transfer);
  if (state === 'queued' || state === 'planning') return said!;
  const parts = [
    `${files.done}/${plural(files.total, 'file')}`,
    `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`,
  ];
  if (bytesPerSecond !== null && state === 'moving') parts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (secondsLeft !== null && state === 'moving') parts.push(`about ${formatDuration(Math.ceil(secondsLeft))} left`);
  if (transfer.problemCount > 0) parts.push(plural(transfer.problemCount, 'problem'));
  const why = message === null ? '' : `: ${printable(message).replace(/\s+/g, ' ')}`;
  return `${parts.join(', ')}${said === undefined ? '' : `; ${said}${why}`}`;
}

/** What is done with files whose bytes are all there; undefined in other states. */
function phaseWords({ state, files }: Transfer): string | undefined {
  const named = files.published === null || files.published === 0 ? '' : `, ${files.published} in place`;
  if (state === 'verifying') return `comparing hashes${named}`;
  return state === 'publishing' ? `putting in place${named}` : undefined;
}

/** Shows a transfer's progress on stderr: a bar that is redrawn on a terminal, plain lines in a pipe. */
export class TransferProgress {
  readonly #context: CliContext;
  #lastPlain = 0;
  #lastState: TransferState | null = null;
  #drawn = false;

  constructor(context: CliContext) {
    this.#context = context;
  }

  show(transfer: Transfer): void {
    const line = transferLine(transfer);
    if (this.#context.terminal === null) {
      const isNew = transfer.state !== this.#lastState;
      if (!isNew && Date.now() - this.#lastPlain < PLAIN_INTERVAL_MS) return;
      this.#lastState = transfer.state;
      this.#lastPlain = Date.now();
      this.#context.stderr(`${line}\n`);
      return;
    }
    const filled = Math.round(BAR_COLUMNS * transfer.progress);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_COLUMNS - filled)}`;
    this.#context.stderr(`\r\u001b[K${`${bar} ${line}`.slice(0, this.#context.terminal.width - 1)}`);
    this.#drawn = true;
  }

  /** Leaves a clean line behind. */
  end(): void {
    if (this.#drawn) this.#context.stderr('\r\u001b[K');
    this.#drawn = false;
  }
}
