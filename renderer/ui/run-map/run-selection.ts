/** Which run is shown, where a range began, and which runs are chosen for an action. */
export interface RunSelection {
  /** The run that the panel shows and that has the keyboard. */
  readonly focused: number | null;
  readonly anchor: number | null;
  /** Runs chosen together (by Shift, Ctrl, Space or a rectangle). Showing a run does not choose it. */
  readonly runs: ReadonlySet<number>;
}

export const NO_SELECTION: RunSelection = { focused: null, anchor: null, runs: new Set() };

/**
 * How a click or key combines with what is chosen: `only` shows the run and drops the choice, `move` shows it and keeps the choice, `range` (Shift) chooses from the
 * anchor on, `toggle` (Ctrl or ⌘) adds or removes and takes the shown run along, `check` (Space, check box) concerns this run alone.
 */
export type SelectMode = 'only' | 'move' | 'range' | 'toggle' | 'check';

function between(a: number, b: number): Set<number> {
  const runs = new Set<number>();
  for (let run = Math.min(a, b); run <= Math.max(a, b); run++) runs.add(run);
  return runs;
}

/** The selection after a run is clicked or moved to. */
export function selectRun(selection: RunSelection, run: number, mode: SelectMode): RunSelection {
  if (mode === 'only') return { focused: run, anchor: run, runs: NO_SELECTION.runs };
  if (mode === 'move') return { focused: run, anchor: run, runs: selection.runs };
  if (mode === 'range') {
    const anchor = selection.anchor ?? selection.focused ?? run;
    return { focused: run, anchor, runs: between(anchor, run) };
  }
  const runs = new Set(selection.runs);
  const takesShown = mode === 'toggle' && runs.size === 0 && selection.focused !== null && selection.focused !== run;
  if (takesShown) runs.add(selection.focused!);
  if (!runs.delete(run)) runs.add(run);
  return { focused: run, anchor: run, runs };
}

/** The selection after a rectangle was drawn; with `add` what was chosen before stays. The panel keeps its run when it is among them. */
export function selectRuns(selection: RunSelection, runs: readonly number[], add: boolean): RunSelection {
  const chosen = new Set(add ? selection.runs : []);
  for (const run of runs) chosen.add(run);
  const focused =
    selection.focused !== null && chosen.has(selection.focused) ? selection.focused : (runs[0] ?? selection.focused);
  return { focused, anchor: focused, runs: chosen };
}

/** Keeps the shown run, drops the choice. */
export function clearSelection({ focused }: RunSelection): RunSelection {
  return { focused, anchor: focused, runs: NO_SELECTION.runs };
}
