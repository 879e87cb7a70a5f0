/** `npm run test:soak`: thousands of faults between Slipway and a cluster, with seeds; too long for `npm test`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, pinnedNode, root } from './prepare.mjs';

await ensureInstalled();
const { status } = spawnSync(pinnedNode(), [join(root, 'test', 'soak', 'exactly-once.soak.ts')], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
