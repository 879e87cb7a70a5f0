/** A real Slurm on this machine, in a temp folder and on private ports: munged, slurmctld, several slurmd, and (for the accounting) slurmdbd with MariaDB. */
import type { ChildProcess } from 'node:child_process';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { freePort } from '../integration/ssh/ssh-lab.ts';
import { eventually } from '../support/slipway.ts';

const PROGRAMS = [
  '/usr/sbin/slurmctld',
  '/usr/sbin/slurmd',
  '/usr/sbin/slurmdbd',
  '/usr/sbin/munged',
  '/usr/sbin/mariadbd',
  '/usr/sbin/sshd',
];

/** Whether this machine can run the lab; where CI is set a missing program is a failure. */
export function hasSlurm(): boolean {
  const missing = PROGRAMS.filter((path) => !existsSync(path));
  const can = process.platform === 'linux' && process.getuid?.() === 0 && missing.length === 0;
  if (!can && process.env['CI']) throw new Error(`The Slurm lab needs root and ${missing.join(', ')}`);
  return can;
}

export interface Slurm {
  /** What a shell needs to use it, for sshd's SetEnv. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Runs a Slurm command and returns what it prints. */
  run(program: string, ...args: string[]): Promise<string>;
  /** Kills and starts the controller anew. */
  restartController(): Promise<void>;
  stopController(): Promise<void>;
  stopAccounting(): Promise<void>;
  startAccounting(): Promise<void>;
  stop(): Promise<void>;
}

export interface SlurmOptions {
  readonly accounting: boolean;
  /** Processors that each of the two nodes claims to have. */
  readonly cpus?: number;
  /** For which an ended job is remembered; default 60. */
  readonly minJobAgeSeconds?: number;
  readonly config?: readonly string[];
}

/** Starts a daemon in the foreground that dies with this process. */
function daemon(
  folder: string,
  name: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const out = openSync(join(folder, `${name}.out`), 'a');
  return spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { env, stdio: ['ignore', out, out] });
}

