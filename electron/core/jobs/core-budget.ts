interface Claim {
  readonly cores: number;
  used: number;
  readonly allowed: number;
  readonly wake: () => void;
}

/**
 * Shares the cores of this workstation between jobs, first come first served. A job may ask for more than the machine
 * has (the check warns); it then has the machine to itself once the jobs before it are done.
 */
export class CoreBudget {
  readonly #machineCores: number;
  readonly #claims = new Map<string, Claim>();

  constructor(machineCores: number) {
    this.#machineCores = machineCores;
  }

  /** Registers a job; `wake` is called when cores may have become free. */
  join(job: string, slots: number, coresPerSlot: number, wake: () => void): void {
    this.#claims.set(job, { cores: coresPerSlot, used: 0, allowed: slots, wake });
  }

  leave(job: string): void {
    if (this.#claims.delete(job)) this.#wakeAll(null);
  }

  /** Takes one slot; false when the job's slots or the machine's cores are all taken. */
  take(job: string): boolean {
    const claim = this.#claims.get(job);
    if (claim === undefined || claim.used >= claim.allowed) return false;
    const others = this.#usedCores() - claim.used * claim.cores;
    const own = (claim.used + 1) * claim.cores;
    if (others > 0 && others + own > this.#machineCores) return false;
    claim.used++;
    return true;
  }

  /** Takes a slot for a run that is already going (adopted), whatever the limits say. */
  occupy(job: string): void {
    const claim = this.#claims.get(job);
    if (claim !== undefined) claim.used++;
  }

  release(job: string): void {
    const claim = this.#claims.get(job);
    if (claim === undefined) return;
    claim.used--;
    this.#wakeAll(job);
  }

  #usedCores(): number {
    let cores = 0;
    for (const claim of this.#claims.values()) cores += claim.used * claim.cores;
    return cores;
  }

  #wakeAll(except: string | null): void {
    for (const [job, claim] of this.#claims) if (job !== except) claim.wake();
  }
}
