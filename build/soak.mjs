/** `npm run test:soak`: thousands of faults between Slipway and a cluster, with seeds; `npm run test:soak -- transfers`: crashes in the middle of large transfers. Too long for `npm test`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, pinnedNode, root } from './prepare.mjs';

await ensureInstalled();

function run(...args) {
  const { status } = spawnSync(pinnedNode(), args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[2] === 'transfers') {
  run(join(root, 'build', 'build.ts'));
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  run(vitest, 'run', '--config', join(root, 'build', 'vitest-soak.config.ts'));
} else run(join(root, 'test', 'soak', 'exactly-once.soak.ts'));
