import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconArrowBarToDown, IconChevronDown, IconChevronUp, IconCopy, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState, useSyncExternalStore } from 'react';

import { useConnection, useStale } from '../../../api/core-context.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { useNoticeStore } from '../../../ui/notice/notice-store.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { TextLines } from '../../../ui/text/text-lines.tsx';
import { plural } from '../../../ui/words/number-words.ts';
import { findInLines, markLine, MOST_MATCHES } from './log-search.ts';
import type { LogMatch } from './log-search.ts';
import { LogTail, SHOWN_BYTES } from './log-tail.ts';
import type { LogView as LogFacts } from './log-tail.ts';
import styles from './log-view.module.css';
import { useAttemptGeneration } from './use-attempt-generation.ts';

export interface LogViewProps {
  readonly job: string;
  readonly run: number;
  /** How many attempts the run has had; null = not known yet. A new one writes new files. */
  readonly attempt: number | null;
  /** Path in the run's folder. */
  readonly file: string;
  /** Stands before the search field: what chooses the file. */
  readonly chooser?: React.ReactNode;
}

/** The end of a file, following it while it grows, as long as it is scrolled to the end. */
export function LogView({ job, run, attempt, file, chooser }: LogViewProps): React.JSX.Element {
  const connection = useConnection();
  const generation = useAttemptGeneration(run, attempt);
  const tail = useMemo(
    () => new LogTail(connection, { job, run, file, generation }),
    [connection, job, run, file, generation],
  );
  const view = useSyncExternalStore(tail.subscribe, tail.getSnapshot);
  const { lines } = view;
  const stale = useStale();
  const say = useNoticeStore((state) => state.say);
  const [follow, setFollow] = useState(true);
  const [query, setQuery] = useState('');
  const [position, setPosition] = useState(0);
  const [shown, setShown] = useState(tail);
  if (shown !== tail) {
    setShown(tail);
    setFollow(true);
    setPosition(0);
  }
  const text = useDeferredValue(query);
  const matches = useMemo(() => findInLines(lines, text), [lines, text]);
  const at = matches[Math.min(position, matches.length - 1)];

  const step = (by: number): void => {
    setFollow(false);
    if (matches.length > 0)
      setPosition((Math.min(position, matches.length - 1) + by + matches.length) % matches.length);
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(lines.join('\n'));
    say(`Copied ${plural(lines.length, 'line')} of ${file}`);
  };

  return (
    <div className={styles.log}>
      <div className={styles.tools}>
        {chooser}
        <TextInput
          className={styles.search}
          value={query}
          aria-label="Search in the output"
          placeholder="Search"
          leftSection={<IconSearch size={14} aria-hidden />}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setPosition(0);
            setFollow(false);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
            if (event.key === 'Escape') setQuery('');
          }}
        />
        {text !== '' && (
          <>
            <span className={styles.quiet} role="status">
              {matchText(matches, position)}
            </span>
            <ActionIcon variant="subtle" color="gray" size={24} aria-label="Previous match" onClick={() => step(-1)}>
              <IconChevronUp size={15} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" size={24} aria-label="Next match" onClick={() => step(1)}>
              <IconChevronDown size={15} />
            </ActionIcon>
          </>
        )}
        <span className={styles.spacer} />
        {view.phase === 'following' && !stale && <span className={styles.live}>live</span>}
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          aria-label="Copy what is shown"
          title="Copy what is shown"
          disabled={lines.length === 0}
          onClick={() => void copy()}
        >
          <IconCopy size={15} />
        </ActionIcon>
      </div>
      {view.phase === 'problem' && <ErrorNote title={`${file} cannot be read.`} error={view.problem} />}
      {view.phase === 'unreachable' && (
        <div className={styles.away} role="status">
          Not live: the site does not answer. What was read before is shown; the rest comes when it answers again.
        </div>
      )}
      {view.cut && <div className={styles.cut}>Only the last {formatBytes(SHOWN_BYTES)} are shown.</div>}
      <div className={styles.frame}>
        <TextLines
          role="log"
          label={`${file} of run ${run}`}
          lines={lines}
          atEnd={follow}
          onAtEnd={setFollow}
          target={at?.line ?? null}
          className={styles.lines}
          renderLine={(content, index) => (
            <Line text={content} query={text} current={at?.line === index ? at.column : null} />
          )}
        >
          {lines.length === 0 && <p className={styles.empty}>{emptyText(view.phase, file)}</p>}
        </TextLines>
        {!follow && lines.length > 0 && (
          <Button
            className={styles.end}
            size="compact-xs"
            variant="default"
            leftSection={<IconArrowBarToDown size={14} aria-hidden />}
            onClick={() => setFollow(true)}
          >
            Jump to the end
          </Button>
        )}
      </div>
    </div>
  );
}

interface LineProps {
  readonly text: string;
  readonly query: string;
  /** Column of the match that was jumped to. */
  readonly current: number | null;
}

function Line({ text, query, current }: LineProps): React.ReactNode {
  if (query === '') return text;
  return markLine(text, query).map((piece) =>
    piece.match ? (
      <mark key={piece.column} className={styles.mark} data-current={piece.column === current || undefined}>
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  );
}

function matchText(matches: readonly LogMatch[], position: number): string {
  if (matches.length === 0) return 'Not found';
  const count = matches.length === MOST_MATCHES ? `more than ${MOST_MATCHES}` : matches.length;
  return `${Math.min(position, matches.length - 1) + 1} of ${count}`;
}

function emptyText(phase: LogFacts['phase'], file: string): string {
  switch (phase) {
    case 'waiting':
    case 'following':
      return `${file} is empty so far. What the run writes appears here.`;
    case 'ended':
      return `${file} is empty.`;
    case 'missing':
      return `The run has not written ${file}.`;
    case 'binary':
      return `${file} is not a text. Open the run’s folder to use it with the program that reads it.`;
    case 'unreachable':
    case 'problem':
      return '';
  }
}
