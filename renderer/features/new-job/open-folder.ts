import type { Draft } from '../../../shared/contract/drafts.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';

/** A draft of a folder of this workstation: the one that is there already when it holds nothing but what the folder says, else a new one. */
export async function openFolder(client: Pick<CoreClient, 'drafts'>, folder: string): Promise<Draft> {
  const { drafts } = await client.drafts.list({});
  const same = drafts.find((draft) => !draft.owned && !draft.unsaved && draft.folder === folder);
  return same ?? client.drafts.create({ requestId: crypto.randomUUID(), folder });
}
