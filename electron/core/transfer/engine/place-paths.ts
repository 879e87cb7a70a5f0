import { basename, dirname, join } from 'node:path';
import type { Place } from '../../../../shared/domain/transfer/place.ts';

/** The path (or key) of a place, as its end takes it. */
export function pathOf(place: Place): string {
  return place.kind === 'bucket' ? place.key : place.path;
}

/** A path below a root, in the way that the root's end writes paths. */
export function below(kind: Place['kind'], root: string, path: string): string {
  if (path === '') return root;
  if (kind === 'local') return join(root, path);
  return root === '' || root.endsWith('/') ? `${root}${path}` : `${root}/${path}`;
}

/** The folder that a path lies in, and its name there. */
export function splitPath(kind: Place['kind'], path: string): { readonly folder: string; readonly name: string } {
  if (kind === 'local') return { folder: dirname(path), name: basename(path) };
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return { folder: kind === 'site' ? '.' : '', name: trimmed };
  return { folder: slash === 0 ? '/' : trimmed.slice(0, slash), name: trimmed.slice(slash + 1) };
}
