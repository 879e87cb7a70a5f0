import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { isEnded } from '../../../shared/domain/run-state.ts';
import type { RunState } from '../../../shared/domain/run-state.ts';
import { useStale, useSystemInfo } from '../../api/core-context.tsx';
import { useCommands } from '../../ui/commands/command-store.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { DeleteJobDialog } from '../../ui/jobs/delete-job-dialog.tsx';
import { hasEnded } from '../../ui/jobs/job-facts.ts';
import type { RunSelection } from '../../ui/run-map/run-selection.ts';
import { countText, plural } from '../../ui/words/number-words.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { EXPORT_FORMATS } from './export-results.ts';
import styles from './job-header.module.css';
import { JobProgress } from './job-progress.tsx';
import type { JobActions } from './use-job-actions.ts';

export interface JobHeaderProps {
  readonly job: JobDetail;
  readonly selection: RunSelection;
  readonly stateOf: (run: number) => RunState;
  readonly actions: JobActions;
}

type Dialog = 'cancel' | 'cancel-chosen' | 'delete' | null;

/** Progress of the job and what can be done with it. */
export function JobHeader({ job, selection, stateOf, actions }: JobHeaderProps): React.JSX.Element {
  const [dialog, setDialog] = useState<Dialog>(null);
  const { capabilities } = useSystemInfo();
  const stale = useStale();
  const { act, pending } = actions;
  const open = !hasEnded(job);
  const busy = stale || pending !== null;
  const chosen = [...selection.runs].sort((a, b) => a - b);
  const again = chosen.filter((run) => isEnded(stateOf(run)));
  const running = chosen.filter((run) => !isEnded(stateOf(run)));
  const failed = job.runs.failed;

  useCommands([
    { id: 'job.cancel', title: 'Cancel job', group: 'Job', enabled: open && !stale, run: () => setDialog('cancel') },
    {
      id: 'job.rerun-failed',
      title: `Re-run ${plural(failed, 'failed run')}`,
      group: 'Job',
      enabled: failed > 0 && !stale,
      run: () => act({ kind: 'rerun', runs: 'failed' }),
    },
    {
      id: 'job.rerun-all',
      title: 'Re-run all ended runs',
      group: 'Job',
      enabled: !open && !stale,
      run: () => act({ kind: 'rerun', runs: 'all' }),
    },
    {
      id: 'job.open-folder',
      title: 'Open the job’s folder',
      group: 'Job',
      enabled: capabilities.openFolder && !stale,
      run: () => act({ kind: 'open-folder', run: null }),
    },
    ...EXPORT_FORMATS.map((format) => ({
      id: `job.export.${format}`,
      title: `Export results as ${format === 'parquet' ? 'Parquet' : format.toUpperCase()}`,
      group: 'Job',
      keywords: 'download save table',
      enabled: !stale,
      run: () => act({ kind: 'export', format }),
    })),
    {
      id: 'job.edit-as-new',
      title: 'Edit as a new job',
      group: 'Job',
      keywords: 'copy duplicate',
      enabled: !stale,
      run: () => act({ kind: 'edit-as-new' }),
    },
    { id: 'job.delete', title: 'Delete job', group: 'Job', enabled: !open && !stale, run: () => setDialog('delete') },
  ]);

  return (
    <section className={styles.header} aria-label="Progress and actions">
      <div className={styles.row}>
        <JobProgress job={job} />
        <div className={styles.actions}>
          {again.length > 0 && (
            <Button variant="default" disabled={busy} onClick={() => act({ kind: 'rerun', runs: again })}>
              Re-run {countText(again.length)} chosen
            </Button>
          )}
          {running.length > 0 && (
            <Button variant="default" disabled={busy} onClick={() => setDialog('cancel-chosen')}>
              Cancel {countText(running.length)} chosen
            </Button>
          )}
          {failed > 0 && (
            <Button
              variant="default"
              leftSection={<IconRefresh size={15} aria-hidden />}
              disabled={busy}
              loading={pending === 'rerun'}
              onClick={() => act({ kind: 'rerun', runs: 'failed' })}
            >
              Re-run {countText(failed)} failed
            </Button>
          )}
          {open && (
            <Button
              variant="default"
              leftSection={<IconPlayerStop size={15} aria-hidden />}
              disabled={busy || job.state === 'cancelling'}
              loading={pending === 'cancel'}
              onClick={() => setDialog('cancel')}
            >
              Cancel job
            </Button>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={30} aria-label="More actions">
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {capabilities.openFolder && (
                <Menu.Item disabled={busy} onClick={() => act({ kind: 'open-folder', run: null })}>
                  Open folder
                </Menu.Item>
              )}
              <Menu.Item disabled={busy} onClick={() => act({ kind: 'edit-as-new' })}>
                Edit as a new job
              </Menu.Item>
              <Menu.Item disabled={busy || open} onClick={() => act({ kind: 'rerun', runs: 'all' })}>
                Re-run all
              </Menu.Item>
              <Menu.Divider />
              <Menu.Label>Export results</Menu.Label>
              <Menu.Item disabled={busy} onClick={() => act({ kind: 'export', format: 'csv' })}>
                CSV
              </Menu.Item>
              <Menu.Item disabled={busy} onClick={() => act({ kind: 'export', format: 'json' })}>
                JSON
              </Menu.Item>
              <Menu.Item disabled={busy} onClick={() => act({ kind: 'export', format: 'parquet' })}>
                Parquet
              </Menu.Item>
              <Menu.Divider />
              <Menu.Item color="var(--state-failed-text)" disabled={busy || open} onClick={() => setDialog('delete')}>
                Delete job…
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      {actions.problem !== null && <ErrorNote {...actions.problem} onClose={actions.dismiss} />}
      <CancelDialog
        job={job}
        runs={dialog === 'cancel-chosen' ? running : null}
        opened={dialog === 'cancel' || dialog === 'cancel-chosen'}
        onConfirm={(runs) => {
          setDialog(null);
          act({ kind: 'cancel', runs });
        }}
        onClose={() => setDialog(null)}
      />
      <DeleteJobDialog job={dialog === 'delete' ? job : null} onClose={() => setDialog(null)} />
    </section>
  );
}
