import { recogniseBinary, type BinaryFile } from './file-magic.ts';
import {
  decodeUtf16,
  decodeWindows1252,
  firstInvalidUtf8,
  unfinishedUtf8,
  type TextEncoding,
} from './text-encoding.ts';

/** What the decoder found, in the order of the bytes. */
export type DecodeEvent =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Where the bytes of `text` begin in the file, and how many they are. */
      readonly byteOffset: number;
      readonly byteLength: number;
      readonly encoding: TextEncoding;
    }
  /** A byte order mark was removed. */
  | { readonly kind: 'bom'; readonly encoding: TextEncoding }
  /** Not UTF-8 from `byteOffset` on: everything before it was, everything from it on is decoded as Windows-1252. */
  | { readonly kind: 'not-utf8'; readonly byteOffset: number; readonly byte: number; readonly afterNonAscii: boolean }
  /** No text at all; nothing more will come. */
  | { readonly kind: 'binary'; readonly file: BinaryFile };

/** Enough to tell an .xlsx from any other zip. */
const HEAD_BYTES = 4096;

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/**
 * Bytes of a text file in pieces → text. The encoding is told by a byte order mark, else UTF-8 until a byte contradicts, then
 * Windows-1252. How the bytes are cut into pieces never changes the text. The pieces are not kept: callers may reuse their buffer.
 */
export class ByteDecoder {
  #head: Uint8Array | null = new Uint8Array(0);
  #rest = new Uint8Array(0) as Uint8Array;
  #offset = 0;
  #encoding: TextEncoding = 'utf-8';
  #afterNonAscii = false;
  #stopped = false;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  push(bytes: Uint8Array): DecodeEvent[] {
    if (this.#stopped) return [];
    if (this.#head === null) return this.#decode(bytes, false);
    this.#head = concat(this.#head, bytes);
    return this.#head.length < HEAD_BYTES ? [] : this.#begin(this.#head, false);
  }

  end(): DecodeEvent[] {
    if (this.#stopped) return [];
    return this.#head === null ? this.#decode(new Uint8Array(0), true) : this.#begin(this.#head, true);
  }

  #begin(head: Uint8Array, isEnd: boolean): DecodeEvent[] {
    this.#head = null;
    const file = recogniseBinary(head.subarray(0, HEAD_BYTES));
    if (file) {
      this.#stopped = true;
      return [{ kind: 'binary', file }];
    }
    const events: DecodeEvent[] = [];
    let bom = 0;
    if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) bom = 3;
    else if (head[0] === 0xff && head[1] === 0xfe) [bom, this.#encoding] = [2, 'utf-16le'];
    else if (head[0] === 0xfe && head[1] === 0xff) [bom, this.#encoding] = [2, 'utf-16be'];
    if (bom > 0) events.push({ kind: 'bom', encoding: this.#encoding });
    this.#offset = bom;
    events.push(...this.#decode(head.subarray(bom), isEnd));
    return events;
  }

  #decode(added: Uint8Array, isEnd: boolean): DecodeEvent[] {
    const bytes = this.#rest.length > 0 ? concat(this.#rest, added) : added;
    const held = isEnd ? 0 : this.#heldBack(bytes);
    const now = bytes.subarray(0, bytes.length - held);
    // A copy, because the caller may reuse the buffer.
    this.#rest = bytes.slice(bytes.length - held);
    if (now.length === 0) return [];
    if (this.#encoding !== 'utf-8') return [this.#piece(this.#plainText(now), now.length)];
    try {
      const text = this.#utf8.decode(now);
      if (text.length !== now.length) this.#afterNonAscii = true;
      return [this.#piece(text, now.length)];
    } catch {
      return this.#fallBack(now);
    }
  }

  #heldBack(bytes: Uint8Array): number {
    if (this.#encoding === 'utf-8') return unfinishedUtf8(bytes);
    return this.#encoding === 'windows-1252' ? 0 : bytes.length % 2;
  }

  #plainText(bytes: Uint8Array): string {
    return this.#encoding === 'windows-1252'
      ? decodeWindows1252(bytes)
      : decodeUtf16(bytes, this.#encoding === 'utf-16be');
  }

  #fallBack(bytes: Uint8Array): DecodeEvent[] {
    const invalid = firstInvalidUtf8(bytes);
    const events: DecodeEvent[] = [];
    if (invalid > 0) {
      const text = this.#utf8.decode(bytes.subarray(0, invalid));
      if (text.length !== invalid) this.#afterNonAscii = true;
      events.push(this.#piece(text, invalid));
    }
    events.push({
      kind: 'not-utf8',
      byteOffset: this.#offset,
      byte: bytes[invalid]!,
      afterNonAscii: this.#afterNonAscii,
    });
    this.#encoding = 'windows-1252';
    const rest = bytes.subarray(invalid);
    events.push(this.#piece(decodeWindows1252(rest), rest.length));
    return events;
  }

  #piece(text: string, byteLength: number): DecodeEvent {
    const byteOffset = this.#offset;
    this.#offset += byteLength;
    return { kind: 'text', text, byteOffset, byteLength, encoding: this.#encoding };
  }
}

/** Decodes from the middle of a file whose encoding is known; `byteOffset` must be the start of a character. */
export function decodePart(bytes: Uint8Array, encoding: TextEncoding): string {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes);
  if (encoding !== 'utf-8') return decodeUtf16(bytes, encoding === 'utf-16be');
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
