/** Builds all bundles into dist/ and proves that they are what the shells expect. Run by the launcher, the tests and packaging. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { checkArtifacts } from './check-artifacts.ts';
import node from './vite.node.config.ts';
import preload from './vite.preload.config.ts';
import renderer from './vite.renderer.config.ts';

process.env['NODE_ENV'] = 'production';
const dist = fileURLToPath(new URL('../dist', import.meta.url));
rmSync(dist, { recursive: true, force: true });
for (const config of [node, preload, renderer]) await build(config as Parameters<typeof build>[0]);
const problems = checkArtifacts(dist);
if (problems.length > 0) {
  for (const problem of problems) console.error(`build: ${problem}`);
  process.exit(1);
}
