import { Select, TextInput } from '@mantine/core';
import { useState } from 'react';

import { hasErrors } from '../../../shared/domain/problem.ts';
import { DELIMITERS, REDUCTIONS } from '../../../shared/domain/outputs/output-spec.ts';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import type { SpecPath } from './draft-edits.ts';
import { pointerOf, valueAt } from './draft-edits.ts';
import { FieldProblems } from './field-problems.tsx';
import { SpecTextField, problemProps } from './fields.tsx';
import type { OutputKind } from './output-kinds.ts';
import { KIND_TITLES, OUTPUT_KINDS, kindOfOutput, readsFile, withKind } from './output-kinds.ts';
import { OutputTryout } from './output-tryout.tsx';
import outputStyles from './outputs.module.css';
import styles from './page.module.css';
import { scalarOf, textAt, textOf } from './spec-reading.ts';

export interface OutputEditorProps {
  readonly name: string;
  readonly entry: unknown;
  /** Names of all outputs. */
  readonly taken: readonly string[];
  readonly onRename: (to: string) => void;
}

const DELIMITER_WORDS: Readonly<Record<string, string>> = {
  whitespace: 'white space',
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'bar |',
};

/** The fields of one output by its kind, and the try-out on a sample below. */
export function OutputEditor({ name, entry, taken, onRename }: OutputEditorProps): React.JSX.Element {
  const { session, editable } = useDraft();
  const path: SpecPath = ['outputs', name];
  const kind = kindOfOutput(entry);
  const own = useFieldProblems(path);
  return (
    <div className={outputStyles.editor} data-field={pointerOf(path)}>
      <FieldProblems problems={own} />
      <div className={styles.fields}>
        <NameField name={name} taken={taken} onRename={onRename} />
        <Select
          label="Taken by"
          data={OUTPUT_KINDS.map((value) => ({ value, label: KIND_TITLES[value] }))}
          value={kind}
          allowDeselect={false}
          disabled={!editable}
          onChange={(value) => value !== null && session.setField(path, withKind(entry, value as OutputKind))}
        />
        {readsFile(kind) && (
          <SpecTextField path={[...path, 'file']} label="File of the run" placeholder="stdout" mono />
        )}
        {kind !== 'tsv' && <SpecTextField path={[...path, 'unit']} label="Unit" placeholder="none" />}
        <KindFields kind={kind} path={path} />
        {kind !== 'tsv' && kind !== 'builtin' && <ExpectFields path={path} />}
      </div>
      {readsFile(kind) && <OutputTryout name={name} entry={entry} />}
    </div>
  );
}

function KindFields({ kind, path }: { readonly kind: OutputKind; readonly path: SpecPath }): React.JSX.Element | null {
  switch (kind) {
    case 'regex':
      return (
        <>
          <SpecTextField
            path={[...path, 'regex']}
            label="Regular expression"
            description="^ and $ match at every line; the group in ( ) is the value"
            className={styles.wide}
            mono
          />
          <SpecTextField path={[...path, 'group']} label="Group" placeholder="1" toValue={scalarOf} />
          <SpecTextField
            path={[...path, 'occurrence']}
            label="Which match"
            placeholder="the only one; first, last, 2, -1"
            toValue={scalarOf}
          />
          <ReduceField path={path} what="matches" />
        </>
      );
    case 'table':
      return (
        <>
          <SpecTextField
            path={[...path, 'column']}
            label="Column"
            placeholder="name, or number from 1"
            mono
            toValue={scalarOf}
          />
          <SpecTextField
            path={[...path, 'row']}
            label="Row"
            placeholder="the only one; first, last, 2"
            toValue={scalarOf}
          />
          <ChoiceField
            path={[...path, 'delimiter']}
            label="Columns divided by"
            placeholder="white space"
            options={DELIMITERS.map((value) => ({ value, label: DELIMITER_WORDS[value] ?? value }))}
          />
          <SpecTextField path={[...path, 'skip']} label="Lines to skip" placeholder="0" toValue={scalarOf} />
          <ReduceField path={path} what="rows" />
        </>
      );
    case 'json':
      return (
        <>
          <SpecTextField
            path={[...path, 'json']}
            label="JSON pointer"
            placeholder="/result/tip"
            mono
            className={styles.half}
          />
          <ReduceField path={path} what="items" />
        </>
      );
    case 'expr':
      return (
        <SpecTextField
          path={[...path, 'expr']}
          label="Expression"
          description="of variables and other outputs, such as hypot(uy, uz)"
          mono
          className={styles.wide}
        />
      );
    case 'builtin':
      return (
        <ChoiceField
          path={[...path, 'builtin']}
          label="Value"
          options={[
            { value: 'wallSeconds', label: 'wall time, s' },
            { value: 'exitCode', label: 'exit code' },
          ]}
        />
      );
    case 'tsv':
      return (
        <span className={`${styles.label} ${styles.wide}`}>
          Every line <code>name⇥value</code> of the file becomes an output of that name.
        </span>
      );
  }
}

