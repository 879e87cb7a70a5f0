import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import type { SiteTestStep } from '../../../shared/contract/sites.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import type { Tone } from '../../ui/run-state/state-words.ts';
import styles from '../../ui/list-detail/list-detail.module.css';

const TONES: Record<SiteTestStep['status'], Tone> = {
  running: 'running',
  ok: 'done',
  failed: 'failed',
  skipped: 'planned',
};

interface Progress {
  readonly steps: readonly SiteTestStep[];
  /** Null while it goes on. */
  readonly ok: boolean | null;
}

/** Proves the site by a one-second job from end to end; its steps are shown while they happen. */
export function SiteTest({ site }: { readonly site: string }): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const [progress, setProgress] = useState<Progress | null>(null);
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
      for await (const item of core.sites.test({ site }, { signal: abort.signal })) setProgress(item);
    } catch (error) {
      if (!abort.signal.aborted) setProblem(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <section className={styles.section} aria-labelledby="site-test">
      <div className={styles.sectionHead}>
        <h2 id="site-test">Test</h2>
        <div className={styles.actions}>
          {running && (
            <Button variant="subtle" size="compact-xs" onClick={() => stop.current?.abort()}>
              Stop
            </Button>
          )}
          <Button variant="default" size="compact-xs" disabled={stale || running} onClick={() => void run()}>
            Run a one-second job
          </Button>
        </div>
      </div>
      {problem !== null && <ErrorNote title="The test did not run." error={problem} />}
      <div aria-live="polite">
        {progress === null && problem === null && (
          <p className={styles.quiet}>
            A job of one second goes all the way: files there, through the scheduler, results back. It does not stay in
            the list of jobs.
          </p>
        )}
        {progress !== null && (
          <div className={styles.steps} role="list">
            {progress.steps.map((step) => (
              <div key={step.id} className={styles.step} role="listitem">
                <StateIcon tone={TONES[step.status]} size={14} />
                <span>{step.title}</span>
                <span className={styles.seconds}>{step.seconds === null ? '' : `${step.seconds.toFixed(1)} s`}</span>
                <span className={styles.stepDetail}>{step.detail ?? ''}</span>
              </div>
            ))}
          </div>
        )}
        {progress !== null && progress.ok !== null && <Verdict site={site} progress={progress} />}
      </div>
    </section>
  );
}

function Verdict({ site, progress }: { readonly site: string; readonly progress: Progress }): React.JSX.Element {
  const seconds = progress.steps.reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  return (
    <p className={styles.verdict}>
      {progress.ok === true
        ? `${site} works: ${formatDuration(seconds)} from end to end.`
        : `${site} does not work yet. The failed step says why.`}
    </p>
  );
}
