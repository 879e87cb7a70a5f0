import { Skeleton } from '@mantine/core';
import { IconFile, IconFolder, IconLink } from '@tabler/icons-react';

import type { FileEntry } from '../../../../shared/contract/common.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { useRun, useRunFiles } from '../../../api/queries.ts';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import styles from './files-tab.module.css';
import { OutputsAt } from './outputs-at.tsx';

export interface FilesTabProps {
  readonly job: string;
  readonly run: number;
  /** Shows a file as text. */
  readonly onOpen: (file: string) => void;
}

const ICONS = { file: IconFile, folder: IconFolder, link: IconLink, other: IconFile } as const;

/** The files in the run's folder. */
export function FilesTab({ job, run, onOpen }: FilesTabProps): React.JSX.Element {
  const { data, error } = useRunFiles(job, run);
  const at = useRun(job, run).data?.outputsAt ?? null;
  if (error !== null && data === undefined) {
    return (
      <div className={styles.tab}>
        <ErrorNote title="The run’s files cannot be listed." error={error} />
      </div>
    );
  }
  if (data === undefined) {
    return (
      <div className={styles.tab} aria-busy>
        <Skeleton height={20} mb={8} />
        <Skeleton height={20} />
      </div>
    );
  }
  if (data.entries.length === 0) {
    return <p className={styles.none}>The folder of this run is empty. Files appear when the run is prepared.</p>;
  }
  return (
    <div className={styles.tab}>
      <OutputsAt at={at} />
      <table className={styles.table} aria-label={`Files of run ${run}`}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className={styles.size}>
              Size
            </th>
            <th scope="col">Changed</th>
          </tr>
        </thead>
        <tbody>
          {data.entries.map((entry) => (
            <FileRow key={entry.path} entry={entry} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {data.truncated && (
        <p className={styles.none}>There are more files than are listed here. Open the run’s folder to see all.</p>
      )}
    </div>
  );
}

function FileRow({
  entry,
  onOpen,
}: {
  readonly entry: FileEntry;
  readonly onOpen: (file: string) => void;
}): React.JSX.Element {
  const Icon = ICONS[entry.kind];
  return (
    <tr>
      <td>
        <div className={styles.name}>
          <Icon size={15} stroke={1.6} aria-hidden className={styles.icon} />
          {entry.kind === 'file' ? (
            <button type="button" className={styles.open} onClick={() => onOpen(entry.path)}>
              {entry.path}
            </button>
          ) : (
            entry.path
          )}
        </div>
      </td>
      <td className={styles.size}>{entry.kind === 'file' ? formatBytes(entry.size) : ''}</td>
      <td className={styles.quiet}>
        <RelativeTime time={entry.modifiedAt} />
      </td>
    </tr>
  );
}
