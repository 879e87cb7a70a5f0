import { Autocomplete, Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import { siteName } from '../../../shared/contract/sites.ts';
import type { SiteProposal } from '../../../shared/contract/sites.ts';
import { formatBytes } from '../../../shared/domain/units.ts';
import { useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import { CoreTypesTable } from './core-types-table.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';

export interface FoundSiteProps {
  readonly proposal: SiteProposal;
  readonly proposedName: string;
  readonly pending: boolean;
  readonly error: unknown;
  /** Hosts of the SSH configuration. */
  readonly knownHosts: readonly string[];
  /** `transferHost` is empty when files go through the host itself. */
  readonly onAdd: (name: string, workdir: string, transferHost: string) => void;
}

/** What a look at a host found, and what is still to be chosen before it is kept as a site. */
export function FoundSite({
  proposal,
  proposedName,
  pending,
  error,
  knownHosts,
  onAdd,
}: FoundSiteProps): React.JSX.Element {
  const stale = useStale();
  const nameField = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(proposedName);
  const [workdir, setWorkdir] = useState(proposal.workdir);
  const [transferHost, setTransferHost] = useState('');
  const wrong = siteName.safeParse(name.trim()).success ? null : 'Letters, digits, dot, underscore and hyphen';
  useEffect(() => nameField.current?.focus(), []);
  const rooms = proposal.scratch.map(({ path, freeBytes }) => ({
    path,
    folder: proposal.workdir.startsWith(`${path}/`) ? proposal.workdir : `${path.replace(/\/$/, '')}/slipway`,
    words: freeBytes === null ? 'room not known' : `${formatBytes(freeBytes)} free`,
  }));
  const software = proposal.software.map((s) => (s.version === null ? s.title : `${s.title} ${s.version}`));
  return (
    <section className={styles.section} aria-labelledby="found">
      <h2 id="found">What is there</h2>
      {proposal.problems.map((p) =>
        p.severity === 'error' ? (
          <ErrorNote key={p.code} title={p.message} error={new Error(p.hint ?? '')} />
        ) : (
          <div key={p.code} className={styles.warning}>
            <StateIcon tone="attention" size={14} />
            <span>
              {p.message} {p.hint}
            </span>
          </div>
        ),
      )}
      <Facts
        facts={[
          { title: 'Scheduler', value: proposal.scheduler ?? 'none: runs are started one by one on the host' },
          { title: 'User', value: proposal.user },
          ...proposal.facts,
          { title: 'Software', value: software.length === 0 ? 'none that is known by name' : software.join(', ') },
          { title: 'Room', value: rooms.map(({ path, words }) => `${words} in ${path}`).join('; ') || 'not known' },
        ]}
      />
      <h3 id="found-core-types">Proposed core types</h3>
      <CoreTypesTable coreTypes={proposal.coreTypes} labelledBy="found-core-types" />
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong === null) onAdd(name.trim(), workdir.trim(), transferHost.trim());
        }}
      >
        <div className={styles.pairs}>
          <TextInput
            ref={nameField}
            label="Name of the site"
            description="as in --site NAME"
            value={name}
            error={name.trim() === '' ? null : wrong}
            spellCheck={false}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Autocomplete
            label="Work folder"
            description="jobs lie below it; on scratch, if there is one"
            data={[...new Set([proposal.workdir, ...rooms.map(({ folder }) => folder)])]}
            value={workdir}
            spellCheck={false}
            onChange={setWorkdir}
          />
          <Autocomplete
            label="Transfer host"
            description="files go through it; empty = none"
            placeholder="user@host"
            data={[...knownHosts]}
            value={transferHost}
            spellCheck={false}
            onChange={setTransferHost}
          />
        </div>
        <div className={styles.actions}>
          <Button type="submit" loading={pending} disabled={stale || wrong !== null}>
            Add site
          </Button>
        </div>
        {error !== null && <ErrorNote title="The site could not be added." error={error} />}
      </form>
    </section>
  );
}
