import { Button, Progress } from '@mantine/core';

import { formatBytes } from '../../../shared/domain/units.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { plural } from '../../ui/words/number-words.ts';
import styles from './page.module.css';
import type { BringIn } from './use-bring-in.ts';

/** Progress of files on their way in, with Cancel; or why they could not be brought in. */
export function BringInNotice({ bringIn }: { readonly bringIn: BringIn }): React.JSX.Element | null {
  const { busy, progress, failure } = bringIn;
  if (failure !== null) {
    return <ErrorNote title="The files could not be brought in." error={failure} onClose={bringIn.dismiss} />;
  }
  if (!busy) return null;
  const share = progress && progress.bytes > 0 ? (progress.bytesDone / progress.bytes) * 100 : 0;
  return (
    <div className={styles.progress} role="status">
      <div className={styles.spread}>
        <span>
          {progress
            ? `${plural(progress.filesDone, 'file')} of ${progress.files}, ${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytes)}`
            : 'Reading the files…'}
        </span>
        <Button variant="default" size="compact-sm" onClick={bringIn.cancel}>
          Cancel
        </Button>
      </div>
      <Progress value={share} size="xs" aria-label="Files brought in" />
      <span className={styles.label}>{progress?.current}</span>
    </div>
  );
}
