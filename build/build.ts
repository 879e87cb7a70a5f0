/** Builds all bundles and proves that they are what the shells expect; `dist/` appears whole. Run by the launcher, the tests and packaging. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';
import { build } from 'vite';
import { checkArtifacts } from './check-artifacts.ts';
import node from './vite.node.config.ts';
import preload from './vite.preload.config.ts';
import renderer from './vite.renderer.config.ts';

process.env['NODE_ENV'] = 'production';
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const aside = join(root, `dist.${process.pid}`);

async function buildInto(config: UserConfig, outDir: string): Promise<void> {
  await build({
    ...config,
    configFile: false,
    logLevel: 'warn',
    build: { ...config.build, outDir, emptyOutDir: false },
  });
}

try {
  await buildInto(node, aside);
  await buildInto(preload, aside);
  await buildInto(renderer as UserConfig, join(aside, 'renderer'));
  const problems = checkArtifacts(aside);
  for (const problem of problems) console.error(`build: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else {
    const old = `${aside}.old`;
    if (existsSync(dist)) renameSync(dist, old);
    renameSync(aside, dist);
    rmSync(old, { recursive: true, force: true });
  }
} finally {
  rmSync(aside, { recursive: true, force: true });
}
