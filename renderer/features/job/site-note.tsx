import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';

import type { JobDetail, JobSiteNote } from '../../../shared/contract/jobs.ts';
import { movedWords } from '../../../shared/domain/moved-words.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { useSites } from '../../api/queries.ts';
import { useNow } from '../../ui/clock/use-now.ts';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import type { Tone } from '../../ui/run-state/state-words.ts';
import { connectWords, needsPerson, untilWords } from '../../ui/sites/connection-words.ts';
import { NextTry } from '../../ui/sites/next-try.tsx';
import { exactTime } from '../../ui/words/time-words.ts';
import styles from './site-note.module.css';

const PHASES: Record<JobSiteNote['phase'], { readonly tone: Tone; readonly word: string }> = {
  staging: { tone: 'running', word: 'Sending files' },
  submitting: { tone: 'running', word: 'Handing over to the scheduler' },
  'in-queue': { tone: 'queued', word: 'In the queue' },
  collecting: { tone: 'running', word: 'Bringing results back' },
  'waiting-for-site': { tone: 'attention', word: 'Waiting for the site' },
  held: { tone: 'attention', word: 'Held' },
  idle: { tone: 'running', word: 'Running' },
};

/** Where the job is and what its site says of it: what it waits for and why, what is being moved, and what to do. */
export function SiteNote({ job }: { readonly job: JobDetail }): React.JSX.Element | null {
  const core = useCore();
  const stale = useStale();
  const sites = useSites();
  const signIn = useMutation({ mutationFn: () => core.sites.connect({ site: job.site }) });
  const note = job.siteNote;
  if (note === null) return null;
  const { tone, word } = PHASES[note.phase];
  const site = sites.data?.find(({ name }) => name === job.site);
  const away = note.phase === 'waiting-for-site';
  const { progress } = note;
  return (
    <div className={styles.note} role="status">
      <span className={styles.phase} style={{ color: `var(--state-${tone}-text)` }}>
        <StateIcon tone={tone} size={14} />
        {job.site}: {word}
      </span>
      {note.message !== null && <span>{note.message}</span>}
      {note.expectedStart !== null && note.phase === 'in-queue' && (
        <span>
          Expected to start <RelativeTime time={note.expectedStart} />.
        </span>
      )}
      {note.hint !== null && <span className={styles.quiet}>{note.hint}</span>}
      {note.until !== null && <AtTheLatest time={note.until} />}
      {progress !== null && (
        <span className={styles.quiet}>
          {progress.doneRuns} of {progress.totalRuns} runs, {movedWords(progress)}
        </span>
      )}
      {away && job.runs.running + job.runs.queued > 0 && <span>Runs there go on.</span>}
      {away && <NextTry connection={site?.connection ?? null} />}
      {/* On a host without a scheduler the ids are Slipway's own, and no use to anybody. */}
      {!away && site?.scheduler != null && note.schedulerIds.length > 0 && (
        <span className={styles.quiet}>Scheduler id {note.schedulerIds.join(', ')}</span>
      )}
      {!away && note.heardAt !== null && (
        <span className={styles.quiet}>
          Heard <RelativeTime time={note.heardAt} />
        </span>
      )}
      {away && needsPerson(site?.connection?.state) && (
        <Button size="compact-xs" disabled={stale} loading={signIn.isPending} onClick={() => signIn.mutate()}>
          {connectWords(site?.connection?.state)}
        </Button>
      )}
      {signIn.isError && <ErrorNote title="The sign-in did not work." error={signIn.error} onClose={signIn.reset} />}
    </div>
  );
}

/** When what is waited for is tried again, or decided without an answer. */
function AtTheLatest({ time }: { readonly time: string }): React.JSX.Element {
  const now = useNow();
  const at = Date.parse(time);
  return (
    <span>
      Goes on{' '}
      <time dateTime={time} title={exactTime(at)}>
        {untilWords(at, now)}
      </time>{' '}
      at the latest.
    </span>
  );
}
