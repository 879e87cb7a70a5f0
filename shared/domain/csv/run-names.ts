import { CellScanner } from './cell-scanner.ts';
import { OrdinalTable } from './ordinal-table.ts';
import { showText } from './show-text.ts';

// eslint-disable-next-line no-control-regex
const ILLEGAL = /[\u0000-\u001f\u007f<>:"/\\|?*]/;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** Why a text cannot name a folder on Linux, macOS and Windows alike; null when it can. */
export function badFileName(name: string): string | null {
  const illegal = ILLEGAL.exec(name);
  if (illegal) return `contains ${showText(illegal[0])}`;
  if (name === '.' || name === '..') return 'means a folder itself';
  if (/[. ]$/.test(name)) return 'ends with a dot or a blank';
  if (/^[ -]/.test(name)) return 'begins with a blank or a hyphen';
  if (WINDOWS_DEVICE.test(name)) return 'is the name of a device on Windows';
  return name.length > 100 ? 'is longer than 100 characters' : null;
}

/** Checks the names in a `_run` column, one call per row. */
export class RunNames {
  readonly #seen = new OrdinalTable();
  readonly #hash = new CellScanner();

  /** What is wrong with the name of row `ordinal`; null when nothing is, or the cell is empty (then the number names the run). */
  check(name: string, ordinal: number): { readonly message: string; readonly hint: string } | null {
    if (name === '') return null;
    const bad = badFileName(name);
    if (bad)
      return { message: `the run name ${showText(name)} ${bad}`, hint: 'Use letters, digits, `.`, `_` and `-`.' };
    this.#hash.reset();
    // Folders that differ only in case are one folder on macOS and Windows.
    const folded = name.toLowerCase();
    this.#hash.scan(folded, 0, folded.length);
    const first = this.#seen.seen(this.#hash.a, this.#hash.b, ordinal);
    if (first === 0) return null;
    return {
      message: `the run name ${showText(name)} is already used by row ${first}`,
      hint: 'Give every run its own name, or leave the cell empty.',
    };
  }
}
