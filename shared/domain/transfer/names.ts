const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i;
const FORBIDDEN = /[<>:"|?*\\\u0000-\u001f]/;
const LONGEST_NAME_BYTES = 255;

/** What is wrong with one name for Windows, as the end of a sentence that begins with the name; null = nothing. */
export function windowsNameProblem(name: string): string | null {
  if (RESERVED.test(name.split('.')[0]!.trimEnd())) return 'is a reserved name on Windows';
  if (/[. ]$/.test(name)) return 'ends with a dot or a space, which Windows cuts off';
  const forbidden = FORBIDDEN.exec(name);
  return forbidden === null ? null : `has the character ${JSON.stringify(forbidden[0])}, which Windows forbids`;
}

/** Bytes of a text in UTF-8. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * Why a relative path cannot be a file below a target folder, as the end of a sentence that begins with the path; null = it can. Paths that a far side tells are
 * judged by it before anything is written, so it must hold for every text. Odd names, such as those with control
 * characters, are kept: whoever shows them makes them printable.
 */
export function targetPathProblem(path: string, target: { readonly windowsNames: boolean }): string | null {
  if (path === '') return 'is empty';
  if (path.startsWith('/') || path.startsWith('\\')) return 'is an absolute path';
  // A lone surrogate stands for a byte that is no character; it would become another name.
  if (!path.isWellFormed()) return 'is not UTF-8';
  if (target.windowsNames && /^[A-Za-z]:/.test(path)) return 'names a drive';
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') return 'does not stay inside the folder';
    if (name.includes('\0')) return 'holds a NUL';
    if (utf8Length(name) > LONGEST_NAME_BYTES) return `has a name of more than ${LONGEST_NAME_BYTES} bytes`;
    const onWindows = target.windowsNames ? windowsNameProblem(name) : null;
    if (onWindows !== null) return onWindows;
  }
  return null;
}

/** Paths with the same key are the same file on a target; one that does not tell case apart does not tell forms of Unicode apart either. */
export function collisionKey(path: string, target: { readonly caseSensitive: boolean }): string {
  return target.caseSensitive ? path : path.normalize('NFC').toLowerCase();
}

/** Whether a link at `path` (relative to a root) with this text leads to somewhere in the root, by its words. */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\\') || /^[A-Za-z]:/.test(target)) return false;
  let depth = path.split('/').length - 1;
  for (const name of target.split('/')) {
    if (name === '..') depth--;
    else if (name !== '' && name !== '.') depth++;
    if (depth < 0) return false;
  }
  return true;
}

/** Names beside one that is taken, without end: `mesh (2).inp`, `mesh (3).inp` … */
export function* namesBeside(path: string): Generator<string, never> {
  const slash = path.lastIndexOf('/') + 1;
  const dot = path.indexOf('.', slash + 1);
  const [stem, extension] = dot < 0 ? [path, ''] : [path.slice(0, dot), path.slice(dot)];
  for (let number = 2; ; number++) yield `${stem} (${number})${extension}`;
}
