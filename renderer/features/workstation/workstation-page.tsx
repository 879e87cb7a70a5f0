import { Skeleton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';

import type { Site } from '../../../shared/contract/sites.ts';
import type { DoctorCheck } from '../../../shared/contract/system.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import { useStale, useSystemInfo } from '../../api/core-context.tsx';
import { useDoctor, useSites } from '../../api/queries.ts';
import { CopyText } from '../../ui/copy-text/copy-text.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import { Section } from '../../ui/list-detail/section.tsx';
import { usePageTitle } from '../../ui/page-title/page-title-store.ts';
import table from '../../ui/plain-table/plain-table.module.css';
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
    <Section id="hardware" title="Hardware">
      <Facts
        facts={[
          { title: 'Host', value: info.host },
          ...(site?.coreTypes ?? []).map((type) => ({
            title: type.name,
            value: (
              <>
                {type.cores} cores, {formatBytes(type.memoryBytes)} memory
                <span className={styles.quiet}> {type.description}</span>
              </>
            ),
          })),
          { title: 'Profile folder', value: <CopyText text={info.home} what="the profile folder" /> },
        ]}
      />
    </Section>
  );
}

function SoftwareList({ site }: { readonly site: Site | undefined }): React.JSX.Element {
  return (
    <Section id="software" title="Software">
      {site === undefined ? (
        <Skeleton height={96} />
      ) : (
        <table className={table.table} aria-labelledby="software">
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
                <td className={table.name}>{entry.title}</td>
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
    </Section>
  );
}

const CHECK_TONES: Record<DoctorCheck['status'], Tone> = { ok: 'done', warning: 'attention', error: 'failed' };
const CHECK_WORDS: Record<DoctorCheck['status'], string> = { ok: 'In order', warning: 'Look at this', error: 'Broken' };

function Doctor(): React.JSX.Element {
  const doctor = useDoctor();
  const stale = useStale();
  return (
    <Section
      id="doctor"
      title="Checks"
      action={{
        label: 'Check again',
        icon: <IconRefresh size={14} aria-hidden />,
        pending: doctor.isFetching,
        disabled: stale,
        onClick: () => void doctor.refetch(),
      }}
    >
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
    </Section>
  );
}
