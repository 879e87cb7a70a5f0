import { median } from './median.ts';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stageTree } from '../../electron/core/transfer/stage-tree.ts';
import { packLocalTree } from '../../electron/core/transfer/tar-pack.ts';
import type { PackEntry } from '../../electron/core/transfer/tar-pack.ts';
import { parseTemplate, renderTemplate } from '../../shared/domain/template/index.ts';
import type { SshLab } from './ssh-bench-lab.ts';
import { hostOf, SSHD, startSshLab } from './ssh-bench-lab.ts';

const run = promisify(execFile);
const PEERS = ['rsync', 'rsync -z', 'scp'] as const;
type Way = 'slipway' | (typeof PEERS)[number];

/** scp needs several round trips for each file: it copies so many run folders, and the rest is reckoned. */
const SCP_RUNS = 20;
const PACK_BATCH = 250;
const FILLER = '** plain line of a solver deck that holds no placeholder at all\n';
const DECKS = [
  { name: 'beam.inp', lines: 70 },
  { name: 'load.inc', lines: 40 },
  { name: 'case.txt', lines: 14 },
] as const;

export interface StagingBenchResult {
  readonly runs: number;
  readonly files: number;
  readonly megabytes: number;
  readonly roundTripMs: number;
  /** Median over the rounds, with signing in. Slipway's holds rendering, packing, verifying and the rename; the peers' trees lie rendered on the disk. scp's is reckoned from a part. */
  readonly seconds: Readonly<Record<Way, number>>;
  readonly filesPerSecond: Readonly<Record<Way, number>>;
  /** How many times faster than the peer. Targets: rsync 2 or more, scp 100 or more. */
  readonly timesRsync: number;
  readonly timesRsyncZ: number;
  readonly timesScp: number;
}

/** Renders runs one after the other: the entries of their folders. */
function renderer(): (first: number, count: number) => PackEntry[] {
  const names = new Set(['young', 'width', 'load']);
  const decks = DECKS.map(({ name, lines }) => {
    const text = `*ELASTIC\n\${young},0.3\n*BEAM SECTION\n\${width},\${width*2}\n${FILLER.repeat(lines)}*CLOAD\n2,1,\${load}\n`;
    return { name, template: parseTemplate(text, { dialect: 'generic', names }).template };
  });
  const modifiedAt = Date.now();
  return (first, count) => {
    const entries: PackEntry[] = [];
    for (let n = first; n < first + count; n++) {
      const folder = `runs/${String(n).padStart(5, '0')}`;
      entries.push({ kind: 'folder', path: folder, mode: 0o755, modifiedAt });
      const values = new Map([
        ['young', `${210_000 + n}`],
        ['width', `${2 + n / 10_000}`],
        ['load', `${n * 7}`],
      ]);
      for (const { name, template } of decks) {
        const result = renderTemplate(template, { run: n, values });
        if (!result.ok) throw new Error(result.problems[0]?.message ?? 'a template was not rendered');
        const bytes = Buffer.from(result.text);
        entries.push({ kind: 'file', path: `${folder}/${name}`, bytes, mode: 0o644, modifiedAt });
      }
    }
    return entries;
  };
}

async function writeTree(root: string, runs: number): Promise<number> {
  const render = renderer();
  let bytes = 0;
  await mkdir(join(root, 'runs'), { recursive: true });
  for (const entry of render(1, runs)) {
    if (entry.kind === 'folder') await mkdir(join(root, entry.path));
    else {
      await writeFile(join(root, entry.path), entry.bytes);
      bytes += entry.bytes.length;
    }
  }
  return bytes;
}

