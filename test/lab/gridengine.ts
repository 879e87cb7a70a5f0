/** A real Grid Engine on this machine, in a temp folder and on private ports: sge_qmaster and one sge_execd. */
import type { ChildProcess } from 'node:child_process';
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { freePort } from '../integration/ssh/ssh-lab.ts';
import { eventually } from '../support/slipway.ts';

const PROGRAMS = ['/usr/sbin/sge_qmaster', '/usr/sbin/sge_execd', '/usr/bin/qsub', '/usr/sbin/sshd'];
const BINARIES = '/usr/lib/gridengine';
const SHARE = '/usr/share/gridengine';

/** Whether this machine can run the lab; where CI is set a missing program is a failure. */
export function hasGridEngine(): boolean {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  const can = process.platform === 'linux' && process.getuid?.() === 0 && missing.length === 0;
  if (!can && process.env['CI']) throw new Error(`The Grid Engine lab needs root and ${missing.join(', ')}`);
  return can;
}

export interface GridEngine {
  /** What a shell needs to use it, for sshd's SetEnv. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Runs a Grid Engine command and returns what it prints; rejects when it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  stopMaster(): Promise<void>;
  /** Starts it again, and the node's daemon with it; jobs go on meanwhile. */
  startMaster(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * `main.q`: eight slots, up to a day, several cores by the environment `smp`. `short.q`: two slots, five seconds, one core. Memory is asked for by `h_vmem`, of
 * which account is kept.
 */
export async function startGridEngine(folder: string): Promise<GridEngine> {
  const [master, node] = await Promise.all([freePort(), freePort()]);
  const root = join(folder, 'root');
  const common = join(root, 'lab', 'common');
  const spool = join(folder, 'qmaster');
  const settings = join(folder, 'settings');
  for (const path of [common, join(spool, 'job_scripts'), join(folder, 'execd'), settings])
    mkdirSync(path, { recursive: true });
  const arch = execFileSync(join(SHARE, 'util', 'arch'), { encoding: 'utf8' }).trim();
  symlinkSync(join(SHARE, 'util'), join(root, 'util'));
  for (const name of ['bin', 'lib', 'utilbin']) {
    mkdirSync(join(root, name));
    symlinkSync(BINARIES, join(root, name, arch));
  }
  const host = hostname();
  // Jobs read no start-up files of root's: killed in the middle of one they leave locks behind, for which every later login waits.
  const home = join(folder, 'home');
  mkdirSync(home);
  const sge = {
    SGE_ROOT: root,
    SGE_CELL: 'lab',
    SGE_QMASTER_PORT: String(master),
    SGE_EXECD_PORT: String(node),
  };
  // What a daemon has, its jobs have too.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: home, LANG: 'C.UTF-8', ...sge };
  const setting = (name: string, text: string): string => {
    const path = join(settings, name);
    writeFileSync(path, text);
    return path;
  };
  writeFileSync(join(common, 'bootstrap'), bootstrapOf(common, spool));
  writeFileSync(join(common, 'act_qmaster'), `${host}\n`);
  // Loopback's first name is not this machine's; /etc/hosts is not ours to change.
  writeFileSync(join(common, 'host_aliases'), `${host} localhost\n`);
  const starter = setting('starter', `#!/bin/sh\nHOME=${home}\nexport HOME\nexec "$@"\n`);
  chmodSync(starter, 0o755);
  const complexes = join(settings, 'centry');
  cpSync(join(SHARE, 'util', 'resources', 'centry'), complexes, { recursive: true });
  const usual = readFileSync(join(complexes, 'h_vmem'), 'utf8');
  const counted = usual.replace(/^consumable .*/m, 'consumable YES').replace(/^default .*/m, 'default 1G');
  writeFileSync(join(complexes, 'h_vmem'), counted);
  execFileSync(join(BINARIES, 'spoolinit'), ['classic', 'libspoolc', `${common};${spool}`, 'init'], { env });
  for (const [what, from] of [
    ['configuration', setting('global', configurationOf(folder))],
    ['complexes', complexes],
    ['usersets', join(SHARE, 'util', 'resources', 'usersets')],
    ['managers', 'root'],
  ] as const)
    execFileSync(join(BINARIES, 'spooldefaults'), [what, from], { env, stdio: 'ignore' });

  const execute = promisify(execFile);
  const run = async (program: string, ...args: string[]): Promise<string> =>
    (await execute(program, args, { env, maxBuffer: 64 << 20 })).stdout;
  const answers = (...command: [string, ...string[]]): Promise<boolean> =>
    run(...command).then(
      () => true,
      () => false,
    );
  const daemon = (program: string): ChildProcess => {
    const out = openSync(join(folder, `${program}.out`), 'a');
    const foreground = { ...env, SGE_ND: '1' };
    return spawn('setpriv', ['--pdeathsig', 'KILL', program], { env: foreground, stdio: ['ignore', out, out] });
  };
  let qmaster: ChildProcess | null = null;
  const startMaster = async (): Promise<void> => {
    qmaster = daemon('sge_qmaster');
    await eventually(() => answers('qconf', '-sh'), 30).catch(() => {
      throw new Error(
        `sge_qmaster did not start: ${readFileSync(join(folder, 'sge_qmaster.out'), 'utf8').slice(-2000)}`,
      );
    });
  };
  await startMaster();
  await run('qconf', '-as', host);
  await run('qconf', '-Msconf', setting('sched', await fastScheduler(run)));
  await run('qconf', '-Ap', setting('smp', readFileSync(join(SHARE, 'util', 'resources', 'pe', 'smp'), 'utf8')));
  let execd: ChildProcess | null = null;
  const startExecd = async (): Promise<void> => {
    execd = daemon('sge_execd');
    await eventually(async () => /\blx-/.test((await run('qhost', '-h', host)).split('\n').at(-2) ?? ''), 30).catch(
      () => {
        throw new Error(`sge_execd did not start: ${readFileSync(join(folder, 'sge_execd.out'), 'utf8').slice(-2000)}`);
      },
    );
  };
  await startExecd();
  await run('qconf', '-rattr', 'exechost', 'complex_values', `h_vmem=${Math.floor(totalmem() / 2 ** 20)}M`, host);
  for (const [name, slots, environments, longest] of [
    ['main.q', 8, 'smp', '24:00:00'],
    ['short.q', 2, 'NONE', '0:0:5'],
  ] as const)
    await run('qconf', '-Aq', setting(name, queueOf({ name, host, slots, environments, longest, starter })));
  return {
    env: sge,
    folder,
    run,
    stopMaster: () => kill(qmaster),
    startMaster: async () => {
      await startMaster();
      // One that has lost its master looks for it twice a minute.
      await kill(execd);
      await startExecd();
    },
    stop: async () => {
      await Promise.all([kill(qmaster), kill(execd)]);
      // Jobs and their shepherds outlive the daemon.
      await eventually(() => killAllOf(root) === 0, 20);
    },
  };
}

async function kill(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Kills every process that carries the root in its environment; the number of those that there were. */
function killAllOf(root: string): number {
  let found = 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`SGE_ROOT=${root}`)) continue;
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) continue;
      process.kill(Number(pid), 'SIGKILL');
      found++;
    } catch {
      // Ended meanwhile.
    }
  }
  return found;
}

