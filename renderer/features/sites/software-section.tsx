import { ActionIcon } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import type { OwnSoftware, Site, Software } from '../../../shared/contract/sites.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { SoftwareDialog } from './software-dialog.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { Section } from '../../ui/list-detail/section.tsx';
import table from '../../ui/plain-table/plain-table.module.css';

const ORIGINS: Record<Software['origin'], string> = {
  found: 'found on the PATH',
  module: 'module',
  own: 'your own',
  missing: 'not found',
};

function nameOf({ title, version }: Software): string {
  return version === null ? title : `${title} ${version}`;
}

/** Software of a site: what was found there, and entries of the person's own, which can be added, changed and removed. */
export function SoftwareSection({ site }: { readonly site: Site }): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const [editing, setEditing] = useState<{ readonly entry: Software | null } | null>(null);
  const [removing, setRemoving] = useState<Software | null>(null);
  const save = useMutation({
    mutationFn: async (entry: OwnSoftware) => {
      const before = editing?.entry ?? null;
      await core.sites.addSoftware({ site: site.name, software: entry });
      // Under another name or version it is another entry: the one before goes once the new one is kept.
      const renamed = before !== null && (before.name !== entry.name || before.version !== entry.version);
      if (before?.origin === 'own' && renamed)
        await core.sites.removeSoftware({ site: site.name, name: before.name, version: before.version });
    },
    onSuccess: () => setEditing(null),
  });
  const remove = useMutation({
    mutationFn: ({ name, version }: Software) => core.sites.removeSoftware({ site: site.name, name, version }),
    onSuccess: () => setRemoving(null),
  });
  const there = site.software.filter(({ origin }) => origin !== 'missing');
  return (
    <Section
      id="site-software"
      title="Software"
      action={{
        label: 'Add software',
        icon: <IconPlus size={14} aria-hidden />,
        disabled: stale,
        onClick: () => setEditing({ entry: null }),
      }}
    >
      {there.length === 0 ? (
        <p className={styles.quiet}>
          Nothing that Slipway knows by name was found. Add an entry that says how your solver is set up here; without
          one, commands are run as they are.
        </p>
      ) : (
        <table className={table.table} aria-labelledby="site-software">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">From</th>
              <th scope="col">Set up by</th>
              <th scope="col">Usual command</th>
              <th scope="col" className={table.rest}>
                Actions
              </th>
            </tr>
          </thead>
          <tbody>
            {there.map((entry) => (
              <tr key={`${entry.name}@${entry.version ?? ''}`}>
                <td>{nameOf(entry)}</td>
                <td className={styles.quiet}>{ORIGINS[entry.origin]}</td>
                <td>
                  <Setup entry={entry} />
                </td>
                <td>
                  <code>{entry.command}</code>
                </td>
                <td className={table.rest}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={24}
                    disabled={stale}
                    aria-label={`Change ${nameOf(entry)}`}
                    title={entry.origin === 'own' ? undefined : 'Make an entry of your own of it'}
                    onClick={() => setEditing({ entry })}
                  >
                    <IconPencil size={15} stroke={1.6} />
                  </ActionIcon>
                  {entry.origin === 'own' && (
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      size={24}
                      disabled={stale}
                      aria-label={`Remove ${nameOf(entry)}`}
                      onClick={() => setRemoving(entry)}
                    >
                      <IconTrash size={15} stroke={1.6} />
                    </ActionIcon>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing !== null && (
        <SoftwareDialog
          site={site}
          entry={editing.entry}
          pending={save.isPending}
          error={save.error}
          onSave={(entry) => save.mutate(entry)}
          onClose={() => {
            setEditing(null);
            save.reset();
          }}
        />
      )}
      <ConfirmDialog
        opened={removing !== null}
        title={`Remove ${removing === null ? '' : nameOf(removing)} from ${site.name}?`}
        action="Remove entry"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => removing !== null && remove.mutate(removing)}
        onClose={() => {
          setRemoving(null);
          remove.reset();
        }}
      >
        Jobs that name it in slipway.yaml will not find it any more. Nothing changes on the host.
      </ConfirmDialog>
    </Section>
  );
}

function Setup({ entry }: { readonly entry: Software }): React.JSX.Element {
  const variables = Object.keys(entry.environment);
  const lines = entry.path === null ? entry.setup : [entry.path];
  if (lines.length === 0 && variables.length === 0) return <span className={styles.quiet}>nothing</span>;
  return (
    <>
      {lines.map((line) => (
        <code key={line} className={styles.line}>
          {line}
        </code>
      ))}
      {variables.length > 0 && <span className={styles.quiet}>sets {variables.join(', ')}</span>}
    </>
  );
}
