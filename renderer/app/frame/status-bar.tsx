import { IconArrowsLeftRight, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { useConnectionState, useSystemInfo } from '../../api/core-context.tsx';
import { useJobs } from '../../api/live-jobs.ts';
import { useTransfers } from '../../api/live-transfers.ts';
import { useSites } from '../../api/queries.ts';
import { useNow } from '../../ui/clock/use-now.ts';
import { useNoticeStore } from '../../ui/notice/notice-store.ts';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import { connectionWords } from '../../ui/sites/connection-words.ts';
import { sumWords } from '../../ui/transfers/transfer-words.ts';
import { plural } from '../../ui/words/number-words.ts';
import { clockTime, exactTime, relativeTime } from '../../ui/words/time-words.ts';
import styles from './status-bar.module.css';
import { sumWork, workText } from './work-words.ts';

/** What runs, over all jobs; whether the core is heard; which Slipway this is. */
export function StatusBar(): React.JSX.Element {
  const info = useSystemInfo();
  const { jobs } = useJobs();
  const notice = useNoticeStore((state) => state.notice);
  const work = sumWork(jobs);
  return (
    <footer className={styles.bar}>
      <span className={styles.item} title={plural(jobs.length, 'job')}>
        <StateIcon tone={work.running > 0 ? 'running' : 'planned'} size={14} />
        {workText(work)}
      </span>
      <Transfers />
      <span className={styles.notice} role="status">
        {notice}
      </span>
      <Sites />
      <Heard />
      <span className={styles.item} title={`Profile folder: ${info.home}`}>
        {info.host}
      </span>
      <span className={styles.item}>Slipway {info.version}</span>
    </footer>
  );
}

/** What is on its way; nothing while nothing is. */
function Transfers(): React.JSX.Element | null {
  const words = sumWords(useTransfers().transfers);
  if (words === null) return null;
  return (
    <Link to="/files" className={styles.item} title="Show the transfers">
      <IconArrowsLeftRight size={14} aria-hidden /> {words}
    </Link>
  );
}

/** Each remote site's connection, with its age. */
function Sites(): React.JSX.Element {
  const sites = useSites();
  const now = useNow();
  const remote = sites.data?.filter(({ kind }) => kind !== 'local') ?? [];
  return (
    <>
      {remote.map((site) => {
        const { tone, word } = connectionWords(site);
        const heard = site.connection?.heardAt ?? null;
        const age = heard === null ? '' : `, heard ${relativeTime(Date.parse(heard), now)}`;
        return (
          <Link
            key={site.name}
            to="/sites"
            search={{ site: site.name }}
            className={styles.item}
            title={`${word}${age}${site.connection?.message == null ? '' : `. ${site.connection.message}`}`}
          >
            <StateIcon tone={tone} size={12} />
            {site.name}
            {tone === 'attention' || tone === 'failed' ? `: ${word}` : ''}
          </Link>
        );
      })}
    </>
  );
}

function Heard(): React.JSX.Element {
  const { state, since } = useConnectionState();
  const now = useNow();
  if (state === 'open') {
    return (
      <span className={styles.item} title={`Connected since ${exactTime(since)}`}>
        <IconPlugConnected size={14} aria-hidden /> Connected
      </span>
    );
  }
  return (
    <span className={styles.lost} title={exactTime(since)}>
      <IconPlugConnectedX size={14} aria-hidden /> Not heard from since {clockTime(since)} ({relativeTime(since, now)})
    </span>
  );
}
