import type { Unfinished } from '../../shared/domain/unfinished.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import type { OpenedCore } from './open-core.ts';

/** Joins two wires: what comes in on one goes out on the other, and both close together. */
export function relay(a: Wire, b: Wire): void {
  a.onMessage((frame) => b.send(frame));
  b.onMessage((frame) => a.send(frame));
  a.onClose(() => b.close());
  b.onClose(() => a.close());
}

/** The profile's core for as long as a shell lives. */
export interface LastingCore {
  /** True when another process owns it. */
  readonly attached: boolean;
  /** A new wire to the core. When it belonged to another process that has ended, this process takes over. */
  connect(): Promise<Wire>;
  /** What stands still when this process ends. */
  unfinished(): Unfinished;
  close(): Promise<void>;
}

/** `open` is used again whenever the core has gone. Rejects as `open` does. */
export async function keepCore(open: () => Promise<OpenedCore>): Promise<LastingCore> {
  let core = await open();
  let opening: Promise<OpenedCore> | null = null;
  return {
    get attached() {
      return core.attached;
    },
    async connect() {
      try {
        return await core.connect();
      } catch {
        opening ??= open().finally(() => (opening = null));
        core = await opening;
        return core.connect();
      }
    },
    unfinished: () => core.unfinished(),
    close: () => core.close(),
  };
}
