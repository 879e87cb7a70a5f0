import { ActionIcon, NumberInput, Slider } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';

import { useDraft } from './draft-context.tsx';
import { plural } from '../../ui/words/number-words.ts';
import styles from './run-stepper.module.css';

/** Chooses the run that templates and the command are shown for, and shows that run's values. */
export function RunStepper(): React.JSX.Element | null {
  const { run, totalRuns, setRun, view } = useDraft();
  if (totalRuns < 1) return null;
  const preview = view.report?.runs;
  const row = preview?.rows.find((r) => r.run === run);
  return (
    <div className={styles.stepper}>
      <div className={styles.controls}>
        <span className={styles.label}>Shown for run</span>
        <ActionIcon
          variant="default"
          size={26}
          aria-label="Previous run"
          disabled={run <= 1}
          onClick={() => setRun(run - 1)}
        >
          <IconChevronLeft size={14} aria-hidden />
        </ActionIcon>
        <NumberInput
          aria-label="Run"
          className={styles.number}
          hideControls
          min={1}
          max={totalRuns}
          allowDecimal={false}
          value={run}
          onChange={(value) => typeof value === 'number' && value >= 1 && value <= totalRuns && setRun(value)}
        />
        <ActionIcon
          variant="default"
          size={26}
          aria-label="Next run"
          disabled={run >= totalRuns}
          onClick={() => setRun(run + 1)}
        >
          <IconChevronRight size={14} aria-hidden />
        </ActionIcon>
        <span className={styles.label}>of {plural(totalRuns, 'run')}</span>
        {totalRuns > 2 && (
          <Slider
            className={styles.slider}
            thumbLabel="Run"
            label={null}
            size="xs"
            min={1}
            max={totalRuns}
            value={run}
            onChange={setRun}
          />
        )}
      </div>
      {row && preview && (
        <dl className={styles.values} aria-label={`Values of run ${run}`}>
          {preview.columns.map((column, i) => (
            <div key={column.name} className={styles.value}>
              <dt>{column.name}</dt>
              <dd>
                {row.values[i]}
                {column.unit !== null && <span className={styles.unit}> {column.unit}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
