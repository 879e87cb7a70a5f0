import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import { useDraft, useFieldProblems } from './draft-context.tsx';
import type { SpecPath } from './draft-edits.ts';
import { pointerOf, valueAt } from './draft-edits.ts';
import { SpecTextField, problemProps } from './fields.tsx';
import outputStyles from './outputs.module.css';
import styles from './page.module.css';
import { listAt, scalarOf, textOf } from './spec-reading.ts';

/** When a run counts as successful, and which of its files are kept. */
export function SuccessRules(): React.JSX.Element {
  return (
    <>
      <h3 className={outputStyles.sub}>A run is successful when</h3>
      <div className={styles.fields}>
        <ListField path={['success', 'exitCodes']} label="Its exit code is" placeholder="0" />
        <ListField path={['success', 'mustExist']} label="These files exist" placeholder="none" mono />
        <ListField
          path={['keep']}
          label="Files that are kept"
          placeholder="everything new or changed; or *.dat, *.frd"
          className={styles.half}
          mono
        />
      </div>
      <MatchRules path={['success', 'mustMatch']} title="These patterns are found" regex="Job finished" />
      <MatchRules path={['success', 'mustNotMatch']} title="These patterns are not found" regex={'\\*ERROR'} />
    </>
  );
}

interface MatchRulesProps {
  readonly path: SpecPath;
  readonly title: string;
  /** Pattern of a new rule. */
  readonly regex: string;
}

function MatchRules({ path, title, regex }: MatchRulesProps): React.JSX.Element {
  const { view, session, editable } = useDraft();
  const rules = listAt(view.data, path);
  const isList = Array.isArray(valueAt(view.data, path));
  // One rule may stand there without a list around it.
  const placeOfRule = (i: number): SpecPath => (isList ? [...path, i] : path);
  return (
    <div className={styles.block} style={{ gap: 6 }}>
      <div className={styles.row}>
        <span className={styles.fieldLabel}>{title}</span>
        <Button
          variant="subtle"
          size="compact-xs"
          disabled={!editable}
          leftSection={<IconPlus size={12} aria-hidden />}
          onClick={() => session.setField(path, [...rules, { file: 'stdout', regex }])}
        >
          Add
        </Button>
      </div>
      {rules.map((_, i) => (
        <div key={i} className={outputStyles.rule}>
          <SpecTextField
            path={[...placeOfRule(i), 'file']}
            label={`File of rule ${i + 1}`}
            labelHidden
            mono
            placeholder="stdout"
          />
          <SpecTextField
            path={[...placeOfRule(i), 'regex']}
            label={`Pattern of rule ${i + 1}`}
            labelHidden
            mono
            placeholder="regular expression"
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            disabled={!editable}
            aria-label={`Remove rule ${i + 1}: ${title}`}
            onClick={() => session.setField(path, rules.length > 1 ? rules.filter((__, at) => at !== i) : null)}
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
    </div>
  );
}

interface ListFieldProps {
  readonly path: SpecPath;
  readonly label: string;
  readonly placeholder: string;
  readonly mono?: boolean;
  readonly className?: string;
}

/** A list as one line: `0, 2`. */
function ListField({ path, label, placeholder, mono = false, className }: ListFieldProps): React.JSX.Element {
  const { view, session, problems, editable } = useDraft();
  const own = useFieldProblems(path);
  const pointer = pointerOf(path);
  const inside = problems.filter((p) => p.field?.startsWith(`${pointer}/`));
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextInput
      className={className}
      label={label}
      placeholder={placeholder}
      disabled={!editable}
      value={typed ?? listAt(view.data, path).map(textOf).join(', ')}
      spellCheck={false}
      {...(mono ? { styles: { input: { fontFamily: 'var(--font-mono)' } } } : {})}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const items = text
          .split(',')
          .map(scalarOf)
          .filter((item) => item !== null);
        session.setField(path, items.length > 0 ? items : null);
      }}
      onBlur={() => {
        setTyped(null);
        void session.flush();
      }}
      data-field={pointer}
      {...problemProps([...own, ...inside])}
    />
  );
}
