import type { Command } from 'commander';
import { Argument } from 'commander';
import { vaultMove, vaultPassphrase, vaultStatus } from './commands/vault.ts';
import type { CliContext, CoreSession } from './context.ts';

/** Runs an action with a core, without opening the vault before: these commands take its passphrase themselves. */
type Act = (self: Command, action: (session: CoreSession) => Promise<number>) => Promise<void>;

const NEW_PASSPHRASE = ['--new-passphrase-fd <n>', 'read the new passphrase from this file descriptor'] as const;

/** `slipway vault …` */
export function addVaultCommands(program: Command, context: CliContext, act: Act): void {
  const vault = program.command('vault').description('where keys and credentials of this profile are kept');
  vault
    .command('status')
    .description('where they are kept, and whether they can be had now')
    .action((_, self: Command) => act(self, (s) => vaultStatus(context, s, self.optsWithGlobals())));
  vault
    .command('passphrase')
    .description('change the passphrase of the vault')
    .option(...NEW_PASSPHRASE)
    .action((_, self: Command) => act(self, (s) => vaultPassphrase(context, s, self.optsWithGlobals())));
  vault
    .command('move')
    .description("move them into the system's keyring, or back into a vault with a passphrase")
    .addArgument(new Argument('<to>', 'where to').choices(['keyring', 'passphrase']))
    .option(...NEW_PASSPHRASE)
    .action((to: 'keyring' | 'passphrase', _, self: Command) =>
      act(self, (s) => vaultMove(context, s, to, self.optsWithGlobals())),
    );
}
