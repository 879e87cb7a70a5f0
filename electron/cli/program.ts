import { Command, CommanderError, Option } from 'commander';
import { remoteSiteKind } from '../../shared/contract/sites.ts';
import { isAppError } from '../../shared/errors.ts';
import { addBucketCommands } from './bucket-commands.ts';
import { check } from './commands/check.ts';
import { doctor } from './commands/doctor.ts';
import { fetch, tail } from './commands/files.ts';
import { cancel, jobs, rerun, show } from './commands/jobs.ts';
import { results } from './commands/results.ts';
import { run } from './commands/run.ts';
import { siteAdd, siteList, siteRemove, siteShow, siteTest } from './commands/sites.ts';
import { softwareAdd, softwareList, softwareRemove } from './commands/software.ts';
import type { CliContext, CoreSession, GlobalOptions } from './context.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { printable } from './format.ts';
import { addKeyCommands } from './key-commands.ts';
import { unlockVault } from './read-secret.ts';
import { addTransferCommands } from './transfer-commands.ts';
import { addVaultCommands } from './vault-commands.ts';

type Action = (session: CoreSession) => Promise<number>;

/** Runs one command line (without program and script name); resolves to the exit code and never throws. */
export async function runCommandLine(context: CliContext, args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const json = args.includes('--json');

  async function withCore(options: GlobalOptions, action: Action, lasting = false): Promise<void> {
    const session = await (lasting ? context.openLastingCore : context.openCore)(options.home);
    try {
      await unlockVault(session, options.passphraseFd);
      exitCode = await action(session);
    } finally {
      await session.close();
    }
  }

  const program = new Command('slipway')
    .description('Parameter sweeps for simulation engineers. Without a command: opens the app.')
    .version(context.version)
    .option('--json', 'print JSON on stdout and nothing else there')
    .option('--home <dir>', 'profile folder (default: SLIPWAY_HOME, else ~/.slipway)')
    .option('-q, --quiet', 'print only what was asked for')
    .option(
      '--passphrase-fd <n>',
      "read the passphrase of the profile's vault from this file descriptor (0: standard input)",
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout(text),
      writeErr: (text) => (json ? undefined : context.stderr(text)),
    });

  const collect = (value: string, all: string[]): string[] => [...all, value];
  const setOption = (): Option =>
    new Option('--set <key=value>', 'change a value of slipway.yaml for this job')
      .argParser(collect)
      .default([], 'none');
  const siteOption = (): Option => new Option('--site <name>', 'where to run').default('local');

  program
    .command('check <folder>')
    .description('find every problem of a job folder; nothing is run')
    .addOption(siteOption())
    .addOption(setOption())
    .action((folder, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => check(context, s, folder, self.optsWithGlobals())),
    );
  program
    .command('run <folder>')
    .description('check and run a job folder')
    .addOption(siteOption())
    .addOption(setOption())
    .option('--no-wait', 'return when the job is submitted')
    .action((folder, _, self: Command) =>
      withCore(
        self.optsWithGlobals(),
        (s) => run(context, s, folder, self.optsWithGlobals()),
        self.optsWithGlobals().wait === false,
      ),
    );
  program
    .command('jobs')
    .description('list jobs')
    .action((_, self: Command) => withCore(self.optsWithGlobals(), (s) => jobs(context, s, self.optsWithGlobals())));
  program
    .command('show <job>')
    .description('one job, and why runs failed')
    .action((job, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => show(context, s, job, self.optsWithGlobals())),
    );
  program
    .command('tail <job>')
    .description('print the end of a file of a run')
    .option('--run <n>', 'which run')
    .option('--file <f>', 'which file', 'stdout')
    .option('-f, --follow', 'go on until the run has ended')
    .action((job, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => tail(context, s, job, self.optsWithGlobals())),
    );
  program
    .command('cancel <job>')
    .description('end a job or a run')
    .option('--run <n>', 'only these runs, such as 3,7')
    .action((job, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => cancel(context, s, job, self.optsWithGlobals()), true),
    );
  program
    .command('rerun <job>')
    .description('run failed or chosen runs again')
    .addOption(new Option('--failed', 'the failed runs (default)').conflicts('runs'))
    .option('--runs <list>', 'these runs, such as 3,7')
    .option('--more-memory <factor>', 'with so many times the memory, such as 1.5')
    .option('--more-time <factor>', 'with so many times the time limit')
    .option('--no-wait', 'return at once')
    .action((job, _, self: Command) =>
      withCore(
        self.optsWithGlobals(),
        (s) => rerun(context, s, job, self.optsWithGlobals()),
        self.optsWithGlobals().wait === false,
      ),
    );
  program
    .command('results <job>')
    .description('values and outputs of all runs')
    .option('--format <format>', 'table, csv, json or parquet')
    .option('-o, --output <file>', 'write to a file')
    .action((job, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => results(context, s, job, self.optsWithGlobals())),
    );
  program
    .command('fetch <job>')
    .description('copy the run folders')
    .option('--to <dir>', 'target folder')
    .addOption(new Option('--only <glob>', 'only these files').argParser(collect).default([], 'all files'))
    .action((job, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => fetch(context, s, job, self.optsWithGlobals())),
    );
  const site = program.command('site').description('hosts and clusters that run jobs');
  site
    .command('add <name>')
    .description('sign in to a host, look around, and keep it as a site')
    .option('--host <address>', '[user@]host[:port]')
    .option('--ssh-alias <alias>', 'a host of the SSH configuration')
    .addOption(new Option('--kind <kind>', 'what it is (default: looked up)').choices(remoteSiteKind.options))
    .option('--identity <file>', 'private key')
    .option('--ssh-config <file>', 'instead of ~/.ssh/config')
    .option('--host-key <fingerprint>', 'SHA256:… that the host must have')
    .option('--workdir <dir>', 'folder on the host below which jobs lie')
    .option('--poll-seconds <n>', 'look at the scheduler so often (default: 20; without a scheduler 5)')
    .option('--transfer-host <address>', 'send and fetch files through this host, which shares the file system')
    .option('--transfer-host-key <fingerprint>', 'SHA256:… that the transfer host must have')
    .addOption(new Option('--transport <which>', 'how to connect').choices(['auto', 'ssh2', 'system']))
    .action((name, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => siteAdd(context, s, name, self.optsWithGlobals())),
    );
  site
    .command('list')
    .description('list sites')
    .action((_, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => siteList(context, s, self.optsWithGlobals())),
    );
  site
    .command('show <name>')
    .description('one site and its core types')
    .action((name, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => siteShow(context, s, name, self.optsWithGlobals())),
    );
  site
    .command('test <name>')
    .description('run a one-second job on it from end to end')
    .action((name, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => siteTest(context, s, name, self.optsWithGlobals())),
    );
  site
    .command('remove <name>')
    .description('forget a site')
    .action((name, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => siteRemove(context, s, name, self.optsWithGlobals())),
    );
  addTransferCommands(program, context, (self, action, lasting) => withCore(self.optsWithGlobals(), action, lasting));
  addBucketCommands(program, context, (self, action) => withCore(self.optsWithGlobals(), action));
  const software = program.command('software').description('software of a site');
  software
    .command('list')
    .description('what was found, and entries of your own')
    .addOption(new Option('--site <name>', 'which site').default('local'))
    .action((_, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => softwareList(context, s, self.optsWithGlobals())),
    );
  software
    .command('add <name[@version]>')
    .description('an entry of your own: how a program is set up and started there')
    .requiredOption('--site <name>', 'which site')
    .requiredOption('--command <line>', 'its usual command line')
    .option('--title <text>', 'its name for people')
    .addOption(
      new Option('--setup <line>', 'shell line before the command, such as "module load x"; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--env <name=value>', 'variable of the command, such as a licence server; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .action((name, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => softwareAdd(context, s, name, self.optsWithGlobals())),
    );
  software
    .command('remove <name[@version]>')
    .description('forget an entry of your own')
    .requiredOption('--site <name>', 'which site')
    .action((name, _, self: Command) =>
      withCore(self.optsWithGlobals(), (s) => softwareRemove(context, s, name, self.optsWithGlobals())),
    );
  addVaultCommands(program, context, (self, action) => {
    const { passphraseFd: _, ...options } = self.optsWithGlobals<GlobalOptions>();
    return withCore(options, action);
  });
  addKeyCommands(program, context, (self, action) => withCore(self.optsWithGlobals(), action));
  program
    .command('doctor')
    .description('look at this workstation and say what is missing')
    .action((_, self: Command) => withCore(self.optsWithGlobals(), (s) => doctor(context, s, self.optsWithGlobals())));
  program
    .command('serve')
    .description('serve the app on 127.0.0.1')
    .option('--open', 'open it in the browser')
    .action(async (_, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions & { open?: boolean }>();
      await context.serve({ home: options.home, open: options.open === true, json: options.json === true });
    });

  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    return report(context, error, json);
  }
  return exitCode;
}

function report(context: CliContext, error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    if (json)
      context.stdout(
        `${JSON.stringify({ error: { code: 'bad_input', message: error.message, details: null } }, null, 2)}\n`,
      );
    return EXIT.badInput;
  }
  const known = isAppError(error);
  if (context.interrupted.aborted && (!known || error.code === 'cancelled' || error.code === 'disconnected'))
    return EXIT.interrupted;
  const code = known ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  if (json)
    context.stdout(`${JSON.stringify({ error: { code, message, details: known ? error.details : null } }, null, 2)}\n`);
  else context.stderr(`slipway: ${printable(message)}\n`);
  return exitCodeOf(code);
}
