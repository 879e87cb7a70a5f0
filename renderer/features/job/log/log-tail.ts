import type { CoreContract } from '../../../../shared/contract/index.ts';
import { isAppError } from '../../../../shared/errors.ts';
import type { Connection } from '../../../api/connection.ts';
import { FollowedView } from '../../../api/followed-view.ts';
import { LogBuffer, looksBinary } from '../../../ui/text/log-buffer.ts';

/** A file as it is shown while it grows. */
export interface LogView {
  /** `waiting`: nothing came yet; `following`: more may come; `ended`: all is here; `binary`: not text; `missing`: there is no such file; `unreachable`: its site does not answer, it is tried again. */
  readonly phase: 'waiting' | 'following' | 'ended' | 'binary' | 'missing' | 'unreachable' | 'problem';
  readonly lines: readonly string[];
  /** True when the beginning of the file is not shown. */
  readonly cut: boolean;
  readonly problem: unknown;
}

/** Bytes at the end of a file that are shown. */
export const SHOWN_BYTES = 2_000_000;
/** Milliseconds between two renderings of a file that grows. */
const SHOW_PAUSE = 100;
/** Milliseconds between two tries while a site does not answer; the core answers at once while it knows that. */
const RETRY_PAUSE = 3000;
const AWAY: readonly string[] = ['site/unreachable', 'site/needs_sign_in'];

/** Which file is followed. */
export interface LogPlace {
  readonly job: string;
  readonly run: number;
  /** Path in the run's folder. */
  readonly file: string;
  /** Tells one attempt's file from that of the next, which lies at the same path. */
  readonly generation: number;
}

const EMPTY: LogView = { phase: 'waiting', lines: [], cut: false, problem: null };

/** Follows the end of one file of a run as long as somebody looks. */
export class LogTail extends FollowedView<LogView> {
  readonly #connection: Pick<Connection<CoreContract>, 'watch'>;
  readonly #place: LogPlace;
  #buffer = new LogBuffer(SHOWN_BYTES);
  #received = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(connection: Pick<Connection<CoreContract>, 'watch'>, place: LogPlace) {
    super(EMPTY);
    this.#connection = connection;
    this.#place = place;
  }

  protected follow(): () => void {
    const stop = this.#connection.watch(
      (client, { signal }) => {
        const { job, run, file } = this.#place;
        return this.#untilEnd(
          () => client.jobs.tail({ job, run, file, from: -SHOWN_BYTES, follow: true }, { signal }),
          signal,
        );
      },
      (chunk) => {
        if (chunk === null) return this.#update('ended');
        if (this.#received === 0 && looksBinary(chunk)) {
          stop();
          return this.#update('binary');
        }
        this.#received += chunk.length;
        this.#buffer.append(chunk);
        this.#timer ??= setTimeout(() => this.#update('following'), SHOW_PAUSE);
      },
      (problem) => {
        const missing = isAppError(problem) && (problem.code === 'files/not_found' || problem.code === 'not_found');
        this.#update(missing ? 'missing' : 'problem', problem);
      },
    );
    return () => {
      stop();
      this.#dropTimer();
    };
  }

  /**
   * Begins anew at each connection, for what came before it is in the end of the file again; ends with null.
   * While the file's site is away, what is known of it stays, and it is tried again.
   */
  async *#untilEnd(open: () => AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array | null> {
    for (;;) {
      let anew = true;
      try {
        for await (const chunk of open()) {
          if (anew) this.#beginAnew();
          anew = false;
          yield chunk;
        }
        if (anew) this.#beginAnew();
        yield null;
        return;
      } catch (error) {
        if (signal.aborted || !isAppError(error) || !AWAY.includes(error.code)) throw error;
        this.#update('unreachable', error);
      }
      await pause(RETRY_PAUSE, signal);
      if (signal.aborted) return;
    }
  }

  #beginAnew(): void {
    this.#buffer = new LogBuffer(SHOWN_BYTES);
    this.#received = 0;
  }

  #update(phase: LogView['phase'], problem: unknown = null): void {
    this.#dropTimer();
    const cut = this.#buffer.dropped > 0 || this.#received >= SHOWN_BYTES;
    this.show({ phase, lines: this.#buffer.lines(), cut, problem });
  }

  #dropTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