function ReduceField({ path, what }: { readonly path: SpecPath; readonly what: string }): React.JSX.Element {
  return (
    <ChoiceField
      path={[...path, 'reduce']}
      label={`All ${what} into one`}
      placeholder="no"
      clearable
      options={REDUCTIONS.map((value) => ({ value, label: value }))}
    />
  );
}

interface ChoiceProps {
  readonly path: SpecPath;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly placeholder?: string;
  readonly clearable?: boolean;
}

function ChoiceField({ path, label, options, placeholder, clearable = false }: ChoiceProps): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const problems = useFieldProblems(path);
  const value = textAt(view.data, path);
  return (
    <Select
      label={label}
      data={[...options]}
      value={value === '' ? null : value}
      placeholder={placeholder}
      clearable={clearable}
      allowDeselect={clearable}
      disabled={!editable}
      data-field={pointerOf(path)}
      onChange={(chosen) => session.setField(path, chosen)}
      {...problemProps(problems)}
    />
  );
}

function NameField({
  name,
  taken,
  onRename,
}: Pick<OutputEditorProps, 'name' | 'taken' | 'onRename'>): React.JSX.Element {
  const { editable } = useDraft();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? name;
  const clash = text !== name && taken.includes(text.trim());
  const leave = (): void => {
    const next = text.trim();
    setTyped(null);
    if (next !== '' && next !== name && !clash) onRename(next);
  };
  return (
    <TextInput
      label="Name"
      value={text}
      disabled={!editable}
      error={clash ? `There is an output ${text.trim()} already.` : undefined}
      spellCheck={false}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={leave}
      onKeyDown={(event) => event.key === 'Enter' && leave()}
    />
  );
}

/** The plausible range; a value outside fails the run. Either end may stay open. */
function ExpectFields({ path }: { readonly path: SpecPath }): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const field = [...path, 'expect'];
  const problems = useFieldProblems(field);
  const [typed, setTyped] = useState<readonly [string, string] | null>(null);
  const ends: readonly [string, string] = typed ?? [endText(view.data, field, 0), endText(view.data, field, 1)];
  const change = (next: readonly [string, string]): void => {
    setTyped(next);
    const [least, most] = [scalarOf(next[0]), scalarOf(next[1])];
    session.setField(field, least === null && most === null ? null : [least, most]);
  };
  const leave = (): void => {
    setTyped(null);
    void session.flush();
  };
  const end = (label: string, i: 0 | 1): React.JSX.Element => (
    <TextInput
      aria-label={label}
      placeholder={i === 0 ? 'lowest' : 'highest'}
      disabled={!editable}
      value={ends[i]}
      error={hasErrors(problems)}
      onChange={(event) => {
        const text = event.currentTarget.value;
        change(i === 0 ? [text, ends[1]] : [ends[0], text]);
      }}
      onBlur={leave}
    />
  );
  return (
    <div className={styles.half} data-field={pointerOf(field)} role="group" aria-label="Plausible range">
      <span className={styles.fieldLabel}>Plausible range</span>
      <div className={outputStyles.range}>
        {end('Lowest plausible value', 0)}
        <span className={styles.quiet}>to</span>
        {end('Highest plausible value', 1)}
      </div>
      <FieldProblems problems={problems} />
    </div>
  );
}

function endText(data: unknown, field: SpecPath, end: 0 | 1): string {
  return textOf(valueAt(data, [...field, end]));
}
