import { Loader } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import type { RunState } from '../../../shared/domain/run-state.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { useRun } from '../../api/queries.ts';
import { RunStateLabel } from '../../ui/run-state/state-label.tsx';
import { valueText } from '../../ui/words/number-words.ts';
import styles from './run-tooltip.module.css';

export interface RunTooltipProps {
  readonly job: Pick<JobDetail, 'id' | 'variables' | 'outputs'>;
  readonly run: number;
  readonly state: RunState;
}

/** Rows of each kind shown before the rest is only counted. */
const MOST = 8;

/** What hovering a cell of the map says: state, failure, values and outputs of the run. */
export function RunTooltip({ job, run, state }: RunTooltipProps): React.JSX.Element {
  // Sweeping over the map must not ask for every run on the way.
  const [settled] = useDebouncedValue(run, 60);
  const { data } = useRun(job.id, settled === run ? run : null);
  return (
    <div className={styles.tooltip}>
      <div className={styles.head}>
        <strong>Run {run}</strong>
        <RunStateLabel state={state} />
        {data?.wallSeconds !== null && data?.wallSeconds !== undefined && (
          <span className={styles.quiet}>{formatDuration(data.wallSeconds)}</span>
        )}
      </div>
      {data?.failure && <div className={styles.failure}>{data.failure.message}</div>}
      {data ? (
        <dl className={styles.values}>
          {job.outputs.slice(0, MOST).map(({ name, unit, label }) => {
            const value = data.outputs[name] ?? null;
            return (
              <Pair key={`o ${name}`} name={label ?? name} unit={unit} strong>
                {typeof value === 'number' ? valueText(value) : (value ?? '–')}
              </Pair>
            );
          })}
          {job.variables.slice(0, MOST).map(({ name, unit, label }) => (
            <Pair key={`v ${name}`} name={label ?? name} unit={unit}>
              {data.values[name] ?? '–'}
            </Pair>
          ))}
        </dl>
      ) : (
        <Loader size={12} type="dots" color="gray" />
      )}
    </div>
  );
}

interface PairProps {
  readonly name: string;
  readonly unit: string | null;
  readonly strong?: boolean;
  readonly children: React.ReactNode;
}

function Pair({ name, unit, strong = false, children }: PairProps): React.JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd data-strong={strong || undefined}>{children}</dd>
      <dd className={styles.unit}>{unit}</dd>
    </>
  );
}
