import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The long tests of transfers, which `npm run test:soak -- transfers` runs. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/soak/transfer-faults.soak.ts'],
    testTimeout: 3 * 60 * 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});
