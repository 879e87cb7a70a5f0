import type { BulkChannels } from './bulk-channels.ts';
import type { HostAbilities } from './host-abilities.ts';

/** What sessions of a transfer need of a host. */
export interface FileHost {
  /** For messages. */
  readonly name: string;
  readonly channels: BulkChannels;
  readonly abilities: HostAbilities;
}
