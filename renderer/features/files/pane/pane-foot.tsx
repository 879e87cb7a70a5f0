import { nameOf } from '../../../../shared/domain/transfer/place-path.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { countText, plural } from '../../../ui/words/number-words.ts';
import styles from './pane.module.css';
import type { Pane } from './use-pane.ts';

/** How much there is, how much is chosen, how much room is left, and how fresh that is. */
export function PaneFoot({ pane }: { readonly pane: Pane }): React.JSX.Element {
  const { data, isPlaceholderData } = pane.listing;
  if (data === undefined) return <div className={styles.foot} />;
  const { chosen } = pane.selection;
  const bytes = pane.acted.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const all = data.entries.length;
  const shown = pane.entries.length;
  return (
    <div className={styles.foot}>
      <span role="status">
        {isPlaceholderData && pane.place !== null
          ? `Reading ${visibleText(nameOf(pane.place))}…`
          : chosen.size > 0
            ? `${countText(chosen.size)} of ${countText(shown)} chosen${bytes > 0 ? `, ${formatBytes(bytes)}` : ''}`
            : shown < all
              ? `${countText(shown)} of ${countText(all)} shown`
              : plural(all, 'entry', 'entries')}
      </span>
      {data.truncated && (
        <span className={styles.warn}>There are more; only the first {countText(all)} are listed.</span>
      )}
      <span className={styles.spacer} />
      {data.freeBytes !== null && <span>{formatBytes(data.freeBytes)} free</span>}
      <span>
        looked <RelativeTime time={data.lookedAt} />
      </span>
    </div>
  );
}
