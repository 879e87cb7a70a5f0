import { hostContract } from '../../shared/contract/host.ts';
import { isAppError } from '../../shared/errors.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import type { Host } from '../core/host/node-host.ts';
import { remoteHost } from '../core/host/node-host.ts';
import type { FromCore, ToCore } from '../main/core-protocol.ts';
import type { PortLike } from '../transports/message-port.ts';
import { messagePortWire } from '../transports/message-port.ts';
import type { LastingCore } from './lasting-core.ts';
import { keepCore, relay } from './lasting-core.ts';
import type { OpenedCore } from './open-core.ts';

/** Electron's `process.parentPort`: main's end of a utility process. */
export interface ParentPort {
  on(
    event: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly PortLike[] }) => void,
  ): void;
  postMessage(message: FromCore): void;
}

/** Electron's line to main; null in a plain Node process. */
export function parentPort(): ParentPort | null {
  return (process as { readonly parentPort?: ParentPort }).parentPort ?? null;
}

/** The core as main's utility process: opened with main as its host, serving the ports that main hands to it. */
export function serveUtilityProcess(parent: ParentPort, open: (host: Host) => Promise<OpenedCore>): void {
  let core: Promise<LastingCore> | null = null;

  function failed(error: unknown): void {
    if (isAppError(error)) return parent.postMessage({ kind: 'failed', code: error.code, message: error.message });
    // Unexpected: main keeps what is said here and starts another.
    console.error(error);
    process.exit(1);
  }

  async function start(hostPort: PortLike): Promise<void> {
    const host = remoteHost(createClient(new Peer(messagePortWire(hostPort)), hostContract));
    core = keepCore(() => open(host));
    parent.postMessage({ kind: 'ready', attached: (await core).attached });
  }

  async function connect(port: PortLike): Promise<void> {
    const page = messagePortWire(port);
    try {
      if (core !== null) relay(page, await (await core).connect());
    } catch (error) {
      page.close();
      // The first opening is reported by `start`; this one took over from another process and could not.
      if (
        core !== null &&
        (await core.then(
          () => true,
          () => false,
        ))
      )
        failed(error);
    }
  }

  async function stop(): Promise<void> {
    await core?.then(
      (opened) => opened.close(),
      () => undefined,
    );
    process.exit(0);
  }

  parent.on('message', ({ data, ports: [port] }) => {
    const { kind } = data as ToCore;
    if (kind === 'start' && port !== undefined) start(port).catch(failed);
    else if (kind === 'connect' && port !== undefined) void connect(port);
    else if (kind === 'count-unfinished')
      void core?.then(
        (opened) => parent.postMessage({ kind: 'unfinished', ...opened.unfinished() }),
        () => undefined,
      );
    else if (kind === 'stop') void stop();
  });
  // Ctrl-C in a terminal reaches main too, which then says `stop`.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => void stop());
}
