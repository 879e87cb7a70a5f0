import { disconnected } from '../../shared/rpc/errors.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { assertCarriable } from '../../shared/wires/codec.ts';
import { createWire } from '../../shared/wires/create-wire.ts';

/**
 * What the preload lends to the page. Handshake: the page picks a nonce and calls `connect(nonce)`; main makes a channel
 * and gives one end to the core, the other to the preload; the preload posts it to this same window as
 * `{type: 'slipway:port', nonce}` with the port transferred. (A port cannot cross the context bridge itself.)
 */
export interface ShellBridge {
  connect(nonce: string): void;
}

const HANDOVER_MS = 10_000;
/** A port that nothing refers to may be collected, which closes it. */
const openPorts = new Set<MessagePort>();

function portWire(port: MessagePort): Wire {
  const end = createWire({
    send: (frame) => {
      assertCarriable(frame);
      port.postMessage(frame);
    },
    close: () => {
      openPorts.delete(port);
      port.close();
    },
  });
  openPorts.add(port);
  port.addEventListener('message', (event) => end.deliver(event.data));
  port.addEventListener('close', () => {
    openPorts.delete(port);
    end.closed();
  });
  port.start();
  return end.wire;
}

/** Asks the preload for a port to the core. Rejects with `disconnected` when none comes. */
export async function connectMessagePort(bridge: ShellBridge, page: Window, signal: AbortSignal): Promise<Wire> {
  const nonce = crypto.randomUUID();
  const { promise, resolve, reject } = Promise.withResolvers<MessagePort>();
  const onMessage = (event: MessageEvent<unknown>): void => {
    const { data } = event;
    if (event.source !== page || typeof data !== 'object' || data === null) return;
    if (!('type' in data) || data.type !== 'slipway:port' || !('nonce' in data) || data.nonce !== nonce) return;
    if (event.ports[0] !== undefined) resolve(event.ports[0]);
  };
  const giveUp = (): void => reject(disconnected('The core does not answer. Quit Slipway and start it again.'));
  const timer = setTimeout(giveUp, HANDOVER_MS);
  page.addEventListener('message', onMessage);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    bridge.connect(nonce);
    return portWire(await promise);
  } finally {
    clearTimeout(timer);
    page.removeEventListener('message', onMessage);
    signal.removeEventListener('abort', giveUp);
  }
}
