import { ActionIcon } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';

import type { JobDetail, RunDetail } from '../../../../shared/contract/jobs.ts';
import { formatBytes, formatDuration } from '../../../../shared/domain/units.ts';
import { useNoticeStore } from '../../../ui/notice/notice-store.ts';
import { plural } from '../../../ui/words/number-words.ts';
import styles from './command-tab.module.css';

export interface CommandTabProps {
  readonly job: JobDetail;
  readonly run: RunDetail;
}

/** How the run was started: command, folder, hardware, limits. */
export function CommandTab({ job, run }: CommandTabProps): React.JSX.Element {
  return (
    <div className={styles.tab}>
      <section>
        <h3>Command</h3>
        <Copyable text={run.command} what="command" />
      </section>
      <section>
        <h3>Folder</h3>
        <Copyable text={run.folder} what="folder" />
      </section>
      {run.remoteFolder !== null && (
        <section>
          <h3>Folder on {job.site}</h3>
          <Copyable text={run.remoteFolder} what={`folder on ${job.site}`} />
        </section>
      )}
      <dl className={styles.facts}>
        {job.software !== null && (
          <>
            <dt>Software</dt>
            <dd>{job.software}</dd>
          </>
        )}
        <dt>Hardware</dt>
        <dd>
          {plural(job.coresPerSlot, 'core')} on {job.coreType}
          {job.site !== 'local' && ` of ${job.site}`}
        </dd>
        <dt>Memory limit</dt>
        <dd>{job.memoryBytes === null ? 'none' : formatBytes(job.memoryBytes)}</dd>
        <dt>Time limit</dt>
        <dd>{formatDuration(job.walltimeSeconds)}</dd>
        <dt>Exit code</dt>
        <dd>{run.exitCode ?? 'none yet'}</dd>
      </dl>
    </div>
  );
}

function Copyable({ text, what }: { readonly text: string; readonly what: string }): React.JSX.Element {
  const say = useNoticeStore((state) => state.say);
  return (
    <div className={styles.copyable}>
      <pre className={styles.text} tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={24}
        aria-label={`Copy the ${what}`}
        title={`Copy the ${what}`}
        onClick={() => void navigator.clipboard.writeText(text).then(() => say(`Copied the ${what}`))}
      >
        <IconCopy size={15} />
      </ActionIcon>
    </div>
  );
}
