import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import type { SiteTestStep } from '../../../shared/contract/sites.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../ui/run-state/state-icon.tsx';
import type { Tone } from '../../ui/run-state/state-words.ts';
import styles from './sites-page.module.css';

const TONES: Record<SiteTestStep['status'], Tone> = {
  running: 'running',
  ok: 'done',
  failed: 'failed',
  skipped: 'planned',
};

/** Proves the site by a one-second job from end to end; its steps are shown while they happen. */
export function SiteTest({ site }: { readonly site: string }): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const [steps, setSteps] = useState<readonly SiteTestStep[]>([]);
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const run = async (): Promise<void> => {
    const abort = new AbortController();
    stop.current = abort;
    setRunning(true);
    setProblem(null);
    setSteps([]);
    try {
      for await (const item of core.sites.test({ site }, { signal: abort.signal })) setSteps(item.steps);
    } catch (error) {
      if (!abort.signal.aborted) setProblem(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <section className={styles.section} aria-labelledby="site-test">
      <h2 id="site-test">Test</h2>
      <div className={styles.actions}>
        <Button variant="default" disabled={stale} loading={running} onClick={() => void run()}>
          Run a one-second job
        </Button>
      </div>
      {problem !== null && <ErrorNote title="The test did not run." error={problem} />}
      <ul className={styles.steps} aria-live="polite">
        {steps.map((step) => (
          <li key={step.id} className={styles.step}>
            <StateIcon tone={TONES[step.status]} size={14} />
            <span>{step.title}</span>
            {step.seconds !== null && <span className={styles.quiet}>{step.seconds.toFixed(1)} s</span>}
            {step.detail !== null && <span className={styles.quiet}>{step.detail}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
