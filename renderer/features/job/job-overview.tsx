import { Link } from '@tanstack/react-router';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import { plural } from '../../ui/words/number-words.ts';
import styles from './job-overview.module.css';

/** What the job is, as long as no run is chosen. */
export function JobOverview({ job }: { readonly job: JobDetail }): React.JSX.Element {
  return (
    <section className={styles.overview} aria-label="The job">
      <p className={styles.hint}>
        Choose a run in the map or in the table to see its output, values and files. <kbd>F</kbd> in the map goes to the
        next failed run.
      </p>
      <h2>Job</h2>
      <dl className={styles.facts}>
        <dt>Command</dt>
        <dd>
          <code>{job.command}</code>
        </dd>
        {job.software !== null && (
          <>
            <dt>Software</dt>
            <dd>{job.software}</dd>
          </>
        )}
        {job.site !== 'local' && (
          <>
            <dt>Site</dt>
            <dd>
              <Link to="/sites" search={{ site: job.site }}>
                {job.site}
              </Link>
            </dd>
          </>
        )}
        <dt>Hardware</dt>
        <dd>
          {plural(job.slots, 'slot')} × {plural(job.coresPerSlot, 'core')} on {job.coreType}
          {job.memoryBytes !== null && `, ${formatBytes(job.memoryBytes)} per run`}
        </dd>
        <dt>Time limit</dt>
        <dd>{formatDuration(job.walltimeSeconds)} per run</dd>
        <dt>Submitted from</dt>
        <dd>
          <code>{job.source}</code>
        </dd>
        {job.storage !== null && (
          <>
            <dt>Files live in</dt>
            <dd>
              the bucket {job.storage.bucket}: inputs below <code>{job.storage.input}</code>, outputs below{' '}
              <code>{job.storage.output}</code>
            </dd>
          </>
        )}
        <dt>{job.site === 'local' ? 'Runs in' : job.storage === null ? 'Results in' : 'Logs and results in'}</dt>
        <dd>
          <code>{job.folder}</code>
        </dd>
        <dt>Id</dt>
        <dd>
          <code>{job.id}</code>
        </dd>
      </dl>
      <h2>slipway.yaml as submitted</h2>
      <pre className={styles.spec} tabIndex={0} aria-label="slipway.yaml as submitted">
        {job.specText}
      </pre>
    </section>
  );
}
