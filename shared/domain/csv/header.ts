import { CONSTANTS } from '../expression/index.ts';
import { suggest } from '../suggest.ts';
import { isExpressionWord, isKey, looksLikeUnit, proposeKey } from './header-key.ts';
import type { ProblemLog } from './problem-log.ts';
import { showText } from './show-text.ts';

/** What a column is for. `output` columns are known results, `status` comes from our own export; the others are set by name. */
export type ColumnRole =
  'variable' | 'run' | 'enabled' | 'note' | 'tags' | 'replicate' | 'cores' | 'walltime' | 'batch' | 'output' | 'status';

export const RESERVED_COLUMNS: Readonly<Record<string, ColumnRole>> = {
  _run: 'run',
  _enabled: 'enabled',
  _note: 'note',
  _tags: 'tags',
  _replicate: 'replicate',
  _cores: 'cores',
  _walltime: 'walltime',
  _batch: 'batch',
  _status: 'status',
};

/** One header cell, read. */
export interface HeaderColumn {
  /** 0-based position in the file. */
  readonly position: number;
  /** The header text, trimmed. */
  readonly header: string;
  readonly role: ColumnRole;
  /** Name of the variable; the output's name for `output`; the reserved name for the other roles. */
  readonly key: string;
  /** What people call it; equals the key when the header gives nothing better. */
  readonly label: string;
  readonly unit: string | null;
  /** True when the key is our proposal, because the header is no key. */
  readonly proposed: boolean;
  readonly line: number;
  readonly column: number;
}

interface HeaderParts {
  readonly key: string | null;
  readonly name: string;
  readonly label: string | null;
  readonly unit: string | null;
}

const WITH_UNIT = /^(.*?)\s*\[([^[\]]*)\]$/s;
const WITH_PARENTHESES = /^(.*\S)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/s;

/** Splits `key`, `key [unit]`, `Label (key) [unit]`; `name` is what a key must be proposed from when `key` is null. */
function splitHeader(text: string, known: ReadonlySet<string>): HeaderParts {
  const withUnit = WITH_UNIT.exec(text);
  const unit = withUnit ? withUnit[2]!.trim() || null : null;
  const rest = withUnit ? withUnit[1]!.trim() : text;
  if (isKey(rest)) return { key: rest, name: rest, label: null, unit };
  const inside = WITH_PARENTHESES.exec(rest);
  if (!inside) return { key: null, name: rest, label: rest, unit };
  const label = inside[1]!.trim();
  const word = inside[2]!.trim();
  // `Width (w)` names a key and `T (K)` a unit. A unit in brackets, or a name that is used somewhere, settles it.
  const isName = isKey(word) && (unit !== null || known.has(word) || (!known.has(label) && !looksLikeUnit(word)));
  if (isName) return { key: word, name: word, label, unit };
  if (unit === null && looksLikeUnit(word)) return { key: null, name: label, label, unit: word };
  return { key: null, name: rest, label: rest, unit };
}

/** Where the header cells stand. */
export interface HeaderPlaces {
  fieldLine(index: number): number;
  fieldColumn(index: number): number;
}

/**
 * Reads the header cells; problems CSV09 (duplicates) and CSV11 (no key) go into the log. Cells that are empty give no column.
 * `known` are names that templates, commands or the job's variables use: they settle what `Mass (m)` means.
 */
export function readHeader(
  cells: readonly string[],
  places: HeaderPlaces,
  known: ReadonlySet<string>,
  log: ProblemLog,
): HeaderColumn[] {
  const parts = cells.map((cell) => splitHeader(cell.trim(), known));
  const taken = new Set(parts.flatMap((p) => (p.key === null || isExpressionWord(p.key) ? [] : [p.key])));
  const columns: HeaderColumn[] = [];
  cells.forEach((cell, position) => {
    const header = cell.trim();
    if (header === '') return;
    const place = { line: places.fieldLine(position), column: places.fieldColumn(position) };
    const base = { position, header, ...place };
    const part = parts[position]!;
    const role = Object.hasOwn(RESERVED_COLUMNS, header) ? RESERVED_COLUMNS[header] : undefined;
    const output = /^out\.(.+?)(?:\s*\[([^[\]]*)\])?$/.exec(header);
    if (role) columns.push({ ...base, role, key: header, label: header, unit: null, proposed: false });
    else if (output) {
      const name = output[1]!;
      columns.push({
        ...base,
        role: 'output',
        key: name,
        label: name,
        unit: output[2]?.trim() || null,
        proposed: false,
      });
    } else columns.push({ ...base, ...variableColumn(part, position, taken, place, header, log) });
  });
  reportDuplicates(columns, log);
  return columns;
}

