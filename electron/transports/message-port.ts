import type { Wire } from '../../shared/rpc/wire.ts';
import { assertCarriable } from '../../shared/wires/codec.ts';
import { createWire } from '../../shared/wires/create-wire.ts';

interface PortMethods {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** Electron's `MessagePortMain`: events by `on`. */
interface EmitterPort extends PortMethods {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** The ports of browsers and of `node:worker_threads`: events by `addEventListener`. */
interface TargetPort extends PortMethods {
  addEventListener(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  addEventListener(event: 'close', listener: () => void): unknown;
}

/** Anything shaped like a message port. */
export type PortLike = EmitterPort | TargetPort;

/** A port that nothing refers to may be collected, which closes it. */
const openPorts = new Set<PortLike>();

/** Takes over a port; nobody else may listen to it. It closes when the other side's page reloads or process ends. */
export function messagePortWire(port: PortLike): Wire {
  const end = createWire({
    send: (frame) => {
      // Checked before posting: a frame that cannot be cloned has closed Electron's port (electron#42373).
      assertCarriable(frame);
      port.postMessage(frame);
    },
    close: () => {
      openPorts.delete(port);
      port.close();
    },
  });
  const onMessage = (event: { readonly data: unknown }): void => end.deliver(event.data);
  const onClose = (): void => {
    openPorts.delete(port);
    end.closed();
  };
  openPorts.add(port);
  if ('addEventListener' in port) {
    port.addEventListener('message', onMessage);
    port.addEventListener('close', onClose);
  } else {
    port.on('message', onMessage);
    port.on('close', onClose);
  }
  port.start();
  return end.wire;
}
