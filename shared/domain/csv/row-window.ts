import { decodePart } from './decode.ts';
import type {
  RowCheckpoint,
  RunDefinitionSummary,
  RunFileDialect,
  RunRow,
  VariableDeclaration,
} from './run-definition-types.ts';
import { finishRow, isBlankRecord, readEnabled, rowLayout, shapeFields } from './run-row.ts';
import { CsvTokenizer } from './tokenizer.ts';

/** Decodes bytes from the middle of a file; both ends must be starts of rows. */
export function decodeRows(bytes: Uint8Array, byteOffset: number, dialect: RunFileDialect): string {
  const split =
    dialect.notUtf8From === null ? bytes.length : Math.min(Math.max(dialect.notUtf8From - byteOffset, 0), bytes.length);
  const before =
    split > 0 ? decodePart(bytes.subarray(0, split), dialect.notUtf8From === null ? dialect.encoding : 'utf-8') : '';
  return split < bytes.length ? before + decodePart(bytes.subarray(split), 'windows-1252') : before;
}

/** The last checkpoint at or before `ordinal`, or null. */
export function checkpointBefore(checkpoints: readonly RowCheckpoint[], ordinal: number): RowCheckpoint | null {
  let low = 0;
  let high = checkpoints.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (checkpoints[middle]!.ordinal <= ordinal) low = middle + 1;
    else high = middle;
  }
  return checkpoints[low - 1] ?? null;
}

/**
 * Reads rows again from the middle of a file that was found to be right: `text` begins at `checkpoint`. Gives the enabled rows with
 * `from` ≤ ordinal < `to`, the same as `readRunDefinition` gives.
 */
export function readRowsAgain(
  text: string,
  checkpoint: RowCheckpoint,
  from: number,
  to: number,
  file: Pick<RunDefinitionSummary, 'columns' | 'dialect'>,
  variables: Readonly<Record<string, VariableDeclaration>> | undefined,
): RunRow[] {
  const { columns, dialect } = file;
  const layout = rowLayout(columns, variables);
  const rows: RunRow[] = [];
  let ordinal = checkpoint.ordinal - 1;
  const tokenizer = new CsvTokenizer({
    delimiter: dialect.delimiter,
    trim: true,
    firstLine: checkpoint.line,
    onRecord: (fields, line, places) => {
      if (isBlankRecord(fields, places)) return;
      ordinal += 1;
      if (ordinal >= to) tokenizer.stop();
      else if (ordinal >= from) {
        const row = { ordinal, line, fields: shapeFields(fields, places, layout) };
        const enabled = layout.enabled < 0 || readEnabled(row.fields[layout.enabled]!) !== false;
        if (enabled) rows.push(finishRow(row, columns));
      }
    },
  });
  tokenizer.push(text);
  tokenizer.end();
  return rows;
}
