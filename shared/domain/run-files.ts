/** What Slipway itself writes at the top of every run folder: no input and no template may take these names, and `keep` never removes them. */
export const RUN_FILES: readonly string[] = [
  'stdout',
  'stderr',
  'before.out',
  'after.out',
  'after.err',
  'fetch.out',
  'deliver.out',
  'start.json',
  'end.json',
  '.slipway',
];

/** Folder name of a run: its number with at least four digits. */
export function runFolderName(run: number): string {
  return String(run).padStart(4, '0');
}
