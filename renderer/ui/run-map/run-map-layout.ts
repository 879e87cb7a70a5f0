/** Where the cells of a run map are, in CSS pixels from the top left corner of the whole (possibly scrolled) map. */
export interface RunMapLayout {
  /** Number of cells; cell `i` belongs to run `i + 1`. */
  readonly count: number;
  readonly columns: number;
  readonly rows: number;
  /** Distance from one cell to the next. */
  readonly pitch: number;
  /** Edge of a cell: the pitch less the gap. */
  readonly cell: number;
  /** Width of the column of run numbers at the left. */
  readonly gutter: number;
  /** Every how many rows a run number is written in the gutter. */
  readonly labelEvery: number;
  /** Height of all rows. */
  readonly height: number;
}

/** Largest and smallest distance between cells. Below the smallest the map scrolls. */
const MAX_PITCH = 36;
const MIN_PITCH = 3;
const LABEL_HEIGHT = 14;
const DIGIT_WIDTH = 7;

function gapOf(pitch: number): number {
  if (pitch >= 12) return 2;
  return pitch >= 4 ? 1 : 0;
}

/** Rows begin with round run numbers where there is room for it: 1, 101, 201 is easier to read than 1, 98, 195. */
function roundColumns(columns: number): number {
  for (const [least, step] of [
    [200, 50],
    [50, 25],
    [20, 10],
    [10, 5],
  ] as const) {
    if (columns >= least) return Math.floor(columns / step) * step;
  }
  return Math.max(1, columns);
}

/** The largest cells with which `count` runs fit into width × height; the layout depends on nothing else, so cells never move while runs change. */
export function layoutRunMap(count: number, width: number, height: number): RunMapLayout {
  const gutter = count > 1 ? String(count).length * DIGIT_WIDTH + 8 : 0;
  const room = Math.max(MIN_PITCH, width - gutter);
  for (let pitch = MAX_PITCH; ; pitch--) {
    const columns = Math.min(Math.max(1, count), roundColumns(Math.floor(room / pitch)));
    const rows = Math.ceil(count / columns);
    if (rows * pitch > height && pitch > MIN_PITCH) continue;
    return {
      count,
      columns,
      rows,
      pitch,
      cell: pitch - gapOf(pitch),
      gutter,
      labelEvery: Math.max(1, Math.ceil(LABEL_HEIGHT / pitch)),
      height: rows * pitch,
    };
  }
}

export interface CellPlace {
  readonly x: number;
  readonly y: number;
}

/** Top left corner of the cell of a run. */
export function cellPlace(layout: RunMapLayout, run: number): CellPlace {
  const index = run - 1;
  return {
    x: layout.gutter + (index % layout.columns) * layout.pitch,
    y: Math.floor(index / layout.columns) * layout.pitch,
  };
}

/** The run at a point of the map; null outside of all cells. Gaps belong to the cell before them. */
export function runAt(layout: RunMapLayout, x: number, y: number): number | null {
  const column = Math.floor((x - layout.gutter) / layout.pitch);
  const row = Math.floor(y / layout.pitch);
  if (column < 0 || column >= layout.columns || row < 0) return null;
  const run = row * layout.columns + column + 1;
  return run <= layout.count ? run : null;
}

/** The runs whose cells touch the rectangle between two points, in order. */
export function runsInRectangle(layout: RunMapLayout, from: CellPlace, to: CellPlace): number[] {
  const left = Math.max(0, Math.floor((Math.min(from.x, to.x) - layout.gutter) / layout.pitch));
  const right = Math.min(layout.columns - 1, Math.floor((Math.max(from.x, to.x) - layout.gutter) / layout.pitch));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) / layout.pitch));
  const bottom = Math.min(layout.rows - 1, Math.floor(Math.max(from.y, to.y) / layout.pitch));
  const runs: number[] = [];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const run = row * layout.columns + column + 1;
      if (run <= layout.count) runs.push(run);
    }
  }
  return runs;
}

/** First and last run of the rows that show between two heights; null when there are none. */
export function runsBetween(layout: RunMapLayout, top: number, bottom: number): { first: number; last: number } | null {
  const firstRow = Math.max(0, Math.floor(top / layout.pitch));
  const lastRow = Math.min(layout.rows - 1, Math.floor((bottom - 1) / layout.pitch));
  if (layout.count === 0 || lastRow < firstRow) return null;
  return { first: firstRow * layout.columns + 1, last: Math.min(layout.count, (lastRow + 1) * layout.columns) };
}

export type MapMove =
  'left' | 'right' | 'up' | 'down' | 'row-start' | 'row-end' | 'page-up' | 'page-down' | 'first' | 'last';

/** The run that a key moves to; stays inside the map. `page` = rows in sight. */
export function moveRun(layout: RunMapLayout, run: number, move: MapMove, page: number): number {
  const { columns, count } = layout;
  const rowStart = Math.floor((run - 1) / columns) * columns + 1;
  const column = (run - 1) % columns;
  const vertical = (rows: number): number => {
    const target = run + rows * columns;
    if (target < 1) return column + 1;
    if (target <= count) return target;
    const lastRow = Math.floor((count - 1) / columns) * columns + 1;
    // The last row may be short: without a cell below, the run stays in the lowest row that has this column.
    return lastRow + column <= count ? lastRow + column : Math.max(run, lastRow + column - columns);
  };
  switch (move) {
    case 'left':
      return Math.max(1, run - 1);
    case 'right':
      return Math.min(count, run + 1);
    case 'up':
      return run - columns >= 1 ? run - columns : run;
    case 'down':
      return vertical(1);
    case 'row-start':
      return rowStart;
    case 'row-end':
      return Math.min(count, rowStart + columns - 1);
    case 'page-up':
      return vertical(-Math.max(1, page));
    case 'page-down':
      return vertical(Math.max(1, page));
    case 'first':
      return 1;
    case 'last':
      return count;
  }
}
