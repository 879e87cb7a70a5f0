import { Button, Loader, Menu, UnstyledButton } from '@mantine/core';
import {
  IconChevronDown,
  IconCircleCheck,
  IconDeviceFloppy,
  IconPlayerPlayFilled,
  IconTrash,
} from '@tabler/icons-react';

import type { DraftReport } from '../../../shared/contract/drafts.ts';
import type { Problem, Severity } from '../../../shared/domain/problem.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { plural } from '../../ui/words/number-words.ts';
import { Sentence } from '../../ui/words/sentence.tsx';
import { useDraft } from './draft-context.tsx';
import { SeverityIcon } from './field-problems.tsx';
import { runsSentence } from './job-words.ts';
import styles from './page.module.css';
import { countProblems, placeOf } from './problem-places.ts';
import problemStyles from './problems.module.css';
import { SECTION_TITLES, SectionState, useSectionCounts } from './section.tsx';
import { textAt } from './spec-reading.ts';
import summary from './summary.module.css';

export interface SummaryPanelProps {
  readonly busy: boolean;
  readonly onRun: () => void;
  readonly onSave: () => void;
  readonly onDiscard: () => void;
}

const GROUP_WORDS: Readonly<Record<Severity, readonly [string, string]>> = {
  error: ['error', 'to mend before it can run'],
  warning: ['warning', 'worth a look'],
  info: ['note', ''],
};

/** Beside the form: what will be run, what is in the way, and the buttons. */
export function SummaryPanel({ busy, onRun, onSave, onDiscard }: SummaryPanelProps): React.JSX.Element {
  const { view, problems, totalRuns } = useDraft();
  const { report } = view;
  const counts = countProblems(problems);
  const reason = whyNot(report, view.reading.kind === 'unreadable', counts.error);
  const command = textAt(view.data, ['command']);
  const slots = report?.hardware.slots ?? 1;
  return (
    <aside className={styles.side} aria-label="Summary">
      <div className={styles.sideScroll}>
        <p className={summary.sentence}>
          {totalRuns > 0 ? runsSentence(totalRuns, slots) : report ? 'No runs yet' : 'New job'}
        </p>
        {command !== '' && <p className={summary.command}>{command}</p>}
        <SectionLinks />
        <ProblemList problems={problems} ready={report?.ok === true} />
      </div>
      <div className={styles.sideFooter}>
        {view.failure !== null && <ErrorNote title="The core refused this." error={view.failure} />}
        <Button
          size="sm"
          fullWidth
          leftSection={<IconPlayerPlayFilled size={14} aria-hidden />}
          disabled={reason !== null}
          loading={busy}
          onClick={onRun}
          aria-describedby="run-reason"
        >
          {totalRuns > 0 ? `Run ${plural(totalRuns, 'run')}` : 'Run'}
        </Button>
        <div id="run-reason" className={summary.reason}>
          {view.checking ? (
            <>
              <Loader size={12} aria-hidden /> Checking…
            </>
          ) : (
            (reason ?? 'Everything is checked.')
          )}
        </div>
        <div className={styles.row}>
          <Button
            variant="default"
            flex={1}
            leftSection={<IconDeviceFloppy size={14} aria-hidden />}
            disabled={view.draft?.unsaved !== true}
            onClick={onSave}
          >
            {view.draft?.unsaved === true ? 'Save slipway.yaml' : 'Saved'}
          </Button>
          <Menu position="top-end">
            <Menu.Target>
              <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
                More
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <ProposeItem />
              <Menu.Item leftSection={<IconTrash size={14} aria-hidden />} color="vermilion" onClick={onDiscard}>
                {view.draft?.owned === true ? 'Discard draft and its files' : 'Discard draft (the folder stays)'}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
    </aside>
  );
}

function ProposeItem(): React.JSX.Element {
  const { session } = useDraft();
  return <Menu.Item onClick={() => void session.propose()}>Fill in what is missing from the files</Menu.Item>;
}

/** Why the job cannot be run now; null when it can. */
function whyNot(report: DraftReport | null, unreadable: boolean, errors: number): string | null {
  if (unreadable) return 'slipway.yaml cannot be read.';
  if (!report) return 'Reading the folder…';
  if (errors > 0) return `${plural(errors, 'error')} to mend first.`;
  return report.ok ? null : 'The check found that this job cannot run.';
}

function SectionLinks(): React.JSX.Element {
  return (
    <nav className={summary.sections} aria-label="Sections">
      {(Object.keys(SECTION_TITLES) as (keyof typeof SECTION_TITLES)[]).map((id, i) => (
        <SectionLink key={id} id={id} number={i + 1} />
      ))}
    </nav>
  );
}

function SectionLink({
  id,
  number,
}: {
  readonly id: keyof typeof SECTION_TITLES;
  readonly number: number;
}): React.JSX.Element {
  const { goTo } = useDraft();
  const counts = useSectionCounts(id);
  return (
    <UnstyledButton
      className={summary.section}
      onClick={() => goTo({ section: id, template: null, field: null, line: null, column: null })}
    >
      <span className={summary.number}>{number}</span>
      <span className={summary.title}>{SECTION_TITLES[id]}</span>
      <SectionState counts={counts} />
    </UnstyledButton>
  );
}

/** All problems of the check, the gravest first; each leads to its place. */
function ProblemList({
  problems,
  ready,
}: {
  readonly problems: readonly Problem[];
  readonly ready: boolean;
}): React.JSX.Element | null {
  const { view } = useDraft();
  if (!view.report) return null;
  if (problems.length === 0) {
    return (
      <p className={summary.allRight}>
        <IconCircleCheck size={16} aria-hidden /> {ready ? 'No problems found. Ready to run.' : 'No problems found.'}
      </p>
    );
  }
  return (
    <div className={summary.problems}>
      {(['error', 'warning', 'info'] as const).map((severity) => {
        const group = problems.filter((p) => p.severity === severity);
        if (group.length === 0) return null;
        const [word, what] = GROUP_WORDS[severity];
        return (
          <section key={severity} aria-label={plural(group.length, word)}>
            <h3 className={problemStyles.group}>
              {plural(group.length, word)} {what}
            </h3>
            <ul className={problemStyles.list}>
              {group.map((problem, i) => (
                <li key={i}>
                  <ProblemLink problem={problem} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function ProblemLink({ problem }: { readonly problem: Problem }): React.JSX.Element {
  const { files, goTo } = useDraft();
  const { file, line, column, message, hint, severity, code } = problem;
  const where = [file, line, column].filter((part) => part !== null).join(':');
  return (
    <UnstyledButton className={problemStyles.item} onClick={() => goTo(placeOf(problem, files))}>
      <SeverityIcon severity={severity} />
      <span>
        <span className={problemStyles.message}>
          <Sentence text={message} />
        </span>
        {hint !== null && (
          <span className={problemStyles.hint}>
            {' '}
            <Sentence text={hint} />
          </span>
        )}
        <span className={problemStyles.where}>
          {' '}
          {where} {code}
        </span>
      </span>
    </UnstyledButton>
  );
}
