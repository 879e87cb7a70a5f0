import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FileHashes, HashFile } from '../local/hash-file.ts';
import { hashHere } from '../local/hash-file.ts';
import { ThreadRing } from '../thread-ring.ts';
import type { HashReply, HashRequest } from './protocol.ts';

/** Smaller files are hashed at once, in less time than a message to a worker takes. */
const WORKER_ABOVE = 1024 * 1024;

interface Waiting {
  readonly resolve: (hashes: FileHashes) => void;
  readonly reject: (error: Error) => void;
}

/** Hashes large files in worker threads, which are started when they are first needed. */
export class HashPool {
  readonly #threads: ThreadRing<Thread>;

  constructor(url: URL) {
    const most = Math.min(4, Math.max(1, availableParallelism() - 1));
    this.#threads = new ThreadRing(most, () => new Thread(url));
  }

  readonly hash: HashFile = async (path, options) => {
    const { size } = await stat(path);
    if (size < WORKER_ABOVE) return hashHere(path, options);
    return this.#threads.take().hash(path, options);
  };

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
    this.#worker = new Worker(url);
    this.#worker.unref();
    this.#worker.on('message', (reply: HashReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.ok) waiting?.resolve(reply.hashes);
      else waiting?.reject(Object.assign(new Error(reply.message), reply.code === null ? {} : { code: reply.code }));
    });
    const gone = (error: Error): void => {
      this.isAlive = false;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    this.#worker.on('error', (error) => gone(error as Error));
    this.#worker.on('exit', () => gone(new Error('a hash worker ended')));
  }

  hash(path: string, { md5, signal }: { readonly md5: boolean; readonly signal: AbortSignal }): Promise<FileHashes> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const id = this.#next++;
      const post = (request: HashRequest): void => this.#worker.postMessage(request);
      const aborted = (): void => {
        post({ kind: 'stop', id });
        this.#waiting.delete(id);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', aborted, { once: true });
      const settled = (): void => signal.removeEventListener('abort', aborted);
      this.#waiting.set(id, {
        resolve: (hashes) => {
          settled();
          resolve(hashes);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      post({ kind: 'hash', id, path, md5 });
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
