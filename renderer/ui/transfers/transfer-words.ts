import type { Transfer, TransferState } from '../../../shared/contract/transfers.ts';
import { formatPlace } from '../../../shared/domain/transfer/place.ts';
import { nameOf } from '../../../shared/domain/transfer/place-path.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import { visibleText } from '../../../shared/domain/visible-text.ts';
import type { Tone } from '../run-state/state-words.ts';
import { countText, plural } from '../words/number-words.ts';

const TONES: Record<TransferState, Tone> = {
  queued: 'queued',
  planning: 'running',
  'needs-you': 'attention',
  moving: 'running',
  verifying: 'running',
  publishing: 'running',
  paused: 'planned',
  waiting: 'queued',
  done: 'done',
  'done-with-problems': 'attention',
  failed: 'failed',
  cancelled: 'cancelled',
};
const MOVING: Record<Transfer['direction'], string> = { up: 'Sending', down: 'Fetching', local: 'Copying' };

export function transferTone(state: TransferState): Tone {
  return TONES[state];
}

/** Nothing more happens by itself. */
export function hasEnded({ state }: Pick<Transfer, 'state'>): boolean {
  return state === 'done' || state === 'done-with-problems' || state === 'failed' || state === 'cancelled';
}

/** It moves, or is about to. */
export function isGoingOn({ state }: Pick<Transfer, 'state'>): boolean {
  return TONES[state] === 'running';
}

/** Where a transfer stands, in a few words. */
export function stateWords(transfer: Pick<Transfer, 'state' | 'direction' | 'problemCount' | 'conflictCount'>): string {
  const { state, direction, problemCount, conflictCount } = transfer;
  switch (state) {
    case 'queued':
      return 'Waits its turn';
    case 'planning':
      return 'Comparing';
    case 'needs-you':
      return conflictCount === 0 ? 'Needs you' : `${plural(conflictCount, 'file')} to decide`;
    case 'moving':
      return MOVING[direction];
    case 'verifying':
      return 'Comparing hashes';
    case 'publishing':
      return 'Putting in place';
    case 'paused':
      return 'Paused';
    case 'waiting':
      return 'Waiting';
    case 'done':
      return 'Done';
    case 'done-with-problems':
      return `Done, ${plural(problemCount, 'problem')}`;
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** What is moved: `beam`, or `beam and 3 more`. */
export function sourceWords({ from, into }: Pick<Transfer, 'from' | 'into'>): string {
  const [first] = from;
  if (first === undefined) return '';
  const name = visibleText(nameOf(first));
  if (from.length > 1) return `${name} and ${from.length - 1} more`;
  return into ? name : `contents of ${name}`;
}

/** Where it goes. */
export function targetWords({ to }: Pick<Transfer, 'to'>): string {
  return visibleText(formatPlace(to));
}

/** How much of it is there: `1 204 of 2 000 files, 1.2 of 4 GiB`; once it has ended what came of it. */
export function amountWords(transfer: Pick<Transfer, 'state' | 'files' | 'bytes'>): string {
  const { files, bytes } = transfer;
  const ended = hasEnded(transfer);
  const same = ended && files.same > 0 ? `${countText(files.same)} the same already` : null;
  if (transfer.state === 'done' && files.total === 0) return same === null ? 'Nothing to move' : `All ${same}`;
  if (files.total === 0) return '';
  if ((transfer.state === 'verifying' || transfer.state === 'publishing') && files.published !== null)
    return `${countText(files.published)} of ${plural(files.total, 'file')} in place`;
  const parts =
    transfer.state === 'done'
      ? [plural(files.total, 'file'), formatBytes(bytes.total)]
      : [`${countText(files.done)} of ${plural(files.total, 'file')}`, ofBytes(bytes.done, bytes.total)];
  return [...parts, ...(same === null ? [] : [same])].join(', ');
}

/** `1.2 of 4 GiB`; the unit once where it is the same. */
function ofBytes(done: number, total: number): string {
  const all = formatBytes(total);
  if (done === 0) return all;
  const [amount = '', unit = ''] = formatBytes(done).split(' ');
  return all.endsWith(` ${unit}`) ? `${amount} of ${all}` : `${amount} ${unit} of ${all}`;
}

/** `85.2 MiB/s`; null while nothing moves. */
export function rateWords({ bytesPerSecond }: Pick<Transfer, 'bytesPerSecond'>): string | null {
  return bytesPerSecond === null ? null : `${formatBytes(bytesPerSecond)}/s`;
}

/** `40 files/s`: with small files that is what counts. Null while nothing moves. */
export function filesRateWords({ filesPerSecond }: Pick<Transfer, 'filesPerSecond'>): string | null {
  return filesPerSecond === null ? null : `${countText(Math.round(filesPerSecond))} files/s`;
}

/** `3 min left`, coarse enough not to flicker; null until it can be told. */
export function leftWords(secondsLeft: number | null): string | null {
  if (secondsLeft === null) return null;
  if (secondsLeft < 1) return 'a moment left';
  const step = secondsLeft < 60 ? 1 : secondsLeft < 600 ? 10 : secondsLeft < 3600 ? 60 : 600;
  return `${formatDuration(Math.round(secondsLeft / step) * step)} left`;
}

/** All that is going on, for the status bar: `2 transfers, 85 MiB/s`; null = nothing is. */
export function sumWords(transfers: readonly Transfer[]): string | null {
  const open = transfers.filter((transfer) => !hasEnded(transfer));
  if (open.length === 0) return null;
  const moving = open.filter(isGoingOn);
  const needy = open.filter(({ state }) => state === 'needs-you').length;
  const rate = moving.reduce((sum, { bytesPerSecond }) => sum + (bytesPerSecond ?? 0), 0);
  const parts = [plural(open.length, 'transfer')];
  if (needy > 0)
    parts.push(needy === 1 && open.length === 1 ? 'needs you' : `${needy} ${needy === 1 ? 'needs' : 'need'} you`);
  else if (moving.length === 0) parts.push(open.every(({ state }) => state === 'paused') ? 'paused' : 'waiting');
  if (rate > 0) parts.push(`${formatBytes(rate)}/s`);
  return parts.join(', ');
}
