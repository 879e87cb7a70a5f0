/** Values from a column of a text table. */
import { suggest } from '../suggest.ts';
import { missing, type Candidate, type Candidates } from './candidates.ts';
import type { Delimiter, TableOutput } from './output-spec.ts';
import { isNonFiniteNumber, parseNumber } from './parse-number.ts';

/** A line's cells; blanks around a cell do not count, quotes (RFC 4180, within one line) are removed unless columns are set apart by blanks. */
function cellsOf(line: string, offset: number, delimiter: Delimiter): Candidate[] {
  const cells: Candidate[] = [];
  if (delimiter === 'whitespace') {
    for (const match of line.matchAll(/\S+/g)) {
      cells.push({ text: match[0], span: [offset + match.index, offset + match.index + match[0].length] });
    }
    return cells;
  }
  let start = 0;
  while (start <= line.length) {
    const quoted = /^ *"((?:[^"]|"")*)" */.exec(line.slice(start));
    const closesCell =
      quoted !== null && (start + quoted[0].length === line.length || line[start + quoted[0].length] === delimiter);
    if (closesCell) {
      const from = start + quoted[0].indexOf('"') + 1;
      cells.push({
        text: quoted[1]!.replaceAll('""', '"').trim(),
        span: [offset + from, offset + from + quoted[1]!.length],
      });
      start += quoted[0].length + 1;
    } else {
      const next = line.indexOf(delimiter, start);
      const end = next === -1 ? line.length : next;
      const raw = line.slice(start, end);
      const text = raw.trim();
      const from = offset + start + (raw.length - raw.trimStart().length);
      cells.push({ text, span: [from, from + text.length] });
      start = end + 1;
    }
  }
  return cells;
}

interface Line {
  readonly text: string;
  readonly offset: number;
  readonly comment: boolean;
}

/** Lines that are not blank, after the skipped ones. A line that begins with `#` is a comment (and may be the header). */
function* linesOf(text: string, skip: number): Generator<Line> {
  let offset = 0;
  for (let number = 1; offset <= text.length; number++) {
    const next = text.indexOf('\n', offset);
    const end = next === -1 ? text.length : next;
    const line = text.slice(offset, end);
    if (number > skip && line.trim() !== '') yield { text: line, offset, comment: line.trimStart().startsWith('#') };
    offset = end + 1;
  }
}

/** The column's cell of every data row, in order. The header may also be the last comment line before the data (`# Time  drag`). */
export function tableCandidates(spec: TableOutput, text: string): Candidates {
  let index = typeof spec.column === 'number' ? spec.column - 1 : -1;
  let commentHeader: readonly string[] = [];
  let isFirst = true;
  const items: Candidate[] = [];
  for (const line of linesOf(text, spec.skip)) {
    if (line.comment) {
      if (isFirst) commentHeader = namesOf(line.text.replace(/^\s*#+/, ''), spec.delimiter);
      continue;
    }
    const cells = cellsOf(line.text, line.offset, spec.delimiter);
    if (isFirst) {
      isFirst = false;
      const names = cells.map((cell) => cell.text);
      if (typeof spec.column === 'number') {
        if (spec.header ?? !cells.some((cell) => isNumeric(cell.text))) continue;
      } else if (spec.header !== false && names.includes(spec.column)) {
        index = names.indexOf(spec.column);
        continue;
      } else if (commentHeader.includes(spec.column)) {
        index = commentHeader.indexOf(spec.column);
      } else {
        return noColumn(
          spec.column,
          cells.some((cell) => isNumeric(cell.text)) && commentHeader.length > 0 ? commentHeader : names,
        );
      }
    }
    const cell = cells[index];
    if (!cell) {
      return missing(
        `row ${items.length + 1} has ${cells.length} ${cells.length === 1 ? 'column' : 'columns'}, but column ${nameOf(spec.column)} is wanted`,
        cells.length === 1 && spec.delimiter !== 'whitespace' ? 'Check the delimiter.' : null,
      );
    }
    items.push(cell);
  }
  return { kind: 'found', items, noun: 'row' };
}

function namesOf(header: string, delimiter: Delimiter): readonly string[] {
  return cellsOf(header, 0, delimiter).map((cell) => cell.text);
}

function isNumeric(text: string): boolean {
  return parseNumber(text) !== null || isNonFiniteNumber(text);
}

function nameOf(column: string | number): string {
  return typeof column === 'number' ? String(column) : `"${column}"`;
}

function noColumn(column: string, names: readonly string[]): Candidates {
  const near = suggest(column, names);
  const list = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '');
  return missing(
    `there is no column "${column}"; the columns are ${list}`,
    near === null ? null : `Did you mean "${near}"?`,
  );
}
