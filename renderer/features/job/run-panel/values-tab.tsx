import { Fragment } from 'react';

import type { JobDetail, RunDetail } from '../../../../shared/contract/jobs.ts';
import { formatBytes, formatDuration } from '../../../../shared/domain/units.ts';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { StateIcon } from '../../../ui/run-state/state-icon.tsx';
import { RunStateLabel } from '../../../ui/run-state/state-label.tsx';
import { valueText } from '../../../ui/words/number-words.ts';
import { OutputsAt } from './outputs-at.tsx';
import styles from './values-tab.module.css';

export interface ValuesTabProps {
  readonly job: Pick<JobDetail, 'variables' | 'outputs'>;
  readonly run: RunDetail;
}

/** Outputs and values of a run with their units, what was wrong with them, and its attempts. */
export function ValuesTab({ job, run }: ValuesTabProps): React.JSX.Element {
  return (
    <div className={styles.tab}>
      {run.problems.length > 0 && <Problems run={run} />}
      {job.outputs.length > 0 && (
        <section>
          <h3>Outputs</h3>
          <table className={styles.table} aria-label="Outputs">
            <tbody>
              {job.outputs.map(({ name, label, unit }) => {
                const value = run.outputs[name] ?? null;
                return (
                  <tr key={name}>
                    <th scope="row" title={name}>
                      {label ?? name}
                    </th>
                    <td className={styles.value} title={value === null ? undefined : String(value)}>
                      {value === null ? <span className={styles.quiet}>no value</span> : showValue(value)}
                    </td>
                    <td className={styles.unit}>{unit}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
      {job.variables.length > 0 && (
        <section>
          <h3>Variables</h3>
          <table className={styles.table} aria-label="Variables">
            <tbody>
              {job.variables.map(({ name, label, unit }) => (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {label ?? name}
                  </th>
                  <td className={styles.value}>{run.values[name] ?? '–'}</td>
                  <td className={styles.unit}>{unit}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <OutputsAt at={run.outputsAt} />
      {(run.pendingReason !== null || run.remoteFolder !== null) && (
        <section>
          <h3>On its site</h3>
          {run.pendingReason !== null && <p>{run.pendingReason}</p>}
          {run.remoteFolder !== null && (
            <p className={styles.quiet}>
              <code>{run.remoteFolder}</code>
            </p>
          )}
          {run.attempts
            .filter(({ schedulerId }) => schedulerId !== null)
            .map(({ attempt, schedulerId, node, restarts }) => (
              <p key={attempt} className={styles.quiet}>
                Attempt {attempt}: {schedulerId}
                {node === null ? '' : ` on ${node}`}
                {restarts === 0 ? '' : `, started anew ${restarts}×`}
              </p>
            ))}
        </section>
      )}
      <section>
        <h3>Attempts</h3>
        {run.attempts.length === 0 ? (
          <p className={styles.quiet}>Not started yet.</p>
        ) : (
          <table className={styles.attempts} aria-label="Attempts">
            <thead>
              <tr>
                <th scope="col">#</th>
                <th scope="col">State</th>
                <th scope="col">Exit code</th>
                <th scope="col">Wall time</th>
                <th scope="col">Peak memory</th>
                <th scope="col">Started</th>
              </tr>
            </thead>
            <tbody>
              {run.attempts.map((attempt) => (
                <Fragment key={attempt.attempt}>
                  <tr>
                    <td>{attempt.attempt}</td>
                    <td>
                      <RunStateLabel state={attempt.state} />
                    </td>
                    <td>{attempt.exitCode ?? '–'}</td>
                    <td>{attempt.wallSeconds === null ? '–' : formatDuration(attempt.wallSeconds)}</td>
                    <td>{attempt.peakMemoryBytes === null ? '–' : formatBytes(attempt.peakMemoryBytes)}</td>
                    <td>{attempt.startedAt === null ? '–' : <RelativeTime time={attempt.startedAt} />}</td>
                  </tr>
                  {attempt.failure !== null && (
                    <tr className={styles.why}>
                      <td />
                      <td colSpan={5}>{attempt.failure.message}</td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  );
}

function showValue(value: number | string): string {
  return typeof value === 'number' ? valueText(value) : value;
}

function Problems({ run }: { readonly run: RunDetail }): React.JSX.Element {
  return (
    <section>
      <h3>Problems with the outputs</h3>
      <ul className={styles.problems}>
        {run.problems.map((problem, index) => (
          <li key={index}>
            <StateIcon tone={problem.severity === 'error' ? 'failed' : 'attention'} />
            <div>
              {problem.message}
              {problem.hint !== null && <span className={styles.quiet}> {problem.hint}</span>}
              {problem.file !== null && (
                <div className={styles.quiet}>
                  <code>
                    {problem.file}
                    {problem.line !== null && `:${problem.line}`}
                  </code>{' '}
                  {problem.code}
                </div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
