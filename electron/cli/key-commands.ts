import type { Command } from 'commander';
import { Option } from 'commander';
import {
  keyAddRecipient,
  keyCreate,
  keyDevice,
  keyExport,
  keyImport,
  keyList,
  keyPhrase,
  keyRecover,
  keyRemove,
  keyRemoveRecipient,
  keyRotate,
  keyShow,
} from './commands/keys.ts';
import type { CliContext, CoreSession } from './context.ts';

/** Runs an action of a command with a core, and keeps its exit code. */
type Act = (self: Command, action: (session: CoreSession) => Promise<number>) => Promise<void>;

/** `slipway key …` */
export function addKeyCommands(program: Command, context: CliContext, act: Act): void {
  const key = program.command('key').description('keys that files are encrypted to, one per project');
  key
    .command('list')
    .description('list keys')
    .action((_, self: Command) => act(self, (s) => keyList(context, s, self.optsWithGlobals())));
  key
    .command('create <name>')
    .description('make a key and show its recovery phrase')
    .addOption(
      new Option('--recipient <key>', 'who can take it, too: age1…, ssh-ed25519 … or a .pub file; may be repeated')
        .argParser((value: string, all: string[]) => [...all, value])
        .default([], 'none'),
    )
    .action((name, _, self: Command) => act(self, (s) => keyCreate(context, s, name, self.optsWithGlobals())));
  key
    .command('show <name>')
    .description('its public key, generations and recipients')
    .action((name, _, self: Command) => act(self, (s) => keyShow(context, s, name, self.optsWithGlobals())));
  key
    .command('phrase <name>')
    .description('show the recovery phrase again, until it is confirmed')
    .action((name, _, self: Command) => act(self, (s) => keyPhrase(context, s, name, self.optsWithGlobals())));
  key
    .command('recover <name>')
    .description('get a key back from its 24 words')
    .option('--phrase-fd <n>', 'read the words from this file descriptor instead of the terminal')
    .addOption(new Option('--newer', 'they are of a newer generation of a key that is known here').conflicts('older'))
    .option('--older', 'they are of an older generation of a key that is known here')
    .action((name, _, self: Command) => act(self, (s) => keyRecover(context, s, name, self.optsWithGlobals())));
  key
    .command('add-recipient <name> <key>')
    .description('let somebody take the key: age1…, ssh-ed25519 … or a .pub file')
    .option('--label <text>', 'who that is')
    .action((name, recipient, _, self: Command) =>
      act(self, (s) => keyAddRecipient(context, s, name, recipient, self.optsWithGlobals())),
    );
  key
    .command('remove-recipient <name> <key>')
    .description('take somebody off by public key or label, and rotate')
    .action((name, recipient, _, self: Command) =>
      act(self, (s) => keyRemoveRecipient(context, s, name, recipient, self.optsWithGlobals())),
    );
  key
    .command('rotate <name>')
    .description('begin a new generation; older ones stay for reading')
    .action((name, _, self: Command) => act(self, (s) => keyRotate(context, s, name, self.optsWithGlobals())));
  key
    .command('export <name>')
    .description('write the key to a file that its recipients can open')
    .option('-o, --output <file>', 'where to (default: NAME.key.age)')
    .action((name, _, self: Command) => act(self, (s) => keyExport(context, s, name, self.optsWithGlobals())));
  key
    .command('import <file>')
    .description('take a key from a file that was exported for this device')
    .action((file, _, self: Command) => act(self, (s) => keyImport(context, s, file, self.optsWithGlobals())));
  key
    .command('remove <name>')
    .description('take the key off this device; says before what cannot be read any more')
    .option('--yes', 'without asking')
    .action((name, _, self: Command) => act(self, (s) => keyRemove(context, s, name, self.optsWithGlobals())));
  key
    .command('device')
    .description("print this device's public key, for colleagues who add it as a recipient")
    .action((_, self: Command) => act(self, (s) => keyDevice(context, s, self.optsWithGlobals())));
}
