import { ActionIcon, Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import type { CoreType, Site } from '../../../shared/contract/sites.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { CoreTypeDialog } from './core-type-dialog.tsx';
import { CoreTypesTable } from './core-types-table.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';

/** The hardware choices of a site: as they were found, or as a person wants them. */
export function CoreTypesSection({ site }: { readonly site: Site }): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const [editing, setEditing] = useState<{ readonly type: CoreType | null } | null>(null);
  const update = useMutation({
    mutationFn: (coreTypes: readonly CoreType[] | null) =>
      core.sites.update({ site: site.name, coreTypes: coreTypes === null ? null : [...coreTypes] }),
    onSuccess: () => setEditing(null),
  });
  const save = (type: CoreType): void => {
    const known = editing?.type ?? null;
    update.mutate(
      known === null
        ? [...site.coreTypes, type]
        : site.coreTypes.map((other) => (other.name === known.name ? type : other)),
    );
  };
  return (
    <section className={styles.section} aria-labelledby="site-core-types">
      <div className={styles.sectionHead}>
        <h2 id="site-core-types">Core types</h2>
        <div className={styles.actions}>
          <Button
            variant="subtle"
            size="compact-xs"
            disabled={stale || update.isPending}
            onClick={() => update.mutate(null)}
          >
            Reset to what was found
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={stale}
            onClick={() => setEditing({ type: null })}
          >
            Add core type
          </Button>
        </div>
      </div>
      {update.isError && editing === null && (
        <ErrorNote title="The core types could not be changed." error={update.error} onClose={update.reset} />
      )}
      <CoreTypesTable
        coreTypes={site.coreTypes}
        labelledBy="site-core-types"
        renderActions={(type) => (
          <>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              disabled={stale}
              aria-label={`Change core type ${type.name}`}
              onClick={() => setEditing({ type })}
            >
              <IconPencil size={15} stroke={1.6} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              disabled={stale || site.coreTypes.length === 1}
              aria-label={`Remove core type ${type.name}`}
              onClick={() => update.mutate(site.coreTypes.filter(({ name }) => name !== type.name))}
            >
              <IconTrash size={15} stroke={1.6} />
            </ActionIcon>
          </>
        )}
      />
      {editing !== null && (
        <CoreTypeDialog
          site={site}
          type={editing.type}
          pending={update.isPending}
          error={update.error}
          onSave={save}
          onClose={() => {
            setEditing(null);
            update.reset();
          }}
        />
      )}
    </section>
  );
}
