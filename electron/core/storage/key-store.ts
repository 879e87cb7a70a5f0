import type { Database } from 'better-sqlite3';
import { z } from '../../../shared/zod.ts';

const storedRecipients = z.array(z.object({ text: z.string(), label: z.string().nullable(), addedAt: z.number() }));
export type StoredRecipient = z.infer<typeof storedRecipients>[number];

export interface StoredGeneration {
  /** In order; what is older than the first known one has smaller numbers. */
  readonly generation: number;
  /** Of the command that made it. */
  readonly requestId: string;
  readonly publicKey: string;
  /** The secret half: an armoured age file for `device` and the recipients. */
  readonly sealed: string;
  /** Public half of the device key that opens it. */
  readonly device: string;
  /** UTC milliseconds; null = nobody has shown that the phrase was written down. */
  readonly confirmedAt: number | null;
  readonly createdAt: number;
}

export interface StoredKey {
  readonly name: string;
  readonly recipients: readonly StoredRecipient[];
  /** Oldest first. */
  readonly generations: readonly StoredGeneration[];
  readonly createdAt: number;
}

interface RawKey {
  name: string;
  recipients: string;
  created_at: number;
}

interface RawGeneration {
  key: string;
  generation: number;
  request_id: string;
  public_key: string;
  sealed: string;
  device: string;
  confirmed_at: number | null;
  created_at: number;
}

/** Keys of projects. */
export class KeyStore {
  readonly #keys;
  readonly #generations;
  readonly #save;
  readonly #remove;

  constructor(db: Database) {
    this.#keys = db.prepare<[], RawKey>('SELECT * FROM project_key ORDER BY name');
    this.#generations = db.prepare<[], RawGeneration>('SELECT * FROM project_key_generation ORDER BY key, generation');
    const saveKey = db.prepare(
      `INSERT INTO project_key (name, recipients, created_at) VALUES (@name, @recipients, @createdAt)
       ON CONFLICT DO UPDATE SET recipients = excluded.recipients`,
    );
    const saveGeneration = db.prepare(
      `INSERT INTO project_key_generation (key, generation, request_id, public_key, sealed, device, confirmed_at, created_at)
       VALUES (@key, @generation, @requestId, @publicKey, @sealed, @device, @confirmedAt, @createdAt)
       ON CONFLICT DO UPDATE SET sealed = excluded.sealed, device = excluded.device, confirmed_at = excluded.confirmed_at`,
    );
    const removeGenerations = db.prepare<[string]>('DELETE FROM project_key_generation WHERE key = ?');
    const removeKey = db.prepare<[string]>('DELETE FROM project_key WHERE name = ?');
    this.#remove = db.transaction((name: string) => {
      removeGenerations.run(name);
      removeKey.run(name);
    });
    this.#save = db.transaction(({ name, recipients, createdAt, generations }: StoredKey) => {
      saveKey.run({ name, recipients: JSON.stringify(recipients), createdAt });
      for (const generation of generations) saveGeneration.run({ ...generation, key: name });
    });
  }

  all(): StoredKey[] {
    const generations = Map.groupBy(this.#generations.all(), (g) => g.key);
    return this.#keys.all().map(({ name, recipients, created_at }) => ({
      name,
      recipients: storedRecipients.parse(JSON.parse(recipients)),
      createdAt: created_at,
      generations: (generations.get(name) ?? []).map((g) => ({
        generation: g.generation,
        requestId: g.request_id,
        publicKey: g.public_key,
        sealed: g.sealed,
        device: g.device,
        confirmedAt: g.confirmed_at,
        createdAt: g.created_at,
      })),
    }));
  }

  find(name: string): StoredKey | null {
    return this.all().find((key) => key.name === name) ?? null;
  }

  /** With all its generations. */
  remove(name: string): void {
    this.#remove(name);
  }

  /** The key and all its generations, at once. A generation's public half never changes. */
  save(key: StoredKey): void {
    this.#save(key);
  }
}
