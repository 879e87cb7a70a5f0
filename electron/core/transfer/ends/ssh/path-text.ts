import { Buffer, isUtf8 } from 'node:buffer';
import { shellQuote } from '../../../../../shared/domain/shell-quote.ts';

/**
 * Paths of a host are bytes; the rest of the core knows them as text. A byte that belongs to no UTF-8 character stands as a lone surrogate U+DC80…U+DCFF (as
 * Python's `surrogateescape` writes it), so that every path comes back byte for byte.
 */
const ESCAPED_BYTE = /([\u{dc80}-\u{dcff}])/u;
const ESCAPE_BASE = 0xdc00;
const LONGEST_CHARACTER = 4;

/** The text of a path from a host. */
export function textOfPath(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterAt(bytes, at);
    text += length === 0 ? String.fromCharCode(ESCAPE_BASE + bytes[at]!) : bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes the character has that begins there; 0 = none does. */
function characterAt(bytes: Buffer, at: number): number {
  for (let length = 1; length <= LONGEST_CHARACTER && at + length <= bytes.length; length++)
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  return 0;
}

/** The bytes of a path that `textOfPath` gave, or that a person typed. */
export function bytesOfPath(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts = text.split(ESCAPED_BYTE);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part, 'utf8') : Buffer.from([part.charCodeAt(0) & 0xff]))),
  );
}

/** A folder as a word of POSIX sh, for `cd` and the like; a slash and a dot may follow its name. */
export function folderWord(text: string): string {
  if (text.isWellFormed()) return shellQuote(text.startsWith('-') ? `./${text}` : text);
  const octal = [...bytesOfPath(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  // A shell takes line ends off the end of what a command says.
  return `"$(printf '${octal}/.')"`;
}
