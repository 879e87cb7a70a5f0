import type { Wire } from '../rpc/wire.ts';

/** A wire with the two things that happen to it from below. */
export interface WireEnd {
  readonly wire: Wire;
  /** A frame has come in. */
  deliver(frame: unknown): void;
  /** The channel below has closed. Harmless when repeated. */
  closed(): void;
}

/** The part that every wire has in common: waiting frames, close listeners. `below.close` is called at most once. */
export function createWire(below: { send(frame: unknown): void; close(): void }): WireEnd {
  const frames: unknown[] = [];
  const listeners: (() => void)[] = [];
  let receiver: ((frame: unknown) => void) | null = null;
  let isClosed = false;

  function drain(): void {
    for (let to = receiver; to !== null && frames.length > 0; to = receiver) to(frames.shift());
  }
  function closed(): void {
    if (isClosed) return;
    isClosed = true;
    for (const listener of listeners.splice(0)) queueMicrotask(listener);
  }
  const wire: Wire = {
    send: (frame) => (isClosed ? undefined : below.send(frame)),
    onMessage: (receive) => {
      receiver = receive;
      drain();
    },
    onClose: (listener) => (isClosed ? queueMicrotask(listener) : void listeners.push(listener)),
    close: () => {
      if (isClosed) return;
      closed();
      below.close();
    },
  };
  return {
    wire,
    deliver: (frame) => {
      if (isClosed) return;
      frames.push(frame);
      drain();
    },
    closed,
  };
}
