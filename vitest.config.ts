import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,contract,migrations,integration,electron,browser}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most of the time is spent waiting for real servers, not computing: one worker for two processors would leave both idle.
    maxWorkers: 2,
  },
});
