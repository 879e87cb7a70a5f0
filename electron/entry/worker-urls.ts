import { existsSync } from 'node:fs';

/** Where the worker threads' entries lie: beside this bundle, or as sources when run unbuilt. */
export function workerUrl(name: 'run-worker' | 'runs-file-worker'): URL {
  for (const base of ['./', '../']) {
    const built = new URL(`${base}${name}.js`, import.meta.url);
    if (existsSync(built)) return built;
  }
  return new URL(`./${name}.ts`, import.meta.url);
}
