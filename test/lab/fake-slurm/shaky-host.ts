import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import { FramedShell } from '../../../electron/core/ssh/framed-shell.ts';
import type {
  ByteChannel,
  ChannelEnd,
  RemoteHost,
  ScriptOptions,
  ScriptResult,
} from '../../../electron/core/ssh/remote-host.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';

/**
 * How a connection breaks at a command. `before`: nothing was run. `after`: it ran to its end, and nobody hears what came of it. `bytes`: so many bytes of its
 * output arrive, and it runs on. `killed`: it dies with the connection after so many milliseconds.
 */
export interface Break {
  readonly how: 'before' | 'after' | 'bytes' | 'killed';
  readonly n: number;
}

export interface ShakyDeps {
  readonly env: Readonly<Record<string, string>>;
  /** Asked before each command: what happens to it. Throws when the host cannot be reached. */
  readonly breaks: (kind: 'run' | 'exec', script: string) => Break | null;
  /** Called around each command; what it returns is called after it. */
  readonly around: () => () => void;
}

interface LocalChannel extends ByteChannel {
  readonly child: ChildProcess;
  /** After so many more bytes the connection is gone; the program runs on. */
  cutAfter(bytes: number): void;
  /** Resolves when the program has really ended. */
  readonly exited: Promise<unknown>;
}

const CONNECTED: ConnectionStatus = {
  ...{
    state: 'connected',
    message: null,
    hint: null,
    heardAt: null,
    retryAt: null,
    reducedConfig: false,
    roundTripMs: 1,
  },
};

/** This machine's own `sh` as a host whose connection breaks on demand. */
export class ShakyHost implements RemoteHost {
  readonly name = 'fake';
  readonly status = CONNECTED;
  readonly #d: ShakyDeps;
  readonly #shell: FramedShell;
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();
  #channel: LocalChannel | null = null;
  #broken = false;
  readonly #open = new Set<LocalChannel>();
  #running = 0;
  #isAbandoned = false;

  constructor(deps: ShakyDeps) {
    this.#d = deps;
    this.#shell = new FramedShell({
      host: 'fake',
      open: () => Promise.resolve((this.#channel = openChannel(['/bin/sh'], deps.env))),
    });
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  async run(script: string, options?: ScriptOptions): Promise<ScriptResult> {
    const broken = this.#enter('run', script);
    const leave = this.#d.around();
    this.#running++;
    try {
      if (broken?.how === 'bytes') {
        // The channel has to be there before it can be cut.
        await this.#shell.run(':');
        this.#channel!.cutAfter(broken.n);
      }
      const kill = broken?.how === 'killed' ? setTimeout(() => killGroup(this.#channel?.child), broken.n) : undefined;
      try {
        const result = await this.#shell.run(script, options);
        if (broken !== null) throw new RemoteError('lost', 'The connection broke.', { sent: true });
        return result;
      } finally {
        clearTimeout(kill);
        if (broken !== null) {
          this.#broken = true;
          const channel = this.#channel;
          this.#shell.close();
          channel?.stdin.end();
          await channel?.exited;
        }
      }
    } finally {
      leave();
      this.#running--;
      if (this.#isAbandoned) this.abandon();
    }
  }

  /** Nobody is at the other end any more: what runs goes on to its end. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const channel of this.#open) channel.stdin.end();
    if (this.#running === 0) this.#shell.close();
  }

  async exec(script: string, options: { readonly signal?: AbortSignal } = {}): Promise<ByteChannel> {
    const broken = this.#enter('exec', script);
    const leave = this.#d.around();
    const channel = openChannel(['/bin/sh', '-c', script], this.#d.env);
    options.signal?.addEventListener('abort', () => channel.destroy(), { once: true });
    if (broken !== null) this.#broken = true;
    if (broken?.how === 'bytes') channel.cutAfter(broken.n);
    if (broken?.how === 'killed') setTimeout(() => killGroup(channel.child), broken.n);
    this.#open.add(channel);
    void channel.exited.then(() => {
      this.#open.delete(channel);
      leave();
    });
    if (broken?.how !== 'after') return Promise.resolve(channel);
    return { ...channel, closed: channel.closed.then(() => ({ code: null, signal: null })) };
  }

  sftp(): Promise<ByteChannel> {
    return Promise.reject(new RemoteError('no-shell', 'There is no SFTP here.'));
  }

  wake(): void {}

  disconnect(): Promise<void> {
    this.#shell.close();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  #enter(kind: 'run' | 'exec', script: string): Break | null {
    const broken = this.#d.breaks(kind, script);
    if (broken?.how === 'before') {
      this.#broken = true;
      throw new RemoteError('lost', 'The connection broke.', { sent: false });
    }
    if (this.#broken && broken === null) {
      this.#broken = false;
      for (const listener of this.#listeners) queueMicrotask(() => listener(CONNECTED));
    }
    return broken;
  }
}

function killGroup(child: ChildProcess | undefined): void {
  try {
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function openChannel([program = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): LocalChannel {
  const child = spawn(program, args, { env, cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let left = Infinity;
  let cut = (): void => {};
  const isCut = new Promise<ChannelEnd>((resolve) => (cut = () => resolve({ code: null, signal: null })));
  const out = new PassThrough();
  const err = new PassThrough();
  child.stdin.on('error', () => {});
  const carry = (from: Readable, to: PassThrough): void => {
    from.on('data', (chunk: Buffer) => {
      if (left < 0) return;
      to.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) {
        left = -1;
        out.end();
        err.end();
        cut();
      }
    });
    from.on('end', () => to.writableEnded || to.end());
  };
  carry(child.stdout, out);
  carry(child.stderr, err);
  const exited = new Promise<ChannelEnd>((resolve) =>
    child.once('close', (code, signal) => resolve(signal === null ? { code, signal } : { code: null, signal: null })),
  );
  return {
    child,
    stdin: child.stdin,
    stdout: out,
    stderr: err,
    exited,
    closed: Promise.race([exited, isCut]),
    cutAfter: (bytes) => (left = bytes),
    destroy: () => {
      child.stdin.destroy();
      // As a closed channel: the program goes on until it reads or writes.
      if (args.length > 0) killGroup(child);
    },
  };
}
