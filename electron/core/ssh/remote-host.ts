/** What the rest of the core knows of SSH: one host, reached through one signed-in connection that everything shares. */
import type { Readable, Writable } from 'node:stream';
import type { ConnectionStatus } from '../../../shared/contract/connections.ts';

/** How a channel ended. Both null: the connection broke first, so nothing is known. */
export interface ChannelEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A byte stream to a program on the host. `closed` resolves after the last byte of both outputs has been delivered; it never rejects. */
export interface ByteChannel {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly stdin: Writable;
  readonly closed: Promise<ChannelEnd>;
  /** Ends it at once from our side. */
  destroy(): void;
}

export interface ScriptOptions {
  readonly signal?: AbortSignal;
  /** Default 60 s. When it runs out the coprocess is replaced and the call fails with `RemoteError` `timeout`. */
  readonly timeoutMs?: number;
  /** Largest stdout that is taken; more is a `RemoteError` `too-large`. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface ScriptResult {
  /** Bytes as they came; nothing of rc files or banners is in it. */
  readonly stdout: Buffer;
  /** UTF-8 with replacement characters, at most 64 KiB. */
  readonly stderr: string;
  readonly code: number;
}

export interface ChannelOptions {
  readonly signal?: AbortSignal;
  /** `bulk` never takes the last channels. Default: interactive. */
  readonly lane?: 'bulk' | 'interactive';
  /** Called when it has to wait until another channel ends, and again when one has ended and it still waits: there are as many as the host gives, or as bulk work may have. */
  readonly onWait?: () => void;
}

/**
 * A host as sites see it. It connects when it is needed and again after a loss; all users share one authenticated connection and at most eight channels.
 * Nothing that was sent is ever repeated here: a caller that may repeat does so itself.
 */
export interface RemoteHost {
  /** For messages: the site that it belongs to. */
  readonly name: string;
  readonly status: ConnectionStatus;
  /** Called with every new status until the returned function is called. */
  onStatus(listener: (status: ConnectionStatus) => void): () => void;
  /**
   * Makes sure that there is a connection. `ask: 'person'` may put prompts before people; `ask: 'nobody'` fails with `sign-in-needed` where that would be
   * necessary. Other methods connect with `nobody`.
   */
  connect(ask: 'person' | 'nobody', signal?: AbortSignal): Promise<void>;
  /** Runs a POSIX sh script in the host's `sh` coprocess, in a subshell of its own, whatever the login shell is. Calls are queued one after another. */
  run(script: string, options?: ScriptOptions): Promise<ScriptResult>;
  /** Runs a POSIX sh script of any size on a channel of its own, with stdin, stdout and stderr as streams; nothing of rc files is in them, and all of stdin is the script's. */
  exec(script: string, options?: ChannelOptions): Promise<ByteChannel>;
  /** The bytes of an SFTP subsystem. */
  sftp(options?: ChannelOptions): Promise<ByteChannel>;
  /** After sleep or a change of network: looks within seconds whether the connection lives, and replaces it when not. */
  wake(): void;
  /** Signs out; stays usable: `connect` signs in again. */
  disconnect(): Promise<void>;
  dispose(): Promise<void>;
}

export const REMOTE_ERROR_KINDS = [
  /** No TCP connection, name not found, refused, timed out before anything was sent. */
  'unreachable',
  /** A person is needed: password, code, passphrase, or an unknown host key, and nobody could be asked. */
  'sign-in-needed',
  /** Every way to sign in was refused. */
  'sign-in-refused',
  /** The host key is not the known one, or is revoked. */
  'host-key',
  /** The connection broke. With `sent` the far side may have done what was asked. */
  'lost',
  'timeout',
  'too-large',
  /** The host gives no shell (internal-sftp, a forced command). */
  'no-shell',
  'cancelled',
] as const;
export type RemoteErrorKind = (typeof REMOTE_ERROR_KINDS)[number];

/** A failed look or act on a host. `sent` = the far side may have begun what was asked: never repeat it blindly. */
export class RemoteError extends Error {
  readonly kind: RemoteErrorKind;
  readonly sent: boolean;
  /** What to do about it, a sentence. */
  readonly hint: string | null;

  constructor(
    kind: RemoteErrorKind,
    message: string,
    options: { readonly sent?: boolean; readonly hint?: string | null; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'RemoteError';
    this.kind = kind;
    this.sent = options.sent ?? false;
    this.hint = options.hint ?? null;
  }
}
