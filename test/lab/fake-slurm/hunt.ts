import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunWorkerClient } from '../../../electron/core/jobs/run-worker/run-worker-client.ts';
import { FakeBin } from './fake-bin.ts';
import type { Scenario } from './scenario.ts';
import type { Report } from './world.ts';
import { World } from './world.ts';

/** Lives through scenarios one after another, with one set of programs and one worker. */
export class Hunt {
  readonly #folder = mkdtempSync(join(tmpdir(), 'slipway-faults-'));
  readonly #worker = new RunWorkerClient(new URL('../../../electron/core/jobs/run-worker/worker.ts', import.meta.url));
  #bin: FakeBin | null = null;
  #count = 0;

  async live(scenario: Scenario): Promise<Report> {
    this.#bin ??= await FakeBin.start(join(this.#folder, 'bin'), { time: true });
    const folder = join(this.#folder, String(++this.#count));
    return new World(scenario, { bin: this.#bin, worker: this.#worker, folder }).run();
  }

  async end(): Promise<void> {
    await this.#worker.dispose();
    await this.#bin?.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
