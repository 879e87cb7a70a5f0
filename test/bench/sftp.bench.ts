import { median } from './median.ts';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RemoteHost } from '../../electron/core/ssh/remote-host.ts';
import { collectBySftp } from '../../electron/core/transfer/sftp/collect-by-sftp.ts';
import { listBySftp } from '../../electron/core/transfer/sftp/list-by-sftp.ts';
import { SftpClient } from '../../electron/core/transfer/sftp/sftp-client.ts';
import { downloadFile } from '../../electron/core/transfer/sftp/sftp-download.ts';
import { SftpLanes } from '../../electron/core/transfer/sftp/sftp-lanes.ts';
import { uploadFile } from '../../electron/core/transfer/sftp/sftp-upload.ts';
import { stageBySftp } from '../../electron/core/transfer/sftp/stage-by-sftp.ts';
import { packEntries } from '../../electron/core/transfer/tar-pack.ts';
import type { SshLab } from './ssh-bench-lab.ts';
import { hostOf, SSHD, startSshLab } from './ssh-bench-lab.ts';

const run = promisify(execFile);
const PROGRAMS = ['sftp', 'scp'] as const;
type Way = 'slipway' | (typeof PROGRAMS)[number];
const WAYS: readonly Way[] = ['slipway', ...PROGRAMS];

/** The programs need several round trips for each file: over a long way they carry so many, and the rest is reckoned. */
const FEW = 40;
const SMALL_BYTES = 5_000;
const FILES_IN_A_FOLDER = 100;

/** What is done; for one large file and for many small ones, each way. */
const TASKS = ['large up', 'large down', 'small up', 'small down'] as const;
type Task = (typeof TASKS)[number];

export interface SftpBenchRow {
  readonly task: Task;
  readonly roundTripMs: number;
  /** Megabytes a second for the large file, files a second for the small ones; medians, with signing in. */
  readonly rate: Readonly<Record<Way, number>>;
  readonly timesSftp: number;
  readonly timesScp: number;
}

interface Load {
  readonly large: string;
  readonly megabytes: number;
  readonly small: string;
  readonly files: number;
  readonly few: string;
}

async function writeSmall(root: string, files: number): Promise<void> {
  const text = randomBytes(SMALL_BYTES);
  for (let i = 0; i < files; i++) {
    const folder = join(root, String(Math.floor(i / FILES_IN_A_FOLDER)));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `f${i}`), text);
  }
}

async function makeLoad(folder: string, megabytes: number, files: number): Promise<Load> {
  const load = {
    large: join(folder, 'large'),
    megabytes,
    small: join(folder, 'small'),
    files,
    few: join(folder, 'few'),
  };
  const block = randomBytes(1_000_000);
  await writeFile(load.large, Buffer.concat(Array.from({ length: megabytes }, () => block)));
  await writeSmall(load.small, files);
  await writeSmall(load.few, FEW);
  return load;
}

async function bySlipway(lab: SshLab, load: Load, task: Task, target: string): Promise<void> {
  const host: RemoteHost = hostOf(lab);
  const signal = AbortSignal.timeout(400_000);
  try {
    if (task === 'small up') {
      const text = randomBytes(SMALL_BYTES);
      const pack = async function* (): AsyncGenerator<Uint8Array> {
        for (let i = 0; i < load.files; i += FILES_IN_A_FOLDER)
          yield packEntries(
            Array.from({ length: Math.min(FILES_IN_A_FOLDER, load.files - i) }, (_, k) => ({
              kind: 'file',
              path: `${i / FILES_IN_A_FOLDER}/f${i + k}`,
              bytes: text,
              mode: 0o644,
              modifiedAt: 0,
            })),
          );
      };
      const expected = (): { files: number } => ({ files: load.files });
      await stageBySftp(host, { target, token: 'b', compression: 'none', chunks: pack(), expected, signal });
    } else if (task === 'small down') {
      const found = await listBySftp(host, { root: load.small, folders: ['.'], signal });
      const files = found
        .filter((entry) => entry.kind === 'file')
        .map((e) => ({ ...e, path: e.path.replace('./', '') }));
      await mkdir(target);
      await collectBySftp(host, { root: load.small, files, target, signal });
    } else {
      const client = await SftpClient.open(host, signal);
      const lanes = new SftpLanes(host, signal);
      if (task === 'large up') await uploadFile(client, { source: load.large, target });
      else await downloadFile(client, { path: load.large, target, most: Number.MAX_SAFE_INTEGER, lanes });
      lanes.close();
      client.close();
    }
  } finally {
    await host.dispose();
  }
}

