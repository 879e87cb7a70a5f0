import { hasErrors } from '../problem.ts';
import { suggest } from '../suggest.ts';
import { CELL, cellNumber, classifyCell, type CellClass } from './cell-types.ts';
import { CellScanner, NOT_PLAIN } from './cell-scanner.ts';
import { ColumnStats } from './column-stats.ts';
import { concludeColumn } from './conclude-column.ts';
import { checkDeclaredCell } from './declared-cell.ts';
import { fitsHeader, trailingBlanks } from './dialect.ts';
import { DuplicateRows } from './duplicate-rows.ts';
import { readHeader, type HeaderColumn } from './header.ts';
import type { ProblemLog } from './problem-log.ts';
import { RaggedLines } from './ragged-lines.ts';
import {
  READ_LIMITS,
  type ReadLimits,
  type RunColumn,
  type RunDefinitionOptions,
  type RunRow,
  type VariableDeclaration,
} from './run-definition-types.ts';
import { RunNames } from './run-names.ts';
import { isBlankRecord, readEnabled, rowLayout, shapeFields, type RowLayout } from './run-row.ts';
import { count, list, showText } from './show-text.ts';
import type { RecordPlaces, TokenizerFault } from './tokenizer.ts';
import { UnnamedColumns } from './unnamed-columns.ts';

/** A kept column with all that checking its cells needs. */
interface ColumnCheck {
  readonly column: HeaderColumn;
  readonly stats: ColumnStats;
  readonly declared: VariableDeclaration | undefined;
  /** The text of a cell may be the nominal value instead of what stands in the file. */
  readonly nominal: boolean;
  /** A reserved column that counts something. */
  readonly wholeNumber: boolean;
}

export interface RowReaderResult {
  readonly columns: RunColumn[];
  readonly total: number;
  readonly dataRows: number;
  readonly disabled: number;
}

/** Records of a run definition file → checked rows. The first record is the header. */
export class RowReader {
  readonly #options: RunDefinitionOptions;
  readonly #log: ProblemLog;
  readonly #limits: ReadLimits;
  readonly #delimiter: string;
  readonly #onRow: (row: RunRow, places: RecordPlaces) => void;
  readonly #onLimit: () => void;

  #headerFields = -1;
  #headerLine = 1;
  #blankHeaders = 0;
  #checks: ColumnCheck[] = [];
  #layout: RowLayout = { positions: [], nominals: [], enabled: -1 };
  #runColumn = -1;
  #hasVariables = false;
  #unnamed: UnnamedColumns | null = null;
  #faultInRecord = false;
  #dataRows = 0;
  #disabled = 0;
  #total = 0;
  readonly #ragged: RaggedLines;
  readonly #duplicates = new DuplicateRows();
  readonly #names = new RunNames();
  readonly #scanner = new CellScanner();

  /** `onRow` gets every enabled row that fits the header; `onLimit` is called when reading on makes no sense. */
  constructor(
    options: RunDefinitionOptions,
    delimiter: string,
    log: ProblemLog,
    onRow: (row: RunRow, places: RecordPlaces) => void,
    onLimit: () => void,
  ) {
    this.#options = options;
    this.#delimiter = delimiter;
    this.#log = log;
    this.#limits = { ...READ_LIMITS, ...options.limits };
    this.#onRow = onRow;
    this.#onLimit = onLimit;
    this.#ragged = new RaggedLines(log);
  }

