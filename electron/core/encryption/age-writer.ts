import type { NewAgeFile } from './age-header.ts';
import { ageSize, CHUNK_BYTES, chunkCount, payloadKey, SEALED_CHUNK_BYTES } from './age-layout.ts';
import type { CipherPool } from './cipher-pool.ts';

/** Encrypted chunks that were read only in part are kept, since the next range begins in them. */
const KEPT_CHUNKS = 16;
/** In longer ranges a kept chunk is made again: to put it before the others would copy all of them. */
const SHORT_RANGE_CHUNKS = 16;

export interface PlainSource {
  readonly size: number;
  /** Exactly these bytes of the content, in memory that nobody else looks at: it may go to another thread. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** The age file that a content becomes, read by ranges in any order: the same bytes each time, none of them kept. */
export class AgeWriter {
  readonly size: number;
  readonly #head: Buffer;
  readonly #key: Buffer;
  readonly #source: PlainSource;
  readonly #pool: CipherPool;
  readonly #kept = new Map<number, Buffer>();

  constructor(file: NewAgeFile, source: PlainSource, pool: CipherPool) {
    this.#head = Buffer.concat([file.header, file.nonce]);
    this.#key = payloadKey(file.fileKey, file.nonce);
    this.#source = source;
    this.#pool = pool;
    this.size = ageSize(source.size, file.header.length);
  }

  /** Bytes `offset…offset + length` of the age file, fewer only at its end. Rejects with what the source's `read` rejects with. */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return Buffer.alloc(0);
    const headEnd = Math.min(end, this.#head.length);
    const head = this.#head.subarray(Math.min(offset, headEnd), headEnd);
    if (end <= this.#head.length) return Buffer.from(head);
    const body = await this.#body(Math.max(0, offset - this.#head.length), end - this.#head.length);
    return head.length === 0 ? body : Buffer.concat([head, body]);
  }

  /** A range of the chunks. */
  async #body(from: number, to: number): Promise<Buffer> {
    const first = Math.floor(from / SEALED_CHUNK_BYTES);
    const last = Math.floor((to - 1) / SEALED_CHUNK_BYTES);
    const kept = last - first <= SHORT_RANGE_CHUNKS ? this.#kept.get(first) : undefined;
    const parts: Buffer[] = kept === undefined ? [] : [kept];
    const begin = kept === undefined ? first : first + 1;
    if (begin <= last) parts.push(await this.#seal(begin, last));
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    const at = first * SEALED_CHUNK_BYTES;
    const lastAt = last * SEALED_CHUNK_BYTES - at;
    this.#kept.delete(first);
    if (to - at < bytes.length) this.#keep(last, Buffer.from(bytes.subarray(lastAt)));
    return bytes.subarray(from - at, to - at);
  }

  async #seal(first: number, last: number): Promise<Buffer> {
    const { size } = this.#source;
    const from = first * CHUNK_BYTES;
    const to = Math.min((last + 1) * CHUNK_BYTES, size);
    const plain = to === from ? new Uint8Array(0) : await this.#source.read(from, to - from);
    if (plain.length !== to - from) throw new Error(`${plain.length} of ${to - from} bytes could be read`);
    return this.#pool.seal({ key: this.#key, first, toEnd: last === chunkCount(size) - 1 }, plain);
  }

  #keep(chunk: number, bytes: Buffer): void {
    this.#kept.set(chunk, bytes);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_CHUNKS && oldest !== undefined) this.#kept.delete(oldest);
  }
}
