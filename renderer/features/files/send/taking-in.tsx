import { Button, Progress } from '@mantine/core';

import { formatBytes } from '../../../../shared/domain/units.ts';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { countText, plural } from '../../../ui/words/number-words.ts';
import styles from './send.module.css';
import type { TakingIn } from './use-dropped-files.ts';

/** Progress of files that a browser hands over, before their transfer begins; or why they could not be taken. */
export function TakingInNotice({ taking }: { readonly taking: TakingIn }): React.JSX.Element | null {
  const { busy, progress, failure } = taking;
  if (failure !== null)
    return <ErrorNote title="The files could not be taken." error={failure} onClose={taking.dismiss} />;
  if (!busy) return null;
  const share = progress && progress.bytes > 0 ? (progress.bytesDone / progress.bytes) * 100 : 0;
  return (
    <div className={styles.taking} role="status">
      <div className={styles.line}>
        <span>Taking the files from the browser</span>
        <span className={styles.quiet}>
          {progress &&
            `${countText(progress.filesDone)} of ${plural(progress.files, 'file')}, ${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytes)}`}
        </span>
        <span className={styles.spacer} />
        <Button variant="default" size="compact-xs" onClick={taking.cancel}>
          Cancel
        </Button>
      </div>
      <Progress value={share} size="xs" aria-label="Files taken from the browser" />
    </div>
  );
}
