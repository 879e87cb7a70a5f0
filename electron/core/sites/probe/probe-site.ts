import { posix } from 'node:path';
import type { CoreType, RemoteSiteKind, SiteProposal } from '../../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../../shared/domain/core-type.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import type { GridEngineFacts } from '../../../../shared/domain/scheduler/gridengine.ts';
import { GRID_ENGINE_VARIABLES } from '../../../../shared/domain/scheduler/gridengine.ts';
import type { CommandOutput, SchedulerLimits } from '../../../../shared/domain/scheduler/types.ts';
import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import type { SiteTools } from '../remote/remote-site.ts';
import { sectionScript } from '../remote/sections.ts';
import type { Section } from '../remote/sections.ts';
import { FIRST_SECTIONS, secondSections } from './probe-script.ts';
import { readGridEngineVersion } from './read-gridengine.ts';
import { readFacts, readModules, readPrograms } from './read-probe.ts';
import { schedulerFound } from './scheduler-found.ts';

/** Everything a look at a host found; what is stored of it. */
export interface ProbedSite {
  readonly proposal: SiteProposal;
  readonly limits: SchedulerLimits;
  readonly tools: SiteTools;
  /** PATH of a login shell, in which schedulers are found. */
  readonly path: string;
  /** Variables of a login shell without which the scheduler's commands do not work. */
  readonly environment: Readonly<Record<string, string>>;
  /** Empty for all other kinds. */
  readonly gridEngine: Omit<GridEngineFacts, 'bash'>;
}

/** Looks around on a host; needs nothing but sh there. @throws RemoteError */
export async function probeSite(
  host: RemoteHost,
  wanted: { readonly address: string; readonly workdir?: string; readonly kind?: RemoteSiteKind },
  signal: AbortSignal,
): Promise<ProbedSite> {
  const ask = async (sections: readonly Section[]): Promise<Map<string, CommandOutput>> => {
    const look = sectionScript(sections);
    const { stdout } = await host.run(look.script, { signal, timeoutMs: 180_000 });
    return look.parse(stdout);
  };
  const first = await ask(FIRST_SECTIONS);
  const facts = readFacts(first.get('facts')?.stdout ?? '');
  const login = first.get('login')?.stdout ?? '';
  const path = /\nslipway-path=(.+)/.exec(`\n${login}`)?.[1] ?? '/usr/local/bin:/usr/bin:/bin';
  const environment = readVariables(login);
  // What the sign-in gave stays in front: an administrator may have set it for this account.
  const second = await ask(secondSections(`"$PATH":${shellQuote(path)}`, environment));
  const said = (name: string): string => {
    const output = second.get(name);
    return output !== undefined && output.code === 0 ? output.stdout : '';
  };
  const slurm = /slurm[-\w]*\s+(\S+)/i.exec(said('slurm'))?.[1] ?? null;
  const gridEngine = readGridEngineVersion(said('gridengine version'));
  const kind = wanted.kind ?? (slurm !== null ? 'slurm' : gridEngine !== null ? 'gridengine' : 'ssh');
  const problems: Problem[] = [];
  const home = facts.get('home') ?? '/';
  const spaces = readSpaces(second.get('space')?.stdout ?? '');
  const found = schedulerFound(kind, { slurm, gridEngine }, said, (name) => second.get(name)?.stderr.trim() || null);
  problems.push(...found.problems);
  const { limits } = found;
  const coreTypes = kind === 'ssh' ? [thisHost(facts)] : found.coreTypes;
  const tools = toolsOf(facts);
  if (!tools.tar)
    problems.push(
      problem('SITE03', 'warning', 'There is no tar on the host.', {
        hint: 'Files are moved by SFTP, which takes longer for many small ones.',
      }),
    );
  const workdir = workdirOf(wanted.workdir, spaces, home);
  const software = [...readPrograms(said('programs')), ...readModules(said('modules'))];
  return {
    path,
    limits,
    tools,
    environment: kind === 'gridengine' ? environment : {},
    gridEngine: found.gridEngine,
    proposal: {
      kind,
      scheduler: found.scheduler,
      address: wanted.address,
      user: facts.get('user') ?? '',
      workdir,
      scratch: spaces,
      coreTypes,
      software,
      facts: [...factsForPeople(facts, limits, kind, tools), ...found.facts],
      problems,
    },
  };
}

