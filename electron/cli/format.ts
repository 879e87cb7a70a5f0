import type { Problem } from '../../shared/domain/problem.ts';

/**
 * Text from outside made safe for a terminal: control characters (escape sequences among them) are shown as \xNN, so
 * that a file name or solver message cannot move the cursor or change the title.
 */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Columns padded to their widest cell, separated by two blanks; numbers in `right` columns are aligned right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const clean = [header, ...rows].map((row) => row.map((cell) => printable(cell).replace(/[\n\t]/g, ' ')));
  const widths = header.map((_, i) => Math.max(...clean.map((row) => row[i]?.length ?? 0)));
  return clean
    .map((row) =>
      row
        .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** `file:line:column: error CSV07: message` and the hint on its own line. */
export function problemLines(problems: readonly Problem[]): string {
  return problems
    .map((p) => {
      const place = [p.file, p.line, p.column].filter((part) => part !== null).join(':');
      const hint = p.hint === null ? '' : `    ${printable(p.hint)}\n`;
      return `${place === '' ? '' : `${printable(place)}: `}${p.severity} ${p.code}: ${printable(p.message)}\n${hint}`;
    })
    .join('');
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
