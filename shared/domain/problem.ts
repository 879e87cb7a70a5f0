/** A problem found by a check: where, what, and how to mend it. Checks return all problems at once; nothing throws on bad user input. */
export type Severity = 'error' | 'warning' | 'info';

export interface Problem {
  /** Stable code such as `CSV07`, `TPL01`, `OUT01`, `JOB03`. */
  readonly code: string;
  readonly severity: Severity;
  /** Path relative to the job folder, `/`-separated; null when no file is concerned. */
  readonly file: string | null;
  /** 1-based line in `file`, or null. */
  readonly line: number | null;
  /** 1-based column (UTF-16 units) in that line, or null. */
  readonly column: number | null;
  /** One sentence: what is wrong, with the offending text. */
  readonly message: string;
  /** What to do about it, or null when the message says it all. */
  readonly hint: string | null;
  /** JSON pointer into the job spec (`/doe/runs`) that the problem belongs to, so that the app can link to the field. */
  readonly field?: string;
}

/** Fills the optional places of a problem with null. */
export function problem(
  code: string,
  severity: Severity,
  message: string,
  at: Partial<Pick<Problem, 'file' | 'line' | 'column' | 'hint' | 'field'>> = {},
): Problem {
  return { code, severity, message, file: null, line: null, column: null, hint: null, ...at };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((p) => p.severity === 'error');
}
