import { CELL, convertFortran, couldBeThousands, type CellClass } from './cell-types.ts';
import type { ColumnStats, Suspect } from './column-stats.ts';
import type { HeaderColumn } from './header.ts';
import type { ProblemLog } from './problem-log.ts';
import type { RunColumn, RunDefinitionOptions, VariableDeclaration } from './run-definition-types.ts';
import { count, showText } from './show-text.ts';

type Conclusion = Pick<RunColumn, 'kind' | 'decimalComma' | 'constant'>;

/** Everything that judging one column needs. */
interface Case {
  readonly column: HeaderColumn;
  readonly stats: ColumnStats;
  readonly declared: VariableDeclaration | undefined;
  readonly delimiter: string;
  readonly options: RunDefinitionOptions;
  readonly log: ProblemLog;
}

/** Decides, after the last row, what a column is, and reports the cells that do not fit: CSV05, 06, 12, 13, 15, 23, 25. */
export function concludeColumn(
  column: HeaderColumn,
  stats: ColumnStats,
  delimiter: string,
  options: RunDefinitionOptions,
  log: ProblemLog,
): Conclusion {
  const variables = options.variables ?? {};
  const declared =
    column.role === 'variable' && Object.hasOwn(variables, column.key) ? variables[column.key] : undefined;
  const it: Case = { column, stats, declared, delimiter, options, log };
  const numeric = isNumeric(it);
  const commas = stats.count(CELL.decimalComma);
  const decimalComma = numeric && commas > 0 && delimiter !== ',' && options.decimalComma !== 'keep';
  if (column.role !== 'variable') return { kind: kindOf(it, numeric), decimalComma: false, constant: false };
  const constant = stats.constant !== null && stats.total > 1;
  reportEmpty(it, numeric);
  if (numeric) {
    if (commas > 0) reportCommas(it);
    reportNotNumbers(it);
  } else reportText(it);
  if (constant && stats.constant !== '') {
    log.add(
      'CSV23',
      'warning',
      `the column \`${column.key}\` is ${showText(stats.constant ?? '')} in all ${count(stats.total, 'row')}`,
      {
        line: column.line,
        column: column.column,
        hint: 'A constant is no error, but it cannot explain any difference between runs; plots leave it out.',
      },
    );
  }
  return { kind: kindOf(it, numeric), decimalComma, constant };
}

function isNumeric({ stats, declared, delimiter, options }: Case): boolean {
  if (declared) return declared.kind === 'number' || declared.kind === 'integer';
  if (stats.count(CELL.text, CELL.formula, CELL.emptyText) > 0) return false;
  const kept = delimiter !== ',' && options.decimalComma === 'keep' && stats.count(CELL.decimalComma) > 0;
  if (kept) return false;
  return (
    stats.count(CELL.integer, CELL.decimal, CELL.doubtfulInteger, CELL.decimalComma, CELL.grouped, CELL.notFinite) > 0
  );
}

function kindOf({ stats, declared }: Case, numeric: boolean): RunColumn['kind'] {
  if (declared) return declared.kind === 'number' || declared.kind === 'integer' ? declared.kind : 'text';
  if (!numeric || stats.count(CELL.doubtfulInteger) > 0) return 'text';
  return stats.count(CELL.integer, CELL.empty) === stats.total ? 'integer' : 'number';
}

/** Reports every kept suspect of a class, and counts those not kept. */
function each(
  it: Case,
  kind: CellClass,
  code: string | ((cell: Suspect) => string),
  severity: 'error' | 'warning',
  say: (cell: Suspect) => [message: string, hint: string | null],
): void {
  const suspects = it.stats.suspects(kind);
  const codeOf = typeof code === 'string' ? () => code : code;
  for (const cell of suspects) {
    const [message, hint] = say(cell);
    it.log.add(codeOf(cell), severity, `row ${cell.ordinal}, column \`${it.column.key}\`: ${message}`, {
      line: cell.line,
      column: cell.column,
      hint,
    });
  }
  const last = suspects.at(-1);
  if (last) it.log.addUnseen(codeOf(last), severity, it.stats.count(kind) - suspects.length);
}

function reportEmpty(it: Case, numeric: boolean): void {
  const { column, stats, declared, log } = it;
  if (declared?.nominal !== undefined) return;
  if (stats.count(CELL.empty) === stats.total && stats.total > 0) {
    log.add('CSV12', 'error', `the column \`${column.key}\` is empty in all ${count(stats.total, 'row')}`, {
      line: column.line,
      column: column.column,
      hint: 'Fill it in, declare a nominal value for the variable, or delete the column.',
    });
    return;
  }
  const hint = numeric
    ? 'Fill in a number, or declare a nominal value for the variable.'
    : 'Fill it in, declare a nominal value for the variable, or write "" for a text that is meant to be empty.';
  each(it, CELL.empty, 'CSV12', 'error', () => ['the cell is empty and the variable has no nominal value', hint]);
  if (numeric) each(it, CELL.emptyText, 'CSV12', 'error', () => ['`""` is not a number', hint]);
}

