import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { openAgeHeader, wrapFileKey } from './age-header.ts';
import type { AgeRecipient } from './age-recipients.ts';
import { readRecipient } from './age-recipients.ts';

/** A key for one job: its node never sees the project's. */
export interface JobIdentity {
  /** `AGE-SECRET-KEY-1…`. Goes to the node by standard input, and nowhere else. */
  readonly identity: string;
  readonly recipient: AgeRecipient;
}

export async function newJobIdentity(): Promise<JobIdentity> {
  const identity = await generateX25519Identity();
  return { identity, recipient: readRecipient(await identityToRecipient(identity)) };
}

/**
 * The header by which a job opens one file that is stored already: it takes the place of the file's own. The content is not touched, and nothing else is
 * opened by it.
 * @param header the file's own
 * @param identities of the project
 * @throws AgeError `no-key`, `damaged`
 */
export async function headerForJob(
  header: Uint8Array,
  identities: readonly string[],
  { recipient }: JobIdentity,
): Promise<Buffer> {
  return wrapFileKey(await openAgeHeader(header, identities), [recipient]);
}