/** `slipway-variable.NAME=value` lines. */
function readVariables(login: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name, value] of login.matchAll(/^slipway-variable\.(\w+)=(.+)$/gm))
    if ((GRID_ENGINE_VARIABLES as readonly string[]).includes(name!)) found[name!] = value!;
  return found;
}

/** What there is on a host for moving files. @throws RemoteError */
export async function lookForTools(host: RemoteHost, signal: AbortSignal): Promise<SiteTools> {
  const look = sectionScript(FIRST_SECTIONS.filter((section) => section.name === 'facts'));
  const { stdout } = await host.run(look.script, { signal });
  return toolsOf(readFacts(look.parse(stdout).get('facts')?.stdout ?? ''));
}

function thisHost(facts: ReadonlyMap<string, string>): CoreType {
  const cores = Math.max(1, Number.parseInt(facts.get('cores') ?? '', 10) || 1);
  const memoryBytes = (Number.parseInt(facts.get('memory') ?? '', 10) || 0) * 1024;
  return {
    ...PLAIN_CORE_TYPE,
    name: 'this-host',
    description: `${facts.get('host') ?? 'The host'}, ${facts.get('system') ?? ''}`.replace(/, $/, ''),
    cores,
    memoryBytes,
  };
}

function toolsOf(facts: ReadonlyMap<string, string>): SiteTools {
  const has = (tool: string): boolean => (facts.get(`tool.${tool}`) ?? '') !== '';
  const bash = facts.get('tool.bash') ?? '';
  return {
    tar: has('tar'),
    zstd: has('zstd'),
    gzip: has('gzip'),
    gnuFind: facts.get('gnufind') === '1',
    statFormat: facts.get('statc') === '1',
    bash: bash.startsWith('/') ? bash : null,
  };
}

function readSpaces(text: string): { path: string; freeBytes: number | null; note: string | null }[] {
  const found = new Map<string, { path: string; freeBytes: number | null; note: string | null }>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('|');
    const path = line.slice(at + 1);
    if (at < 0 || !path.startsWith('/') || found.has(path)) continue;
    const free = Number.parseInt(line.slice(0, at), 10);
    found.set(path, { path, freeBytes: Number.isFinite(free) ? free * 1024 : null, note: null });
  }
  return [...found.values()];
}

/** A folder of ours: where the person wants it, else in the first scratch folder, else in the home. */
function workdirOf(wanted: string | undefined, spaces: readonly { readonly path: string }[], home: string): string {
  if (wanted !== undefined && wanted !== '')
    return posix.normalize(wanted.startsWith('/') ? wanted : posix.join(home, wanted.replace(/^~\/?/, '')));
  const scratch = spaces.find((s) => s.path !== home)?.path;
  return scratch === undefined ? posix.join(home, '.slipway') : posix.join(scratch, 'slipway');
}

function packingWords({ tar, zstd, gzip }: SiteTools): string {
  if (!tar) return 'none: files are moved by SFTP';
  return zstd ? 'tar with zstd' : gzip ? 'tar with gzip' : 'tar';
}

function factsForPeople(
  facts: ReadonlyMap<string, string>,
  limits: SchedulerLimits,
  kind: string,
  tools: SiteTools,
): { title: string; value: string }[] {
  const memory = (Number.parseInt(facts.get('memory') ?? '', 10) || 0) * 1024;
  const list = [
    { title: 'Host', value: `${facts.get('host') ?? '?'} (${facts.get('system') ?? '?'})` },
    { title: 'Cores and memory', value: `${facts.get('cores') ?? '?'} cores, ${formatBytes(memory)}` },
    { title: 'Login shell', value: facts.get('shell') || 'not told' },
    { title: 'Packing', value: packingWords(tools) },
  ];
  if (kind !== 'ssh') {
    list.push(
      { title: 'Accounting', value: limits.accounting ? 'on' : 'off: ended jobs are known only for a while' },
      { title: 'Largest array', value: limits.maxArraySize === null ? 'not told' : String(limits.maxArraySize - 1) },
    );
    if (limits.maxSubmit !== null) list.push({ title: 'Jobs at once', value: String(limits.maxSubmit) });
  }
  return list;
}
