import type { Database } from 'better-sqlite3';

/** A stored site. `settings` and `probe` are JSON texts whose shapes are in sites/stored-site.ts. No secrets are in them. */
export interface SiteRow {
  readonly name: string;
  readonly kind: string;
  readonly settings: string;
  readonly probe: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly probedAt: number;
}

interface Raw {
  name: string;
  kind: string;
  settings: string;
  probe: string;
  created_at: number;
  probed_at: number;
}

/** Remote sites. */
export class SiteStore {
  readonly #all;
  readonly #save;
  readonly #remove;

  constructor(db: Database) {
    this.#all = db.prepare<[], Raw>('SELECT * FROM site ORDER BY name');
    this.#save = db.prepare(
      `INSERT INTO site (name, kind, settings, probe, created_at, probed_at) VALUES (@name, @kind, @settings, @probe, @createdAt, @probedAt)
       ON CONFLICT DO UPDATE SET kind = excluded.kind, settings = excluded.settings, probe = excluded.probe, probed_at = excluded.probed_at`,
    );
    this.#remove = db.prepare('DELETE FROM site WHERE name = ?');
  }

  all(): SiteRow[] {
    return this.#all.all().map(({ name, kind, settings, probe, created_at, probed_at }) => ({
      name,
      kind,
      settings,
      probe,
      createdAt: created_at,
      probedAt: probed_at,
    }));
  }

  save(site: SiteRow): void {
    this.#save.run(site);
  }

  remove(name: string): void {
    this.#remove.run(name);
  }
}
