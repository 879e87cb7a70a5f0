import type { JobState, RunState } from '../../../shared/domain/run-state.ts';
import { StateIcon } from './state-icon.tsx';
import styles from './run-state.module.css';
import { jobTone, runTone, stateWord } from './state-words.ts';
import type { Tone } from './state-words.ts';

function Label({ tone, word }: { readonly tone: Tone; readonly word: string }): React.JSX.Element {
  return (
    <span className={styles.label} style={{ color: `var(--state-${tone}-text)` }}>
      <StateIcon tone={tone} />
      {word}
    </span>
  );
}

/** Icon and word of a run's state. */
export function RunStateLabel({ state }: { readonly state: RunState }): React.JSX.Element {
  return <Label tone={runTone(state)} word={stateWord(state)} />;
}

/** Icon and word of a job's state. */
export function JobStateLabel({ state }: { readonly state: JobState }): React.JSX.Element {
  return <Label tone={jobTone(state)} word={stateWord(state)} />;
}
