import { ActionIcon, Select, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import { TEMPLATE_DIALECTS } from '../../../shared/domain/job-spec/job-spec.ts';
import { defaultTarget } from '../../../shared/domain/template/dialects.ts';
import { plural } from '../../ui/words/number-words.ts';
import { useDraft, useFieldProblems } from './draft-context.tsx';
import type { SpecPath } from './draft-edits.ts';
import { pointerOf, valueAt } from './draft-edits.ts';
import { FieldProblems } from './field-problems.tsx';
import { problemProps } from './fields.tsx';
import { roleChanges } from './file-roles.ts';
import styles from './page.module.css';
import { problemsAt } from './problem-places.ts';
import { JobSection } from './section.tsx';
import { listAt, textOf } from './spec-reading.ts';
import { TemplateView } from './template-view.tsx';
import templateStyles from './templates.module.css';

const TEMPLATES = ['doe', 'templates'] as const;

/** Section 3: the templates, and for the chosen one its text, what it becomes for a run, and the difference. */
export function TemplatesSection(): React.JSX.Element {
  const { view, problems, template } = useDraft();
  const entries = listAt(view.data, TEMPLATES);
  const fromOf = (entry: unknown): string => (typeof entry === 'string' ? entry : textOf(valueAt(entry, ['from'])));
  const shown = entries[template] === undefined ? null : fromOf(entries[template]);
  const report = view.report?.templates.find((t) => t.from === shown) ?? null;
  const general = problems.filter((p) => p.field === pointerOf(TEMPLATES));

  return (
    <JobSection
      id="templates"
      summary={entries.length > 0 ? plural(entries.length, 'template') : null}
      actions={<AddTemplate taken={entries.map(fromOf)} />}
    >
      <FieldProblems problems={general} />
      {entries.length === 0 ? (
        <span className={styles.quiet}>
          No templates. A template is an input file with placeholders such as <code>{'${width}'}</code>; every run gets
          its own processed copy. Values can also go into the command.
        </span>
      ) : (
        <div className={templateStyles.list} role="group" aria-label="Templates">
          {entries.map((entry, i) => (
            <TemplateRow key={i} index={i} entry={entry} from={fromOf(entry)} />
          ))}
        </div>
      )}
      {report && <TemplateView key={report.from} report={report} index={template} />}
    </JobSection>
  );
}

interface RowProps {
  readonly index: number;
  readonly entry: unknown;
  readonly from: string;
}

function TemplateRow({ index, entry, from }: RowProps): React.JSX.Element {
  const { view, session, problems, template, setTemplate, editable } = useDraft();
  const path = [...TEMPLATES, index];
  const report = view.report?.templates.find((t) => t.from === from);
  const dialectProblems = useFieldProblems([...path, 'dialect']);
  const own = problemsAt(problems, pointerOf(path)).filter(
    (p) => p.field !== pointerOf([...path, 'to']) && p.file !== from,
  );
  const inText = problems.filter((p) => p.file === from && p.severity !== 'info').length;
  const isText = typeof entry === 'string';
  // A template written as a bare name has no keys that could be changed: it is written out first.
  const write = (key: 'to' | 'dialect', value: unknown): void => {
    if (isText) session.setField(path, { from, to: defaultTarget(from), ...(value === null ? {} : { [key]: value }) });
    else session.setField([...path, key], value);
  };
  return (
    <div className={templateStyles.row} data-active={index === template || undefined}>
      <UnstyledButton
        className={templateStyles.name}
        aria-pressed={index === template}
        onClick={() => setTemplate(index)}
        title="Show this template"
      >
        <span className={styles.mono}>{from}</span>
        <span className={styles.label}>
          {report ? placeholderWords(report.placeholders.length) : view.report && 'not readable'}
          {inText > 0 ? ` · ${plural(inText, 'problem')}` : ''}
        </span>
      </UnstyledButton>
      <IconArrowRight size={14} className={templateStyles.arrow} aria-hidden />
      <TargetField
        from={from}
        value={isText ? '' : textOf(valueAt(entry, ['to']))}
        usual={report?.to ?? defaultTarget(from)}
        path={[...path, 'to']}
        onChange={(to) => write('to', to)}
      />
      <Select
        aria-label={`Dialect of ${from}`}
        data={[
          { value: '', label: report ? `automatic: ${report.dialect}` : 'automatic' },
          ...TEMPLATE_DIALECTS.map((dialect) => ({ value: dialect as string, label: dialect as string })),
        ]}
        value={isText ? '' : textOf(valueAt(entry, ['dialect']))}
        allowDeselect={false}
        disabled={!editable}
        onChange={(value) => write('dialect', value === '' ? null : value)}
        data-field={pointerOf([...path, 'dialect'])}
        error={dialectProblems.length > 0}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size={24}
        disabled={!editable}
        aria-label={`Stop using ${from} as template`}
        onClick={() => {
          session.setField(path, null);
          setTemplate(0);
        }}
      >
        <IconTrash size={14} aria-hidden />
      </ActionIcon>
      {own.length + dialectProblems.length > 0 && (
        <div className={templateStyles.problems}>
          <FieldProblems problems={own} />
        </div>
      )}
    </div>
  );
}

interface TargetProps {
  readonly from: string;
  readonly value: string;
  /** The name that is used when none is given. */
  readonly usual: string;
  readonly path: SpecPath;
  readonly onChange: (to: string | null) => void;
}

function TargetField({ from, value, usual, path, onChange }: TargetProps): React.JSX.Element {
  const { session, editable } = useDraft();
  const problems = useFieldProblems(path);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      aria-label={`Name of the processed file of ${from}`}
      placeholder={usual}
      disabled={!editable}
      value={typed ?? value}
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--font-mono)' } }}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(event.currentTarget.value.trim() === '' ? null : event.currentTarget.value);
      }}
      onBlur={() => {
        setTyped(null);
        void session.flush();
      }}
      data-field={pointerOf(path)}
      {...problemProps(problems)}
    />
  );
}

function placeholderWords(count: number): string {
  return count === 0 ? 'no placeholders' : plural(count, 'placeholder');
}

function AddTemplate({ taken }: { readonly taken: readonly string[] }): React.JSX.Element {
  const { view, session, editable, setTemplate } = useDraft();
  const files = view.report?.files ?? [];
  const free = files
    .filter((f) => f.kind === 'file' && (f.role === 'unused' || f.role === 'input') && !taken.includes(f.path))
    .map((f) => f.path);
  return (
    <Select
      aria-label="Add a template"
      placeholder="Add a template…"
      searchable
      data={free.slice(0, 500)}
      value={null}
      disabled={!editable || free.length === 0}
      nothingFoundMessage="No such file"
      onChange={(path) => {
        if (path === null) return;
        session.setFields(roleChanges(view.data, path, 'template'));
        setTemplate(taken.length);
      }}
      w={180}
      comboboxProps={{ width: 320, position: 'bottom-end' }}
    />
  );
}
