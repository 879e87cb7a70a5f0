import { ActionIcon, Button, CopyButton, Skeleton } from '@mantine/core';
import { IconCheck, IconCopy, IconRefresh } from '@tabler/icons-react';

import type { Site } from '../../../shared/contract/sites.ts';
import type { DoctorCheck } from '../../../shared/contract/system.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import { useStale, useSystemInfo } from '../../api/core-context.tsx';
import { useDoctor, useSites } from '../../api/queries.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import type { Tone } from '../../ui/run-state/state-words.ts';
import styles from './workstation-page.module.css';

/** This machine as a site: hardware, software found, and what the doctor says. */
export function WorkstationPage(): React.JSX.Element {
  usePageTitle('Workstation');
  const sites = useSites();
  const local = sites.data?.find(({ kind }) => kind === 'local');
  return (
    <div className={styles.page}>
      {sites.error !== null && <ErrorNote title="Hardware and software cannot be read." error={sites.error} />}
      <Hardware site={local} />
      <SoftwareList site={local} />
      <Doctor />
    </div>
  );
}

function Hardware({ site }: { readonly site: Site | undefined }): React.JSX.Element {
  const info = useSystemInfo();
  return (
    <section className={styles.section} aria-labelledby="hardware">
      <h2 id="hardware">Hardware</h2>
      <dl className={styles.facts}>
        <dt>Host</dt>
        <dd>{info.host}</dd>
        {site?.coreTypes.map((type) => (
          <div key={type.name} className={styles.pair}>
            <dt>{type.name}</dt>
            <dd>
              {type.cores} cores, {formatBytes(type.memoryBytes)} memory
              <span className={styles.quiet}> {type.description}</span>
            </dd>
          </div>
        ))}
        <dt>Profile folder</dt>
        <dd className={styles.path}>
          <code>{info.home}</code>
          <CopyButton value={info.home}>
            {({ copied, copy }) => (
              <ActionIcon variant="subtle" color="gray" size={22} onClick={copy} aria-label="Copy the profile folder">
                {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              </ActionIcon>
            )}
          </CopyButton>
        </dd>
      </dl>
    </section>
  );
}

function SoftwareList({ site }: { readonly site: Site | undefined }): React.JSX.Element {
  return (
    <section className={styles.section} aria-labelledby="software">
      <h2 id="software">Software</h2>
      {site === undefined ? (
        <Skeleton height={96} />
      ) : (
        <table className={styles.table} aria-labelledby="software">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Version</th>
              <th scope="col">Found at</th>
              <th scope="col">Usual command</th>
            </tr>
          </thead>
          <tbody>
            {site.software.map((entry) => (
              <tr key={`${entry.name}@${entry.version ?? ''}`}>
                <td>{entry.title}</td>
                <td>{entry.version ?? <span className={styles.quiet}>–</span>}</td>
                <td>
                  {entry.path === null ? (
                    <span className={styles.quiet}>Not found. {entry.hint}</span>
                  ) : (
                    <code>{entry.path}</code>
                  )}
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
  );
}

const CHECK_TONES: Record<DoctorCheck['status'], Tone> = { ok: 'done', warning: 'attention', error: 'failed' };
const CHECK_WORDS: Record<DoctorCheck['status'], string> = { ok: 'In order', warning: 'Look at this', error: 'Broken' };

function Doctor(): React.JSX.Element {
  const doctor = useDoctor();
  const stale = useStale();
  return (
    <section className={styles.section} aria-labelledby="doctor">
      <div className={styles.head}>
        <h2 id="doctor">Checks</h2>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={doctor.isFetching}
          disabled={stale}
          onClick={() => void doctor.refetch()}
        >
          Check again
        </Button>
      </div>
      {doctor.error !== null && <ErrorNote title="The checks did not run." error={doctor.error} />}
      {doctor.data === undefined && doctor.error === null && <Skeleton height={96} />}
      <ul className={styles.checks}>
        {doctor.data?.map((check) => (
          <li key={check.id} className={styles.check}>
            <span className={styles.verdict} style={{ color: `var(--state-${CHECK_TONES[check.status]}-text)` }}>
              <StateIcon tone={CHECK_TONES[check.status]} />
              {CHECK_WORDS[check.status]}
            </span>
            <span>{check.title}</span>
            <span className={styles.detail}>
              {check.detail}
              {check.hint !== null && <span className={styles.hint}> {check.hint}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
