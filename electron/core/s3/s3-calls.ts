import type {
  $Command,
  S3Client,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-s3';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAppError } from '../../../shared/errors.ts';
import { RangeConnections } from './range-connections.ts';
import { RequestGate } from './request-gate.ts';
import type { KeySource } from './s3-client.ts';
import { clockAheadSeconds, createS3Client, guardedLookup, IDLE_MS } from './s3-client.ts';
import type { S3Error, S3ErrorKind } from './s3-error.ts';
import { s3ErrorOf } from './s3-error.ts';

const TRIES = { usual: 4, slowDown: 8, damaged: 2, clock: 2 } as const;
const WAITS = { firstWaitMs: 200, longestWaitMs: 5000 } as const;

export interface S3BucketOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly keys: KeySource;
  readonly pathStyle: boolean;
}

/** What the SDK's commands of S3 have in common. */
type S3Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
  Input,
  Output,
  S3ClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>;

/**
 * Calls to one bucket: with words for what can go wrong (`S3Error`), and repeated with growing waits while it is the line or the load. At most 32 are on their
 * way at once, fewer while the store asks for less.
 */
export class S3Calls {
  readonly client: S3Client;
  readonly gate = new RequestGate({ least: 1, most: 32, first: 8 });
  /** For large ranges of objects. */
  readonly ranges = new RangeConnections({ lookup: guardedLookup, idleMs: IDLE_MS });
  readonly #endpoint: string;
  readonly #bucket: string;

  constructor({ endpoint, region, bucket, keys, pathStyle }: S3BucketOptions) {
    this.#endpoint = endpoint;
    this.#bucket = bucket;
    this.client = createS3Client(endpoint, region, keys, pathStyle);
  }

  dispose(): void {
    this.ranges.dispose();
    this.client.destroy();
  }

  /** Seconds by which the store's clock is ahead of this workstation's, as far as a refused signature has shown it. */
  get clockAheadSeconds(): number {
    return clockAheadSeconds(this.client);
  }

  /**
   * One call. Also repeated once when clocks are apart: after the first refusal the SDK signs with the store's time.
   * @param action as policies name it, for the words
   * @throws S3Error; the signal's reason when it is aborted
   */
  async send<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
    action: string,
    key: string | null,
    command: S3Command<Input, Output>,
    signal: AbortSignal,
  ): Promise<Output> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.gate.run(() => this.client.send(command, { abortSignal: signal }), signal);
      } catch (raw) {
        signal.throwIfAborted();
        // Of the secret store, which keeps the keys.
        if (isAppError(raw)) throw raw;
        const error = this.error(raw, action, key);
        if (error.kind === 'slow-down') this.gate.slower();
        const most = triesOf(error.kind);
        if (attempt >= most || !(error.transient || error.kind === 'clock')) throw error;
        const wait = Math.min(WAITS.longestWaitMs, WAITS.firstWaitMs * 2 ** (attempt - 1));
        await sleep(wait * (0.5 + Math.random() / 2), undefined, { signal });
      }
    }
  }

  /** The words for a failure of a call. */
  error(raw: unknown, action: string, key: string | null): S3Error {
    const { clockAheadSeconds } = this;
    return s3ErrorOf(raw, { action, key, endpoint: this.#endpoint, bucket: this.#bucket, clockAheadSeconds });
  }
}

function triesOf(kind: S3ErrorKind): number {
  if (kind === 'slow-down') return TRIES.slowDown;
  return kind === 'damaged' || kind === 'clock' ? TRIES[kind] : TRIES.usual;
}

/** Without the quotes, and without the mark of weak ones. */
export function bareEtag(etag: string | undefined): string {
  return (etag ?? '').replace(/^W\//, '').replaceAll('"', '');
}

/** A key as listings write it when they are asked to encode; text that is not encoded is taken as it is. */
export function decodedKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
