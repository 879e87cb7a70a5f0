import { Anchor, ActionIcon, Button, Tabs } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconFolderOpen, IconPlayerStop, IconRefresh } from '@tabler/icons-react';

import type { JobDetail } from '../../../../shared/contract/jobs.ts';
import { isEnded } from '../../../../shared/domain/run-state.ts';
import type { RunState } from '../../../../shared/domain/run-state.ts';
import { formatDuration } from '../../../../shared/domain/units.ts';
import { useStale, useSystemInfo } from '../../../api/core-context.tsx';
import { useRun } from '../../../api/queries.ts';
import { useCommands } from '../../../ui/commands/command-store.ts';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { RunStateLabel } from '../../../ui/run-state/state-label.tsx';
import { RUN_TABS } from '../job-search.ts';
import type { JobActions } from '../use-job-actions.ts';
import { useJobSearch } from '../use-run-selection.ts';
import { CommandTab } from './command-tab.tsx';
import { FilesTab } from './files-tab.tsx';
import { OutputTab } from './output-tab.tsx';
import styles from './run-panel.module.css';
import { ValuesTab } from './values-tab.tsx';

export interface RunPanelProps {
  readonly job: JobDetail;
  readonly run: number;
  readonly state: RunState;
  readonly actions: JobActions;
  /** Shows another run. */
  readonly onShow: (run: number) => void;
}

/** One run in depth: what it printed, its values and outputs, its files, how it was started. */
export function RunPanel({ job, run, state, actions, onShow }: RunPanelProps): React.JSX.Element {
  const { search, change } = useJobSearch();
  const { capabilities } = useSystemInfo();
  const stale = useStale();
  const { data, error } = useRun(job.id, run);
  const tab = search.tab ?? 'output';
  const ended = isEnded(state);
  const busy = stale || actions.pending !== null;
  const rerun = (): void => actions.act({ kind: 'rerun', runs: [run] });
  const cancel = (): void => actions.act({ kind: 'cancel', runs: [run] });
  const openFolder = (): void => actions.act({ kind: 'open-folder', run });
  useCommands([
    { id: 'run.rerun', title: 'Re-run this run', group: 'Run', enabled: ended && !busy, run: rerun },
    { id: 'run.cancel', title: 'Cancel this run', group: 'Run', enabled: !ended && !busy, run: cancel },
    {
      id: 'run.open-folder',
      title: 'Open this run’s folder',
      group: 'Run',
      enabled: capabilities.openFolder && !busy,
      run: openFolder,
    },
  ]);

  return (
    <section className={styles.panel} aria-label={`Run ${run}`}>
      <div className={styles.head}>
        <div className={styles.title}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label="Previous run"
            disabled={run <= 1}
            onClick={() => onShow(run - 1)}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
          <h2 className={styles.name}>Run {run}</h2>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label="Next run"
            disabled={run >= job.runs.total}
            onClick={() => onShow(run + 1)}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
          <RunStateLabel state={state} />
          {data !== undefined && data.wallSeconds !== null && (
            <span className={styles.quiet}>{formatDuration(data.wallSeconds)}</span>
          )}
        </div>
        <div className={styles.actions}>
          {capabilities.openFolder && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size={28}
              aria-label="Open this run’s folder"
              title="Open this run’s folder"
              disabled={busy}
              onClick={openFolder}
            >
              <IconFolderOpen size={16} />
            </ActionIcon>
          )}
          {ended ? (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconRefresh size={14} aria-hidden />}
              disabled={busy}
              onClick={rerun}
            >
              Re-run
            </Button>
          ) : (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconPlayerStop size={14} aria-hidden />}
              disabled={busy}
              onClick={cancel}
            >
              Cancel run
            </Button>
          )}
        </div>
      </div>
      {data?.failure && state === 'failed' && (
        <div className={styles.failure}>
          {data.failure.message}{' '}
          {!(tab === 'output' && search.file === 'stderr') && (
            <Anchor component="button" inherit onClick={() => change({ tab: 'output', file: 'stderr' })}>
              Open stderr
            </Anchor>
          )}
        </div>
      )}
      {error !== null && <ErrorNote title={`Run ${run} cannot be read.`} error={error} />}
      <Tabs
        className={styles.tabs}
        classNames={{ panel: styles.content, list: styles.list }}
        value={tab}
        onChange={(value) => change({ tab: RUN_TABS.find((name) => name === value) })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="values">Values</Tabs.Tab>
          <Tabs.Tab value="files">Files</Tabs.Tab>
          <Tabs.Tab value="command">Command</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="output">
          <OutputTab
            job={job.id}
            run={run}
            attempt={data?.attempts.length ?? null}
            file={search.file ?? 'stdout'}
            onFile={(file) => change({ file: file === 'stdout' ? undefined : file })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="values" tabIndex={0}>
          {data && <ValuesTab job={job} run={data} />}
        </Tabs.Panel>
        <Tabs.Panel value="files">
          <FilesTab job={job.id} run={run} onOpen={(file) => change({ file, tab: 'output' })} />
        </Tabs.Panel>
        <Tabs.Panel value="command">{data && <CommandTab job={job} run={data} />}</Tabs.Panel>
      </Tabs>
    </section>
  );
}
