import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Transfer, TransferRequest } from '../../../shared/contract/transfers.ts';
import type { transferRequest } from '../../../shared/contract/transfers.ts';
import type { z } from '../../../shared/zod.ts';
import { eventually } from '../../support/slipway.ts';

/** States from which a transfer does not go on by itself. */
const RESTING = new Set<Transfer['state']>([
  'needs-you',
  'paused',
  'done',
  'done-with-problems',
  'failed',
  'cancelled',
]);

export type Wanted = z.input<typeof transferRequest>;

/** Starts a transfer and waits until it rests. */
export async function transferOf(client: CoreClient, request: Wanted): Promise<Transfer> {
  const { id } = await client.transfers.start({ requestId: randomUUID(), ...request });
  return atRest(client, id);
}

/** The transfer once it does not go on by itself. */
export async function atRest(client: CoreClient, transfer: string, seconds = 60): Promise<Transfer> {
  return eventually(async () => {
    const found = await client.transfers.get({ transfer });
    return RESTING.has(found.state) ? found : null;
  }, seconds);
}

export function local(path: string): TransferRequest['to'] {
  return { kind: 'local', path };
}

/** What `rsync` finds different between two trees: contents, modes, links, times of files, and what is missing or too much. Times of folders and links are not kept. */
export function differences(from: string, to: string): string {
  const args = ['-nrlptiOJ', '--checksum', '--delete', '--modify-window=0', `${from}/`, `${to}/`];
  return (
    execFileSync('rsync', args, { encoding: 'utf8' })
      .split('\n')
      // The root's mode is the target's own.
      .filter((line) => line !== '' && !/^\.d\S+ \.\/$/.test(line))
      .join('\n')
  );
}
