import type { Command } from 'commander';
import { Option } from 'commander';
import { ls } from './commands/ls.ts';
import { copy, sync } from './commands/put-get.ts';
import { transferGoOn, transferShow, transfersLimit, transfersList, transferStop } from './commands/transfers.ts';
import { watchAdd, watchChange, watchList } from './commands/watches.ts';
import type { CliContext, CoreSession } from './context.ts';

/** `lasting`: with a core that goes on when the command has ended. */
type RunIn = (self: Command, action: (session: CoreSession) => Promise<number>, lasting?: boolean) => Promise<void>;

const collect = (value: string, all: string[]): string[] => [...all, value];

/** Options of everything that moves files. */
export function moving(command: Command): Command {
  return comparing(command)
    .option('--limit <rate>', 'bytes per second of all transfers together while this one moves, such as 10M')
    .option('--dry-run', 'print what would be done, and do nothing');
}

/** Options of everything that compares two sides. */
function comparing(command: Command): Command {
  return command
    .addOption(
      new Option('--ignore <pattern>', 'leave out what fits this gitignore pattern; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--checksum', 'compare contents, not only size and time')
    .option(
      '--on-conflict <rule>',
      'what becomes of files that are there and differ: ask, replace, newer, skip, keep-both',
    )
    .addOption(new Option('--links <how>', 'symbolic links').choices(['keep', 'follow', 'skip']).default('keep'))
    .option('--key <name>', 'encrypt what is sent to this project key, decrypt what comes back');
}

/** What is moved, and where to: the last one. Ends the command when one of them is missing. */
export function fromAndTo(
  paths: readonly string[],
  command: Command,
): { readonly from: readonly string[]; readonly to: string } {
  if (paths.length < 2) command.error('error: name what is moved, and then where to', { exitCode: 2 });
  return { from: paths.slice(0, -1), to: paths.at(-1)! };
}

/** Adds `put`, `get`, `ls`, `sync`, `watch` and `transfers`. PLACE = SITE:PATH or bucket:NAME/KEY. */
export function addTransferCommands(program: Command, context: CliContext, withCore: RunIn): void {
  moving(program.command('put <paths...>'))
    .usage('[options] <local...> <place>')
    .description('send files and folders to a site or a bucket')
    .action((paths: string[], _, self: Command) => copyAction(paths, self));
  moving(program.command('get <paths...>'))
    .usage('[options] <place...> <local>')
    .description('bring files and folders of a site or a bucket here')
    .action((paths: string[], _, self: Command) => copyAction(paths, self));
  moving(program.command('sync <from> <to>'))
    .description('make one folder hold what the other holds')
    .option('--delete', 'move what is only at the target into the trash there')
    .action((from: string, to: string, _, self: Command) =>
      withCore(self, (s) => sync(context, s, from, to, self.optsWithGlobals())),
    );
  program
    .command('ls <place>')
    .description('list a folder of a site, of a bucket or of this workstation')
    .option('-a, --all', 'also names that begin with a dot')
    .action((place: string, _, self: Command) => withCore(self, (s) => ls(context, s, place, self.optsWithGlobals())));

  const watch = program.command('watch').description('folders that are kept in step with others, in one direction');
  comparing(watch.command('add <from> <to>'))
    .description('bring every change in a folder to another one from now on')
    .option('--delete', 'move what is only at the target into the trash there')
    .action((from: string, to: string, _, self: Command) =>
      withCore(self, (s) => watchAdd(context, s, from, to, self.optsWithGlobals()), true),
    );
  watch
    .command('list')
    .description('list folders that are kept in step')
    .action((_, self: Command) => withCore(self, (s) => watchList(context, s, self.optsWithGlobals())));
  for (const [how, says] of [
    ['off', 'keep it in step no longer, to go on later'],
    ['on', 'keep it in step again'],
    ['remove', 'end it; what has been moved stays'],
  ] as const) {
    watch
      .command(`${how} <id>`)
      .description(says)
      .action((id: string, _, self: Command) =>
        withCore(self, (s) => watchChange(context, s, id, how, self.optsWithGlobals()), how === 'on'),
      );
  }

  const transfers = program
    .command('transfers')
    .description('list transfers')
    .action((_, self: Command) => withCore(self, (s) => transfersList(context, s, self.optsWithGlobals())));
  transfers
    .command('show <id>')
    .description('one transfer, and what did not get there')
    .action((id: string, _, self: Command) =>
      withCore(self, (s) => transferShow(context, s, id, self.optsWithGlobals())),
    );
  for (const [how, says] of [
    ['resume', 'go on with a transfer that is paused'],
    ['retry', 'try what did not get there again'],
  ] as const) {
    transfers
      .command(`${how} <id>`)
      .description(says)
      .action((id: string, _, self: Command) =>
        withCore(self, (s) => transferGoOn(context, s, id, how, self.optsWithGlobals())),
      );
  }
  for (const [how, says] of [
    ['pause', 'stop it, to go on later'],
    ['cancel', 'end it, and remove what it has laid aside'],
  ] as const) {
    transfers
      .command(`${how} <id>`)
      .description(says)
      .action((id: string, _, self: Command) =>
        withCore(self, (s) => transferStop(context, s, id, how, self.optsWithGlobals())),
      );
  }
  transfers
    .command('limit <rate>')
    .description('limit the bandwidth of all transfers together, such as 10M, or none')
    .action((rate: string, _, self: Command) =>
      withCore(self, (s) => transfersLimit(context, s, rate, self.optsWithGlobals())),
    );

  function copyAction(paths: readonly string[], self: Command): Promise<void> {
    const { from, to } = fromAndTo(paths, self);
    return withCore(self, (s) => copy(context, s, from, to, self.optsWithGlobals()));
  }
}