async function byProgram(lab: SshLab, way: Way, from: string, target: string, task: Task): Promise<void> {
  const options = ['-F', 'none', '-oStrictHostKeyChecking=no', '-oUserKnownHostsFile=/dev/null', '-oLogLevel=ERROR'];
  options.push('-oIdentitiesOnly=yes', '-oIdentityAgent=none', '-i', lab.key, '-P', `${lab.port}`);
  const place = `${userInfo().username}@127.0.0.1`;
  const isUp = task.endsWith('up');
  const many = task.startsWith('small') ? ['-r'] : [];
  if (way === 'scp') {
    const [a, b] = isUp ? [from, `${place}:${target}`] : [`${place}:${from}`, target];
    await run('scp', [...options, '-q', ...many, a, b]);
    return;
  }
  if (isUp && many.length > 0) await mkdir(target);
  const batch = join(lab.folder, 'batch');
  await writeFile(batch, `${isUp ? 'put' : 'get'} ${many.join('')} ${from} ${target}\n`);
  await run('sftp', [...options, '-q', '-b', batch, place]);
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function secondsFor(lab: SshLab, load: Load, task: Task, way: Way, target: string): Promise<number> {
  if (way === 'slipway') return await secondsOf(() => bySlipway(lab, load, task, target));
  const isSmall = task.startsWith('small');
  if (!isSmall) return await secondsOf(() => byProgram(lab, way, load.large, target, task));
  const signIn = await secondsOf(() => byProgram(lab, way, join(load.few, '0', 'f0'), `${target}-one`, 'large up'));
  const few = await secondsOf(() => byProgram(lab, way, load.few, target, task));
  return signIn + (Math.max(few - signIn, 0.001) * load.files) / FEW;
}

/** Carries one large file and many small ones by SFTP, in turn with the programs `sftp` and `scp`. Null where one of them or sshd is missing. */
export async function runSftpBench(
  { megabytes = 200, files = 2_000, rounds = 3 } = {},
  onRow: (row: SftpBenchRow) => void = () => {},
): Promise<SftpBenchRow[] | null> {
  if (![SSHD, '/usr/bin/sftp', '/usr/bin/scp'].every((path) => existsSync(path))) return null;
  const rows: SftpBenchRow[] = [];
  for (const roundTripMs of [0, 50]) {
    const lab = await startSshLab({ roundTripMs });
    try {
      const load = await makeLoad(lab.folder, megabytes, files);
      for (const task of TASKS) {
        const seconds: Record<Way, number[]> = { slipway: [], sftp: [], scp: [] };
        for (let round = 0; round < rounds; round++) {
          for (const way of WAYS) {
            const target = join(lab.folder, `${way}-target`);
            seconds[way].push(await secondsFor(lab, load, task, way, target));
            if (task.startsWith('large') && (await stat(target)).size !== megabytes * 1_000_000)
              throw new Error(`${way} did not carry everything (${task})`);
            await rm(target, { recursive: true });
            await rm(`${target}-one`, { force: true });
          }
        }
        const amount = task.startsWith('large') ? megabytes : files;
        const rateOf = (way: Way): number => Number((amount / median(seconds[way])).toFixed(1));
        const rate = { slipway: rateOf('slipway'), sftp: rateOf('sftp'), scp: rateOf('scp') };
        const times = (way: Way): number => Number((rate.slipway / rate[way]).toFixed(2));
        const row = { task, roundTripMs, rate, timesSftp: times('sftp'), timesScp: times('scp') };
        rows.push(row);
        onRow(row);
      }
    } finally {
      lab.stop();
      await rm(lab.folder, { recursive: true, force: true });
    }
  }
  return rows;
}

if (import.meta.main) await runSftpBench({}, (row) => console.log(JSON.stringify({ bench: 'sftp', ...row })));
