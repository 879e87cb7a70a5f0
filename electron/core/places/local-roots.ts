import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename } from 'node:path';
import type { ProfileFolder } from '../profile/profile-folder.ts';
import type { JobStore } from '../storage/job-store.ts';

const RECENT_PLACES = 5;

/** A folder of this workstation to begin from. */
export interface LocalRoot {
  readonly title: string;
  readonly place: { readonly kind: 'local'; readonly path: string };
  readonly detail: string;
}

/** Home, the examples, and the folders that the newest jobs came from. */
export function localRoots(deps: {
  readonly jobs: JobStore;
  readonly profile: ProfileFolder;
  readonly examples: string | null;
}): LocalRoot[] {
  const paths = new Map([[homedir(), 'Home']]);
  if (deps.examples !== null) paths.set(deps.examples, 'Examples');
  const recent = new Set<string>();
  for (const { source } of deps.jobs.list(100)) {
    if (recent.size >= RECENT_PLACES) break;
    if (!source.startsWith(deps.profile.home) && existsSync(source)) recent.add(source);
  }
  for (const path of recent) if (!paths.has(path)) paths.set(path, basename(path));
  return [...paths].map(([path, title]) => ({ title, place: { kind: 'local', path }, detail: path }));
}
