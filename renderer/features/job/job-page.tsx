import { Button, Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconStack2, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import type { LiveJob } from '../../api/live-job.ts';
import { EmptyState } from '../../ui/empty-state/empty-state.tsx';
import { errorWords } from '../../ui/error-note/error-words.ts';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { SplitView } from '../../ui/split-view/split-view.tsx';
import { JobHeader } from './job-header.tsx';
import { JobOverview } from './job-overview.tsx';
import styles from './job-page.module.css';
import { MapPane } from './map-pane.tsx';
import { ResultsPane } from './results/results-pane.tsx';
import { RepairBar } from './repair-bar.tsx';
import { RunPanel } from './run-panel/run-panel.tsx';
import { SiteNote } from './site-note.tsx';
import { useJobActions } from './use-job-actions.ts';
import { useLiveJob } from './use-live-job.ts';
import { useRunSelection } from './use-run-selection.ts';

/** A job: its runs as a map and as a table, and one run in depth. */
export function JobPage({ jobId }: { readonly jobId: string }): React.JSX.Element {
  const { live, view } = useLiveJob(jobId);
  usePageTitle(view.kind === 'there' ? view.job.name : 'Job', { title: 'Jobs', to: '/jobs' });
  switch (view.kind) {
    case 'loading':
      return <LoadingJob />;
    case 'there':
      return <LoadedJob job={view.job} live={live} />;
    case 'removed':
      return (
        <EmptyState icon={<IconTrash size={40} stroke={1.25} />} title="This job was deleted" actions={<AllJobs />}>
          Its runs and results went with it. The folder that it was submitted from is still there.
        </EmptyState>
      );
    case 'problem':
      return (
        <EmptyState
          icon={<IconStack2 size={40} stroke={1.25} />}
          title="This job cannot be shown"
          actions={<AllJobs />}
        >
          <p role="alert">{errorWords(view.problem).message}</p>
        </EmptyState>
      );
  }
}

function AllJobs(): React.JSX.Element {
  return (
    <Button component={Link} to="/jobs" variant="default">
      Show all jobs
    </Button>
  );
}

function LoadingJob(): React.JSX.Element {
  return (
    <div className={styles.loading} aria-busy aria-label="Reading the job">
      <Skeleton height={32} />
      <Skeleton height={120} />
      <Skeleton height={240} />
    </div>
  );
}

/** Room that the map asks for as long as nobody moved the divider: few runs need little, many as much as looks calm. */
function mapHeight(runs: number): number {
  if (runs <= 40) return 112;
  if (runs <= 300) return 168;
  return runs <= 3000 ? 240 : 332;
}

function LoadedJob({ job, live }: { readonly job: JobDetail; readonly live: LiveJob }): React.JSX.Element {
  const [selection, select] = useRunSelection(job.runs.total);
  const actions = useJobActions(job);
  const panel = useRef<HTMLDivElement>(null);
  const only = job.runs.total === 1;
  // Holding an arrow key moves over the map at the rate of the key; the panel follows when it comes to rest.
  const [settled] = useDebouncedValue(selection.focused, 90, { leading: true });
  const shown = only ? 1 : settled;
  const toPanel = (): void => panel.current?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();

  const detail = (
    <div ref={panel} className={styles.panel}>
      {shown === null ? (
        <JobOverview job={job} />
      ) : (
        <RunPanel
          job={job}
          run={shown}
          state={live.stateOf(shown)}
          actions={actions}
          onShow={(run) => select({ ...selection, focused: run, anchor: run })}
        />
      )}
    </div>
  );
  return (
    <div className={styles.page}>
      <JobHeader job={job} selection={selection} stateOf={live.stateOf} actions={actions} />
      <SiteNote job={job} />
      <RepairBar job={job} actions={actions} />
      <div className={styles.body}>
        {only ? (
          detail
        ) : (
          <SplitView
            name="job"
            label="Resize the run panel"
            direction="row"
            initial={{ share: 0.56 }}
            minFirst={360}
            minSecond={320}
            first={
              <SplitView
                name={`map-${mapHeight(job.runs.total)}`}
                label="Resize the run map"
                direction="column"
                initial={{ pixels: mapHeight(job.runs.total) }}
                minFirst={96}
                minSecond={140}
                first={<MapPane job={job} live={live} selection={selection} onSelect={select} onOpen={toPanel} />}
                second={<ResultsPane job={job} live={live} selection={selection} onSelect={select} onOpen={toPanel} />}
              />
            }
            second={detail}
          />
        )}
      </div>
    </div>
  );
}
