import { SegmentedControl, Select } from '@mantine/core';
import { useRef } from 'react';

import type { RunsPreview } from '../../../shared/contract/drafts.ts';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import { FieldProblems } from './field-problems.tsx';
import { problemProps } from './fields.tsx';
import { plural } from '../../ui/words/number-words.ts';
import styles from './page.module.css';
import { placeOf } from './problem-places.ts';
import type { RunsSource } from './runs-source.ts';
import { NOTHING_PUT_AWAY, isTableFile, runsSourceOf, sourceChanges } from './runs-source.ts';
import { RunsTable } from './runs-table.tsx';
import { JobSection } from './section.tsx';
import { textAt } from './spec-reading.ts';
import { VariablesEditor } from './variables-editor.tsx';

/** Section 2: where the runs come from, and what they are. */
export function RunsSection(): React.JSX.Element {
  const { view, session, problems, files, editable } = useDraft();
  const source = runsSourceOf(view.data);
  const preview = view.report?.runs ?? null;
  const put = useRef(NOTHING_PUT_AWAY);
  const inFile = problems.filter((p) => p.file !== null && p.file === files.runsFile && p.field === undefined);
  const general = [...useFieldProblems(['doe']), ...useFieldProblems(['type'])];

  const change = (next: RunsSource): void => {
    const tables = view.report?.files.filter((f) => isTableFile(f.path) && f.role !== 'spec').map((f) => f.path) ?? [];
    const { changes, putAway } = sourceChanges(view.data, next, tables, put.current);
    put.current = putAway;
    session.setFields(changes);
  };

  return (
    <JobSection
      id="runs"
      summary={
        preview && preview.total > 0 && source !== 'one'
          ? `${plural(preview.total, 'run')}, ${plural(preview.columns.length, 'variable')}`
          : null
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Where the runs come from"
          disabled={!editable}
          value={source}
          onChange={(value) => change(value as RunsSource)}
          data={[
            { value: 'file', label: 'Run definition file' },
            { value: 'variables', label: 'Variables' },
            { value: 'one', label: 'One run' },
          ]}
        />
      }
    >
      <FieldProblems problems={general} />
      {source === 'file' && <RunsFile />}
      {source === 'variables' && <VariablesEditor />}
      {source === 'one' && (
        <span className={styles.quiet}>The command runs once, with the input files as they are.</span>
      )}
      {inFile.length > 0 && (
        <FieldProblems
          problems={inFile.map((p) => ({
            ...p,
            message:
              p.line === null || /\b(line|row)s? \d/i.test(p.message) ? p.message : `Line ${p.line}: ${p.message}`,
          }))}
        />
      )}
      {source !== 'one' && preview && preview.columns.length > 0 && <Preview preview={preview} />}
    </JobSection>
  );
}

function Preview({ preview }: { readonly preview: RunsPreview }): React.JSX.Element {
  const { run, setRun, problems, files } = useDraft();
  const lines = problems.filter((p) => placeOf(p, files).section === 'runs' && p.line !== null);
  const more = preview.total - preview.rows.length;
  return (
    <div className={styles.block}>
      <RunsTable preview={preview} run={run} onRun={setRun} />
      <span className={styles.label}>
        {more > 0 ? `The first ${preview.rows.length} of ${plural(preview.total, 'run')}. ` : ''}
        {lines.length > 0 ? '' : 'Click a row to see its files and command below.'}
      </span>
    </div>
  );
}

function RunsFile(): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const problems = useFieldProblems(['doe', 'runs']);
  const value = textAt(view.data, ['doe', 'runs']);
  const found = view.report?.files.filter((f) => isTableFile(f.path)).map((f) => f.path) ?? [];
  const data = found.includes(value) || value === '' ? found : [value, ...found];
  return (
    <Select
      label="Run definition file"
      description="A CSV: the header names the variables, every further line is a run."
      placeholder={data.length > 0 ? 'Choose a CSV of this folder' : 'There is no CSV in this folder yet: drop one'}
      data={data}
      value={value === '' ? null : value}
      disabled={!editable}
      allowDeselect={false}
      onChange={(path) => path !== null && session.setField(['doe', 'runs'], path)}
      data-field="/doe/runs"
      maw={460}
      {...problemProps(problems)}
    />
  );
}