/** Renders, packs, sends, unpacks, verifies and publishes, from nothing: signing in is part of it. */
async function stageBySlipway(lab: SshLab, target: string, runs: number): Promise<void> {
  const host = hostOf(lab);
  const render = renderer();
  const pack = async function* (): AsyncGenerator<Uint8Array> {
    for (let first = 1; first <= runs; first += PACK_BATCH)
      yield* packLocalTree(render(first, Math.min(PACK_BATCH, runs - first + 1)), 'zstd');
  };
  try {
    await stageTree(host, {
      target,
      token: 'bench',
      compression: 'zstd',
      chunks: pack(),
      expected: () => ({ files: runs * DECKS.length }),
      signal: AbortSignal.timeout(600_000),
    });
  } finally {
    await host.dispose();
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Stages run folders with three small files each over a way with that round trip, in turn with rsync and scp. Null where sshd, rsync or scp is missing. */
export async function runStagingBench(runs = 10_000, rounds = 3, roundTripMs = 50): Promise<StagingBenchResult | null> {
  if (![SSHD, '/usr/bin/rsync', '/usr/bin/scp', '/usr/bin/zstd'].every((path) => existsSync(path))) return null;
  const lab = await startSshLab({ roundTripMs });
  try {
    const tree = join(lab.folder, 'tree');
    const bytes = await writeTree(tree, runs);
    const part = join(lab.folder, 'part');
    await writeTree(part, SCP_RUNS);
    const files = runs * DECKS.length;
    const options = ['-oStrictHostKeyChecking=no', '-oUserKnownHostsFile=/dev/null', '-oLogLevel=ERROR'];
    options.push('-oIdentitiesOnly=yes', '-oIdentityAgent=none', '-i', lab.key);
    const place = `${userInfo().username}@127.0.0.1`;
    const ssh = ['ssh', '-F', 'none', ...options, '-p', `${lab.port}`];
    const scp = ['-F', 'none', ...options, '-P', `${lab.port}`, '-rq'];
    const seconds: Record<Way, number[]> = { slipway: [], rsync: [], 'rsync -z': [], scp: [] };
    for (let round = 0; round < rounds; round++) {
      const target = (way: string): string => join(lab.folder, `${way.replace(' ', '')}-${round}`);
      seconds.slipway.push(await secondsOf(() => stageBySlipway(lab, target('slipway'), runs)));
      for (const [way, flags] of [
        ['rsync', '-a'],
        ['rsync -z', '-az'],
      ] as const) {
        const args = [flags, '-e', ssh.join(' '), `${tree}/`, `${place}:${target(way)}`];
        seconds[way].push(await secondsOf(() => run('rsync', args)));
      }
      const signIn = await secondsOf(() => run(ssh[0]!, [...ssh.slice(1), place, 'true']));
      const few = await secondsOf(() => run('scp', [...scp, part, `${place}:${target('scp')}`]));
      seconds.scp.push(signIn + ((few - signIn) * runs) / SCP_RUNS);
      for (const way of ['slipway', 'rsync', 'rsync -z'] as const) {
        const { stdout } = await run('sh', ['-c', 'find "$1" -type f | wc -l', 'sh', target(way)]);
        if (Number(stdout) !== files) throw new Error(`${way} brought ${stdout.trim()} of ${files} files`);
        await rm(target(way), { recursive: true });
      }
    }
    const each = (value: (way: Way) => number): Record<Way, number> => ({
      slipway: value('slipway'),
      rsync: value('rsync'),
      'rsync -z': value('rsync -z'),
      scp: value('scp'),
    });
    const middle = each((way) => Number(median(seconds[way]).toFixed(2)));
    const times = (way: Way): number => Number((middle[way] / middle.slipway).toFixed(2));
    return {
      runs,
      files,
      megabytes: Math.round(bytes / 1e6),
      roundTripMs,
      seconds: middle,
      filesPerSecond: each((way) => Math.round(files / middle[way])),
      timesRsync: times('rsync'),
      timesRsyncZ: times('rsync -z'),
      timesScp: times('scp'),
    };
  } finally {
    lab.stop();
    await rm(lab.folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify({ bench: 'staging', ...(await runStagingBench()) }));
