import type { RemoteSite } from './remote-site.ts';
import type { MonitorDeps } from './site-monitor.ts';
import { SiteMonitor } from './site-monitor.ts';

/** One monitor for each site, made when its first job is driven. */
export class SiteMonitors {
  readonly #deps: Omit<MonitorDeps, 'site' | 'pace'>;
  readonly #monitors = new Map<string, { readonly site: RemoteSite; readonly monitor: SiteMonitor }>();

  /** `watched`: whether somebody looks at jobs now. */
  constructor(deps: Omit<MonitorDeps, 'site' | 'pace'>) {
    this.#deps = deps;
  }

  of(site: RemoteSite): SiteMonitor {
    const known = this.#monitors.get(site.name);
    if (known !== undefined && known.site.host === site.host) return known.monitor;
    known?.monitor.dispose();
    const monitor = new SiteMonitor({ site, ...this.#deps });
    this.#monitors.set(site.name, { site, monitor });
    return monitor;
  }

  /** UTC milliseconds of a site's last successful look; null = none yet. */
  heardAt(name: string): number | null {
    return this.#monitors.get(name)?.monitor.heardAt ?? null;
  }

  /** After sleep or a reconnect: all sites are looked at now. */
  wake(): void {
    for (const { monitor } of this.#monitors.values()) monitor.nudge(0);
  }

  dispose(): void {
    for (const { monitor } of this.#monitors.values()) monitor.dispose();
  }
}
