import { problem, type Problem, type Severity } from '../problem.ts';
import { count } from './show-text.ts';

export type ProblemPlace = Partial<Pick<Problem, 'line' | 'column' | 'hint'>>;

/** Problems of one code that are kept in full. */
export const PROBLEMS_PER_CODE = 100;

/**
 * Collects the problems of one file. A million bad rows cost no memory: after the first 100 of a code and severity only their number is
 * kept, and `problems()` ends with one line that says how many more there are.
 */
export class ProblemLog {
  readonly #file: string | null;
  readonly #kept: Problem[] = [];
  readonly #counts = new Map<string, { code: string; severity: Severity; count: number }>();

  constructor(file: string | null) {
    this.#file = file;
  }

  /** `message` is only made when the problem is kept. */
  add(
    code: string,
    severity: Severity,
    message: string | (() => string),
    place: ProblemPlace | (() => ProblemPlace) = {},
  ): void {
    if (!this.#countIn(code, severity, 1)) return;
    const text = typeof message === 'string' ? message : message();
    const at = typeof place === 'function' ? place() : place;
    this.#kept.push(problem(code, severity, text, { file: this.#file, ...at }));
  }

  /** Counts problems that were seen but not kept by whoever found them. */
  addUnseen(code: string, severity: Severity, number: number): void {
    if (number > 0) this.#countIn(code, severity, number);
  }

  get hasErrors(): boolean {
    for (const entry of this.#counts.values()) if (entry.severity === 'error') return true;
    return false;
  }

  has(code: string): boolean {
    return this.#kept.some((p) => p.code === code);
  }

  /** In file order; what concerns the whole file comes first, the "and more" lines last. */
  problems(): Problem[] {
    const place = (p: Problem): number => (p.line ?? 0) * 1e7 + (p.column ?? 0);
    const sorted = [...this.#kept].sort((a, b) => place(a) - place(b));
    for (const { code, severity, count: total } of this.#counts.values()) {
      const kept = this.#kept.filter((p) => p.code === code && p.severity === severity).length;
      if (total <= kept) continue;
      const text = `${code}: ${count(total - kept, 'more problem')} of this kind ${total - kept === 1 ? 'is' : 'are'} not listed`;
      sorted.push(problem(code, severity, text, { file: this.#file }));
    }
    return sorted;
  }

  #countIn(code: string, severity: Severity, number: number): boolean {
    const key = `${code} ${severity}`;
    const entry = this.#counts.get(key) ?? { code, severity, count: 0 };
    entry.count += number;
    this.#counts.set(key, entry);
    return entry.count <= PROBLEMS_PER_CODE;
  }
}