async function kill(child: ChildProcess | null, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

export async function startSlurm(folder: string, options: SlurmOptions): Promise<Slurm> {
  for (const name of ['state', 'spool', 'run', 'db']) mkdirSync(join(folder, name), { recursive: true });
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 });
  const [ctl, dbd, sql, one, two] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
  const socket = join(folder, 'run', 'munge.socket');
  const host = hostname();
  const cpus = options.cpus ?? 4;
  const memory = Math.floor(totalmem() / 1048576 / 2);
  const conf = join(folder, 'slurm.conf');
  const lines = [
    'ClusterName=lab',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${ctl}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/munge',
    'CredType=cred/munge',
    `AuthInfo=socket=${socket}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool/%n`,
    `SlurmctldPidFile=${folder}/run/ctld.pid`,
    `SlurmdPidFile=${folder}/run/d-%n.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd-%n.log`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'MpiDefault=none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU_Memory',
    'DefMemPerCPU=64',
    'SlurmdParameters=config_overrides',
    'ReturnToService=2',
    'JobRequeue=1',
    'KillWait=2',
    'InactiveLimit=0',
    'SlurmdTimeout=60',
    'MaxArraySize=20001',
    'MaxJobCount=50000',
    `MinJobAge=${options.minJobAgeSeconds ?? 60}`,
    'SchedulerType=sched/backfill',
    'SchedulerParameters=sched_interval=1,bf_interval=2,default_queue_depth=50,sched_min_interval=100000',
    ...(options.accounting
      ? [
          'JobAcctGatherType=jobacct_gather/linux',
          'JobAcctGatherFrequency=2',
          'AccountingStorageType=accounting_storage/slurmdbd',
          'AccountingStorageHost=127.0.0.1',
          `AccountingStoragePass=${socket}`,
          `AccountingStoragePort=${dbd}`,
        ]
      : ['JobAcctGatherType=jobacct_gather/none', 'AccountingStorageType=accounting_storage/none']),
    ...(options.config ?? []),
    `NodeName=n1 NodeHostname=${host} NodeAddr=127.0.0.1 Port=${one} CPUs=${cpus} RealMemory=${memory}`,
    `NodeName=n2 NodeHostname=${host} NodeAddr=127.0.0.1 Port=${two} CPUs=${cpus} RealMemory=${memory}`,
    'PartitionName=main Nodes=n1,n2 Default=YES MaxTime=1-00:00:00 State=UP',
    'PartitionName=short Nodes=n2 MaxTime=00:10:00 State=UP',
    '',
  ];
  writeFileSync(conf, lines.join('\n'));
  writeFileSync(join(folder, 'cgroup.conf'), 'CgroupAutomount=no\n');
  const env = { ...process.env, SLURM_CONF: conf };
  const children: (ChildProcess | null)[] = [];
  const execute = promisify(execFile);
  const run = async (program: string, ...args: string[]): Promise<string> =>
    (await execute(program, args, { env, maxBuffer: 64 << 20 })).stdout;
  const stop = async (): Promise<void> => {
    for (const child of [controller, ...nodes, accounting, database, munge]) await kill(child);
    // Steps are children of slurmstepd, which outlives its slurmd.
    try {
      execFileSync('pkill', ['-KILL', '-f', `slurmstepd.*${folder}|${folder}/spool`], { stdio: 'ignore' });
    } catch {
      // There were none.
    }
  };
  let controller: ChildProcess | null = null;
  let accounting: ChildProcess | null = null;
  let database: ChildProcess | null = null;
  const nodes: ChildProcess[] = [];

  const munge = daemon(
    folder,
    'munged',
    '/usr/sbin/munged',
    [
      '-F',
      '--force',
      `--key-file=${folder}/munge.key`,
      `--socket=${socket}`,
      `--pid-file=${folder}/run/munge.pid`,
      `--log-file=${folder}/munge.log`,
      `--seed-file=${folder}/munge.seed`,
    ],
    env,
  );
  children.push(munge);
  await eventually(() => existsSync(socket));

  const startAccounting = async (): Promise<void> => {
    accounting = daemon(folder, 'slurmdbd', '/usr/sbin/slurmdbd', ['-D'], env);
    await eventually(
      () =>
        run('sacctmgr', '-n', 'show', 'cluster').then(
          () => true,
          () => false,
        ),
      40,
    );
  };
  if (options.accounting) {
    execFileSync(
      'mariadb-install-db',
      [
        '--no-defaults',
        `--datadir=${folder}/db`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        '--user=root',
      ],
      { stdio: 'ignore' },
    );
    const dbSocket = join(folder, 'run', 'db.socket');
    database = daemon(
      folder,
      'mariadbd',
      '/usr/sbin/mariadbd',
      [
        '--no-defaults',
        `--datadir=${folder}/db`,
        `--socket=${dbSocket}`,
        `--port=${sql}`,
        '--bind-address=127.0.0.1',
        '--user=root',
        '--innodb-buffer-pool-size=64M',
        '--innodb-log-file-size=32M',
        '--innodb-lock-wait-timeout=900',
        '--innodb-flush-log-at-trx-commit=0',
        `--pid-file=${folder}/run/db.pid`,
      ],
      env,
    );
    await eventually(() => existsSync(dbSocket), 30);
    execFileSync('mariadb', [
      '--no-defaults',
      `--socket=${dbSocket}`,
      '-u',
      'root',
      '-e',
      "CREATE DATABASE slurm_acct_db; CREATE USER 'slurm'@'127.0.0.1' IDENTIFIED BY 'lab'; GRANT ALL ON slurm_acct_db.* TO 'slurm'@'127.0.0.1'; CREATE USER 'slurm'@'localhost' IDENTIFIED BY 'lab'; GRANT ALL ON slurm_acct_db.* TO 'slurm'@'localhost';",
    ]);
    const dbdConf = join(folder, 'slurmdbd.conf');
    writeFileSync(
      dbdConf,
      [
        `AuthType=auth/munge`,
        `AuthInfo=socket=${socket}`,
        `DbdHost=${host}`,
        'DbdAddr=127.0.0.1',
        `DbdPort=${dbd}`,
        'SlurmUser=root',
        `LogFile=${folder}/slurmdbd.log`,
        `PidFile=${folder}/run/dbd.pid`,
        'StorageType=accounting_storage/mysql',
        'StorageHost=127.0.0.1',
        `StoragePort=${sql}`,
        'StorageUser=slurm',
        'StoragePass=lab',
        'StorageLoc=slurm_acct_db',
        '',
      ].join('\n'),
      { mode: 0o600 },
    );
    await startAccounting();
    await run('sacctmgr', '-i', 'add', 'cluster', 'lab').catch(() => '');
    await run('sacctmgr', '-i', 'add', 'account', 'lab', 'Cluster=lab').catch(() => '');
    await run('sacctmgr', '-i', 'add', 'user', 'root', 'Account=lab', 'Cluster=lab').catch(() => '');
  }
  const startController = async (): Promise<void> => {
    controller = daemon(folder, 'slurmctld', '/usr/sbin/slurmctld', ['-D'], env);
    await eventually(
      () =>
        run('scontrol', 'ping').then(
          (text) => /is UP/.test(text),
          () => false,
        ),
      30,
    );
  };
  await startController();
  for (const name of ['n1', 'n2'])
    nodes.push(daemon(folder, `slurmd-${name}`, '/usr/sbin/slurmd', ['-D', '-N', name], env));
  await eventually(async () => !/down|unk/i.test(await run('sinfo', '-h', '-o', '%T')), 30).catch(() => {
    throw new Error(`The nodes did not come up: ${readFileSync(join(folder, 'slurmctld.log'), 'utf8').slice(-2000)}`);
  });
  return {
    env: { SLURM_CONF: conf },
    folder,
    run,
    restartController: async () => {
      await kill(controller);
      await startController();
    },
    stopController: () => kill(controller),
    stopAccounting: () => kill(accounting),
    startAccounting,
    stop,
  };
}

/** One Slurm for the tests of a file. */
export function useSlurm(folder: () => string, options: SlurmOptions): () => Slurm {
  let slurm: Slurm | null = null;
  beforeAll(async () => {
    slurm = await startSlurm(folder(), options);
  }, 120_000);
  afterAll(() => slurm?.stop());
  return () => slurm!;
}

/** Waits until nothing of Slurm runs any more at the end of a test. */
export function emptyQueueAfterTest(slurm: Slurm): void {
  onTestFinished(() => slurm.run('scancel', '-u', 'root').then(() => undefined));
}
