import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder: where package.json lies above this file, built or not. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) return folder;
    folder = above;
  }
  return folder;
}

export const PACKAGE_ROOT = packageRoot();

export const VERSION: string = (
  JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }
).version;

/** The bundled examples; null where they are not shipped. */
export function examplesFolder(): string | null {
  // Solvers and scripts cannot read inside the archive of a packaged app: the examples lie unpacked beside it.
  const folder = join(PACKAGE_ROOT.replace(/app\.asar$/, 'app.asar.unpacked'), 'examples');
  return existsSync(folder) ? folder : null;
}
