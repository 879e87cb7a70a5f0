import { Worker } from 'node:worker_threads';
import type { PackBundle, PackedChunk } from '../ends/ssh/outgoing-bundle.ts';
import { packHere } from '../ends/ssh/outgoing-bundle.ts';
import type { Compression } from '../tar-pack.ts';
import { ThreadRing } from '../thread-ring.ts';
import type { FileToPack, PackedFile, PackReply, PackRequest } from './protocol.ts';

/** Two bundles of a transfer are on their way at once. */
const MOST_THREADS = 2;

type Handler = (reply: PackReply) => void;

/** Packs bundles of small files in threads of their own: opening, reading and packing thousands of them would hold up everything else. */
export class PackPool {
  readonly #threads: ThreadRing<Thread>;

  constructor(url: URL) {
    this.#threads = new ThreadRing(MOST_THREADS, () => new Thread(url));
  }

  /** Files that are not simply those of this workstation (they are encrypted on the way) are packed by whoever asks. */
  readonly pack: PackBundle = async (files, options) => {
    const here = files.map((file): FileToPack | null => {
      const { here: at, path, size, modifiedAt, mode } = file;
      return at === undefined || at === null
        ? null
        : { path, size, modifiedAt, mode, absolute: at.absolute, mark: at.mark };
    });
    if (here.includes(null)) return packHere(files, options);
    const { problems, list, offered, signal } = options;
    const packing = new Packing(this.#threads.take(), signal);
    const compression = await packing.begin({ kind: 'pack', files: here as FileToPack[], offered: [...offered], list });
    const took = (results: readonly PackedFile[]): void => {
      for (const [i, result] of results.entries()) {
        if ('problem' in result) problems.set(files[i]!.path, result.problem);
        else files[i]!.here!.took(result.sha256);
      }
    };
    const throttle = (bytes: number): Promise<void> => files[0]!.here!.throttle(bytes);
    return { compression, chunks: packing.chunks(throttle, took) };
  };

  dispose(): Promise<void> {
    return this.#threads.stop((thread) => thread.worker.terminate());
  }
}

class Thread {
  readonly worker: Worker;
  readonly #handlers = new Map<number, Handler>();
  isAlive = true;
  #next = 1;

  constructor(url: URL) {
    this.worker = new Worker(url, { name: 'pack' });
    this.worker.on('message', (reply: PackReply) => this.#handlers.get(reply.id)?.(reply));
    const gone = (message: string): void => {
      this.isAlive = false;
      for (const [id, tell] of [...this.#handlers]) tell({ kind: 'failed', id, message });
    };
    this.worker.on('error', (error: Error) => gone(error.message));
    this.worker.on('exit', () => gone('a pack worker ended'));
    this.worker.unref();
  }

  /** Hears what is said of a bundle until the returned function is called. It keeps the process alive only while there is a bundle. */
  hear(handler: Handler): { readonly id: number; readonly end: () => void } {
    const id = this.#next++;
    this.#handlers.set(id, handler);
    this.worker.ref();
    const end = (): void => {
      this.#handlers.delete(id);
      if (this.#handlers.size === 0) this.worker.unref();
    };
    return { id, end };
  }

  post(request: PackRequest): void {
    this.worker.postMessage(request);
  }
}

/** One bundle that is being packed. */
class Packing {
  readonly #thread: Thread;
  readonly #signal: AbortSignal;
  readonly #heard: { readonly id: number; readonly end: () => void };
  readonly #replies: PackReply[] = [];
  #wake: () => void = () => {};
  readonly #stop = (): void => this.#wake();

  constructor(thread: Thread, signal: AbortSignal) {
    this.#thread = thread;
    this.#signal = signal;
    this.#heard = thread.hear((reply) => {
      this.#replies.push(reply);
      this.#wake();
    });
  }

  async begin(request: Omit<Extract<PackRequest, { kind: 'pack' }>, 'id'>): Promise<Compression> {
    this.#signal.addEventListener('abort', this.#stop);
    this.#thread.post({ ...request, id: this.#heard.id });
    try {
      const reply = await this.#reply();
      if (reply.kind === 'begun') return reply.compression;
      throw new Error(reply.kind === 'failed' ? reply.message : 'a pack worker did not begin');
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  async *chunks(
    throttle: (bytes: number) => Promise<void>,
    took: (results: readonly PackedFile[]) => void,
  ): AsyncGenerator<PackedChunk> {
    try {
      for (;;) {
        const reply = await this.#reply();
        if (reply.kind === 'failed') throw new Error(reply.message);
        if (reply.kind === 'end') return took(reply.files);
        if (reply.kind !== 'chunk') continue;
        const { packed, contentBytes } = reply;
        await throttle(contentBytes);
        this.#thread.post({ kind: 'more', id: this.#heard.id });
        yield { packed: Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength), contentBytes };
      }
    } finally {
      this.#end();
    }
  }

  async #reply(): Promise<PackReply> {
    for (;;) {
      this.#signal.throwIfAborted();
      const reply = this.#replies.shift();
      if (reply !== undefined) return reply;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #end(): void {
    this.#signal.removeEventListener('abort', this.#stop);
    this.#heard.end();
    if (this.#thread.isAlive) this.#thread.post({ kind: 'stop', id: this.#heard.id });
  }
}