function bootstrapOf(common: string, spool: string): string {
  return `admin_user none
default_domain none
ignore_fqdn true
spooling_method classic
spooling_lib libspoolc
spooling_params ${common};${spool}
binary_path /usr/sbin
qmaster_spool_dir ${spool}
security_mode none
listener_threads 2
worker_threads 2
scheduler_threads 1
`;
}

/** Debian's defaults, for root, with quick reports, and group ids that no other lab gives its jobs: by them jobs are found and killed. */
function configurationOf(folder: string): string {
  const first = 100_000 + Math.floor(Math.random() * 900_000) * 200;
  const changes: Record<string, string> = {
    execd_spool_dir: join(folder, 'execd'),
    min_uid: '0',
    min_gid: '0',
    mailer: '/bin/true',
    load_report_time: '00:00:01',
    gid_range: `${first}-${first + 199}`,
    reporting_params:
      'accounting=true reporting=false flush_time=00:00:01 accounting_flush_time=00:00:00 joblog=false sharelog=00:00:00',
  };
  const lines = readFileSync(join(SHARE, 'default-configuration'), 'utf8').split('\n');
  return lines
    .map((line) => {
      const key = /^\w+/.exec(line)?.[0] ?? '';
      return Object.hasOwn(changes, key) ? `${key} ${changes[key]}` : line;
    })
    .join('\n');
}

/** The scheduler's own settings, but it looks every second, and at every change. */
async function fastScheduler(run: GridEngine['run']): Promise<string> {
  const usual = await run('qconf', '-ssconf');
  return usual
    .replace(/^schedule_interval .*/m, 'schedule_interval 0:0:1')
    .replace(/^flush_(submit|finish)_sec .*/gm, 'flush_$1_sec 1')
    .replace(/^job_load_adjustments .*/m, 'job_load_adjustments NONE')
    .replace(/^load_adjustment_decay_time .*/m, 'load_adjustment_decay_time 0:0:0');
}

function queueOf(queue: {
  readonly name: string;
  readonly host: string;
  readonly slots: number;
  readonly environments: string;
  readonly longest: string;
  readonly starter: string;
}): string {
  const { name, host, slots, environments, longest, starter } = queue;
  const unlimited =
    's_rt s_cpu h_cpu s_fsize h_fsize s_data h_data s_stack h_stack s_core h_core s_rss h_rss s_vmem h_vmem';
  const none =
    'load_thresholds suspend_thresholds ckpt_list prolog epilog suspend_method resume_method terminate_method owner_list user_lists xuser_lists subordinate_list complex_values projects xprojects calendar';
  return `qname ${name}
hostlist ${host}
seq_no 0
nsuspend 1
suspend_interval 00:05:00
priority 0
min_cpu_interval 00:05:00
processors UNDEFINED
qtype BATCH INTERACTIVE
pe_list ${environments}
rerun FALSE
slots ${slots}
tmpdir /tmp
shell /bin/csh
shell_start_mode posix_compliant
starter_method ${starter}
notify 00:00:60
initial_state default
h_rt ${longest}
${unlimited
  .split(' ')
  .map((key) => `${key} INFINITY`)
  .join('\n')}
${none
  .split(' ')
  .map((key) => `${key} NONE`)
  .join('\n')}
`;
}

/** One Grid Engine for the tests of a file. */
export function useGridEngine(folder: () => string): () => GridEngine {
  let engine: GridEngine | null = null;
  beforeAll(async () => {
    engine = await startGridEngine(folder());
  }, 60_000);
  afterAll(() => engine?.stop(), 30_000);
  return () => engine!;
}

/** Ends what a test has left in the queue. */
export function emptyQueueAfterTest(engine: GridEngine): void {
  onTestFinished(async () => {
    await engine.run('qdel', '-u', 'root').catch(() => undefined);
  });
}
