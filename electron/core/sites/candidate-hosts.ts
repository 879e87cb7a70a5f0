import type { RemoteHost } from '../ssh/remote-host.ts';

const KEPT_MS = 10 * 60_000;

/** Hosts that were looked at and may be added next; each is signed out of when nobody has taken it after ten minutes. */
export class CandidateHosts {
  readonly #kept = new Map<string, { readonly host: RemoteHost; readonly timer: NodeJS.Timeout }>();

  /** Hands a host over to the caller, who disposes it. */
  take(key: string): RemoteHost | null {
    const known = this.#kept.get(key);
    if (known === undefined) return null;
    clearTimeout(known.timer);
    this.#kept.delete(key);
    return known.host;
  }

  keep(key: string, host: RemoteHost): void {
    const timer = setTimeout(() => void this.take(key)?.dispose(), KEPT_MS);
    timer.unref();
    this.#kept.set(key, { host, timer });
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((key) => this.take(key)?.dispose()));
  }
}
