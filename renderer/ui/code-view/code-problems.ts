import type { Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';

/** A problem beside a text; without a line it is not shown in the text. */
export interface CodeProblem {
  readonly severity: 'error' | 'warning' | 'info';
  /** 1-based. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
}

/** Problems as editor diagnostics: from the column to the end of the word, or the whole line without a column. */
export function diagnosticsOf(doc: Text, problems: readonly CodeProblem[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { line, column, severity, message, hint } of problems) {
    if (line === null || line < 1 || line > doc.lines) continue;
    const at = doc.line(line);
    const from =
      column === null ? at.from + (at.text.length - at.text.trimStart().length) : Math.min(at.from + column - 1, at.to);
    const word = /^(\$\{[^}]*\}?|[\w.-]+|\S)/.exec(at.text.slice(from - at.from))?.[0].length ?? 0;
    const to = column === null ? at.to : from + word;
    found.push({ from, to, severity, message: hint === null ? message : `${message}\n${hint}` });
  }
  return found.toSorted((a, b) => a.from - b.from);
}
