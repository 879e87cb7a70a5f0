export interface RowsInView {
  /** The row that has the keyboard; -1 = none yet. */
  readonly current: number;
  readonly count: number;
  /** Rows that fit into the view. */
  readonly page: number;
}

/** The row that a key leads to: arrows, Page Up and Page Down, Home and End. Null = another key, or there are no rows. */
export function rowAfterKey(key: string, { current, count, page }: RowsInView): number | null {
  const rows: Readonly<Record<string, number>> = {
    ArrowDown: current + 1,
    ArrowUp: current - 1,
    PageDown: current + page,
    PageUp: current - page,
    Home: 0,
    End: count - 1,
  };
  const row = rows[key];
  return row === undefined || count === 0 ? null : Math.max(0, Math.min(count - 1, row));
}
