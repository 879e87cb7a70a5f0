import type { TextEncoding } from './text-encoding.ts';

interface Piece {
  readonly charOffset: number;
  readonly text: string;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly encoding: TextEncoding;
}

/** Bytes that the first `end` UTF-16 units of `text` take in UTF-8; the cut must not split a surrogate pair. */
function utf8Length(text: string, end: number): number {
  let bytes = 0;
  for (let i = 0; i < end; i++) {
    const c = text.charCodeAt(i);
    // Each half of a surrogate pair counts two of the pair's four bytes.
    if (c < 0x80) bytes += 1;
    else bytes += c < 0x800 || (c >= 0xd800 && c < 0xe000) ? 2 : 3;
  }
  return bytes;
}

/** Turns offsets in the decoded text into offsets in the file, for the most recent pieces. */
export class ByteMap {
  #pieces: Piece[] = [];
  #chars = 0;

  add(text: string, byteOffset: number, byteLength: number, encoding: TextEncoding): void {
    this.#pieces.push({ charOffset: this.#chars, text, byteOffset, byteLength, encoding });
    this.#chars += text.length;
  }

  /** Forgets all but the last `pieces`. */
  keepLast(pieces: number): void {
    if (this.#pieces.length > pieces) this.#pieces = this.#pieces.slice(-pieces);
  }

  /** Byte offset of the character at `charOffset`, or null when its piece is forgotten or not there yet. */
  byteOffsetOf(charOffset: number): number | null {
    const piece = this.#pieces.findLast((p) => p.charOffset <= charOffset);
    if (!piece || charOffset > piece.charOffset + piece.text.length) return null;
    const chars = charOffset - piece.charOffset;
    if (piece.encoding === 'utf-16le' || piece.encoding === 'utf-16be') return piece.byteOffset + 2 * chars;
    const oneByteEach = piece.encoding === 'windows-1252' || piece.text.length === piece.byteLength;
    return piece.byteOffset + (oneByteEach ? chars : utf8Length(piece.text, chars));
  }
}
