import ignore from 'ignore';
import type { Ignore } from 'ignore';

/** A file with gitignore patterns for the folder that it lies in, and below. */
export const IGNORE_FILE = '.slipwayignore';

/** Patterns of one folder; `folder` is relative to the source, '' = the source itself. */
interface Level {
  readonly folder: string;
  readonly rules: Ignore;
}

/** What is left out of a tree: gitignore patterns, those of deeper folders after those above, so that a deeper one has the last word. */
export class IgnoreRules {
  readonly #levels: readonly Level[];

  private constructor(levels: readonly Level[]) {
    this.#levels = levels;
  }

  /** Rules for a whole source. */
  static of(patterns: readonly string[]): IgnoreRules {
    return new IgnoreRules(patterns.length === 0 ? [] : [{ folder: '', rules: ignore().add([...patterns]) }]);
  }

  /** These rules and those of an ignore file in `folder`. */
  below(folder: string, text: string): IgnoreRules {
    return new IgnoreRules([...this.#levels, { folder, rules: ignore().add(text) }]);
  }

  /** Whether a path is left out. What lies below a folder that is left out is not asked for. */
  ignores(path: string, isFolder: boolean): boolean {
    let ignored = false;
    for (const { folder, rules } of this.#levels) {
      const relative = folder === '' ? path : path.slice(folder.length + 1);
      const verdict = rules.test(isFolder ? `${relative}/` : relative);
      if (verdict.ignored) ignored = true;
      else if (verdict.unignored) ignored = false;
    }
    return ignored;
  }
}
