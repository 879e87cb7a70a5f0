import { Worker } from 'node:worker_threads';
import type { Compression } from '../../transfer/tar-pack.ts';
import type {
  CollectItem,
  CollectResult,
  OpenJob,
  PackResult,
  StageItem,
  StageResult,
  WorkerReply,
  WorkerRequest,
} from './protocol.ts';

/** A batch of outputs that takes longer is split; a single run that does is given up: its regular expression runs away. */
const COLLECT_SECONDS = 20;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

type RequestBody = WorkerRequest extends infer R ? (R extends WorkerRequest ? Omit<R, 'id'> : never) : never;

/** The main-thread side of a run worker. A worker that dies or hangs is replaced; jobs stay open across that. */
export class RunWorkerClient {
  readonly #url: URL;
  readonly #jobs = new Map<string, OpenJob>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #next = 1;
  #disposed = false;

  constructor(url: URL) {
    this.#url = url;
  }

  async open(job: OpenJob): Promise<void> {
    this.#ensure();
    this.#jobs.set(job.job, job);
    await this.#call({ kind: 'open', job });
  }

  async close(job: string): Promise<void> {
    this.#jobs.delete(job);
    if (this.#worker !== null) await this.#call({ kind: 'close', job });
  }

  async stage(job: string, items: readonly StageItem[]): Promise<StageResult[]> {
    return (await this.#call({ kind: 'stage', job, items })) as StageResult[];
  }

  /** Renders run folders into a chunk of a tar stream. */
  async pack(job: string, items: readonly StageItem[], compression: Compression): Promise<PackResult> {
    return (await this.#call({ kind: 'pack', job, items, compression })) as PackResult;
  }

  /** Reads the outputs of ended runs; one run with a runaway pattern fails alone. */
  async collect(job: string, items: readonly CollectItem[]): Promise<CollectResult[]> {
    const timer = new AbortController();
    const timeout = setTimeout(() => timer.abort(), COLLECT_SECONDS * 1000);
    try {
      return (await this.#call({ kind: 'collect', job, items }, timer.signal)) as CollectResult[];
    } catch (error) {
      if (!timer.signal.aborted || this.#disposed) throw error;
    } finally {
      clearTimeout(timeout);
    }
    if (items.length > 1) {
      const results: CollectResult[] = [];
      for (const item of items) results.push(...(await this.collect(job, [item])));
      return results;
    }
    const message = `reading the outputs took more than ${COLLECT_SECONDS} s; a regular expression of an output or success rule probably backtracks without end`;
    return items.map((item) => ({
      run: item.run,
      outputs: {},
      problems: [],
      failure: item.failure ?? { kind: 'output', message },
      columns: [],
    }));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#worker?.terminate();
  }

  #call(body: RequestBody, signal?: AbortSignal): Promise<unknown> {
    const worker = this.#ensure();
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      signal?.addEventListener('abort', () => void worker.terminate(), { once: true });
      worker.postMessage({ id, ...body });
    });
  }

  #ensure(): Worker {
    if (this.#disposed) throw new Error('the run worker has been stopped');
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(this.#url);
    this.#worker = worker;
    worker.on('message', (reply: WorkerReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (reply.ok) waiting?.resolve(reply.result);
      else waiting?.reject(new Error(reply.message));
    });
    const gone = (error: Error): void => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const w of waiting) w.reject(error);
    };
    worker.on('error', (error) => gone(error as Error));
    worker.on('exit', () => gone(new Error('the run worker ended')));
    for (const job of this.#jobs.values()) {
      const id = this.#next++;
      this.#waiting.set(id, { resolve: () => undefined, reject: () => undefined });
      worker.postMessage({ id, kind: 'open', job } satisfies WorkerRequest);
    }
    return worker;
  }
}
