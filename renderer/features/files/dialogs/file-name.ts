import type { Place } from '../../../../shared/domain/transfer/place.ts';

/** Why a name cannot be that of a file in a place, as a sentence; null = it can. The place itself has the last word. */
export function nameProblem(name: string, folder: Place): string | null {
  if (name === '') return 'Type a name.';
  if (name === '.' || name === '..') return `“${name}” means a folder already.`;
  if (name.includes('/')) return 'A name cannot hold a slash.';
  if (name.includes('\0')) return 'A name cannot hold a NUL.';
  const windows = folder.kind === 'local' && /^[A-Za-z]:/.test(folder.path);
  if (windows && /[\\<>:"|?*]/.test(name)) return 'Windows takes none of \\ < > : " | ? * in a name.';
  return null;
}

/** How many characters of a name come before its ending: what one changes when one renames a file. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? dot : name.length;
}
