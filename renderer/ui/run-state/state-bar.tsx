import type { RunCounts } from '../../../shared/domain/run-state.ts';
import { plural } from '../words/number-words.ts';
import styles from './run-state.module.css';
import { COUNT_ORDER } from './state-words.ts';

/** The counts in words: `12 done, 1 failed, 2 queued of 15 runs`. */
export function countsText(counts: RunCounts): string {
  const parts = COUNT_ORDER.filter((name) => counts[name] > 0).map((name) => `${counts[name]} ${name}`);
  return `${parts.join(', ')} of ${plural(counts.total, 'run')}`;
}

export interface StateBarProps {
  readonly counts: RunCounts;
  /** Height in pixels. */
  readonly height?: number;
}

/** A bar whose parts are the runs of each state. Small parts stay at least two pixels wide: one failed run of ten thousand must show. */
export function StateBar({ counts, height = 8 }: StateBarProps): React.JSX.Element {
  return (
    <div className={styles.bar} style={{ height }} role="img" aria-label={countsText(counts)}>
      {COUNT_ORDER.filter((name) => counts[name] > 0).map((name) => (
        <div
          key={name}
          className={styles.part}
          style={{ flexGrow: counts[name], background: `var(--state-${name === 'queued' ? 'planned' : name})` }}
        />
      ))}
    </div>
  );
}
