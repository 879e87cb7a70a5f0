import { hardwareUse } from './job-words.ts';
import styles from './core-cells.module.css';

/** More cells than this say nothing more and take a page. */
const MOST_CELLS = 256;

/** The cores of the machine as cells, those of one slot standing together; cores asked for beyond the machine are hatched. */
export function CoreCells({
  cores,
  slots,
  coresPerSlot,
}: {
  readonly cores: number;
  readonly slots: number;
  readonly coresPerSlot: number;
}): React.JSX.Element | null {
  const { sentence, usedCores } = hardwareUse(slots, coresPerSlot, cores);
  const perSlot = Number.isInteger(coresPerSlot) && coresPerSlot >= 1 ? coresPerSlot : 1;
  const total = Math.max(cores, usedCores);
  const shown = Math.min(total, MOST_CELLS);
  return (
    <div className={styles.cells} role="img" aria-label={sentence}>
      {Array.from({ length: shown }, (_, i) => (
        <span
          key={i}
          className={styles.cell}
          data-state={i >= cores ? 'over' : i < usedCores ? 'used' : 'free'}
          data-end={i < usedCores && (i + 1) % perSlot === 0 ? true : undefined}
        />
      ))}
      {total > shown && <span className={styles.more}>… {total - shown} more</span>}
    </div>
  );
}
