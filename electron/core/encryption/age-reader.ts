import type { Identity } from 'age-encryption';
import { AgeError } from './age-error.ts';
import { HEADER_LIMIT, headerLength, openAgeHeader } from './age-header.ts';
import { CHUNK_BYTES, chunkCount, NONCE_BYTES, payloadKey, plainSizeOf, SEALED_CHUNK_BYTES } from './age-layout.ts';
import type { CipherPool } from './cipher-pool.ts';

/** Enough for the header of a file with a few recipients. */
const FIRST_LOOK = 4096;

export interface SealedSource {
  readonly size: number;
  /** Bytes of the age file, fewer only at its end, in memory that nobody else looks at: it may go to another thread. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/**
 * The content of an age file, read by ranges. Every byte that is given out has been proven: a file that was changed, cut off, put together from others or
 * made longer is refused, the latter when it is opened.
 */
export class AgeReader {
  /** Bytes of the content. */
  readonly size: number;
  readonly #key: Buffer;
  readonly #bodyAt: number;
  readonly #source: SealedSource;
  readonly #pool: CipherPool;

  private constructor(key: Buffer, bodyAt: number, source: SealedSource, pool: CipherPool) {
    this.#key = key;
    this.#bodyAt = bodyAt;
    this.#source = source;
    this.#pool = pool;
    this.size = plainSizeOf(source.size - bodyAt);
  }

  /** Reads header and end. @throws AgeError */
  static async open(
    source: SealedSource,
    identities: readonly (string | Identity)[],
    pool: CipherPool,
  ): Promise<AgeReader> {
    const { header, nonce } = await readHead(source);
    const fileKey = await openAgeHeader(header, identities);
    const reader = new AgeReader(payloadKey(fileKey, nonce), header.length + NONCE_BYTES, source, pool);
    // Only the last chunk opens as the last: what was cut off or added is seen before anything is given out.
    const last = chunkCount(reader.size) - 1;
    await reader.#chunks(last, last);
    return reader;
  }

  /** Bytes of the content, fewer only at its end. @throws AgeError `damaged` */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return Buffer.alloc(0);
    const first = Math.floor(offset / CHUNK_BYTES);
    const plain = await this.#chunks(first, Math.floor((end - 1) / CHUNK_BYTES));
    return plain.subarray(offset - first * CHUNK_BYTES, end - first * CHUNK_BYTES);
  }

  async #chunks(first: number, last: number): Promise<Buffer> {
    const toEnd = last === chunkCount(this.size) - 1;
    const from = this.#bodyAt + first * SEALED_CHUNK_BYTES;
    const to = toEnd ? this.#source.size : this.#bodyAt + (last + 1) * SEALED_CHUNK_BYTES;
    const sealed = await this.#source.read(from, to - from);
    if (sealed.length !== to - from) throw damaged();
    const plain = await this.#pool.open({ key: this.#key, first, toEnd }, sealed);
    if (plain === null) throw damaged();
    return plain;
  }
}

async function readHead(source: SealedSource): Promise<{ header: Uint8Array; nonce: Uint8Array }> {
  for (let look = FIRST_LOOK; ; look = HEADER_LIMIT) {
    const start = await source.read(0, Math.min(look, source.size));
    const length = headerLength(start);
    if (length !== null && start.length >= length + NONCE_BYTES)
      return { header: start.subarray(0, length), nonce: start.subarray(length, length + NONCE_BYTES) };
    if (look >= HEADER_LIMIT || start.length >= source.size)
      throw new AgeError('damaged', 'It has been cut off: the header is not whole.');
  }
}

function damaged(): AgeError {
  return new AgeError(
    'damaged',
    'It is not what was encrypted: it was changed or cut off, or parts of it were put elsewhere. Nothing of it is used.',
  );
}
