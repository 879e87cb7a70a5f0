import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ThreadRing } from '../transfer/thread-ring.ts';
import { CHUNK_BYTES, TAG_BYTES } from './age-layout.ts';
import type { ChunkRun } from './chunk-cipher.ts';
import { fastestCipher, openChunks, sealChunks } from './chunk-cipher.ts';
import type { CipherReply, CipherRequest } from './cipher-protocol.ts';

const MOST_THREADS = 4;
/** What is done at once, without a worker: about half a millisecond. */
const INLINE_BYTES = { openssl: 4 * CHUNK_BYTES, noble: CHUNK_BYTES };

interface Waiting {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Worker threads that encrypt and decrypt runs of chunks; started when they are needed. A run goes to one thread and its memory goes with it, so that
 * nothing is copied: whoever has several runs on their way keeps several threads busy. Short runs are done at once.
 */
export class CipherPool {
  readonly #threads: ThreadRing<Thread>;
  readonly #cipher = fastestCipher();

  /**
   * @param url the worker's entry: `cipher-worker.ts`, or what it was bundled to
   * @param most as many threads as there are processors by default: the one that asks has hardly anything to do
   */
  constructor(url: URL, most = Math.min(MOST_THREADS, availableParallelism())) {
    this.#threads = new ThreadRing(most, () => new Thread(url));
  }

  /** Encrypts consecutive chunks from a chunk's beginning. `plain` is handed over: nobody may look at it any more. */
  async seal(run: ChunkRun, plain: Uint8Array): Promise<Buffer> {
    if (plain.length <= INLINE_BYTES[this.#cipher.name]) return asBuffer(sealChunks(this.#cipher, run, plain));
    return asBuffer((await this.#threads.take().ask('seal', run, plain))!);
  }

  /** Decrypts consecutive chunks; null when any of them is not what was encrypted at its place. `sealed` is handed over, too. */
  async open(run: ChunkRun, sealed: Uint8Array): Promise<Buffer | null> {
    const isShort = sealed.length <= INLINE_BYTES[this.#cipher.name] + TAG_BYTES;
    const plain = isShort ? openChunks(this.#cipher, run, sealed) : await this.#threads.take().ask('open', run, sealed);
    return plain === null ? null : asBuffer(plain);
  }

  dispose(): Promise<void> {
    return this.#threads.stop((thread) => thread.end());
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  isAlive = true;

  constructor(url: URL) {
    this.#worker = new Worker(url, { name: 'cipher' });
    this.#worker.unref();
    this.#worker.on('message', ({ id, bytes }: CipherReply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#worker.unref();
      waiting?.resolve(bytes);
    });
    const gone = (error: Error): void => {
      this.isAlive = false;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    this.#worker.on('error', (error) => gone(error as Error));
    this.#worker.on('exit', () => gone(new Error('A thread that encrypts has ended.')));
  }

  ask(kind: CipherRequest['kind'], run: ChunkRun, bytes: Uint8Array): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      // Memory that others have a share in cannot go with the message.
      const isOwn = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
      const own = isOwn ? bytes : new Uint8Array(bytes);
      const request: CipherRequest = { id, kind, run, bytes: own };
      // It keeps the process alive only while there is something to do.
      this.#worker.ref();
      this.#worker.postMessage(request, [own.buffer as ArrayBuffer]);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
