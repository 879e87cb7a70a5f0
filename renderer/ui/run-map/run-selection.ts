/** Which runs are chosen, which one has the keyboard, and where a range began. `focused` is the run that the panel shows. */
export interface RunSelection {
  readonly focused: number | null;
  readonly anchor: number | null;
  /** The chosen runs. Choosing one run shows it; only two or more count as "chosen" for actions. */
  readonly runs: ReadonlySet<number>;
}

export const NO_SELECTION: RunSelection = { focused: null, anchor: null, runs: new Set() };

/** How a click or key combines with what is chosen: alone, with Shift, or with Ctrl/⌘. */
export type SelectMode = 'only' | 'range' | 'toggle';

function between(a: number, b: number): Set<number> {
  const runs = new Set<number>();
  for (let run = Math.min(a, b); run <= Math.max(a, b); run++) runs.add(run);
  return runs;
}

/** The selection after a run is clicked or moved to. */
export function selectRun(selection: RunSelection, run: number, mode: SelectMode): RunSelection {
  if (mode === 'range') {
    const anchor = selection.anchor ?? selection.focused ?? run;
    return { focused: run, anchor, runs: between(anchor, run) };
  }
  if (mode === 'toggle') {
    const runs = new Set(selection.runs);
    if (!runs.delete(run)) runs.add(run);
    return { focused: run, anchor: run, runs };
  }
  return { focused: run, anchor: run, runs: new Set([run]) };
}

/** The selection after a rectangle was drawn; with `add` what was chosen before stays. The panel keeps its run when it is among them. */
export function selectRuns(selection: RunSelection, runs: readonly number[], add: boolean): RunSelection {
  const chosen = new Set(add ? selection.runs : []);
  for (const run of runs) chosen.add(run);
  const focused =
    selection.focused !== null && chosen.has(selection.focused) ? selection.focused : (runs[0] ?? selection.focused);
  return { focused, anchor: focused, runs: chosen };
}

/** Keeps the shown run, drops every other choice. */
export function clearSelection(selection: RunSelection): RunSelection {
  const { focused } = selection;
  return { focused, anchor: focused, runs: focused === null ? new Set() : new Set([focused]) };
}
