import type { ProblemLog } from './problem-log.ts';
import { showText } from './show-text.ts';
import type { RecordPlaces } from './tokenizer.ts';

interface Unnamed {
  readonly position: number;
  readonly line: number;
  readonly column: number;
  filled: { readonly line: number; readonly text: string } | null;
}

/** Columns whose header cell is empty (CSV10): dropped when they are empty, an error when they are not. */
export class UnnamedColumns {
  readonly #columns: Unnamed[];

  private constructor(columns: Unnamed[]) {
    this.#columns = columns;
  }

  /** Null when every header cell has a text. */
  static of(header: readonly string[], line: number, places: RecordPlaces): UnnamedColumns | null {
    const columns = header.flatMap((cell, position) =>
      cell.trim() === ''
        ? [{ position, line: places.fieldLine(position) || line, column: places.fieldColumn(position), filled: null }]
        : [],
    );
    return columns.length > 0 ? new UnnamedColumns(columns) : null;
  }

  row(fields: readonly string[], places: RecordPlaces): void {
    for (const column of this.#columns) {
      const text = fields[column.position] ?? '';
      if (text !== '') column.filled ??= { line: places.fieldLine(column.position), text };
    }
  }

  report(log: ProblemLog): void {
    for (const { position, line, column, filled } of this.#columns) {
      const number = position + 1;
      if (filled === null)
        log.add('CSV10', 'info', `column ${number} has no header and no values; it is left out`, { line, column });
      else {
        log.add(
          'CSV10',
          'error',
          `column ${number} has no header, but values (${showText(filled.text)} in line ${filled.line})`,
          {
            line,
            column,
            hint: 'Give it a name in the header, or delete the column.',
          },
        );
      }
    }
  }
}
