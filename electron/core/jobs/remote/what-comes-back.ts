import { RUN_FILES } from '../../../../shared/domain/run-files.ts';
import { globMatcher } from '../../files/globs.ts';
import { filesOfOutputs } from '../files-of-outputs.ts';
import type { JobPlan } from '../job-plan.ts';
import type { TreeEntry } from '../run-worker/copy-tree.ts';
import { DELIVERED_FILE } from '../storage/run-files.ts';

/** A file of a run's folder on a site; `path` is relative to that folder. */
export interface RemoteFile {
  readonly path: string;
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modifiedAt: number;
}

/** The wrapper's own folder stays on the site but for these, which the app shows. */
const OWN = new Set([
  '.slipway/command.sh',
  '.slipway/before.sh',
  '.slipway/after.sh',
  '.slipway/loaded',
  DELIVERED_FILE,
]);
const RUN_FILE_NAMES = new Set(RUN_FILES.filter((name) => name !== '.slipway'));

/**
 * Chooses the files of a run that come back: logs, processed files, what outputs and success rules read, and the `keep` patterns; without patterns everything
 * that is new or changed against the shared inputs (same size and time = unchanged). What has gone to a bucket does not come back.
 */
export function comesBack(plan: JobPlan, inputs: ReadonlyMap<string, TreeEntry>): (file: RemoteFile) => boolean {
  const keeps = plan.spec.keep.length === 0 ? null : globMatcher(plan.spec.keep);
  const processed = new Set(plan.templates.map((t) => t.to));
  const read = filesOfOutputs(plan);
  return (file) => {
    if (file.path.startsWith('.slipway/')) return OWN.has(file.path);
    if (RUN_FILE_NAMES.has(file.path) || processed.has(file.path) || read.has(file.path)) return true;
    if (plan.storage != null) return false;
    if (keeps !== null) return keeps(file.path);
    const input = inputs.get(file.path);
    return input === undefined || input.size !== file.size || Math.floor(input.modifiedAt / 1000) !== file.modifiedAt;
  };
}
