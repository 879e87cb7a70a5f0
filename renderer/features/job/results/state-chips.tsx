import type { CountName, RunCounts } from '../../../../shared/domain/run-state.ts';
import { StateIcon } from '../../../ui/run-state/state-icon.tsx';
import { COUNT_ORDER, stateWord } from '../../../ui/run-state/state-words.ts';
import { countText } from '../../../ui/words/number-words.ts';
import styles from './state-chips.module.css';

export interface StateChipsProps {
  readonly counts: RunCounts;
  /** Null = all. */
  readonly show: readonly CountName[] | null;
  readonly onShow: (show: readonly CountName[] | null) => void;
}

/** How many runs there are of each state; pressing one filters the table. They are the legend of the map, too. */
export function StateChips({ counts, show, onShow }: StateChipsProps): React.JSX.Element {
  const toggle = (name: CountName): void => {
    const next = show?.includes(name) ? show.filter((other) => other !== name) : [...(show ?? []), name];
    onShow(next.length === 0 ? null : COUNT_ORDER.filter((other) => next.includes(other)));
  };
  return (
    <div className={styles.chips} role="group" aria-label="Show runs of these states">
      <button type="button" className={styles.chip} aria-pressed={show === null} onClick={() => onShow(null)}>
        All <span className={styles.count}>{countText(counts.total)}</span>
      </button>
      {COUNT_ORDER.filter((name) => counts[name] > 0 || show?.includes(name)).map((name) => (
        <button
          key={name}
          type="button"
          className={styles.chip}
          aria-pressed={show?.includes(name) ?? false}
          onClick={() => toggle(name)}
        >
          <span className={styles.swatch} style={{ background: swatch(name) }} />
          <StateIcon tone={name === 'queued' ? 'queued' : name} size={14} />
          {stateWord(name)} <span className={styles.count}>{countText(counts[name])}</span>
        </button>
      ))}
    </div>
  );
}

/** The colours that the map gives to the runs of a count: waiting ones are pale until they are prepared, then slate. */
function swatch(name: CountName): string {
  if (name !== 'queued') return `var(--state-${name})`;
  return 'linear-gradient(to right, var(--state-planned) 50%, var(--state-queued) 50%)';
}