type Place = { readonly line: number; readonly column: number };

function variableColumn(
  part: HeaderParts,
  position: number,
  taken: Set<string>,
  place: Place,
  header: string,
  log: ProblemLog,
): Pick<HeaderColumn, 'role' | 'key' | 'label' | 'unit' | 'proposed'> {
  if (part.key !== null && !isExpressionWord(part.key)) {
    warnOfDoubtfulKey(part.key, place, log);
    return { role: 'variable', key: part.key, label: part.label ?? part.key, unit: part.unit, proposed: false };
  }
  const key =
    isKey(part.name) && !isExpressionWord(part.name)
      ? part.name
      : proposeKey(part.name, `column_${position + 1}`, taken);
  taken.add(key);
  const unit = part.unit === null ? '' : ` with the unit ${showText(part.unit)}`;
  const why = isExpressionWord(part.name) ? 'is a word of the expression language' : 'is not a variable name';
  const bracketed = part.unit === null ? key : `${key} [${part.unit}]`;
  log.add('CSV11', 'warning', `the header ${showText(header)} ${why}; it is read as the variable \`${key}\`${unit}`, {
    ...place,
    hint: `Write ${showText(bracketed)} or ${showText(`Label (${key})${part.unit === null ? '' : ` [${part.unit}]`}`)} into the header to settle it, and use \${${key}} in templates.`,
  });
  return { role: 'variable', key, label: part.label ?? part.name, unit: part.unit, proposed: true };
}

/** Keys that can be used, but perhaps are not meant: `_enable`, and `e`, which hides Euler's number. */
function warnOfDoubtfulKey(key: string, place: Place, log: ProblemLog): void {
  if (CONSTANTS.has(key)) {
    log.add(
      'CSV11',
      'warning',
      `the variable \`${key}\` hides the constant of that name in templates and expressions`,
      {
        ...place,
        hint: `Write \`${key}_value\` into the header if the constant is needed.`,
      },
    );
  }
  const meant = key.startsWith('_') ? suggest(key, Object.keys(RESERVED_COLUMNS)) : null;
  if (meant === null) return;
  log.add(
    'CSV11',
    'warning',
    `the header \`${key}\` is read as a variable, but names beginning with \`_\` are reserved`,
    {
      ...place,
      hint: `Did you mean \`${meant}\`? Else choose a name without the leading \`_\`.`,
    },
  );
}

function reportDuplicates(columns: readonly HeaderColumn[], log: ProblemLog): void {
  const exact = new Map<string, HeaderColumn>();
  const folded = new Map<string, HeaderColumn>();
  for (const column of columns) {
    const name = column.role === 'output' ? `out.${column.key}` : column.key;
    const same = exact.get(name);
    const similar = folded.get(name.toLowerCase());
    const place = { line: column.line, column: column.column };
    if (same) {
      log.add(
        'CSV09',
        'error',
        `the column \`${name}\` is there twice: as column ${same.position + 1} and as column ${column.position + 1}`,
        {
          ...place,
          hint: 'Rename or delete one of them.',
        },
      );
    } else if (similar) {
      log.add(
        'CSV09',
        'warning',
        `the columns \`${similar.key}\` and \`${column.key}\` differ only in upper and lower case`,
        {
          ...place,
          hint: 'They are two different variables. Rename one if they are meant to be the same.',
        },
      );
    }
    exact.set(name, same ?? column);
    folded.set(name.toLowerCase(), similar ?? column);
  }
}
