import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FileHashes, FollowFile, HashFile } from '../local/hash-file.ts';
import { hashHere } from '../local/hash-file.ts';
import { ThreadRing } from '../thread-ring.ts';
import type { FileToHash, HashReply, HashRequest } from './protocol.ts';

/** A few smaller files are hashed at once, in less time than a message to a worker takes. */
const WORKER_ABOVE = 1024 * 1024;
const FEW = 8;
/** Files of one message. */
const TOLD_AT_ONCE = 100;

interface Asked {
  readonly path: string;
  readonly options: Parameters<HashFile>[1];
  readonly resolve: (hashes: FileHashes | Promise<FileHashes>) => void;
}

interface Waiting {
  readonly resolve: (hashes: FileHashes) => void;
  readonly reject: (error: Error) => void;
}

/** Hashes large files, and many at once, in worker threads, which are started when they are first needed. */
export class HashPool {
  readonly #threads: ThreadRing<Thread>;
  /** In this turn of the event loop. */
  #asked: Asked[] = [];

  constructor(url: URL) {
    const most = Math.min(4, Math.max(1, availableParallelism() - 1));
    this.#threads = new ThreadRing(most, () => new Thread(url));
  }

  readonly hash: HashFile = (path, options) =>
    new Promise((resolve) => {
      this.#asked.push({ path, options, resolve });
      if (this.#asked.length === 1) setImmediate(() => this.#hashAsked());
    });

  #hashAsked(): void {
    const asked = this.#asked;
    this.#asked = [];
    if (asked.length < FEW) for (const { path, options, resolve } of asked) resolve(this.#hashOne(path, options));
    else for (let at = 0; at < asked.length; at += TOLD_AT_ONCE) this.#hashMany(asked.slice(at, at + TOLD_AT_ONCE));
  }

  readonly follow: FollowFile = (path) => this.#threads.take().follow(path);

  readonly #hashOne: HashFile = async (path, options) => {
    const { size } = await stat(path);
    if (size < WORKER_ABOVE) return hashHere(path, options);
    return new Promise((resolve) => this.#hashMany([{ path, options, resolve }]));
  };

  #hashMany(asked: readonly Asked[]): void {
    try {
      this.#threads.take().hash(asked);
    } catch (error) {
      for (const { resolve } of asked) resolve(Promise.reject(error as Error));
    }
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
    this.#worker = new Worker(url);
    this.#worker.unref();
    this.#worker.on('message', (reply: HashReply) => {
      for (const answer of reply) {
        const waiting = this.#waiting.get(answer.id);
        this.#waiting.delete(answer.id);
        if (answer.ok) waiting?.resolve(answer.hashes);
        else
          waiting?.reject(Object.assign(new Error(answer.message), answer.code === null ? {} : { code: answer.code }));
      }
    });
    const gone = (error: Error): void => {
      this.isAlive = false;
      for (const waiting of this.#waiting.values()) waiting.reject(error);
      this.#waiting.clear();
    };
    this.#worker.on('error', (error) => gone(error as Error));
    this.#worker.on('exit', () => gone(new Error('a hash worker ended')));
  }

  hash(asked: readonly Asked[]): void {
    const files = asked.flatMap((each): FileToHash[] => {
      const id = this.#next++;
      const { path, options } = each;
      each.resolve(this.#answer(id, options.signal));
      return this.#waiting.has(id) ? [{ id, path, md5: options.md5 }] : [];
    });
    this.#post({ kind: 'hash', files });
  }

  follow(path: string): ReturnType<FollowFile> {
    const id = this.#next++;
    this.#post({ kind: 'follow', id, path });
    const ranges = new Map<number, number>();
    let bytes = 0;
    return {
      came: (offset, length) => {
        ranges.set(offset, length);
        const before = bytes;
        for (let next = ranges.get(bytes); next !== undefined; next = ranges.get(bytes)) {
          ranges.delete(bytes);
          bytes += next;
        }
        if (bytes > before) this.#post({ kind: 'came', id, bytes });
      },
      whole: (size, signal) => {
        const answer = this.#answer(id, signal);
        this.#post({ kind: 'whole', id, bytes: size });
        return answer;
      },
      stop: () => this.#post({ kind: 'stop', id }),
    };
  }

  #post(request: HashRequest): void {
    this.#worker.postMessage(request);
  }

  #answer(id: number, signal: AbortSignal): Promise<FileHashes> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const aborted = (): void => {
        this.#post({ kind: 'stop', id });
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
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