function reportCommas(it: Case): void {
  const { column, stats, delimiter, options, log } = it;
  const first = stats.suspects(CELL.decimalComma)[0];
  if (delimiter === ',') {
    const codeOf = (cell: Suspect): string => (couldBeThousands(cell.text) ? 'CSV06' : 'CSV05');
    each(it, CELL.decimalComma, codeOf, 'error', (cell) => [
      couldBeThousands(cell.text)
        ? `${showText(cell.text)} may be a decimal comma or a thousands separator; it is not guessed`
        : `${showText(cell.text)} has a decimal comma`,
      'Write numbers with a decimal point and without separators between thousands.',
    ]);
    return;
  }
  const all = stats.count(CELL.decimalComma);
  const place = { line: first?.line ?? column.line, column: first?.column ?? column.column };
  const what = `the column \`${column.key}\` has ${count(all, 'decimal comma')} (${showText(first?.text ?? '')} in row ${first?.ordinal ?? 1})`;
  if (options.decimalComma === 'ask') {
    log.add('CSV05', 'error', what, {
      ...place,
      hint: 'Choose whether to convert the whole column to decimal points (decimalComma: convert) or to keep the text (decimalComma: keep).',
    });
    return;
  }
  const doubtful = stats.suspects(CELL.decimalComma).every((cell) => couldBeThousands(cell.text));
  log.add('CSV05', 'warning', `${what}; the whole column is converted to decimal points`, {
    ...place,
    hint: doubtful
      ? 'Check that these are no thousands separators: every one has three digits behind the comma.'
      : 'Write decimal points, or set decimalComma: keep to insert the text as it is.',
  });
}

function reportNotNumbers(it: Case): void {
  const { column, declared } = it;
  each(it, CELL.grouped, 'CSV06', 'error', (cell) => [
    `${showText(cell.text)} has separators between thousands; they are never guessed`,
    'Write the number with a decimal point and no other separator, or declare the variable as text.',
  ]);
  if (declared?.allowNonFinite !== true) {
    each(it, CELL.notFinite, 'CSV13', 'error', (cell) => [
      `${showText(cell.text)} is not a finite number`,
      cell.text.startsWith('#')
        ? 'The spreadsheet could not compute this cell; mend its formula and export again.'
        : 'Solvers may hang or fail on it. Give a number, or declare the variable with allowNonFinite if it is meant.',
    ]);
  }
  each(it, CELL.foreignNumber, 'CSV13', 'error', (cell) => {
    const fixed = convertFortran(cell.text);
    return fixed === null
      ? [`${showText(cell.text)} is a hexadecimal number`, `Write ${Number(cell.text.replace(/^[+-]/, ''))} instead.`]
      : [
          `${showText(cell.text)} is a number as Fortran writes it`,
          `Write ${fixed} instead, or declare the variable as text to insert it as it is.`,
        ];
  });
  each(it, CELL.withUnit, 'CSV12', 'error', (cell) => {
    const unit = cell.text.replace(/^[+-]?[\d.]+(?:e[+-]?\d+)?\s*/i, '');
    return [
      `${showText(cell.text)} is not a number`,
      `Is ${showText(unit)} a unit? Then write the number alone and the header as ${showText(`${column.key} [${unit}]`)}.`,
    ];
  });
  for (const kind of [CELL.text, CELL.formula] as const) {
    each(it, kind, 'CSV12', 'error', (cell) => [
      `${showText(cell.text)} is not a number`,
      kind === CELL.formula
        ? 'Formulas are not evaluated; write the result.'
        : 'Write a number, or declare the variable as text.',
    ]);
  }
  each(it, CELL.doubtfulInteger, 'CSV15', 'warning', (cell) => {
    const zeros = /^[+-]?0/.test(cell.text);
    const why = zeros ? 'begins with zeros' : 'has more digits than a number can keep exactly';
    const kept = declared ? 'results show it as a number' : 'the column is kept as text';
    return [
      `${showText(cell.text)} ${why}; ${kept}`,
      'Templates get the text as it is. Declare the variable as text or as number to settle it.',
    ];
  });
}

function reportText(it: Case): void {
  const { column, stats, declared, log } = it;
  const numbers = stats.count(CELL.integer, CELL.decimal);
  const slips = stats.count(CELL.text);
  // Some words among more numbers are suspected to be slips.
  if (!declared && numbers > 1 && slips > 0 && slips < numbers) {
    each(it, CELL.text, 'CSV12', 'warning', (cell) => [
      `${showText(cell.text)} is not a number, but ${count(numbers, 'other cell')} of the column ${numbers === 1 ? 'is' : 'are'}; the column is read as text`,
      'Write a number if it is a slip, or declare the variable as text.',
    ]);
  }
  const formulas = stats.count(CELL.formula);
  const first = stats.suspects(CELL.formula)[0];
  if (!first) return;
  log.add(
    'CSV25',
    'warning',
    `the column \`${column.key}\` has ${count(formulas, 'text')} that a spreadsheet would run as a formula (${showText(first.text)} in row ${first.ordinal})`,
    {
      line: first.line,
      column: first.column,
      hint: 'Nothing is computed here. When results are exported for a spreadsheet, let the export put a quote before such texts.',
    },
  );
}
