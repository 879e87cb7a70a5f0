import { existsSync } from 'node:fs';

/** Where another entry of this package lies: beside this bundle or above its chunk, or as a source when run unbuilt. */
export function entryUrl(
  name: 'core' | 'run-worker' | 'runs-file-worker' | 'cipher-worker' | 'hash-worker' | 'pack-worker' | 'walk-worker',
): URL {
  for (const base of ['./', '../']) {
    const built = new URL(`${base}${name}.js`, import.meta.url);
    if (existsSync(built)) return built;
  }
  return new URL(`./${name}.ts`, import.meta.url);
}
