import type { Draft } from '../../../shared/contract/drafts.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import { isSpecFile } from '../../../shared/domain/job-spec/spec-file-name.ts';
import type { Dropped } from '../../ui/file-drop/dropped-files.ts';
import { withoutTopFolder } from '../../ui/file-drop/dropped-files.ts';
import type { UploadOptions } from '../../ui/file-drop/upload-files.ts';
import { uploadFiles } from '../../ui/file-drop/upload-files.ts';
import { openFolder } from './open-folder.ts';

export interface BringInOptions extends UploadOptions {
  /** Paths of this workstation for what was dropped; null when the shell cannot tell and bytes must be sent. */
  readonly paths: readonly string[] | null;
  /** The draft that is open; files go into it when it owns its folder, else into a new one. */
  readonly into: Draft | null;
}

/**
 * Makes a draft of what was dropped or picked, or adds it to the open one, and proposes a spec from the files.
 * One folder whose path is known is used where it is; everything else is copied into a folder of the draft.
 */
export async function bringIn(
  client: Pick<CoreClient, 'drafts'>,
  dropped: Dropped,
  options: BringInOptions,
): Promise<Draft> {
  const { paths, into, signal } = options;
  const open = into?.owned === true ? into : null;
  const single = dropped.roots.length === 1 && dropped.roots[0]?.isFolder === true;
  const create = (): Promise<Draft> => client.drafts.create({ requestId: crypto.randomUUID() });
  if (paths !== null) {
    if (single && open === null && paths[0] !== undefined) return openFolder(client, paths[0]);
    const draft = open ?? (await create());
    await client.drafts.addPaths({ draft: draft.id, paths: [...paths] }, { signal });
    return client.drafts.propose({ draft: draft.id });
  }
  // Read before the draft is made, so that an unreadable or empty drop leaves nothing behind.
  const files = await dropped.list(signal);
  if (files.length === 0) throw new Error('There are no files in what was dropped.');
  const draft = open ?? (await create());
  const placed = open ? files : withoutTopFolder(dropped, files);
  await uploadFiles((piece, call) => client.drafts.putFile({ draft: draft.id, ...piece }, call), placed, options);
  const proposed = await client.drafts.propose({ draft: draft.id });
  // A folder with a job spec brings its own name.
  const name = dropped.roots[0]?.name;
  if (open || !single || name === undefined || placed.some(({ path }) => isSpecFile(path))) return proposed;
  return client.drafts.patch({ draft: draft.id, changes: [{ path: ['name'], value: name }] });
}
