import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import { useDraft } from './draft-context.tsx';
import { FieldProblems } from './field-problems.tsx';
import { SpecTextField } from './fields.tsx';
import styles from './page.module.css';
import { problemsAt } from './problem-places.ts';
import { entriesAt } from './spec-reading.ts';

/** Environment variables of the command: a list of names and values. */
export function EnvironmentEditor(): React.JSX.Element {
  const { view, session, problems, editable } = useDraft();
  const [name, setName] = useState('');
  const entries = entriesAt(view.data, ['environment']);
  const add = (): void => {
    const key = name.trim();
    if (key === '' || entries.some(([taken]) => taken === key)) return;
    session.setField(['environment', key], '1');
    setName('');
  };
  return (
    <div className={styles.block} style={{ gap: 6 }}>
      <span className={styles.fieldLabel}>Environment variables</span>
      {entries.map(([key]) => (
        <div key={key} className={styles.pairWithAction}>
          <span className={styles.mono}>{key}</span>
          <SpecTextField
            path={['environment', key]}
            label={`Value of ${key}`}
            labelHidden
            mono
            toValue={(text) => text}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            disabled={!editable}
            aria-label={`Remove ${key}`}
            onClick={() => session.setField(['environment', key], null)}
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <div className={styles.row}>
        <TextInput
          aria-label="Name of a new environment variable"
          placeholder="OMP_NUM_THREADS"
          disabled={!editable}
          value={name}
          spellCheck={false}
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && add()}
        />
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={!editable || name.trim() === ''}
          onClick={add}
        >
          Add
        </Button>
      </div>
      <FieldProblems problems={problemsAt(problems, '/environment').filter((p) => p.field === '/environment')} />
    </div>
  );
}
