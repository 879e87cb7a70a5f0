import type { Clock, Timers } from '../../../electron/core/clock.ts';

/** Time as the cluster knows it. */
export interface WorldTime {
  /** Epoch seconds, whole. */
  readonly epoch: number;
  /** Calls `act` in so many seconds; the returned function takes that back. */
  in(seconds: number, act: () => void | Promise<void>): () => void;
  /** What would happen next happens now; false when nothing is due. */
  overtake(): Promise<boolean>;
}

interface Due {
  readonly act: () => void | Promise<void>;
  /** Milliseconds of the world for an event, of the workstation's clock that never jumps for a timer. */
  readonly at: number;
  readonly kind: 'event' | 'timer';
}

/** 2026-01-05 08:00 UTC, a Monday. */
const BEGAN = 1_767_600_000_000;

/**
 * Time that moves only when it is told to. The world has events (`at`), the workstation has a clock and timers, which stand still while it sleeps. One thing
 * happens at a time, in order.
 */
export class VirtualTime implements Clock, Timers, WorldTime {
  #now = 0;
  #slept = 0;
  #awake = 0;
  #due: Due[] = [];

  /** UTC milliseconds of the workstation. */
  now(): number {
    return Math.round(BEGAN + this.#now);
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return this.#now / 1000;
  }

  /** Epoch seconds, whole, of a clock that is right. */
  get epoch(): number {
    return Math.floor((BEGAN + this.#now) / 1000);
  }

  elapsed(): number {
    // Asleep, it stands where it stood.
    this.#awake = Math.max(this.#awake, this.#now - this.#slept);
    return this.#awake;
  }

  after(ms: number, act: () => void): () => void {
    return this.#add({ kind: 'timer', at: this.elapsed() + ms, act });
  }

  /** An event of the world in so many seconds, whatever the workstation does. */
  in(seconds: number, act: () => void | Promise<void>): () => void {
    return this.#add({ kind: 'event', at: this.#now + seconds * 1000, act });
  }

  /** The workstation sleeps from now on. */
  sleep(seconds: number): void {
    this.elapsed();
    this.#slept += seconds * 1000;
  }

  /** Moves on to what is due next and lets it happen; false when nothing is due any more. */
  async step(): Promise<boolean> {
    const due = this.#next();
    if (due === null) return false;
    this.#due.splice(this.#due.indexOf(due), 1);
    this.#now = Math.max(this.#now, this.#when(due));
    await due.act();
    return true;
  }

  /** The next event of the world happens now, before its time; false when there is none. */
  async overtake(): Promise<boolean> {
    const due = this.#next('event');
    if (due === null) return false;
    this.#due.splice(this.#due.indexOf(due), 1);
    await due.act();
    return true;
  }

  #add(due: Due): () => void {
    this.#due.push(due);
    return () => {
      const at = this.#due.indexOf(due);
      if (at >= 0) this.#due.splice(at, 1);
    };
  }

  #when(due: Due): number {
    return due.kind === 'event' ? due.at : due.at + this.#slept;
  }

  #next(kind?: Due['kind']): Due | null {
    let next: Due | null = null;
    for (const due of this.#due) {
      if (kind !== undefined && due.kind !== kind) continue;
      if (next === null || this.#when(due) < this.#when(next)) next = due;
    }
    return next;
  }
}
