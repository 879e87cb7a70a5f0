/** Characters that no POSIX shell gives a meaning inside a word. */
const SAFE_POSIX = /^[A-Za-z0-9_@%+=:,./-]+$/;
const SAFE_POWERSHELL = /^[A-Za-z0-9_./\\:+-]+$/;

/** One word of a POSIX shell whose value is exactly `text`: plain when that is safe, else in single quotes. */
export function shellQuote(text: string): string {
  return SAFE_POSIX.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** One PowerShell argument whose value is exactly `text`: plain when that is safe, else a single-quoted string. */
export function powershellQuote(text: string): string {
  // PowerShell reads typographic apostrophes as quotes too.
  return SAFE_POWERSHELL.test(text) && !text.startsWith('-') ? text : `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`;
}
