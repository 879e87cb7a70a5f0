import type { Duplex } from 'node:stream';
import type { HostKeys, HostSpec } from './host-spec.ts';
import type { ByteChannel } from './remote-host.ts';
import { RemoteError } from './remote-host.ts';
import type { SignInPrompts } from './sign-in-prompts.ts';

/** One authenticated connection. Nothing in it reconnects or queues: that is the client's business. */
export interface SshConnection {
  /**
   * Starts a command of the login shell on a new channel.
   * @throws ChannelRefused when the server opens no more channels; RemoteError `lost` when the connection has ended.
   */
  exec(command: string): Promise<ByteChannel>;
  sftp(): Promise<ByteChannel>;
  /** A TCP connection from the host. */
  forwardTcp(host: string, port: number): Promise<Duplex>;
  /** A connection to a unix socket of the host. */
  forwardUnix(path: string): Promise<Duplex>;
  /** Resolves to whether an answer came in time. */
  ping(timeoutMs: number): Promise<boolean>;
  /** Resolves when the connection has ended, to why. */
  readonly closed: Promise<string>;
  close(): void;
}

/** The server opens no more channels at the moment (`MaxSessions`). */
export class ChannelRefused extends Error {}

/** The server takes no algorithm that this transport has; another transport may have one. */
export class NoCommonAlgorithm extends RemoteError {}

/** Who and what a connection may ask while it is being made. */
export interface SignIn {
  readonly site: string;
  readonly ask: 'person' | 'nobody';
  readonly prompts: SignInPrompts;
  readonly hostKeys: HostKeys;
  /** Passphrases that were right, by key file; in memory only. */
  readonly passphrases: Map<string, string>;
}

/** @throws RemoteError */
export type ConnectSsh = (spec: HostSpec, signIn: SignIn, signal: AbortSignal) => Promise<SshConnection>;
