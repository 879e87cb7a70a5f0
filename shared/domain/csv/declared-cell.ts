import { suggest } from '../suggest.ts';
import { cellNumber } from './cell-types.ts';
import type { RunDefinitionOptions, VariableDeclaration } from './run-definition-types.ts';
import { showText } from './show-text.ts';

/** What is wrong with one cell of a declared variable. */
export interface CellFault {
  readonly code: 'CSV12' | 'CSV14' | 'CSV17';
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint: string | null;
}

const BOOLS: ReadonlySet<string> = new Set(['0', '1', 'true', 'false', 'yes', 'no', 'on', 'off']);

/**
 * Checks a cell that is not empty against its variable's declaration: whole numbers, bounds, listed values, booleans, files.
 * Cells of number variables that are no numbers pass: their column is judged as a whole, after the last row.
 */
export function checkDeclaredCell(
  text: string,
  declared: VariableDeclaration,
  options: RunDefinitionOptions,
): CellFault | null {
  const severity = options.outOfBounds ?? 'error';
  if (declared.kind === 'bool') {
    if (BOOLS.has(text.toLowerCase())) return null;
    return {
      code: 'CSV12',
      severity: 'error',
      message: `${showText(text)} is neither true nor false`,
      hint: 'Write 1 or 0, true or false, yes or no.',
    };
  }
  if (declared.kind === 'file') return checkFile(text, options) ?? checkList(text, declared, severity);
  if (declared.kind === 'text') return checkList(text, declared, severity);
  const number = cellNumber(text, options.decimalComma !== 'keep');
  if (number === null) return null;
  if (declared.kind === 'integer' && !Number.isInteger(number)) {
    return {
      code: 'CSV12',
      severity: 'error',
      message: `${showText(text)} is not a whole number`,
      hint: `The nearest is ${Math.round(number)}.`,
    };
  }
  return checkBounds(text, number, declared, severity) ?? checkNumbers(text, number, declared, severity);
}

type Severity = CellFault['severity'];

function checkFile(text: string, options: RunDefinitionOptions): CellFault | null {
  if (!options.fileExists || options.fileExists(text)) return null;
  return {
    code: 'CSV17',
    severity: 'error',
    message: `the file ${showText(text)} does not exist`,
    hint: 'Paths are relative to the folder of the run definition file.',
  };
}

function checkBounds(
  text: string,
  number: number,
  declared: VariableDeclaration,
  severity: Severity,
): CellFault | null {
  const { min = -Infinity, max = Infinity, unit } = declared;
  if (number >= min && number <= max) return null;
  const below = number < min;
  const behind = unit ? ` ${unit}` : '';
  return {
    code: 'CSV14',
    severity,
    message: `${showText(text)} is ${below ? `below the minimum of ${min}` : `above the maximum of ${max}`}${behind}`,
    hint: `The nearest allowed value is ${below ? min : max}.`,
  };
}

function checkNumbers(
  text: string,
  number: number,
  declared: VariableDeclaration,
  severity: Severity,
): CellFault | null {
  const numbers = (declared.values ?? []).map(Number).filter(Number.isFinite);
  if (numbers.length === 0 || numbers.includes(number)) return null;
  const nearest = numbers.reduce((a, b) => (Math.abs(b - number) < Math.abs(a - number) ? b : a));
  return {
    code: 'CSV14',
    severity,
    message: `${showText(text)} is not one of the listed values`,
    hint: `The nearest is ${nearest}.`,
  };
}

function checkList(text: string, declared: VariableDeclaration, severity: Severity): CellFault | null {
  const values = (declared.values ?? []).map(String);
  if (values.length === 0 || values.includes(text)) return null;
  const nearest = suggest(text, values);
  const listed = values
    .slice(0, 8)
    .map((v) => showText(v))
    .join(', ');
  return {
    code: 'CSV14',
    severity,
    message: `${showText(text)} is not one of the listed values`,
    hint:
      nearest === null
        ? `Listed are ${listed}${values.length > 8 ? ', …' : ''}.`
        : `Did you mean ${showText(nearest)}?`,
  };
}
