import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState } from 'react';

import type { Job } from '../../../shared/contract/jobs.ts';
import { useJobs } from '../../api/live-jobs.ts';
import { useCommandStore } from '../../ui/commands/command-store.ts';
import type { Command } from '../../ui/commands/command-store.ts';
import { bestMatches } from '../../ui/commands/match-commands.ts';
import { JobStateLabel } from '../../ui/run-state/state-label.tsx';
import styles from './command-field.module.css';

type Choice = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'command'; readonly command: Command };

const LIMIT = 12;
const JOBS_UNASKED = 5;

function wordsOf(choice: Choice): string {
  if (choice.kind === 'job') return `${choice.job.name} ${choice.job.id} ${choice.job.state} job`;
  const { title, group, keywords = '' } = choice.command;
  return `${title} ${group} ${keywords}`;
}

/** Finds jobs and actions by typing: Ctrl+K, some letters, Enter. */
export function CommandField(): React.JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const choices = useChoices(query);
  const navigate = useNavigate();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'k')
        return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  const close = (): void => {
    setOpen(false);
    setQuery('');
    setActive(0);
  };
  const take = (choice: Choice | undefined): void => {
    if (choice === undefined) return;
    close();
    field.current?.blur();
    if (choice.kind === 'command') choice.command.run();
    else void navigate({ to: '/jobs/$jobId', params: { jobId: choice.job.id } });
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (choices.length > 0) setActive((active + step + choices.length) % choices.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(choices[active]);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      close();
      field.current?.blur();
    }
  };
  const option = (index: number): string => `${listId}-${index}`;

  return (
    <div className={styles.field} role="search">
      <TextInput
        ref={field}
        value={query}
        placeholder="Find a job or an action"
        aria-label="Find a job or an action"
        leftSection={<IconSearch size={15} aria-hidden />}
        rightSection={<kbd className={styles.key}>Ctrl K</kbd>}
        rightSectionWidth={56}
        rightSectionPointerEvents="none"
        role="combobox"
        aria-expanded={open}
        aria-controls={open ? listId : undefined}
        aria-autocomplete="list"
        aria-activedescendant={open && choices[active] ? option(active) : undefined}
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setOpen(true)}
        onBlur={close}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
      />
      {open && (
        <div id={listId} role="listbox" aria-label="Jobs and actions" className={styles.list}>
          {choices.map((choice, index) => (
            <div
              key={choice.kind === 'job' ? `job ${choice.job.id}` : choice.command.id}
              id={option(index)}
              role="option"
              aria-selected={index === active}
              className={styles.option}
              data-active={index === active || undefined}
              // Before the field loses the focus and the list closes.
              onPointerDown={(event) => {
                event.preventDefault();
                take(choice);
              }}
              onPointerMove={() => setActive(index)}
            >
              <span className={styles.name}>{choice.kind === 'job' ? choice.job.name : choice.command.title}</span>
              {choice.kind === 'job' ? (
                <JobStateLabel state={choice.job.state} />
              ) : (
                <span className={styles.group}>{choice.command.group}</span>
              )}
            </div>
          ))}
          {choices.length === 0 && (
            <div role="option" aria-selected={false} aria-disabled className={styles.none}>
              No job or action has “{query}” in its name.
            </div>
          )}
        </div>
      )}
    </div>
  );
}

/** Without a query the actions of this page and the newest jobs; with one the best of all. */
function useChoices(query: string): readonly Choice[] {
  const { jobs } = useJobs();
  const bySource = useCommandStore((state) => state.bySource);
  return useMemo(() => {
    const commands = [...bySource.values()].flat();
    const ofPage = commands.filter((command) => command.group !== 'App');
    const ofApp = commands.filter((command) => command.group === 'App');
    const asChoice = (command: Command): Choice => ({ kind: 'command', command });
    const asked = query.trim() !== '';
    const all: Choice[] = [
      ...ofPage.map(asChoice),
      ...(asked ? jobs : jobs.slice(0, JOBS_UNASKED)).map((job): Choice => ({ kind: 'job', job })),
      ...ofApp.map(asChoice),
    ];
    return bestMatches(query, all, wordsOf, asked ? LIMIT : all.length);
  }, [query, jobs, bySource]);
}
