import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import type { SiteTestStep } from '../../../shared/contract/sites.ts';
import { useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../error-note/error-note.tsx';
import styles from '../list-detail/list-detail.module.css';
import { StateIcon } from '../run-state/state-icon.tsx';
import type { Tone } from '../run-state/state-words.ts';

const TONES: Record<SiteTestStep['status'], Tone> = {
  running: 'running',
  ok: 'done',
  failed: 'failed',
  skipped: 'planned',
};

/** Where a test stands. */
export interface TestProgress {
  readonly steps: readonly SiteTestStep[];
  /** Null while it goes on. */
  readonly ok: boolean | null;
}

export interface TestStepsProps {
  /** Id of the heading. */
  readonly id: string;
  readonly title: string;
  /** The verb on the button. */
  readonly action: string;
  /** What it will do, before it was begun. */
  readonly children: React.ReactNode;
  readonly run: (signal: AbortSignal) => AsyncIterable<TestProgress>;
  /** A sentence at the end. */
  readonly verdict: (ok: boolean, seconds: number) => string;
  /** It is what should be done next. */
  readonly urgent?: boolean;
}

/** A test that a person starts; its steps are shown while they happen. */
export function TestSteps(props: TestStepsProps): React.JSX.Element {
  const stale = useStale();
  const [progress, setProgress] = useState<TestProgress | null>(null);
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const run = async (): Promise<void> => {
    const abort = new AbortController();
    stop.current = abort;
    setRunning(true);
    setProblem(null);
    setProgress(null);
    try {
      for await (const item of props.run(abort.signal)) setProgress(item);
    } catch (error) {
      if (!abort.signal.aborted) setProblem(error);
    } finally {
      setRunning(false);
    }
  };
  const seconds = (progress?.steps ?? []).reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  return (
    <section className={styles.section} aria-labelledby={props.id}>
      <div className={styles.sectionHead}>
        <h2 id={props.id}>{props.title}</h2>
        <div className={styles.actions}>
          {running && (
            <Button variant="subtle" size="compact-xs" onClick={() => stop.current?.abort()}>
              Stop
            </Button>
          )}
          <Button
            variant={props.urgent === true ? 'filled' : 'default'}
            size="compact-xs"
            disabled={stale || running}
            onClick={() => void run()}
          >
            {props.action}
          </Button>
        </div>
      </div>
      {problem !== null && <ErrorNote title="The test did not run." error={problem} />}
      <div aria-live="polite">
        {progress === null && problem === null && <p className={styles.quiet}>{props.children}</p>}
        {progress !== null && (
          <div className={styles.steps} role="list">
            {progress.steps.map((step) => (
              <div key={step.id} className={styles.step} role="listitem">
                <StateIcon tone={TONES[step.status]} size={14} />
                <span>{step.title}</span>
                <span className={styles.seconds}>{step.seconds === null ? '' : `${step.seconds.toFixed(1)} s`}</span>
                <span className={styles.stepDetail} data-status={step.status}>
                  {step.detail ?? ''}
                </span>
              </div>
            ))}
          </div>
        )}
        {progress !== null && progress.ok !== null && (
          <p className={styles.verdict}>{props.verdict(progress.ok, seconds)}</p>
        )}
      </div>
    </section>
  );
}
