import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES } from './age-layout.ts';
import type { ChunkRun } from './chunk-cipher.ts';
import { fastestCipher, openChunks, sealChunks } from './chunk-cipher.ts';
import type { CipherReply, CipherRequest } from './cipher-protocol.ts';

const MOST_WORKERS = 4;
/** Chunks that go to a worker at once: 1 MiB. */
const CHUNKS_PER_TURN = 16;
/** What is done at once, without a worker: about half a millisecond. */
const INLINE_BYTES = { openssl: 4 * CHUNK_BYTES, noble: CHUNK_BYTES };

interface Waiting {
  readonly worker: PoolWorker;
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: Error) => void;
}

interface PoolWorker {
  readonly thread: Worker;
  load: number;
}

/** Worker threads that encrypt and decrypt runs of chunks; started when they are needed. Short runs are done at once. */
export class CipherPool {
  readonly #url: URL;
  readonly #size: number;
  readonly #workers = new Set<PoolWorker>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #cipher = fastestCipher();
  #next = 1;
  #disposed = false;

  /** @param url the worker's entry: `cipher-worker.ts`, or what it was bundled to */
  constructor(url: URL, size = Math.max(1, Math.min(MOST_WORKERS, availableParallelism() - 1))) {
    this.#url = url;
    this.#size = size;
  }

  /** Encrypts consecutive chunks from a chunk's beginning. */
  async seal(run: ChunkRun, plain: Uint8Array): Promise<Buffer> {
    if (plain.length <= INLINE_BYTES[this.#cipher.name]) return asBuffer(sealChunks(this.#cipher, run, plain));
    return (await this.#spread('seal', run, plain, CHUNK_BYTES))!;
  }

  /** Decrypts consecutive chunks; null when any of them is not what was encrypted at its place. */
  async open(run: ChunkRun, sealed: Uint8Array): Promise<Buffer | null> {
    if (sealed.length > INLINE_BYTES[this.#cipher.name] + TAG_BYTES)
      return this.#spread('open', run, sealed, SEALED_CHUNK_BYTES);
    const plain = openChunks(this.#cipher, run, sealed);
    return plain === null ? null : asBuffer(plain);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#workers].map(({ thread }) => thread.terminate()));
  }

  async #spread(
    kind: CipherRequest['kind'],
    run: ChunkRun,
    bytes: Uint8Array,
    chunkBytes: number,
  ): Promise<Buffer | null> {
    const turn = CHUNKS_PER_TURN * chunkBytes;
    const turns: Promise<Uint8Array | null>[] = [];
    for (let at = 0; at < bytes.length; at += turn) {
      const isLast = at + turn >= bytes.length;
      const part: ChunkRun = { key: run.key, first: run.first + at / chunkBytes, toEnd: run.toEnd && isLast };
      // A copy, which is handed over; a Buffer's own `slice` would share its memory.
      turns.push(this.#ask(kind, part, new Uint8Array(bytes.subarray(at, at + turn))));
    }
    const parts = await Promise.all(turns);
    const whole: Uint8Array[] = [];
    for (const part of parts) {
      if (part === null) return null;
      whole.push(part);
    }
    return whole.length === 1 ? asBuffer(whole[0]!) : Buffer.concat(whole);
  }

  #ask(kind: CipherRequest['kind'], run: ChunkRun, bytes: Uint8Array): Promise<Uint8Array | null> {
    const worker = this.#leastLoaded();
    worker.load++;
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { worker, resolve, reject });
      const request: CipherRequest = { id, kind, run, bytes };
      worker.thread.ref();
      worker.thread.postMessage(request, [bytes.buffer as ArrayBuffer]);
    });
  }

  #leastLoaded(): PoolWorker {
    if (this.#disposed) throw new Error('The encryption has been stopped.');
    const idle = [...this.#workers].toSorted((a, b) => a.load - b.load)[0];
    if (idle !== undefined && (idle.load === 0 || this.#workers.size >= this.#size)) return idle;
    const worker: PoolWorker = { thread: new Worker(this.#url, { name: 'cipher' }), load: 0 };
    this.#workers.add(worker);
    worker.thread.on('message', ({ id, bytes }: CipherReply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      worker.load--;
      if (worker.load === 0) worker.thread.unref();
      waiting?.resolve(bytes);
    });
    const gone = (error: Error): void => {
      this.#workers.delete(worker);
      for (const [id, waiting] of this.#waiting) {
        if (waiting.worker !== worker) continue;
        this.#waiting.delete(id);
        waiting.reject(error);
      }
    };
    worker.thread.on('error', (error) => gone(error as Error));
    worker.thread.on('exit', () => gone(new Error('A thread that encrypts has ended.')));
    return worker;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
