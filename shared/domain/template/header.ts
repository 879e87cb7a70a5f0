/** What the first lines of a template say about its delimiters. The header is not part of the processed file. */
export interface TemplateHeader {
  /** Delimiters from `# TEMPLATE_INLINE = ={ }=`, or null. */
  readonly delimiters: { readonly open: string; readonly close: string } | null;
  /** Parts of the source to leave out: [start, end), line ends included, rising. */
  readonly removed: readonly (readonly [number, number])[];
}

const OVERRIDE =
  /^[^A-Za-z0-9_\n]*(?:TEMPLATE|DPREPRO|PYPREPRO|PREPRO)_(INLINE|CODE|CODE_BLOCK)[ \t]*=[ \t]*(\S+)(?:[ \t]+(\S+))?[^\n]*$/;

/**
 * Reads the override lines at the top, as Dakota's preprocessor does: blank lines and a `#!` line may come before them.
 * `PREPRO_CODE` lines are left out too; the code they announce is refused elsewhere.
 */
export function readHeader(source: string): TemplateHeader {
  const removed: [number, number][] = [];
  let delimiters: TemplateHeader['delimiters'] = null;
  let start = 0;
  while (start < source.length) {
    const newline = /\r\n|\n|\r/g;
    newline.lastIndex = start;
    const match = newline.exec(source);
    const end = match === null ? source.length : match.index + match[0].length;
    const line = source.slice(start, match === null ? source.length : match.index);
    const override = OVERRIDE.exec(line);
    if (override !== null) {
      const [, what, open, close] = override;
      if (what === 'INLINE') delimiters = { open: open!, close: close ?? '' };
      removed.push([start, end]);
    } else if (line.trim() !== '' && !(start === 0 && line.startsWith('#!'))) break;
    start = end;
  }
  return { delimiters, removed };
}

/** Null when a pair of delimiters can be used, else a sentence. */
export function delimiterProblem(open: string, close: string): string | null {
  for (const [name, text] of [
    ['opening', open],
    ['closing', close],
  ] as const) {
    if (text.length < 1 || text.length > 4) return `the ${name} delimiter \`${text}\` must have 1 to 4 characters`;
    if (/[\sA-Za-z0-9_\\"']/.test(text)) {
      return `the ${name} delimiter \`${text}\` must not contain letters, digits, blanks, quotes or backslashes`;
    }
  }
  return null;
}
