import { ActionIcon, Button, Menu, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import { plural } from '../../ui/words/number-words.ts';
import { useDraft } from './draft-context.tsx';
import { pointerOf, valueAt } from './draft-edits.ts';
import { FieldProblems, SeverityIcon } from './field-problems.tsx';
import { OutputEditor } from './output-editor.tsx';
import type { OutputKind } from './output-kinds.ts';
import { KIND_TITLES, OUTPUT_KINDS, describeOutput, freeName, kindOfOutput, withKind } from './output-kinds.ts';
import outputStyles from './outputs.module.css';
import styles from './page.module.css';
import { problemsAt } from './problem-places.ts';
import { JobSection } from './section.tsx';
import { entriesAt, textOf } from './spec-reading.ts';
import { SuccessRules } from './success-rules.tsx';

/** Section 6: the values taken from every run, and when a run counts as successful. */
export function OutputsSection(): React.JSX.Element {
  const { view, session, problems, editable, place } = useDraft();
  const entries = entriesAt(view.data, ['outputs']);
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState(place);
  if (asked !== place) {
    setAsked(place);
    const name = /^\/outputs\/([^/]+)/.exec(place?.field ?? '')?.[1];
    if (name !== undefined) setChosen(name.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  const add = (kind: OutputKind): void => {
    const name = freeName(
      'output',
      entries.map(([taken]) => taken),
    );
    session.setField(['outputs', name], withKind({}, kind));
    setChosen(name);
  };
  const rename = (from: string, to: string): void => {
    const renamed = Object.fromEntries(entries.map(([key, entry]) => [key === from ? to : key, entry]));
    session.setField(['outputs'], renamed);
    setChosen(to);
  };

  return (
    <JobSection
      id="outputs"
      summary={entries.length > 0 ? plural(entries.length, 'output') : null}
      actions={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              variant="default"
              size="compact-sm"
              disabled={!editable}
              leftSection={<IconPlus size={14} aria-hidden />}
            >
              Add output
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {OUTPUT_KINDS.map((kind) => (
              <Menu.Item key={kind} onClick={() => add(kind)}>
                {KIND_TITLES[kind]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      }
    >
      <FieldProblems problems={problems.filter((p) => p.field === '/outputs')} />
      {entries.length === 0 ? (
        <span className={styles.quiet}>
          No outputs. An output is a number or text taken from every run's files: it makes the columns of the results
          table.
        </span>
      ) : (
        <div className={outputStyles.list}>
          {entries.map(([name, entry]) => {
            const open = name === chosen;
            const own = problemsAt(problems, pointerOf(['outputs', name]));
            const worst = own.find((p) => p.severity === 'error') ?? own.find((p) => p.severity === 'warning');
            const unit = textOf(valueAt(entry, ['unit']));
            return (
              <div key={name} className={outputStyles.item} data-open={open || undefined}>
                <div className={outputStyles.head}>
                  <UnstyledButton
                    className={outputStyles.toggle}
                    aria-expanded={open}
                    onClick={() => setChosen(open ? null : name)}
                  >
                    <IconChevronRight size={14} aria-hidden className={outputStyles.chevron} />
                    <span className={outputStyles.name}>
                      {name}
                      {unit !== '' && <span className={styles.quiet}> {unit}</span>}
                    </span>
                    <span className={outputStyles.what}>{describeOutput(entry)}</span>
                    {worst && <SeverityIcon severity={worst.severity} />}
                  </UnstyledButton>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={24}
                    disabled={!editable}
                    aria-label={`Remove output ${name}`}
                    onClick={() => session.setField(['outputs', name], null)}
                  >
                    <IconTrash size={14} aria-hidden />
                  </ActionIcon>
                </div>
                {open && (
                  <OutputEditor
                    key={`${name} ${kindOfOutput(entry)}`}
                    name={name}
                    entry={entry}
                    taken={entries.map(([taken]) => taken)}
                    onRename={(to) => rename(name, to)}
                  />
                )}
              </div>
            );
          })}
        </div>
      )}
      <SuccessRules />
    </JobSection>
  );
}
