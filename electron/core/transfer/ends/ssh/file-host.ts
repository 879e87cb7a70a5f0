import type { BulkChannels } from './bulk-channels.ts';
import type { HostAbilities } from './host-abilities.ts';
import type { PackBundle } from './outgoing-bundle.ts';

/** What sessions of a transfer need of a host. */
export interface FileHost {
  /** For messages. */
  readonly name: string;
  readonly channels: BulkChannels;
  readonly abilities: HostAbilities;
  /** How bundles are packed here. */
  readonly pack: PackBundle;
}
