import type { Wire } from '../../shared/rpc/wire.ts';
import { assertCarriable } from '../../shared/wires/codec.ts';
import type { WireEnd } from '../../shared/wires/create-wire.ts';
import { createWire } from '../../shared/wires/create-wire.ts';

/**
 * Two joined ends inside one process. Frames are cloned, so that nothing is shared by accident and what the other wires
 * cannot carry is refused here too. They arrive in order, in a later turn of the event loop (a microtask would let a
 * busy stream starve timers).
 */
export function createInProcessPair(): [Wire, Wire] {
  const ends: [WireEnd, WireEnd] = [createEnd(() => ends[1]), createEnd(() => ends[0])];
  return [ends[0].wire, ends[1].wire];
}

function createEnd(other: () => WireEnd): WireEnd {
  return createWire({
    send: (frame) => {
      assertCarriable(frame);
      const copy = structuredClone(frame);
      setImmediate(() => other().deliver(copy));
    },
    close: () => void setImmediate(() => other().closed()),
  });
}
