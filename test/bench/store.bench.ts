import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobStore } from '../../electron/core/storage/job-store.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import type { RunChange } from '../../electron/core/storage/run-store.ts';
import { RunStore } from '../../electron/core/storage/run-store.ts';
import type { RunState } from '../../shared/domain/run-state.ts';

const LIFE: readonly RunState[] = ['planned', 'staged', 'starting', 'running', 'finishing', 'done'];
const BATCH = 64;

/** State changes stored per second in batches of 64, as the core commits them: journal, projection, attempt and counts. Target: 20,000. */
export function runStoreBench(runs = 20_000): { changes: number; seconds: number; changesPerSecond: number } {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const db = openDatabase({ path: join(folder, 'state.db'), migrations: STATE_MIGRATIONS, now: Date.now });
  try {
    const store = new RunStore(db);
    new JobStore(db).insert({
      id: 'bench',
      requestId: 'bench-request',
      name: 'Bench',
      type: 'doe',
      site: 'local',
      folder,
      source: folder,
      specText: '',
      plan: '{}',
      outputs: '[]',
      submittedAt: Date.now(),
      total: runs,
    });
    store.insertPlanned(
      'bench',
      1,
      Array.from({ length: runs }, (_, i) => [String(i), '0.5']),
    );
    const started = performance.now();
    let changes = 0;
    for (let first = 1; first <= runs; first += BATCH) {
      for (let step = 1; step < LIFE.length; step++) {
        const batch: RunChange[] = [];
        for (let run = first; run < Math.min(first + BATCH, runs + 1); run++) {
          const at = Date.now();
          const end = {
            exitCode: 0,
            wallSeconds: 0.1,
            peakMemoryBytes: null,
            endedAt: at,
            outputs: { tip: run },
            problems: [],
          };
          batch.push({
            job: 'bench',
            run,
            attempt: 1,
            from: LIFE[step - 1]!,
            to: LIFE[step]!,
            at,
            ...(LIFE[step] === 'done' ? { end } : {}),
          });
        }
        store.apply(batch);
        changes += batch.length;
      }
    }
    const seconds = (performance.now() - started) / 1000;
    return { changes, seconds, changesPerSecond: Math.round(changes / seconds) };
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify({ bench: 'store', ...runStoreBench() }));
