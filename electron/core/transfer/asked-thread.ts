import { Worker } from 'node:worker_threads';

type Handler<Reply> = (reply: Reply) => void;

/** Requests and replies carry the id of what was asked. */
interface Numbered {
  readonly kind: string;
  readonly id: number;
}

/** What every thread may say: that it cannot do what was asked. */
export interface ThreadFailure {
  readonly kind: 'failed';
  readonly id: number;
  readonly message: string;
}

/** A worker thread of which several things may be asked at the same time, each with many replies. It keeps the process alive only while it is asked something. */
export class AskedThread<Request extends Numbered, Reply extends Numbered> {
  readonly #worker: Worker;
  readonly #handlers = new Map<number, Handler<Reply | ThreadFailure>>();
  isAlive = true;
  #next = 1;

  constructor(url: URL, name: string) {
    this.#worker = new Worker(url, { name });
    this.#worker.on('message', (reply: Reply) => this.#handlers.get(reply.id)?.(reply));
    const gone = (message: string): void => {
      this.isAlive = false;
      for (const [id, tell] of [...this.#handlers]) tell({ kind: 'failed', id, message });
    };
    this.#worker.on('error', (error) => gone((error as Error).message));
    this.#worker.on('exit', () => gone(`a ${name} worker ended`));
    this.#worker.unref();
  }

  /** Asks for something. `request` and `stop` are given the id under which it is asked; `stop` is said once nobody wants more. */
  ask(request: (id: number) => Request, stop: (id: number) => Request, signal: AbortSignal): Replies<Reply> {
    const id = this.#next++;
    const replies = new Replies<Reply>(id, signal, () => {
      this.#handlers.delete(id);
      if (this.#handlers.size === 0) this.#worker.unref();
      if (this.isAlive) this.#worker.postMessage(stop(id));
    });
    this.#handlers.set(id, (reply) => replies.add(reply));
    this.#worker.ref();
    this.#worker.postMessage(request(id));
    return replies;
  }

  /** Says something more about what was asked with these replies. */
  tell(request: Request): void {
    if (this.isAlive) this.#worker.postMessage(request);
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** What a thread says of one thing that was asked of it, in order. */
export class Replies<Reply> {
  readonly id: number;
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;
  readonly #waiting: (Reply | ThreadFailure)[] = [];
  #wake: () => void = () => {};
  #isOver = false;
  readonly #stop = (): void => this.#wake();

  constructor(id: number, signal: AbortSignal, onEnd: () => void) {
    this.id = id;
    this.#signal = signal;
    this.#onEnd = onEnd;
    signal.addEventListener('abort', this.#stop);
  }

  add(reply: Reply | ThreadFailure): void {
    this.#waiting.push(reply);
    this.#wake();
  }

  /** The next reply. @throws the signal's reason; Error when the thread has failed */
  async next(): Promise<Reply> {
    for (;;) {
      this.#signal.throwIfAborted();
      const reply = this.#waiting.shift();
      if (reply === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else if (isFailure(reply)) throw new Error(reply.message);
      else return reply;
    }
  }

  /** Nobody wants more. Harmless to repeat. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal.removeEventListener('abort', this.#stop);
    this.#onEnd();
  }
}

function isFailure(reply: unknown): reply is ThreadFailure {
  return (reply as { readonly kind: string }).kind === 'failed';
}
