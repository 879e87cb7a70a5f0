import type { Unfinished } from '../../shared/domain/unfinished.ts';
import { NOTHING_UNFINISHED } from '../../shared/domain/unfinished.ts';
import type { ToCore } from './core-protocol.ts';
import { readFromCore } from './core-protocol.ts';
import { decideRestart } from './policy/decide-restart.ts';

interface Closable {
  close(): void;
}

/** What counts of Electron's `UtilityProcess`. */
export interface ChildLike<Port> {
  readonly pid: number | undefined;
  postMessage(message: ToCore, transfer?: Port[]): void;
  kill(): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
}

/** Why there is no core and none will be started by itself. */
export type CoreProblem =
  | { readonly kind: 'profile'; readonly code: string; readonly message: string }
  | { readonly kind: 'crashes'; readonly crashes: number };

export interface CoreProcessOptions<Port extends Closable> {
  /** Starts the process. */
  readonly fork: () => ChildLike<Port>;
  /** A port for the process, whose other end serves the host contract. */
  readonly hostPort: () => Port;
  readonly onProblem: (problem: CoreProblem) => void;
  readonly now: () => number;
  /** Ends a process that does not end by itself. */
  readonly killHard: (pid: number) => void;
  /** How long the core may take to let go of its profile. */
  readonly stopMs?: number;
}

const STOP_MS = 5000;
const COUNT_MS = 1000;

/** The core in a process of its own: started again when it crashes, fed with the ports of pages. */
export class CoreProcess<Port extends Closable> {
  readonly #options: CoreProcessOptions<Port>;
  readonly #waiting: Port[] = [];
  readonly #counting: ((unfinished: Unfinished) => void)[] = [];
  #child: ChildLike<Port> | null = null;
  #crashes: number[] = [];
  #restart: NodeJS.Timeout | null = null;
  #failed = false;
  #ended: PromiseWithResolvers<void> | null = null;

  constructor(options: CoreProcessOptions<Port>) {
    this.#options = options;
  }

  /** Also after a problem, to try again. */
  start(): void {
    if (this.#child !== null || this.#ended !== null) return;
    this.#failed = false;
    this.#restart = null;
    const child = this.#options.fork();
    this.#child = child;
    child.on('message', (message) => this.#heard(child, message));
    child.on('exit', () => this.#exited(child));
    child.postMessage({ kind: 'start' }, [this.#options.hostPort()]);
    for (const port of this.#waiting.splice(0)) child.postMessage({ kind: 'connect' }, [port]);
  }

  /** Hands a page's port to the core; it waits while the core is being started again, and is closed when there will be none. */
  connect(port: Port): void {
    if (this.#failed || this.#ended !== null) port.close();
    else if (this.#child === null) this.#waiting.push(port);
    else this.#child.postMessage({ kind: 'connect' }, [port]);
  }

  /** What would stand still without this core; nothing when it does not say. */
  unfinished(): Promise<Unfinished> {
    const child = this.#child;
    if (child === null) return Promise.resolve(NOTHING_UNFINISHED);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(NOTHING_UNFINISHED), COUNT_MS);
      this.#counting.push((unfinished) => {
        clearTimeout(timer);
        resolve(unfinished);
      });
      child.postMessage({ kind: 'count-unfinished' });
    });
  }

  /** Ends the core and starts none again. Resolves when its process has ended. */
  stop(): Promise<void> {
    if (this.#ended !== null) return this.#ended.promise;
    const ended = (this.#ended = Promise.withResolvers<void>());
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#closeWaiting();
    const child = this.#child;
    if (child === null) {
      ended.resolve();
      return ended.promise;
    }
    const timer = setTimeout(() => {
      if (child.pid !== undefined) this.#options.killHard(child.pid);
    }, this.#options.stopMs ?? STOP_MS);
    child.postMessage({ kind: 'stop' });
    return ended.promise.finally(() => clearTimeout(timer));
  }

  #heard(child: ChildLike<Port>, message: unknown): void {
    const heard = readFromCore(message);
    if (child !== this.#child || heard === null) return;
    if (heard.kind === 'unfinished') for (const answer of this.#counting.splice(0)) answer(heard);
    if (heard.kind !== 'failed') return;
    this.#failed = true;
    this.#closeWaiting();
    child.kill();
    // A stop that is under way ends the same process; its exit is the answer.
    if (this.#ended === null) {
      this.#child = null;
      this.#options.onProblem({ kind: 'profile', code: heard.code, message: heard.message });
    }
  }

  #exited(child: ChildLike<Port>): void {
    if (child !== this.#child) return;
    this.#child = null;
    for (const answer of this.#counting.splice(0)) answer(NOTHING_UNFINISHED);
    if (this.#ended !== null) return this.#ended.resolve();
    const now = this.#options.now();
    this.#crashes.push(now);
    const decision = decideRestart(this.#crashes, now);
    if (decision.kind === 'restart') {
      this.#restart = setTimeout(() => this.start(), decision.delayMs);
      return;
    }
    this.#crashes = [];
    this.#failed = true;
    this.#closeWaiting();
    this.#options.onProblem({ kind: 'crashes', crashes: decision.crashes });
  }

  #closeWaiting(): void {
    for (const port of this.#waiting.splice(0)) port.close();
  }
}
