import { Button, Select, Skeleton, TextInput } from '@mantine/core';
import { IconFilter, IconPlus, IconStack2 } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useState } from 'react';

import type { Job } from '../../../shared/contract/jobs.ts';
import { useJobs } from '../../api/live-jobs.ts';
import { useSites } from '../../api/queries.ts';
import { EmptyState } from '../../ui/empty-state/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { plural } from '../../ui/words/number-words.ts';
import { DeleteJobDialog } from '../../ui/jobs/delete-job-dialog.tsx';
import { ExampleButton } from './example-button.tsx';
import { filterJobs } from './filter-jobs.ts';
import styles from './jobs-page.module.css';
import type { JobsSearch } from './jobs-search.ts';
import { JobsTable } from './jobs-table.tsx';
import { siteWord } from './site-word.ts';

/** Rows shown at first; more jobs than that are found by filtering. */
const FIRST_ROWS = 200;

/** All jobs, newest first, as they go. */
export function JobsPage({ search }: { readonly search: JobsSearch }): React.JSX.Element {
  usePageTitle('Jobs');
  const { loaded, jobs, problem } = useJobs();
  const navigate = useNavigate();
  const [filter, setFilter] = useState('');
  const [all, setAll] = useState(false);
  const [deleting, setDeleting] = useState<Job | null>(null);
  const query = useDeferredValue(filter);
  const sites = useSites();
  const names = useMemo(
    () => [...new Set([...(sites.data ?? []), ...jobs.map((job) => ({ name: job.site }))].map(({ name }) => name))],
    [sites.data, jobs],
  );
  const site = search.site ?? null;
  // With this workstation alone there is nothing to tell apart.
  const withSites = names.length > 1 || site !== null;
  const matching = useMemo(() => filterJobs(jobs, query, site), [jobs, query, site]);
  const clear = (): void => {
    setFilter('');
    void navigate({ to: '/jobs', search: {} });
  };
  const shown = all ? matching : matching.slice(0, FIRST_ROWS);

  if (problem !== null) {
    return (
      <div className={styles.page}>
        <ErrorNote title="The list of jobs cannot be read." error={problem} />
      </div>
    );
  }
  if (!loaded) return <LoadingRows />;
  if (jobs.length === 0) return <NoJobs />;
  return (
    <div className={styles.page}>
      <div className={styles.tools}>
        <TextInput
          className={styles.filter}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          placeholder="Filter by name, state or folder"
          aria-label="Filter jobs"
          leftSection={<IconFilter size={15} aria-hidden />}
        />
        {withSites && (
          <Select
            aria-label="Site"
            data={[
              { value: '', label: 'All sites' },
              ...[...new Set([...names, ...(site === null ? [] : [site])])].map((name) => ({
                value: name,
                label: siteWord(name),
              })),
            ]}
            value={site ?? ''}
            allowDeselect={false}
            w={180}
            onChange={(value) => void navigate({ to: '/jobs', search: value ? { site: value } : {} })}
          />
        )}
        <span className={styles.count} role="status">
          {query === '' && site === null
            ? plural(jobs.length, 'job')
            : `${matching.length} of ${plural(jobs.length, 'job')}`}
        </span>
      </div>
      {matching.length === 0 ? (
        <EmptyState
          icon={<IconFilter size={32} stroke={1.25} />}
          title={query === '' ? `No job on ${siteWord(site ?? '')} yet` : `No job matches “${query}”`}
          actions={
            <Button variant="default" onClick={clear}>
              Show all jobs
            </Button>
          }
        />
      ) : (
        <JobsTable jobs={shown} withSites={withSites} onDelete={setDeleting} />
      )}
      {shown.length < matching.length && (
        <Button variant="subtle" onClick={() => setAll(true)}>
          Show all {plural(matching.length, 'job')}
        </Button>
      )}
      <DeleteJobDialog job={deleting} onClose={() => setDeleting(null)} />
    </div>
  );
}

function NoJobs(): React.JSX.Element {
  return (
    <EmptyState
      icon={<IconStack2 size={44} stroke={1.1} />}
      title="No jobs yet"
      actions={
        <>
          <Button component={Link} to="/jobs/new" leftSection={<IconPlus size={16} aria-hidden />}>
            New job
          </Button>
          <ExampleButton />
        </>
      }
    >
      Drop a folder here with your input files and a CSV of parameter values, one row per run. Slipway checks it and
      shows what it would run before anything starts.
    </EmptyState>
  );
}

function LoadingRows(): React.JSX.Element {
  return (
    <div className={styles.page} aria-busy aria-label="Reading the list of jobs">
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} height={24} mb={8} />
      ))}
    </div>
  );
}
