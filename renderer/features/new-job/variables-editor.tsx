import { ActionIcon, Button, NativeSelect, TextInput, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import { plural } from '../../ui/words/number-words.ts';
import { useDraft } from './draft-context.tsx';
import type { SpecChange } from './draft-edits.ts';
import { pointerOf, valueAt } from './draft-edits.ts';
import type { VariableKind, VariableRow } from './factorial.ts';
import { factorialRuns, levelChanges, levelsOf, variableEntry, variableRow } from './factorial.ts';
import { FieldProblems } from './field-problems.tsx';
import { freeName } from './output-kinds.ts';
import styles from './page.module.css';
import { problemsAt } from './problem-places.ts';
import { entriesAt } from './spec-reading.ts';
import table from './table.module.css';

const VARIABLES = ['doe', 'variables'] as const;

/** Variables and their values; every combination of them is a run (full factorial). */
export function VariablesEditor(): React.JSX.Element {
  const { view, session, problems, editable } = useDraft();
  const entries = entriesAt(view.data, VARIABLES);
  const levels = valueAt(view.data, ['doe', 'design', 'levels']);
  const rows = entries.map(([name, entry]) => variableRow(name, entry, levels));
  const runs = factorialRuns(rows);
  const add = (): void => {
    const name = freeName(
      'x',
      entries.map(([taken]) => taken),
    );
    session.setField([...VARIABLES, name], { values: [1, 2] });
  };
  const general = [...problemsAt(problems, '/doe/design'), ...problems.filter((p) => p.field === pointerOf(VARIABLES))];

  return (
    <div className={styles.block}>
      {rows.length > 0 && (
        <div className={table.scroll}>
          <table className={`${table.table} ${table.tight}`}>
            <thead>
              <tr>
                <th>Variable</th>
                <th>Unit</th>
                <th>Given by</th>
                <th>Values</th>
                <th data-number>Levels</th>
                <th>
                  <VisuallyHidden>Remove</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <VariableLine key={i} row={row} rows={rows} entries={entries} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <FieldProblems problems={general} />
      <div className={styles.row}>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={!editable}
          onClick={add}
        >
          Add variable
        </Button>
        {runs !== null && (
          <span className={styles.quiet}>
            {rows.length > 1 ? `${rows.map((row) => levelsOf(row)).join(' × ')} = ` : ''}
            {plural(runs, 'run')}, every combination once
          </span>
        )}
      </div>
    </div>
  );
}

interface LineProps {
  readonly row: VariableRow;
  readonly rows: readonly VariableRow[];
  readonly entries: readonly (readonly [string, unknown])[];
}

function VariableLine({ row, rows, entries }: LineProps): React.JSX.Element {
  const { session, problems, editable } = useDraft();
  const path = [...VARIABLES, row.name];
  const own = problemsAt(problems, pointerOf(path));
  const before = entries.find(([name]) => name === row.name)?.[1];
  const write = (changed: Partial<VariableRow>): void => {
    session.setField(path, variableEntry({ ...row, ...changed }, before));
  };
  const rename = (name: string): void => {
    if (name === row.name || name === '' || entries.some(([taken]) => taken === name)) return;
    const renamed = Object.fromEntries(entries.map(([key, entry]) => [key === row.name ? name : key, entry]));
    session.setFields([{ path: VARIABLES, value: renamed }, ...levelChangesAfterRename(rows, row.name, name)]);
  };
  const cell = (label: string, value: string, change: (text: string) => void, placeholder = ''): React.JSX.Element => (
    <Cell label={`${label} of ${row.name}`} value={value} onChange={change} placeholder={placeholder} />
  );
  return (
    <>
      <tr>
        <td style={{ width: 120 }}>
          <Cell label="Name of the variable" value={row.name} onLeave={rename} field={pointerOf(path)} />
        </td>
        <td style={{ width: 70 }}>{cell('Unit', row.unit, (unit) => write({ unit }))}</td>
        <td style={{ width: 110 }}>
          <NativeSelect
            aria-label={`How ${row.name} is given`}
            disabled={!editable}
            value={row.kind}
            onChange={(event) => write(kindChange(row, event.currentTarget.value as VariableKind))}
            data={[
              { value: 'values', label: 'values' },
              { value: 'range', label: 'range' },
              { value: 'constant', label: 'constant' },
            ]}
          />
        </td>
        <td>
          {row.kind === 'range' ? (
            <div className={styles.row} style={{ flexWrap: 'nowrap' }}>
              {cell('Lowest value', row.min, (min) => write({ min }), 'min')}
              <span className={styles.quiet}>to</span>
              {cell('Highest value', row.max, (max) => write({ max }), 'max')}
              <span className={styles.quiet}>by</span>
              {cell('Step', row.step, (step) => write({ step }), 'step')}
            </div>
          ) : (
            cell(row.kind === 'constant' ? 'Value' : 'Values', row.values, (values) => write({ values }), '2, 2.5, 3')
          )}
        </td>
        <td data-number style={{ width: 76 }}>
          {row.kind === 'range' && row.step === ''
            ? cell('Levels', row.levels, (text) => session.setFields(levelChanges(rows, row.name, text)))
            : (levelsOf(row) ?? '–')}
        </td>
        <td className={table.actions}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            disabled={!editable}
            aria-label={`Remove variable ${row.name}`}
            onClick={() => session.setField(path, null)}
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </td>
      </tr>
      {own.length > 0 && (
        <tr>
          <td colSpan={6}>
            <FieldProblems problems={own} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Keeps what was typed when the kind changes: the ends of a list become a range and the other way round. */
function kindChange(row: VariableRow, kind: VariableKind): Partial<VariableRow> {
  const values = row.values.split(/[,;]/).map((text) => text.trim());
  if (kind === 'range') return { kind, min: values[0] ?? '', max: values.at(-1) ?? '' };
  const listed = row.kind === 'range' ? [row.min, row.max].filter((text) => text !== '').join(', ') : row.values;
  return { kind, values: kind === 'constant' ? (listed.split(',')[0] ?? '') : listed };
}

function levelChangesAfterRename(rows: readonly VariableRow[], from: string, to: string): readonly SpecChange[] {
  const renamed = rows.map((row) => (row.name === from ? { ...row, name: to } : row));
  const levels = renamed.find((row) => row.name === to)?.levels ?? '';
  return levels === '' ? [] : levelChanges(renamed, to, levels);
}

interface CellProps {
  readonly label: string;
  readonly value: string;
  /** Called while typing. */
  readonly onChange?: (text: string) => void;
  /** Called once with the final text when the cell is left or Enter is pressed. */
  readonly onLeave?: (text: string) => void;
  readonly placeholder?: string;
  readonly field?: string;
}

/** A text cell that keeps what is typed while it has the focus. */
function Cell({ label, value, onChange, onLeave, placeholder, field }: CellProps): React.JSX.Element {
  const { session, editable } = useDraft();
  const [typed, setTyped] = useState<string | null>(null);
  const leave = (): void => {
    if (typed !== null) onLeave?.(typed.trim());
    setTyped(null);
    void session.flush();
  };
  return (
    <TextInput
      aria-label={label}
      data-field={field}
      disabled={!editable}
      placeholder={placeholder}
      value={typed ?? value}
      spellCheck={false}
      miw={52}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange?.(event.currentTarget.value);
      }}
      onBlur={leave}
      onKeyDown={(event) => event.key === 'Enter' && leave()}
    />
  );
}
