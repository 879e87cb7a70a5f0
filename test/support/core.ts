import { onTestFinished } from 'vitest';
import { openCore, profileOf } from '../../electron/entry/open-core.ts';
import type { CoreClient } from '../../shared/contract/index.ts';
import { contract } from '../../shared/contract/index.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import { tempFolder } from './job-folder.ts';

/** A core of its own in this process, spoken to through the contract. Ended after the test. */
export async function startCore(
  home = tempFolder('slipway-home-'),
): Promise<{ client: CoreClient; home: string; close: () => Promise<void> }> {
  const core = await openCore(profileOf(home));
  const peer = new Peer(await core.connect());
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    peer.close();
    await core.close();
  };
  onTestFinished(close);
  return { client: createClient(peer, contract), home, close };
}
