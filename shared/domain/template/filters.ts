import { shellQuote } from '../shell-quote.ts';
import { suggest } from '../suggest.ts';

/** A step after `|`. */
export type Filter =
  | { readonly kind: 'sh' | 'upper' | 'lower' | 'basename' | 'abspath' }
  | { readonly kind: 'pad'; readonly width: number };

const NAMES = ['sh', 'upper', 'lower', 'basename', 'abspath', 'pad'] as const;
const MAXIMUM_PAD = 100;

/** Reads `name` or `name(argument)`. */
export function parseFilter(
  text: string,
): { readonly ok: true; readonly filter: Filter } | { readonly ok: false; readonly message: string } {
  const match = /^\s*([A-Za-z_]\w*)\s*(?:\(\s*([^()]*?)\s*\))?\s*$/.exec(text);
  if (match === null) return { ok: false, message: `\`|${text}\` is not a filter; use one of ${NAMES.join(', ')}` };
  const [, name = '', argument] = match;
  if (name === 'pad') {
    const width = /^\d{1,3}$/.test(argument ?? '') ? Number(argument) : 0;
    if (width < 1 || width > MAXIMUM_PAD) {
      return { ok: false, message: `write \`pad(4)\`: the number of digits, 1 to ${MAXIMUM_PAD}` };
    }
    return { ok: true, filter: { kind: 'pad', width } };
  }
  const known = NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    const near = suggest(name, NAMES);
    return {
      ok: false,
      message: `\`${name}\` is not a filter; ${near === null ? `use one of ${NAMES.join(', ')}` : `did you mean \`${near}\`?`}`,
    };
  }
  if (argument !== undefined) return { ok: false, message: `the filter \`${name}\` takes no argument` };
  return { ok: true, filter: { kind: known as 'sh' } };
}

/** Applies one filter; fails only for `abspath` when the folder of the run is not known. */
export function applyFilter(
  filter: Filter,
  text: string,
  baseFolder: string | undefined,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string } {
  switch (filter.kind) {
    case 'sh':
      return { ok: true, text: shellQuote(text) };
    case 'upper':
      return { ok: true, text: text.toUpperCase() };
    case 'lower':
      return { ok: true, text: text.toLowerCase() };
    case 'basename':
      return { ok: true, text: text.replace(/[/\\]+$/, '').replace(/^.*[/\\]/s, '') };
    case 'abspath':
      return absolutePath(text, baseFolder);
    case 'pad': {
      const signed = /^[-+]/.test(text) ? 1 : 0;
      return { ok: true, text: text.slice(0, signed) + text.slice(signed).padStart(filter.width - signed, '0') };
    }
  }
}

function absolutePath(
  path: string,
  baseFolder: string | undefined,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string } {
  if (/^(?:[A-Za-z]:)?[/\\]/.test(path)) return { ok: true, text: path };
  if (baseFolder === undefined) {
    return { ok: false, message: 'the filter `abspath` cannot be used here: the folder is not known yet' };
  }
  const separator = /^[A-Za-z]:\\|^\\\\/.test(baseFolder) ? '\\' : '/';
  const start = baseFolder.replace(/[/\\]+$/, '');
  return { ok: true, text: `${start}${separator}${path.replace(/^(?:\.[/\\]+)+/, '')}` };
}
