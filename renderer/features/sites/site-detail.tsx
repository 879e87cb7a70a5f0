import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { Site, SiteTransferHost } from '../../../shared/contract/sites.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { useJobs } from '../../api/live-jobs.ts';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { hasEnded } from '../../ui/jobs/job-facts.ts';
import { connectionWords, connectWords, needsPerson } from '../../ui/sites/connection-words.ts';
import { NextTry } from '../../ui/sites/next-try.tsx';
import { plural } from '../../ui/words/number-words.ts';
import { CoreTypesSection } from './core-types-section.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import { DetailHead } from '../../ui/list-detail/detail-head.tsx';
import { SiteTest } from './site-test.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { SoftwareSection } from './software-section.tsx';

type Action = 'connect' | 'disconnect' | 'refresh';

const TRIED: Record<Action, string> = {
  connect: 'The sign-in did not work.',
  disconnect: 'The connection could not be ended.',
  refresh: 'The site could not be looked at.',
};

export interface SiteDetailProps {
  readonly site: Site;
  /** True when it was opened by name: the focus then goes to its heading. */
  readonly opened: boolean;
}

/** One site: its connection, hardware and software, and what can be done with it. */
export function SiteDetail({ site, opened }: SiteDetailProps): React.JSX.Element {
  return (
    <>
      <ConnectionSection site={site} opened={opened} />
      <SiteTest site={site.name} />
      <CoreTypesSection site={site} />
      <SoftwareSection site={site} />
    </>
  );
}

/** Through which host files go, how, and whether it can be reached. */
function Through({ transferHost }: { readonly transferHost: SiteTransferHost }): React.JSX.Element {
  const { address, way, connection } = transferHost;
  return (
    <>
      through {address}, {way === 'sftp' ? 'by SFTP' : 'as tar streams'}:{' '}
      {connectionWords({ connection }).word.toLowerCase()}
      {connection.message !== null && (
        <div className={styles.quiet}>
          {connection.message} {connection.hint}
        </div>
      )}
    </>
  );
}

function ConnectionSection({ site, opened }: SiteDetailProps): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const action = useMutation({ mutationFn: (kind: Action) => core.sites[kind]({ site: site.name }) });
  const remove = useMutation({
    mutationFn: () => core.sites.remove({ site: site.name }),
    onSuccess: () => navigate({ to: '/sites', search: {} }),
  });
  const { tone, word } = connectionWords(site);
  const { connection } = site;
  const here = useJobs().jobs.filter((job) => job.site === site.name);
  const open = here.filter((job) => !hasEnded(job)).length;
  const { transferHost } = site;
  const connected = connection?.state === 'connected' && !needsPerson(transferHost?.connection.state);
  const missing = connection?.state === 'connected' ? transferHost?.connection.state : connection?.state;
  return (
    <section className={styles.section} aria-labelledby="site-connection">
      <DetailHead id="site-connection" name={site.name} tone={tone} word={word} opened={opened} />
      {connection !== null && connection.message !== null && (
        <div className={styles.message}>
          {connection.message} {connection.hint} {open > 0 && !connected && 'Runs there go on. '}
          <NextTry connection={connection} />
        </div>
      )}
      <Facts
        facts={[
          { title: 'Address', value: site.address },
          { title: 'Scheduler', value: site.scheduler ?? 'none: runs are started one by one on the host' },
          { title: 'Work folder', value: <code>{site.workdir}</code> },
          ...(transferHost === null ? [] : [{ title: 'Files', value: <Through transferHost={transferHost} /> }]),
          { title: 'Jobs', value: <JobsHere site={site.name} all={here.length} open={open} /> },
          ...(connection?.heardAt == null
            ? []
            : [{ title: 'Last heard', value: <RelativeTime time={connection.heardAt} /> }]),
          ...(site.probedAt === null ? [] : [{ title: 'Looked at', value: <RelativeTime time={site.probedAt} /> }]),
        ]}
      />
      <div className={styles.actions}>
        <Button
          variant={connected ? 'default' : 'filled'}
          disabled={stale}
          loading={action.isPending && action.variables !== 'refresh'}
          onClick={() => action.mutate(connected ? 'disconnect' : 'connect')}
        >
          {connected ? 'Sign out' : connectWords(missing)}
        </Button>
        <Button
          variant="default"
          disabled={stale}
          title="Signs in if need be, and looks again at hardware and software"
          loading={action.isPending && action.variables === 'refresh'}
          onClick={() => action.mutate('refresh')}
        >
          Look around again
        </Button>
        <Button variant="default" disabled={stale} onClick={() => setRemoving(true)}>
          Remove site…
        </Button>
      </div>
      {action.isError && <ErrorNote title={TRIED[action.variables]} error={action.error} onClose={action.reset} />}
      <ConfirmDialog
        opened={removing}
        title={`Remove site ${site.name}?`}
        action="Remove site"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => {
          setRemoving(false);
          remove.reset();
        }}
      >
        Slipway forgets how to reach it. Nothing is deleted on the host, and results that came back stay here.
      </ConfirmDialog>
    </section>
  );
}

/** How many jobs the site has had, with a way to them. */
function JobsHere({
  site,
  all,
  open,
}: {
  readonly site: string;
  readonly all: number;
  readonly open: number;
}): React.JSX.Element {
  if (all === 0) return <>none yet</>;
  return (
    <Link to="/jobs" search={{ site }}>
      {plural(all, 'job')}
      {open > 0 && `, ${open} going on`}
    </Link>
  );
}
