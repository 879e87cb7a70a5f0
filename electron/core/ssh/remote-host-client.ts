import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import { ChannelGate } from './channel-gate.ts';
import { FramedShell } from './framed-shell.ts';
import type { HostLinkDeps } from './host-link.ts';
import { HostLink } from './host-link.ts';
import type { ByteChannel, ChannelOptions, RemoteHost, ScriptOptions, ScriptResult } from './remote-host.ts';
import { RemoteError } from './remote-host.ts';
import { COPROCESS_COMMAND, SCRIPT_COMMAND, startScript } from './remote-script.ts';
import { connectAny } from './connect-any.ts';
import type { ConnectSsh, SshConnection } from './ssh-transport.ts';
import { ChannelRefused } from './ssh-transport.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Fewer than sshd allows where nobody has configured it (MaxSessions 10): it counts a session for a moment longer than its channel is open. */
const MOST_CHANNELS = 8;
const START_TIMEOUT_MS = 60_000;
/** With so few sessions the coprocess makes room for others. */
const FEW = 2;
const YIELD_AFTER_MS = 1_000;
const MOST_REFUSALS = 5;
/** A server counts a session until its program has ended, and on a busy host that is long after the channel was closed. */
const LINGER_MS = 2_000;
const LONGEST_PAUSE_MS = 400;

export interface RemoteHostDeps extends Omit<HostLinkDeps, 'connect'> {
  /** How the connection is made; default: ssh2, and the system's ssh where only that can sign in. */
  readonly transport?: 'auto' | 'ssh2' | 'system';
  /** Instead of a transport; for tests. */
  readonly connect?: ConnectSsh;
  /** Channels open at once; default 8. */
  readonly maxChannels?: number;
}

/** A host that is reached by SSH. Nothing happens until it is used. */
export function createRemoteHost(deps: RemoteHostDeps): RemoteHost {
  return new RemoteHostClient(deps);
}

class RemoteHostClient implements RemoteHost {
  readonly #site: string;
  readonly #link: HostLink;
  readonly #gate: ChannelGate;
  readonly #shell: FramedShell;
  /** Channels that the server has opened. */
  #established = 0;
  /** When the last one of them ended. */
  #endedAt = -Infinity;
  #yieldTimer: NodeJS.Timeout | undefined;

  constructor(deps: RemoteHostDeps) {
    this.#site = deps.site;
    this.#gate = new ChannelGate(deps.maxChannels ?? MOST_CHANNELS);
    this.#link = new HostLink({ ...deps, connect: deps.connect ?? connectAny(deps.transport ?? 'auto') });
    this.#link.onConnected = () => this.#gate.reset();
    this.#shell = new FramedShell({
      host: deps.site,
      open: () => this.#open((connection) => connection.exec(COPROCESS_COMMAND), {}),
      onAnswer: () => this.#link.heard(null),
      onIdle: () => this.#makeRoom(),
    });
    this.#gate.onWait = () => this.#makeRoom();
  }

  get name(): string {
    return this.#site;
  }

  get status(): ConnectionStatus {
    return this.#link.status;
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    return this.#link.onStatus(listener);
  }

  async connect(ask: 'person' | 'nobody', signal?: AbortSignal): Promise<void> {
    await this.#link.connection(ask, signal);
  }

  run(script: string, options?: ScriptOptions): Promise<ScriptResult> {
    return this.#shell.run(script, options);
  }

  async exec(script: string, options: ChannelOptions = {}): Promise<ByteChannel> {
    const { signal } = options;
    const channel = await this.#open((connection) => connection.exec(SCRIPT_COMMAND), options);
    const leave = (): void => channel.destroy();
    signal?.addEventListener('abort', leave, { once: true });
    void channel.closed.then(() => signal?.removeEventListener('abort', leave));
    try {
      await unlessAborted(startScript(channel, script, this.#site, START_TIMEOUT_MS), signal);
    } catch (error) {
      if (signal?.aborted === true) throw new RemoteError('cancelled', 'Cancelled.', { sent: true });
      throw error;
    }
    this.#link.heard(null);
    return channel;
  }

  sftp(options: ChannelOptions = {}): Promise<ByteChannel> {
    return this.#open((connection) => connection.sftp(), options);
  }

  wake(): void {
    this.#link.wake();
  }

  disconnect(): Promise<void> {
    clearTimeout(this.#yieldTimer);
    this.#shell.close();
    this.#link.disconnect();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    clearTimeout(this.#yieldTimer);
    this.#shell.close();
    this.#link.dispose();
    return Promise.resolve();
  }

  /** Opens a channel in its turn. A server that opens no more of them teaches how many there may be, and the request waits on. */
  async #open(
    start: (connection: SshConnection) => Promise<ByteChannel>,
    { signal, lane = 'interactive', onWait }: ChannelOptions,
  ): Promise<ByteChannel> {
    for (let refusals = 0; ;) {
      const leave = await this.#gate.enter(lane, signal, onWait);
      let channel: ByteChannel;
      try {
        const opening = start(await this.#link.connection('nobody', signal));
        channel = await unlessAborted(opening, signal, (late) => late.destroy());
      } catch (error) {
        if (error instanceof ChannelRefused) {
          // It is no proof as long as the server may not have noticed that another one has ended.
          const mayLinger = ++refusals === 1 || performance.now() - this.#endedAt < LINGER_MS;
          if (!mayLinger) this.#gate.refused(this.#established);
          leave();
          if (mayLinger || this.#established === 0)
            await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** refusals, LONGEST_PAUSE_MS)));
          if (this.#established > 0 || mayLinger || refusals < MOST_REFUSALS) continue;
          throw new RemoteError('unreachable', `${this.#site} is connected but opens no channel: ${error.message}.`, {
            hint: 'The server may be out of processes or allow no sessions (MaxSessions 0). Ask its administrator.',
          });
        }
        leave();
        throw error;
      }
      this.#established++;
      void channel.closed.then(() => {
        this.#established--;
        this.#endedAt = performance.now();
        leave();
      });
      if (signal?.aborted === true) {
        channel.destroy();
        throw new RemoteError('cancelled', 'Cancelled.', { sent: true });
      }
      return channel;
    }
  }

  /** With one or two sessions the idle coprocess would keep others out for ever. */
  #makeRoom(): void {
    const stuck = (): boolean =>
      this.#gate.waiting > 0 && this.#gate.limit <= FEW && this.#shell.isOpen && this.#shell.isIdle;
    if (!stuck()) return;
    if (this.#gate.limit === 1) {
      this.#shell.close();
      return;
    }
    clearTimeout(this.#yieldTimer);
    this.#yieldTimer = setTimeout(() => {
      if (stuck()) this.#shell.close();
    }, YIELD_AFTER_MS);
  }
}
