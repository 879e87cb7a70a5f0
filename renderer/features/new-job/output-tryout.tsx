import { IconCircleCheck } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';

import type { CoreClient } from '../../../shared/contract/index.ts';
import type { CodeMark } from '../../ui/code-view/code-marks.ts';
import { CodeView } from '../../ui/code-view/code-view.tsx';
import { plural } from '../../ui/words/number-words.ts';
import { useDraft } from './draft-context.tsx';
import { valueAt } from './draft-edits.ts';
import { FieldProblems } from './field-problems.tsx';
import outputStyles from './outputs.module.css';
import styles from './page.module.css';
import { SampleSource } from './sample-source.tsx';
import { useSampleStore } from './sample-store.ts';
import { textOf } from './spec-reading.ts';

type Trial = Awaited<ReturnType<CoreClient['drafts']['tryOutput']>>;

/** Milliseconds without a change before the output is tried again. */
const PAUSE = 250;

/** Tries an output on an example of its file: matches are marked in the text, the value stands above. */
export function OutputTryout({ name, entry }: { readonly name: string; readonly entry: unknown }): React.JSX.Element {
  const { view } = useDraft();
  const file = textOf(valueAt(entry, ['file'])) || 'stdout';
  const key = `${view.draft?.id ?? ''} ${file}`;
  const sample = useSampleStore((state) => state.samples.get(key)) ?? null;
  const put = useSampleStore((state) => state.put);
  const text = sample?.text ?? '';
  const { trial, failure } = useTrial(name, text);
  const marks = useMemo(
    () => trial?.matches.map((m): CodeMark => ({ ...m, kind: m.used ? 'used' : 'match' })) ?? [],
    [trial],
  );
  // The editor goes to the value once per sample, and leaves the person alone afterwards.
  const used = trial?.matches.find((match) => match.used) ?? null;

  return (
    <div className={outputStyles.try}>
      <SampleSource file={file} sample={sample} onSample={(next) => put(key, next)} />
      {text !== '' && (
        <div className={outputStyles.result} aria-live="polite">
          <TrialResult trial={trial} failure={failure} unit={textOf(valueAt(entry, ['unit']))} />
        </div>
      )}
      {text !== '' && trial && <FieldProblems problems={trial.problems} />}
      <CodeView
        value={text}
        label={`Sample of ${file}`}
        placeholder={`Paste or drop an example of ${file} here`}
        marks={marks}
        show={used?.offset ?? null}
        minHeight="72px"
        maxHeight="260px"
        onChange={(next) => put(key, { text: next, source: null })}
      />
    </div>
  );
}

interface ResultProps {
  readonly trial: Trial | null;
  readonly failure: string | null;
  readonly unit: string;
}

function TrialResult({ trial, failure, unit }: ResultProps): React.JSX.Element {
  if (failure !== null) return <span>{failure}</span>;
  if (!trial) return <span className={styles.quiet}>Looking…</span>;
  const found = trial.matches.length;
  if (trial.value === null) {
    return (
      <span className={styles.quiet}>
        {found === 0 ? 'No match in this sample.' : `${plural(found, 'match', 'matches')}, no value.`}
      </span>
    );
  }
  return (
    <>
      <IconCircleCheck size={14} aria-hidden className={outputStyles.found} />
      <span className={outputStyles.value}>{String(trial.value)}</span>
      {unit !== '' && <span className={styles.quiet}>{unit}</span>}
      <span className={styles.label}>
        {found > 1 ? `${plural(found, 'match', 'matches')}; the marked one is used` : plural(found, 'match', 'matches')}
      </span>
    </>
  );
}

interface TrialState {
  /** The revision of the draft that was tried. */
  readonly revision: number;
  readonly trial: Trial | null;
  readonly failure: string | null;
}

/** Asks the core for the value of an output in a text; the newest question alone gets an answer. */
function useTrial(name: string, text: string): TrialState {
  const { client, session, view } = useDraft();
  const [answer, setAnswer] = useState<TrialState>({ revision: 0, trial: null, failure: null });
  const draft = view.draft?.id;
  const { revision } = view;
  useEffect(() => {
    if (draft === undefined || text === '') return;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      await session.flush();
      const trial = await client.drafts.tryOutput({ draft, output: name, text }, { signal: stop.signal });
      if (!stop.signal.aborted) setAnswer({ revision, trial, failure: null });
    };
    const timer = setTimeout(() => {
      ask().catch((error: unknown) => {
        if (!stop.signal.aborted)
          setAnswer({ revision, trial: null, failure: error instanceof Error ? error.message : String(error) });
      });
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [client, session, draft, name, text, revision]);
  return answer;
}
