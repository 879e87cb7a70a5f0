/** `npm run bench`: measures side by side with the peers, in one run, and prints ratios. `npm run bench -- runs` runs one part. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, pinnedNode, root } from './prepare.mjs';

await ensureInstalled();
await ensureBuilt();
const { status } = spawnSync(pinnedNode(), [join(root, 'test', 'bench', 'bench.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
