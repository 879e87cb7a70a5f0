import type { LookupFunction, Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { ResponseHead } from './response-head.ts';
import { HEAD_LIMIT, readResponseHead } from './response-head.ts';

/** Bytes that are handed on at once. What the socket gives is far less, and each portion costs as much as its bytes. */
const PORTION_BYTES = 2 ** 20;
/** Portions that wait for whoever reads; more is left with the store. */
const WAITING_PORTIONS = 2;

export interface Origin {
  readonly isSecure: boolean;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface RangeResponse extends ResponseHead {
  readonly body: RangeBody;
}

/** The bytes of an answer, in portions. */
export class RangeBody extends Readable {
  readonly #spare: Buffer<ArrayBuffer>[];

  constructor(
    spare: Buffer<ArrayBuffer>[],
    { goOn, giveUp }: { readonly goOn: () => void; readonly giveUp: (error: Error | null) => void },
  ) {
    super({
      // Otherwise those that wait are copied together when they are read.
      objectMode: true,
      highWaterMark: WAITING_PORTIONS,
      read: goOn,
      destroy: (error, done) => {
        giveUp(error);
        done(error);
      },
    });
    this.#spare = spare;
  }

  /** Lets a portion be filled anew: making buffers of this size costs more than filling them. Whoever read it must not look at it any more. */
  giveBack(portion: Buffer<ArrayBufferLike>): void {
    const isWhole = portion.buffer.byteLength === PORTION_BYTES;
    if (isWhole && this.#spare.length <= WAITING_PORTIONS) this.#spare.push(Buffer.from(portion.buffer as ArrayBuffer));
  }
}

export interface RangeConnectionOptions {
  readonly origin: Origin;
  readonly lookup: LookupFunction;
  /** Nothing has come for so long, in milliseconds: the connection is given up. */
  readonly idleMs: number;
  /** An answer has been read to its end: the connection can take another request. */
  readonly onFree: (connection: RangeConnection) => void;
  /** It takes no request any more. */
  readonly onGone: (connection: RangeConnection) => void;
}

interface Asked {
  readonly resolve: (response: RangeResponse) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection over which large ranges come in, one after the other. Node's own client makes a small buffer for each portion of the socket and hands each
 * on by itself; here the socket fills buffers of a mebibyte in place, which takes a third of the processor time.
 */
export class RangeConnection {
  readonly #options: RangeConnectionOptions;
  readonly #socket: Socket;
  /** What the socket fills, and how much of it is filled. */
  #room = Buffer.allocUnsafe(HEAD_LIMIT);
  #filled = 0;
  /** Buffers of whole portions that have been given back. */
  readonly #spare: Buffer<ArrayBuffer>[] = [];
  #asked: Asked | null = null;
  #body: RangeBody | null = null;
  /** Bytes of the body that have not been handed on. */
  #left = 0;
  #isKept = false;
  #isPaused = false;

  constructor(options: RangeConnectionOptions) {
    this.#options = options;
    const { origin, lookup, idleMs } = options;
    const onread = {
      buffer: () => this.#room.subarray(this.#filled),
      callback: (bytes: number) => this.#took(bytes),
    };
    // The types know the generating form of `buffer` only for plain buffers.
    const target = { host: origin.host, port: origin.port, lookup, onread: onread as never };
    const servername = isIP(origin.host) === 0 ? { servername: origin.host } : {};
    this.#socket = origin.isSecure ? connectTls({ ...target, ...servername }) : connect(target);
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(idleMs, () => this.#timedOut());
    this.#socket.on('error', (error) => this.#gone(error));
    this.#socket.on('close', () => this.#gone(brokenOff()));
  }

  /**
   * Sends a request and gives its answer; the body has to be read or destroyed.
   * @param head the whole request, which has no body
   * @throws Error when the connection breaks, or the answer is of a kind that is not read here; then the connection is of no use any more
   */
  async get(head: string, signal: AbortSignal): Promise<RangeResponse> {
    signal.throwIfAborted();
    const abort = (): void => this.#gone(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const { promise, resolve, reject } = Promise.withResolvers<RangeResponse>();
      this.#asked = { resolve, reject };
      this.#socket.ref();
      this.#socket.write(head, 'latin1');
      const response = await promise;
      // From here on it is the body that is aborted.
      signal.addEventListener('abort', () => response.body.destroy(signal.reason as Error), {
        once: true,
        signal: closed(response.body),
      });
      return response;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  destroy(): void {
    this.#gone(brokenOff());
  }

  /** Of the buffer that the socket has filled further. False = no more for now. */
  #took(bytes: number): boolean {
    this.#filled += bytes;
    if (this.#body !== null) return this.#handOn(this.#body);
    if (this.#asked === null) {
      this.#gone(new Error('the store sends what nobody has asked for'));
      return false;
    }
    let read: { readonly head: ResponseHead; readonly headBytes: number } | null;
    try {
      read = readResponseHead(this.#room.subarray(0, this.#filled));
    } catch (error) {
      this.#gone(error as Error);
      return false;
    }
    return read === null ? true : this.#begin(this.#asked, read.head, read.headBytes);
  }

  #begin(asked: Asked, head: ResponseHead, headBytes: number): boolean {
    const rest = Buffer.from(this.#room.subarray(headBytes, this.#filled));
    if (rest.length > head.length) {
      this.#gone(new Error('the store sends more than it has told'));
      return false;
    }
    const body: RangeBody = new RangeBody(this.#spare, {
      goOn: () => this.#goOn(),
      giveUp: (error) => {
        if (this.#body === body) this.#gone(error ?? brokenOff());
      },
    });
    // Whoever reads is told; without anybody who reads it must not end the process.
    body.on('error', () => undefined);
    this.#asked = null;
    this.#body = body;
    this.#left = head.length;
    this.#isKept = head.isKept;
    this.#makeRoom();
    rest.copy(this.#room);
    this.#filled = rest.length;
    asked.resolve({ ...head, body });
    return this.#handOn(body);
  }

  /** Gives a full portion, or the last one, to whoever reads the body. */
  #handOn(body: RangeBody): boolean {
    if (this.#filled < Math.min(this.#left, PORTION_BYTES)) return true;
    const portion = this.#room.subarray(0, this.#filled);
    this.#left -= portion.length;
    this.#makeRoom();
    const takesMore = portion.length === 0 || body.push(portion);
    if (this.#left === 0) {
      this.#body = null;
      body.push(null);
      this.#ended();
      return true;
    }
    this.#isPaused = !takesMore;
    return takesMore;
  }

  #ended(): void {
    if (!this.#isKept) return this.#gone(brokenOff());
    this.#isPaused = false;
    this.#socket.unref();
    this.#options.onFree(this);
  }

  /** Another buffer, which ends where the body ends, so that the socket never reads beyond it. */
  #makeRoom(): void {
    this.#filled = 0;
    if (this.#left === 0) this.#room = Buffer.allocUnsafeSlow(HEAD_LIMIT);
    else
      this.#room = (this.#spare.pop() ?? Buffer.allocUnsafeSlow(PORTION_BYTES)).subarray(
        0,
        Math.min(this.#left, PORTION_BYTES),
      );
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  #timedOut(): void {
    // It is we who let the store wait: slow disks and limits of bandwidth are no failures of the line.
    if (this.#isPaused) return;
    this.#gone(Object.assign(new Error('nothing comes any more'), { code: 'ETIMEDOUT' }));
  }

  #gone(error: Error): void {
    const [asked, body] = [this.#asked, this.#body];
    this.#asked = null;
    this.#body = null;
    this.#socket.destroy();
    this.#options.onGone(this);
    asked?.reject(error);
    body?.destroy(error);
  }
}

function brokenOff(): Error {
  return Object.assign(new Error('the connection broke off'), { code: 'ECONNRESET' });
}

/** Aborted when a stream has been closed, however it ended. */
function closed(stream: Readable): AbortSignal {
  const ended = new AbortController();
  stream.once('close', () => ended.abort());
  return ended.signal;
}
