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

/** What a program on a host needs. */
export interface ProgramHost {
  readonly name: string;
  readonly channels: Pick<BulkChannels, 'exec'>;
  readonly abilities: HostAbilities;
}

/** The same host, whose programs run only on channels that nothing else wants: where there is none, or no longer one, they fail. */
export function sparing({ name, channels, abilities }: FileHost): ProgramHost {
  return { name, abilities, channels: { exec: (script, signal) => channels.spare(script, signal) } };
}
