import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';

import { useConnection, useConnectionState } from '../../api/core-context.tsx';
import { useNow } from '../../ui/clock/use-now.ts';
import { clockTime, relativeTime } from '../../ui/words/time-words.ts';
import styles from './lost-banner.module.css';

/** Says over every page that the core is not heard, since when, and what that means. */
export function LostBanner(): React.JSX.Element | null {
  const { state } = useConnectionState();
  return state === 'lost' ? <Lost /> : null;
}

function Lost(): React.JSX.Element {
  const connection = useConnection();
  const { since, problem } = useConnectionState();
  const now = useNow();
  return (
    <div className={styles.banner} role="alert">
      <IconPlugConnectedX size={16} aria-hidden />
      <span className={styles.words}>
        <strong>
          Not heard from since {clockTime(since)} ({relativeTime(since, now)}).
        </strong>{' '}
        {problem?.message} What you see is from then; runs go on without the app.
      </span>
      <Button variant="default" size="compact-xs" onClick={() => connection.retry()}>
        Try now
      </Button>
    </div>
  );
}
