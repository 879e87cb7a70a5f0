import { defineConfig } from 'vitest/config';
import { ServersFirst } from './test/support/servers-first.ts';

export default defineConfig({
  test: {
    include: ['test/{unit,contract,migrations,integration,electron,browser}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of the time is spent waiting for real servers: the files that take longest use a tenth to a half of a processor.
    maxWorkers: 3,
    sequence: { sequencer: ServersFirst },
  },
});
