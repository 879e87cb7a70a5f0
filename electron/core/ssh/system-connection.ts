import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import type { ByteChannel, ChannelEnd } from './remote-host.ts';
import { RemoteError } from './remote-host.ts';
import type { SshConnection } from './ssh-transport.ts';
import { ChannelRefused } from './ssh-transport.ts';

const OPENED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 8;
const OPENED = /master session id|Sending (?:command|subsystem)/;
const PIPE_BYTES = 256 * 1024;
/** ssh's own exit code when the connection is what failed. */
const FAILED = 255;

/** How channels of a connection are started. */
export interface SystemChannels {
  readonly program: string;
  /** Options before the command; the destination comes last. */
  readonly options: readonly string[];
  readonly destination: string;
  /** Whether all of them go through one connection that a running `ssh` holds; else each makes its own. */
  readonly isShared: boolean;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A host reached by the `ssh` program; each channel is an `ssh` of its own, usually through the connection that another one holds. */
export class SystemConnection implements SshConnection {
  readonly #channels: SystemChannels;
  readonly #at: string;
  readonly #end: () => void;
  readonly #children = new Set<ChildProcess>();
  readonly closed: Promise<string>;
  #isClosed = false;
  #serial = 0;

  /** `closed`: resolves, to why, when the connection has ended; `end` ends it. */
  constructor(channels: SystemChannels, at: string, closed: Promise<string>, end: () => void) {
    this.#channels = channels;
    this.#at = at;
    this.#end = end;
    this.closed = closed.then((reason) => {
      this.#isClosed = true;
      for (const child of this.#children) child.kill('SIGKILL');
      return reason;
    });
  }

  exec(command: string): Promise<ByteChannel> {
    return this.#open(['-T'], ['--', command]);
  }

  sftp(): Promise<ByteChannel> {
    return this.#open(['-T', '-s'], ['--', 'sftp']);
  }

  async forwardTcp(host: string, port: number): Promise<Duplex> {
    const name = host.includes(':') ? `[${host}]` : host;
    const channel = await this.#open(['-W', `${name}:${port}`], [], false);
    channel.stderr.resume();
    return Duplex.from({ readable: channel.stdout, writable: channel.stdin });
  }

  async forwardUnix(path: string): Promise<Duplex> {
    if (!this.#channels.isShared)
      throw new RemoteError('unreachable', 'The ssh program of this machine cannot forward sockets here.');
    const local = join(this.#channels.folder, `u${++this.#serial}`);
    const child = this.#spawn(['-O', 'forward', '-L', `${local}:${path}`], []);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new RemoteError('unreachable', `${this.#at} does not forward the socket ${path}.`);
    const socket = connect(local);
    socket.once('close', () => {
      this.#spawn(['-O', 'cancel', '-L', `${local}:${path}`], []);
      void rm(local, { force: true });
    });
    await once(socket, 'connect');
    return socket;
  }

  ping(timeoutMs: number): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    // There is nothing that could be dead: each channel sees to itself.
    if (!this.#channels.isShared) return Promise.resolve(true);
    // A port that nothing listens on: the host answers that, and no shell is started for it.
    const child = this.#spawn(['-W', '127.0.0.1:1'], []);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        resolve(false);
      }, timeoutMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(!this.#isClosed);
      });
    });
  }

  close(): void {
    this.#end();
  }

  #spawn(options: readonly string[], command: readonly string[]): ChildProcess {
    const { program, options: base, destination, environment } = this.#channels;
    const child = spawn(program, [...base, ...options, destination, ...command], {
      env: environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    return child;
  }

  /** Starts a channel and waits until the server has opened it: ssh says so in a log of its own. */
  async #open(options: readonly string[], command: readonly string[], session = true): Promise<ByteChannel> {
    if (this.#isClosed) throw new RemoteError('lost', `The connection to ${this.#at} broke.`);
    const log = join(this.#channels.folder, `l${++this.#serial}`);
    const child = this.#spawn(['-v', '-E', log, ...options], command);
    const outputs = outputsOf(child);
    let ended = false;
    const closed = new Promise<ChannelEnd>((resolve) => {
      child.once('close', (code, signal) => {
        ended = true;
        const broken = (code === FAILED && this.#isClosed) || code === null;
        resolve(broken ? { code: null, signal: this.#isClosed ? null : signal } : { code, signal: null });
      });
    });
    // The connection may be the reason, and is noticed a moment later.
    const told = closed.then(async (end) => {
      if (end.code !== FAILED) return end;
      await Promise.race([this.closed, new Promise((resolve) => setTimeout(resolve, 100))]);
      return this.#isClosed ? { code: null, signal: null } : end;
    });
    const deadline = Date.now() + OPENED_WITHIN_MS;
    for (;;) {
      const isLast = ended;
      const said = await readFile(log, 'utf8').catch(() => '');
      if (session ? OPENED.test(said) : isLast || Date.now() > deadline - OPENED_WITHIN_MS + 300) break;
      if (/refused by peer|open failed/i.test(said)) {
        child.kill('SIGKILL');
        await rm(log, { force: true });
        throw new ChannelRefused('the server opens no more sessions');
      }
      if (isLast || Date.now() > deadline) {
        child.kill('SIGKILL');
        await rm(log, { force: true });
        throw new RemoteError('lost', `The connection to ${this.#at} broke.`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    void rm(log, { force: true });
    return toByteChannel(child, outputs, told);
  }
}

/** A child's three streams as a channel. */
function toByteChannel(child: ChildProcess, streams: Outputs, closed: Promise<ChannelEnd>): ByteChannel {
  const { stdin } = child;
  const { stdout, stderr } = streams;
  if (stdin === null) throw new Error('ssh was started without pipes');
  return {
    stdin,
    stdout,
    stderr,
    closed: closed.then(async (end) => {
      await delivered(stdout, true);
      await delivered(stderr, false);
      return end;
    }),
    destroy() {
      child.kill('SIGKILL');
      stdout.destroy();
      stderr.destroy();
      stdin.destroy();
    },
  };
}

interface Outputs {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

/** What a child says, kept until somebody reads it: of a child that has ended Node throws away what nobody reads. */
function outputsOf(child: ChildProcess): Outputs {
  const stdout = new PassThrough({ highWaterMark: PIPE_BYTES });
  const stderr = new PassThrough();
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  child.stdout?.pipe(stdout);
  child.stderr?.pipe(stderr);
  return { stdout, stderr };
}

/** Resolves when everything has been read; of an output that need not be read also when nobody does. */
async function delivered(stream: PassThrough, mustBeRead: boolean): Promise<void> {
  if (stream.readableEnded || stream.destroyed || stream.readableLength === 0) return;
  if (!mustBeRead && stream.readableFlowing === null) return;
  await new Promise<void>((resolve) => {
    stream.once('end', () => resolve()).once('close', () => resolve());
  });
}
