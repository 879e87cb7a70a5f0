import { isAbsolute, join, relative } from 'node:path';
import { appFile } from '../../../shared/domain/app-files.ts';
import { isAppUrl } from './app-url.ts';

/** A built file: where it lies, and its `/`-separated path below the built folder. */
export interface AppPath {
  readonly path: string;
  readonly name: string;
}

/** The built file that an `app://` URL asks for (index.html for an app route); null when it is none of `root`'s. */
export function resolveAppPath(url: string, root: string): AppPath | null {
  if (!isAppUrl(url)) return null;
  const name = appFile(new URL(url).pathname);
  if (name === null) return null;
  const path = join(root, name);
  const inside = relative(root, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? null : { path, name };
}
