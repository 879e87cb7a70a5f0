import { Button } from '@mantine/core';
import { IconCopy, IconFilterOff } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';

import type { JobDetail, ResultRow } from '../../../../shared/contract/jobs.ts';
import { countOf } from '../../../../shared/domain/run-state.ts';
import { useCore, useStale } from '../../../api/core-context.tsx';
import type { LiveJob } from '../../../api/live-job.ts';
import { EmptyState } from '../../../ui/empty-state/empty-state.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { useNoticeStore } from '../../../ui/notice/notice-store.ts';
import { selectRun, selectRuns } from '../../../ui/run-map/run-selection.ts';
import type { RunSelection, SelectMode } from '../../../ui/run-map/run-selection.ts';
import { COUNT_ORDER } from '../../../ui/run-state/state-words.ts';
import { countText, plural } from '../../../ui/words/number-words.ts';
import { nextSort, readSort } from '../job-search.ts';
import { useJobSearch } from '../use-run-selection.ts';
import { resultColumns, rowsAsTsv } from './result-columns.ts';
import styles from './results-pane.module.css';
import { ResultsTable } from './results-table.tsx';
import { StateChips } from './state-chips.tsx';
import { resultsInput, useResultPages } from './use-result-pages.ts';
import type { ResultsView } from './use-result-pages.ts';

export interface ResultsPaneProps {
  readonly job: JobDetail;
  readonly live: LiveJob;
  readonly selection: RunSelection;
  readonly onSelect: (selection: RunSelection) => void;
  readonly onOpen: () => void;
}

/** As many rows as one call gives. */
const MOST_ROWS = 100_000;

/** The results as a table that fills while the sweep runs. */
export function ResultsPane({ job, live, selection, onSelect, onOpen }: ResultsPaneProps): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const say = useNoticeStore((state) => state.say);
  const { search, change } = useJobSearch();
  const [sight, setSight] = useState({ first: 0, last: 30 });
  const [picked, setPicked] = useState<number | null>(null);
  const { variables, outputs } = job;
  const columns = useMemo(() => resultColumns({ variables, outputs }), [variables, outputs]);
  // The list is made anew by every reading of the address; its text is the same as long as it says the same.
  const showText = search.show?.join() ?? '';
  const view = useMemo<ResultsView>(() => {
    const names = COUNT_ORDER.filter((name) => showText.split(',').includes(name));
    return { sort: readSort(search.sort), show: names.length === 0 ? null : names };
  }, [search.sort, showText]);
  const { total, rowAt, error } = useResultPages(job.id, view, sight.first, sight.last);
  const onSight = useCallback(
    (first: number, last: number) =>
      setSight((old) => (old.first === first && old.last === last ? old : { first, last })),
    [],
  );

  // In the order of runs the row of a run chosen in the map is known, and comes into sight.
  const plain = view.sort === null && view.show === null;
  const { focused } = selection;
  const current = plain && focused !== null ? focused - 1 : picked;

  const rowsOfView = async (offset: number, limit: number): Promise<readonly ResultRow[]> =>
    (await core.jobs.results({ ...resultsInput(job.id, view), offset, limit })).rows;

  /** Runs in sight of the view without asking, where it is in the order of runs. */
  const runsByNumber = (first: number, last: number): number[] => {
    const runs: number[] = [];
    for (let run = first; run <= last; run++) {
      if (view.show === null || view.show.includes(countOf(live.stateOf(run)))) runs.push(run);
    }
    return runs;
  };
  const range = useMutation({
    mutationFn: ({ from, to }: { readonly from: number; readonly to: number }) =>
      rowsOfView(Math.min(from, to), Math.abs(to - from) + 1),
    onSuccess: (rows) => {
      const chosen = selectRuns(
        selection,
        rows.map(({ run }) => run),
        false,
      );
      onSelect(chosen);
    },
  });
  // End and the page keys go to rows that are not here yet; in another order only the core knows their runs.
  const late = useMutation({
    mutationFn: ({ index }: { readonly index: number; readonly mode: SelectMode }) => rowsOfView(index, 1),
    onSuccess: ([row], { mode }) => row && onSelect(selectRun(selection, row.run, mode)),
  });
  const [anchor, setAnchor] = useState<number | null>(null);

  const onPick = (index: number, mode: SelectMode): void => {
    setPicked(index);
    const run = rowAt(index)?.run ?? (plain ? index + 1 : undefined);
    if (mode !== 'range') setAnchor(index);
    if (mode !== 'range' || view.sort === null) {
      if (run === undefined) return late.mutate({ index, mode });
      const next = selectRun(selection, run, mode);
      if (mode !== 'range' || view.show === null) return onSelect(next);
      const visible = runsByNumber(Math.min(next.anchor ?? run, run), Math.max(next.anchor ?? run, run));
      return onSelect({ ...next, runs: new Set(visible) });
    }
    // In another order the runs between are known to the core only.
    range.mutate({ from: anchor ?? index, to: index });
  };
  const copy = useMutation({
    mutationFn: async () => {
      const all = await rowsOfView(0, MOST_ROWS);
      const rows = selection.runs.size > 0 ? all.filter(({ run }) => selection.runs.has(run)) : all;
      await navigator.clipboard.writeText(rowsAsTsv(columns, rows));
      return rows.length;
    },
    onSuccess: (rows) => say(`Copied ${plural(rows, 'row')}; paste them into a spreadsheet`),
  });
  const problem = error ?? range.error ?? late.error ?? copy.error;

  return (
    <section className={styles.pane} aria-label="Results">
      <div className={styles.tools}>
        <StateChips
          counts={job.runs}
          show={view.show}
          onShow={(next) => {
            setPicked(null);
            change({ show: next === null ? undefined : next });
          }}
        />
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconCopy size={14} aria-hidden />}
          loading={copy.isPending}
          disabled={stale}
          title="Copy the rows as tab-separated text"
          onClick={() => copy.mutate()}
        >
          {selection.runs.size > 0 ? `Copy ${countText(selection.runs.size)} rows` : 'Copy table'}
        </Button>
      </div>
      {problem !== null && <ErrorNote title="The results cannot be read." error={problem} />}
      {total === 0 ? (
        <EmptyState
          icon={<IconFilterOff size={28} stroke={1.25} />}
          title="No run is in these states now"
          actions={
            <Button variant="default" onClick={() => change({ show: undefined })}>
              Show all runs
            </Button>
          }
        />
      ) : (
        <ResultsTable
          label={`Results of ${job.name}`}
          total={total ?? (view.show === null ? job.runs.total : Math.min(job.runs.total, 30))}
          columns={columns}
          rowAt={rowAt}
          sort={view.sort}
          onSort={(column) => {
            setPicked(null);
            change({ sort: nextSort(view.sort, column) });
          }}
          selection={selection}
          onPick={onPick}
          onPickAll={() => onSelect(selectRuns(selection, runsByNumber(1, job.runs.total), false))}
          onOpen={onOpen}
          onSight={onSight}
          viewKey={JSON.stringify(view)}
          current={current}
        />
      )}
    </section>
  );
}
