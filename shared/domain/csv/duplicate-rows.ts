import { OrdinalTable } from './ordinal-table.ts';
import type { ProblemLog } from './problem-log.ts';
import { count, list } from './show-text.ts';

const GROUPS_KEPT = 100;
const ORDINALS_KEPT = 20;

interface Group {
  readonly ordinals: number[];
  readonly line: number;
  total: number;
}

/** Finds rows with the same values (CSV16) without keeping the rows. */
export class DuplicateRows {
  readonly #seen = new OrdinalTable();
  readonly #groups = new Map<number, Group>();
  #duplicates = 0;

  /** `a` and `b` are the hashes of all values of row `ordinal`, see `CellScanner`. */
  row(a: number, b: number, ordinal: number, line: number): void {
    const first = this.#seen.seen(a, b, ordinal);
    if (first === 0) return;
    this.#duplicates += 1;
    let group = this.#groups.get(first);
    if (!group) {
      if (this.#groups.size >= GROUPS_KEPT) return;
      group = { ordinals: [first], line, total: 1 };
      this.#groups.set(first, group);
    }
    group.total += 1;
    if (group.ordinals.length < ORDINALS_KEPT) group.ordinals.push(ordinal);
  }

  /** `asReplicates`: the file has a `_replicate` column, so equal rows are expected. */
  report(log: ProblemLog, asReplicates: boolean): void {
    const severity = asReplicates ? 'info' : 'warning';
    const hint = asReplicates
      ? 'They are kept as replicates, because the file has a _replicate column.'
      : 'All of them run. Add a _replicate column if they are meant as replicates, or delete the repeated lines.';
    let listed = 0;
    for (const group of this.#groups.values()) {
      listed += group.total - 1;
      log.add('CSV16', severity, `the rows ${list(group.ordinals, group.total)} have the same values`, {
        line: group.line,
        hint,
      });
    }
    const rest = this.#duplicates - listed;
    if (rest > 0)
      log.add('CSV16', severity, `${count(rest, 'more row')} ${rest === 1 ? 'repeats' : 'repeat'} an earlier one`, {
        hint,
      });
  }
}
