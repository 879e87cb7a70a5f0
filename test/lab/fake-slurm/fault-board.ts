import type { Fault, FaultKind } from './scenario.ts';

/** Where a fault waits for its chance. */
export type Slot =
  | 'sbatch'
  | 'setsid'
  | 'submit-script'
  | 'squeue'
  | 'sacct'
  | 'scancel'
  | 'connection'
  | 'submit-connection'
  | 'transfer'
  | 'command-before'
  | 'command-after'
  | 'submit-after'
  | 'write'
  | 'start'
  | 'running'
  | 'pending';

/** Faults that are ready, and the count of those that have struck. */
export class FaultBoard {
  readonly struck = new Map<FaultKind, number>();
  readonly #ready = new Map<Slot, Fault[]>();
  readonly #passed = new WeakMap<Fault, number>();
  readonly #onStrike: (kind: FaultKind) => void;

  constructor(onStrike: (kind: FaultKind) => void) {
    this.#onStrike = onStrike;
  }

  arm(slot: Slot, fault: Fault): void {
    const waiting = this.#ready.get(slot);
    if (waiting === undefined) this.#ready.set(slot, [fault]);
    else waiting.push(fault);
  }

  /** The oldest fault that waits there, which does not count before it strikes. */
  pull(slot: Slot): Fault | null {
    return this.#ready.get(slot)?.shift() ?? null;
  }

  /** The oldest fault that waits there; it strikes now. */
  take(slot: Slot): Fault | null {
    const fault = this.pull(slot);
    if (fault !== null) this.strike(fault.kind);
    return fault;
  }

  /** As `take`, but the fault lets `n` (of 0 to 23) chances pass first. */
  takeInTime(slot: Slot): Fault | null {
    const fault = this.#ready.get(slot)?.[0];
    if (fault === undefined) return null;
    const passed = this.#passed.get(fault) ?? 0;
    this.#passed.set(fault, passed + 1);
    return passed >= fault.n % 24 ? this.take(slot) : null;
  }

  strike(kind: FaultKind): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    this.#onStrike(kind);
  }

  get count(): number {
    return [...this.struck.values()].reduce((sum, n) => sum + n, 0);
  }

  /** No fault that waits will strike any more. */
  clear(): void {
    this.#ready.clear();
  }
}
