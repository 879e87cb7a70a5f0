import type { ByteChannel, ScriptOptions, ScriptResult } from './remote-host.ts';
import { RemoteError } from './remote-host.ts';
import { FrameReader } from './frame-reader.ts';
import { newNonce, quoteScript, shellStarted } from './remote-script.ts';

const TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 60_000;
const MOST_STDOUT = 64 * 1024 * 1024;
const MOST_STDERR = 64 * 1024;

export interface FramedShellDeps {
  /** For messages. */
  readonly host: string;
  /** Opens a channel that runs `COPROCESS_COMMAND`. */
  readonly open: () => Promise<ByteChannel>;
  /** Called whenever the host has answered. */
  readonly onAnswer?: () => void;
  /** Called when no call is running or waiting. */
  readonly onIdle?: () => void;
}

interface Coprocess {
  readonly channel: ByteChannel;
  stdout: FrameReader | null;
  stderr: FrameReader | null;
  /** Called when the channel ends. */
  onEnd: (() => void) | null;
  ended: boolean;
}

/**
 * One `sh` on the host that runs scripts one after another, each in a subshell with an empty stdin, its two outputs cut out by marks that nobody can guess. A
 * script must not leave programs behind that hold its outputs: what they print later is lost, or stands in a later answer.
 */
export class FramedShell {
  readonly #d: FramedShellDeps;
  #coprocess: Coprocess | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  constructor(deps: FramedShellDeps) {
    this.#d = deps;
  }

  /** Whether nothing runs or waits. */
  get isIdle(): boolean {
    return this.#pending === 0;
  }

  get isOpen(): boolean {
    return this.#coprocess !== null && !this.#coprocess.ended;
  }

  /** As `RemoteHost.run`. */
  run(script: string, options: ScriptOptions = {}): Promise<ScriptResult> {
    this.#pending++;
    let begun = false;
    const mine = this.#last.then(() => this.#call(script, options, () => (begun = true)));
    const settled = mine
      .catch(() => {})
      .then(() => {
        if (--this.#pending === 0) this.#d.onIdle?.();
      });
    this.#last = settled;
    const { signal } = options;
    if (signal === undefined) return mine;
    // A call that still waits ends at once; the one that runs ends itself.
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(new RemoteError('cancelled', 'Cancelled.', { sent: begun }));
      signal.addEventListener('abort', leave, { once: true });
      mine.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  /** Ends the coprocess; the next call starts another one. */
  close(): void {
    this.#coprocess?.channel.destroy();
    if (this.#coprocess !== null) this.#coprocess.ended = true;
    this.#coprocess?.onEnd?.();
    this.#coprocess = null;
  }

  async #call(script: string, options: ScriptOptions, begin: () => void): Promise<ScriptResult> {
    const word = quoteScript(script);
    refuseAborted(options.signal);
    const coprocess = await this.#start();
    refuseAborted(options.signal);
    begin();
    return await this.#ask(coprocess, word, options);
  }

  async #start(): Promise<Coprocess> {
    if (this.#coprocess !== null && !this.#coprocess.ended) return this.#coprocess;
    const channel = await this.#d.open();
    const nonce = newNonce();
    channel.stdin.on('error', () => {});
    channel.stdin.write(`printf '%s\\n' ${nonce}; printf '%s\\n' ${nonce} >&2\n`);
    await shellStarted(channel, nonce, this.#d.host, START_TIMEOUT_MS);
    const coprocess: Coprocess = { channel, stdout: null, stderr: null, onEnd: null, ended: false };
    channel.stdout.on('data', (chunk: Buffer) => coprocess.stdout?.feed(chunk));
    channel.stderr.on('data', (chunk: Buffer) => coprocess.stderr?.feed(chunk));
    channel.stdout.on('error', () => {});
    channel.stderr.on('error', () => {});
    void channel.closed.then(() => {
      coprocess.ended = true;
      if (this.#coprocess === coprocess) this.#coprocess = null;
      coprocess.onEnd?.();
    });
    this.#coprocess = coprocess;
    return coprocess;
  }

  #ask(coprocess: Coprocess, word: string, options: ScriptOptions): Promise<ScriptResult> {
    const { host } = this.#d;
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const maxBytes = options.maxBytes ?? MOST_STDOUT;
    const nonce = newNonce();
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    let errorBytes = 0;
    let code: number | null = null;
    let errorsDone = false;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        options.signal?.removeEventListener('abort', abort);
        coprocess.stdout = null;
        coprocess.stderr = null;
        coprocess.onEnd = null;
      };
      const fail = (error: RemoteError): void => {
        settle();
        // What it does now is not known: the next call gets a fresh one.
        if (this.#coprocess === coprocess) this.#coprocess = null;
        if (!coprocess.ended) coprocess.channel.destroy();
        coprocess.ended = true;
        reject(error);
      };
      const look = (): void => {
        if (code === null || !errorsDone) return;
        settle();
        this.#d.onAnswer?.();
        resolve({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8'), code });
      };
      const abort = (): void => fail(new RemoteError('cancelled', 'Cancelled.', { sent: true }));
      const timer = setTimeout(() => {
        const seconds = Math.round(timeoutMs / 100) / 10;
        fail(new RemoteError('timeout', `${host} did not answer a script within ${seconds} s.`, { sent: true }));
      }, timeoutMs);
      options.signal?.addEventListener('abort', abort, { once: true });
      coprocess.onEnd = () =>
        fail(new RemoteError('lost', `The connection to ${host} broke while a script ran there.`, { sent: true }));
      coprocess.stdout = new FrameReader(nonce, {
        onData: (data) => {
          bytes += data.length;
          if (bytes <= maxBytes) stdout.push(data);
          else
            fail(
              new RemoteError('too-large', `A script on ${host} printed more than ${maxBytes} bytes.`, { sent: true }),
            );
        },
        onEnd: (text) => {
          code = /^\d{1,3}$/.test(text) ? Number(text) : null;
          if (code === null) fail(new RemoteError('lost', `The shell of ${host} answered nonsense.`, { sent: true }));
          else look();
        },
      });
      coprocess.stderr = new FrameReader(nonce, {
        onData: (data) => {
          if (errorBytes < MOST_STDERR) stderr.push(data.subarray(0, MOST_STDERR - errorBytes));
          errorBytes += data.length;
        },
        onEnd: () => {
          errorsDone = true;
          look();
        },
      });
      coprocess.channel.stdin.write(
        `printf '%s-b\\n' ${nonce}; printf '%s-b\\n' ${nonce} >&2; (eval ${word}) </dev/null; ` +
          `slipway_rc=$?; printf '\\n%s-e %d\\n' ${nonce} $slipway_rc; printf '\\n%s-e 0\\n' ${nonce} >&2\n`,
      );
    });
  }
}

function refuseAborted(signal?: AbortSignal): void {
  if (signal?.aborted === true) throw new RemoteError('cancelled', 'Cancelled before anything was sent.');
}