  fault(fault: TokenizerFault): void {
    this.#faultInRecord = true;
    const place = { line: fault.line, column: fault.column };
    if (fault.kind === 'unterminated') {
      this.#log.add('CSV08', 'error', 'the quote that opens here is never closed', {
        ...place,
        hint: 'Close it with a second quote; a quote inside a quoted cell is written twice ("").',
      });
    } else if (fault.kind === 'stray') {
      this.#log.add('CSV08', 'error', 'there is text behind the closing quote of a cell', {
        ...place,
        hint: 'End the cell behind the quote; a quote inside a quoted cell is written twice ("").',
      });
    } else {
      this.#log.add('CSV24', 'error', `a cell is longer than ${count(this.#limits.cellLength, 'character')}`, {
        ...place,
        hint: 'Put long content into a file and its path into the cell.',
      });
    }
  }

  record(fields: string[], line: number, places: RecordPlaces): void {
    const faulty = this.#faultInRecord;
    this.#faultInRecord = false;
    if (this.#headerFields < 0) this.#header(fields, line, places);
    else if (isBlankRecord(fields, places)) this.#ragged.blank(line);
    else this.#row(fields, line, places, faulty);
  }

  #header(fields: readonly string[], line: number, places: RecordPlaces): void {
    this.#headerFields = places.fieldCount;
    this.#headerLine = line;
    if (places.fieldCount > this.#limits.columns) {
      this.#log.add(
        'CSV24',
        'error',
        `the header has ${count(places.fieldCount, 'column')}; ${count(this.#limits.columns, 'column')} are allowed`,
        {
          line,
        },
      );
      this.#onLimit();
      return;
    }
    const { variables, usedNames } = this.#options;
    const columns = readHeader(
      fields,
      places,
      new Set([...(usedNames ?? []), ...Object.keys(variables ?? {})]),
      this.#log,
    );
    const suspectsPerClass = Math.min(100, Math.max(5, Math.floor(2000 / Math.max(1, columns.length))));
    this.#blankHeaders = trailingBlanks(fields);
    this.#layout = rowLayout(columns, variables);
    this.#runColumn = columns.findIndex((column) => column.role === 'run');
    this.#hasVariables = columns.some((column) => column.role === 'variable');
    this.#checks = columns.map((column, i) => ({
      column,
      stats: new ColumnStats(suspectsPerClass),
      declared:
        column.role === 'variable' && variables && Object.hasOwn(variables, column.key)
          ? variables[column.key]
          : undefined,
      nominal: this.#layout.nominals[i] !== null,
      wholeNumber: column.role === 'replicate' || column.role === 'cores',
    }));
    this.#unnamed = UnnamedColumns.of(fields, line, places);
  }

  #row(fields: string[], line: number, places: RecordPlaces, faulty: boolean): void {
    if (this.#dataRows >= this.#limits.rows) {
      this.#log.add('CSV24', 'error', `the file has more than ${count(this.#limits.rows, 'row')}`, {
        line,
        hint: 'Split it into several jobs.',
      });
      this.#onLimit();
      return;
    }
    this.#dataRows += 1;
    if (faulty) return;
    const fits = fitsHeader(fields, places.fieldCount, this.#headerFields, this.#blankHeaders);
    this.#ragged.row(fields, places.fieldCount, this.#headerFields, line, fits);
    if (!fits) return;
    this.#unnamed?.row(fields, places);
    const row: RunRow = { ordinal: this.#dataRows, line, fields: shapeFields(fields, places, this.#layout) };
    if (this.#isDisabled(row, places)) {
      this.#disabled += 1;
      return;
    }
    this.#total += 1;
    this.#checkCells(row, places);
    if (this.#runColumn >= 0) this.#checkRunName(row, places);
    if (this.#options.constraints?.length) this.#checkConstraints(row);
    this.#onRow(row, places);
  }

  #isDisabled(row: RunRow, places: RecordPlaces): boolean {
    const at = this.#layout.enabled;
    if (at < 0) return false;
    const text = row.fields[at]!;
    const enabled = readEnabled(text);
    if (enabled === null) {
      this.#cellProblem(
        'CSV12',
        'error',
        row,
        at,
        places,
        `${showText(text)} does not say whether the row is enabled`,
        'Write 1 or 0, true or false, yes or no; empty means enabled.',
      );
    }
    return enabled === false;
  }

  #checkCells(row: RunRow, places: RecordPlaces): void {
    const { fields, ordinal, line } = row;
    const scanner = this.#scanner;
    scanner.reset();
    for (let i = 0; i < this.#checks.length; i++) {
      const check = this.#checks[i]!;
      const text = fields[i]!;
      const kind = check.column.role === 'variable' ? this.#scan(text, check, places) : classifyCell(text);
      if (check.stats.observe(text, kind)) {
        check.stats.suspect(kind, { ordinal, text, ...this.#placeOf(check.column, places) });
      }
      if (check.declared) this.#checkDeclared(text, check.declared, row, i, places);
      else if (check.wholeNumber && kind !== CELL.integer && kind !== CELL.empty) {
        this.#cellProblem('CSV12', 'error', row, i, places, `${showText(text)} is not a whole number`, null);
      }
    }
    if (this.#hasVariables) this.#duplicates.row(scanner.a, scanner.b, ordinal, line);
  }

  #scan(text: string, { column, nominal }: ColumnCheck, places: RecordPlaces): CellClass {
    const { source } = places;
    const length = text.length;
    const from = source === null || nominal ? 0 : places.fieldStart(column.position);
    const kind = this.#scanner.scan(source === null || nominal ? text : source, from, from + length);
    if (kind === NOT_PLAIN) return classifyCell(text);
    return kind === CELL.empty && places.wasQuoted(column.position) ? CELL.emptyText : kind;
  }

  #checkDeclared(text: string, declared: VariableDeclaration, row: RunRow, index: number, places: RecordPlaces): void {
    if (text === '') return;
    const fault = checkDeclaredCell(text, declared, this.#options);
    if (fault) this.#cellProblem(fault.code, fault.severity, row, index, places, fault.message, fault.hint);
  }

  #placeOf(column: HeaderColumn, places: RecordPlaces): { line: number; column: number } {
    return { line: places.fieldLine(column.position), column: places.fieldColumn(column.position) };
  }

  #cellProblem(
    code: string,
    severity: 'error' | 'warning',
    row: RunRow,
    index: number,
    places: RecordPlaces,
    message: string,
    hint: string | null,
  ): void {
    const { column } = this.#checks[index]!;
    this.#log.add(code, severity, `row ${row.ordinal}, column \`${column.key}\`: ${message}`, () => ({
      ...this.#placeOf(column, places),
      hint,
    }));
  }

  #checkRunName(row: RunRow, places: RecordPlaces): void {
    const fault = this.#names.check(row.fields[this.#runColumn]!, row.ordinal);
    if (fault) this.#cellProblem('CSV22', 'error', row, this.#runColumn, places, fault.message, fault.hint);
  }

  #checkConstraints(row: RunRow): void {
    const values = new Map<string, number | string>();
    const add = (key: string, text: string): void => {
      const convert = this.#delimiter !== ',' && this.#options.decimalComma !== 'keep';
      values.set(key, cellNumber(text, convert) ?? text);
    };
    for (const [key, declared] of Object.entries(this.#options.variables ?? {})) {
      if (declared.nominal !== undefined) add(key, String(declared.nominal));
    }
    this.#checks.forEach(({ column }, i) => {
      if (column.role === 'variable') add(column.key, row.fields[i]!);
    });
    values.set('run', row.ordinal);
    for (const { text, test } of this.#options.constraints ?? []) {
      let why = 'is violated';
      try {
        if (test(values)) continue;
      } catch (error) {
        why = `cannot be computed (${error instanceof Error ? error.message : String(error)})`;
      }
      const names = [...new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [])].filter((name) => values.has(name));
      const shown = names.map((name) => `${name} = ${showText(String(values.get(name)))}`);
      this.#log.add(
        'CSV20',
        'error',
        () =>
          `row ${row.ordinal}: the constraint ${showText(text, 120)} ${why}${shown.length > 0 ? ` with ${list(shown)}` : ''}`,
        {
          line: row.line,
          hint: 'Change the values, set _enabled to 0 for the row, or change the constraint.',
        },
      );
    }
  }

  /** To be called once, after the last record; `complete` is false when reading stopped early. */
  end(complete: boolean): RowReaderResult {
    const log = this.#log;
    if (this.#headerFields < 0) return { columns: [], total: 0, dataRows: 0, disabled: 0 };
    const columns = this.#checks.map(({ column, stats }, index): RunColumn => ({
      ...column,
      index,
      ...concludeColumn(column, stats, this.#delimiter, this.#options, log),
    }));
    this.#ragged.report(this.#total);
    this.#unnamed?.report(log);
    this.#duplicates.report(
      log,
      columns.some((column) => column.role === 'replicate'),
    );
    if (complete) this.#reportNoRuns();
    this.#reportNames(columns);
    return { columns, total: log.hasErrors ? 0 : this.#total, dataRows: this.#dataRows, disabled: this.#disabled };
  }

  #reportNoRuns(): void {
    if (
      this.#total > 0 ||
      hasErrors(this.#log.problems().filter((p) => p.code === 'CSV07' || p.code === 'CSV08' || p.code === 'CSV24'))
    )
      return;
    const [message, hint] =
      this.#dataRows === 0
        ? ['no runs: the file has a header and no rows', 'Add one line per run below the header.']
        : [`no runs: all ${count(this.#dataRows, 'row')} are disabled by \`_enabled\``, 'Enable at least one row.'];
    this.#log.add('CSV01', 'error', message, { line: this.#headerLine, hint });
  }

  #reportNames(columns: readonly RunColumn[]): void {
    const { variables = {}, usedNames } = this.#options;
    const variableColumns = columns.filter((column) => column.role === 'variable');
    const keys = new Set(variableColumns.map((column) => column.key));
    for (const [key, declared] of Object.entries(variables)) {
      if (keys.has(key) || declared.nominal !== undefined) continue;
      const meant = suggest(
        key,
        [...keys].filter((other) => !Object.hasOwn(variables, other)),
      );
      this.#log.add('CSV18', 'error', `the variable \`${key}\` has no column and no nominal value`, {
        line: this.#headerLine,
        hint:
          meant === null
            ? `Add a column \`${key}\`, or declare a nominal value.`
            : `Did you mean the column \`${meant}\`?`,
      });
    }
    if (!usedNames) return;
    for (const column of variableColumns) {
      if (usedNames.has(column.key)) continue;
      const meant = suggest(
        column.key,
        [...usedNames].filter((name) => !keys.has(name)),
      );
      this.#log.add(
        'CSV19',
        'warning',
        `the column \`${column.key}\` is used by no template, command, derived expression or output`,
        {
          line: column.line,
          column: column.column,
          hint:
            meant === null
              ? `Insert it with \${${column.key}}, or delete the column.`
              : `\`${meant}\` is used, but there is no such column; did you mean it?`,
        },
      );
    }
  }
}
