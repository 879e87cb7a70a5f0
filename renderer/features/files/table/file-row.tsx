import { memo } from 'react';

import type { PlaceEntry } from '../../../../shared/contract/places.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { plural } from '../../../ui/words/number-words.ts';
import { exactTime, stampTime } from '../../../ui/words/time-words.ts';
import grid from '../../../ui/virtual-grid/virtual-grid.module.css';
import { FileIcon } from './file-icon.tsx';
import styles from './file-table.module.css';
import { splitName } from './split-name.ts';

export interface FileRowProps {
  readonly id: string;
  readonly entry: PlaceEntry;
  /** 0-based place in the table. */
  readonly index: number;
  readonly top: number;
  readonly current: boolean;
  readonly chosen: boolean;
  /** Something that would go into this folder is over it. */
  readonly target: boolean;
}

const KINDS = { file: 'file', folder: 'folder', link: 'link', other: 'special file' } as const;

/** One file or folder; the table handles what is done with it, so that rows render again only when their own facts change. */
export const FileRow = memo(function FileRow(props: FileRowProps) {
  const { entry, index, current, chosen, target } = props;
  const { name, kind, size, modifiedAt, linkTarget } = entry;
  const seen = visibleText(name);
  const [start, end] = splitName(seen);
  const leads = linkTarget === null ? '' : ` → ${visibleText(linkTarget)}`;
  return (
    <div
      id={props.id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      className={`${grid.row} ${styles.row}`}
      data-current={current || undefined}
      data-chosen={chosen || undefined}
      data-target={target || undefined}
      data-kind={kind}
      data-index={index}
      draggable
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <div role="gridcell" className={`${grid.cell} ${styles.name}`} title={`${seen}${leads} (${KINDS[kind]})`}>
        <FileIcon entry={entry} />
        <bdi className={styles.words}>
          <span className={styles.start}>{start}</span>
          {end !== '' && <span className={styles.end}>{end}</span>}
        </bdi>
        {leads !== '' && <span className={styles.leads}>{leads}</span>}
      </div>
      <div
        role="gridcell"
        className={`${grid.cell} ${styles.size}`}
        title={size === null ? undefined : plural(size, 'byte')}
      >
        {size === null ? '' : formatBytes(size)}
      </div>
      <div
        role="gridcell"
        className={`${grid.cell} ${styles.time}`}
        title={modifiedAt === null ? undefined : exactTime(modifiedAt)}
      >
        {modifiedAt === null ? '' : stampTime(modifiedAt)}
      </div>
    </div>
  );
});
