import { CELL, CELL_CLASSES, type CellClass } from './cell-types.ts';

/** A cell that may turn out to be a problem once the kind of its column is known. */
export interface Suspect {
  readonly ordinal: number;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What has been seen in one column so far. Memory does not grow with the rows. */
export class ColumnStats {
  readonly counts = new Float64Array(CELL_CLASSES);
  #suspects: Suspect[][] | null = null;
  #first: string | null = null;
  #constant = true;
  readonly #suspectsPerClass: number;

  /** `suspectsPerClass`: how many cells of one class are kept for messages. */
  constructor(suspectsPerClass: number) {
    this.#suspectsPerClass = suspectsPerClass;
  }

  /** Counts a cell; true when the caller should `suspect` it with its place. */
  observe(text: string, kind: CellClass): boolean {
    const seen = this.counts[kind]! + 1;
    this.counts[kind] = seen;
    if (this.#constant && text !== this.#first) {
      if (this.#first === null) this.#first = text;
      else this.#constant = false;
    }
    return (kind > CELL.decimal || kind === CELL.empty) && seen <= this.#suspectsPerClass;
  }

  suspect(kind: CellClass, cell: Suspect): void {
    this.#suspects ??= Array.from({ length: CELL_CLASSES }, () => []);
    this.#suspects[kind]!.push(cell);
  }

  suspects(kind: CellClass): readonly Suspect[] {
    return this.#suspects?.[kind] ?? [];
  }

  count(...kinds: readonly CellClass[]): number {
    let sum = 0;
    for (const kind of kinds) sum += this.counts[kind]!;
    return sum;
  }

  /** Cells counted, of all classes. */
  get total(): number {
    let sum = 0;
    for (const n of this.counts) sum += n;
    return sum;
  }

  /** The one text of all cells, or null when they differ or there are none. */
  get constant(): string | null {
    return this.#constant ? this.#first : null;
  }
}
