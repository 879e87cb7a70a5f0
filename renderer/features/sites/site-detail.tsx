import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import type { Site } from '../../../shared/contract/sites.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import { connectionWords, kindWords } from '../../ui/sites/connection-words.ts';
import { SiteTest } from './site-test.tsx';
import styles from './sites-page.module.css';

type Action = 'connect' | 'disconnect' | 'refresh';

const TRIED: Record<Action, string> = {
  connect: 'The sign-in did not work.',
  disconnect: 'The connection could not be ended.',
  refresh: 'The site could not be looked at.',
};

/** One site: its connection, hardware and software, and what can be done with it. */
export function SiteDetail({ site }: { readonly site: Site }): React.JSX.Element {
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
  const connected = site.connection?.state === 'connected';
  const there = site.software.filter(({ origin }) => origin !== 'missing');
  return (
    <>
      <section className={styles.section} aria-labelledby="site-connection">
        <h2 id="site-connection">{site.name}</h2>
        <dl className={styles.facts}>
          <dt>Connection</dt>
          <dd>
            <span className={styles.state} style={{ color: `var(--state-${tone}-text)` }}>
              <StateIcon tone={tone} size={14} />
              {word}
            </span>
            {site.connection?.message != null && <div>{site.connection.message}</div>}
            {site.connection?.hint != null && <div className={styles.quiet}>{site.connection.hint}</div>}
          </dd>
          {site.connection?.heardAt != null && (
            <>
              <dt>Last heard</dt>
              <dd>
                <RelativeTime time={site.connection.heardAt} />
              </dd>
            </>
          )}
          <dt>Address</dt>
          <dd>{site.address}</dd>
          <dt>Kind</dt>
          <dd>{kindWords(site)}</dd>
          <dt>Work folder</dt>
          <dd>
            <code>{site.workdir}</code>
          </dd>
        </dl>
        <div className={styles.actions} style={{ marginTop: 12 }}>
          <Button
            variant={connected ? 'default' : 'filled'}
            disabled={stale}
            loading={action.isPending && action.variables !== 'refresh'}
            onClick={() => action.mutate(connected ? 'disconnect' : 'connect')}
          >
            {connected ? 'Sign out' : 'Sign in'}
          </Button>
          <Button
            variant="default"
            disabled={stale}
            loading={action.isPending && action.variables === 'refresh'}
            onClick={() => action.mutate('refresh')}
          >
            Look again
          </Button>
          <Button variant="default" disabled={stale} onClick={() => setRemoving(true)}>
            Remove site…
          </Button>
        </div>
        {action.isError && <ErrorNote title={TRIED[action.variables]} error={action.error} onClose={action.reset} />}
      </section>
      <SiteTest site={site.name} />
      <CoreTypes site={site} />
      <section className={styles.section} aria-labelledby="site-software">
        <h2 id="site-software">Software</h2>
        {there.length === 0 ? (
          <p className={styles.quiet}>
            Nothing that Slipway knows by name was found. Commands are run as they are; a module can be loaded in the
            command.
          </p>
        ) : (
          <table className={styles.table} aria-labelledby="site-software">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Version</th>
                <th scope="col">Set up by</th>
                <th scope="col">Usual command</th>
              </tr>
            </thead>
            <tbody>
              {there.map((entry) => (
                <tr key={`${entry.name}@${entry.version ?? ''}${entry.origin}`}>
                  <td>{entry.title}</td>
                  <td>{entry.version ?? '–'}</td>
                  <td>
                    <code>{entry.path ?? entry.setup.join('; ')}</code>
                  </td>
                  <td>
                    <code>{entry.command}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
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
    </>
  );
}

function CoreTypes({ site }: { readonly site: Site }): React.JSX.Element {
  return (
    <section className={styles.section} aria-labelledby="site-core-types">
      <h2 id="site-core-types">Core types</h2>
      <table className={styles.table} aria-labelledby="site-core-types">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Cores</th>
            <th scope="col">Memory</th>
            <th scope="col">Nodes</th>
            <th scope="col">Time limit</th>
            <th scope="col">Accelerator</th>
          </tr>
        </thead>
        <tbody>
          {site.coreTypes.map((type) => (
            <tr key={type.name}>
              <td title={type.description}>{type.name}</td>
              <td>{type.cores}</td>
              <td>{type.memoryBytes === 0 ? '–' : formatBytes(type.memoryBytes)}</td>
              <td>{type.nodes}</td>
              <td>{type.maxWalltimeSeconds === null ? 'none' : formatDuration(type.maxWalltimeSeconds)}</td>
              <td>{type.accelerator ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
