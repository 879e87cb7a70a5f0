import type { Place } from '../../../../shared/domain/transfer/place.ts';
import { parsePlace } from '../../../../shared/domain/transfer/place.ts';
import { childOf } from '../../../../shared/domain/transfer/place-path.ts';

/**
 * What a person means who types a path while a folder is shown: an absolute path or one below the home (`~/runs`) of the same place, a relative one
 * below the folder, or another place altogether (`hpc:/scratch`, `bucket:data/input`). Null = none of these.
 */
export function readTyped(text: string, folder: Place): Place | null {
  const typed = text.trim();
  if (typed === '' && folder.kind !== 'bucket') return null;
  if (/^[^:/\\~.]{2,63}:/.test(typed)) return parsePlace(typed);
  if (folder.kind === 'bucket') return { ...folder, key: typed.replace(/^\/+|\/+$/g, '') };
  if (/^~(\/|$)/.test(typed)) {
    const below = typed.slice(2);
    // The home is where relative paths begin.
    return { ...folder, path: below === '' ? '.' : below };
  }
  if (/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(typed)) return { ...folder, path: typed };
  return childOf(folder, typed);
}
