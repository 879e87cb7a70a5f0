import type { CoreType, Software } from '../../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../../shared/domain/core-type.ts';
import type { SchedulerLimits } from '../../../../shared/domain/scheduler/types.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { SOFTWARE_CATALOGUE } from '../local/software-catalogue.ts';

const MIB = 1024 * 1024;

/** `key=value` lines; the last one of a key counts. */
export function readFacts(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) facts.set(line.slice(0, at), line.slice(at + 1));
  }
  return facts;
}

/** `1-00:00:00`, `10:00`, `infinite` → seconds; null = no limit. */
export function readTimeLimit(text: string): number | null {
  const m = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(text.trim());
  if (m === null) return null;
  return Number(m[1] ?? 0) * 86_400 + Number(m[2] ?? 0) * 3600 + Number(m[3]) * 60 + Number(m[4]);
}

/** One core type for each kind of node of each partition that is up (`sinfo -o '%R|%a|%l|%c|%m|%G|%D'`). */
export function readPartitions(text: string): CoreType[] {
  const kinds = new Map<string, CoreType>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split('|');
    if (fields.length !== 7) continue;
    const [partition, state, limit, cores, memory, gres, nodes] = fields as unknown as string[];
    const count = Number.parseInt(cores!, 10);
    if (!state!.startsWith('up') || !(count > 0) || !/^[\w.+-]+$/.test(partition!)) continue;
    const accelerator = /gpu/i.test(gres!) ? gres!.replace(/\(.*?\)/g, '') : null;
    const memoryBytes = (Number.parseInt(memory!, 10) || 0) * MIB;
    const key = [partition, count, memory, accelerator].join('|');
    const known = kinds.get(key);
    const more = Number.parseInt(nodes!, 10) || 0;
    if (known !== undefined) {
      kinds.set(key, { ...known, nodes: known.nodes + more });
      continue;
    }
    kinds.set(key, {
      ...PLAIN_CORE_TYPE,
      name: partition!,
      description: `Partition ${partition}: ${count} cores, ${formatBytes(memoryBytes)} per node${accelerator === null ? '' : `, ${accelerator}`}`,
      cores: count,
      memoryBytes,
      nodes: more,
      partition: partition!,
      maxWalltimeSeconds: readTimeLimit(limit!),
      accelerator,
    });
  }
  // Several kinds of node in one partition need names that tell them apart.
  const seen = new Map<string, number>();
  return [...kinds.values()].map((type) => {
    const n = (seen.get(type.name) ?? 0) + 1;
    seen.set(type.name, n);
    return n === 1 ? type : { ...type, name: `${type.name}-${type.cores}c${n > 2 ? `-${n}` : ''}` };
  });
}

/** What `scontrol show config` and the user's associations say of limits. */
export function readLimits(config: string, associations: string): SchedulerLimits {
  const value = (key: string): string | null => new RegExp(`^${key}\\s*=\\s*(\\S+)`, 'm').exec(config)?.[1] ?? null;
  const number = (key: string): number | null => {
    const n = Number.parseInt(value(key) ?? '', 10);
    return Number.isFinite(n) ? n : null;
  };
  const submits = associations
    .split('\n')
    .map((line) => Number.parseInt(line.split('|')[4] ?? '', 10))
    .filter((n) => n > 0);
  const storage = value('AccountingStorageType');
  return {
    maxArraySize: number('MaxArraySize'),
    maxSubmit: submits.length === 0 ? null : Math.min(...submits),
    minJobAgeSeconds: number('MinJobAge'),
    accounting: storage !== null && !/none|\(null\)/i.test(storage),
  };
}

interface Solver {
  readonly name: string;
  readonly title: string;
  readonly command: string;
}

function solver(of: string): Solver {
  const { name, title, command } = SOFTWARE_CATALOGUE.find((entry) => entry.name === of)!;
  return { name, title, command };
}

/** Modules whose names are those of solvers, by the first part of `name/version`; the value is the catalogue's name and a usual command. */
const MODULE_SOLVERS: Readonly<Record<string, Solver>> = {
  ...Object.fromEntries(SOFTWARE_CATALOGUE.map(({ name }) => [name, solver(name)])),
  'starccm+': solver('starccm'),
  'star-ccm+': solver('starccm'),
  lsdyna: solver('ls-dyna'),
  ccx: solver('calculix'),
};

/** `module -t avail` (one `name/version` a line, folders end in a colon, defaults are marked) → entries that load them. */
export function readModules(text: string): Software[] {
  const found: Software[] = [];
  for (const raw of text.split('\n')) {
    const word = raw.trim().replace(/\((?:default|D|L|L,D|D,L)\)$/i, '');
    if (!/^[\w.+-]+(?:\/[\w.+-]+)*$/.test(word)) continue;
    const parts = word.split('/');
    const solver = parts.map((part) => MODULE_SOLVERS[part.toLowerCase()]).find((s) => s !== undefined);
    if (solver === undefined) continue;
    const version = /\d/.test(parts.at(-1)!) && parts.length > 1 ? parts.at(-1)! : null;
    if (found.some((f) => f.name === solver.name && f.version === version)) continue;
    found.push({
      ...solver,
      version,
      path: null,
      hint: null,
      origin: 'module',
      setup: [`module load ${word}`],
      environment: {},
    });
  }
  return found;
}

/** What the probe of programs printed: `@ INDEX PATH`, then what the program says of its version. */
export function readPrograms(text: string): Software[] {
  const found: Software[] = [];
  for (const [, index, path, said] of text.matchAll(/(?:^|\n)@ (\d+) (\/[^\n]*)\n([\s\S]*?)(?=\n@ \d+ \/|$)/g)) {
    const entry = SOFTWARE_CATALOGUE[Number(index)];
    if (entry === undefined) continue;
    const version = entry.versionPattern.exec(said!)?.[1]?.replace(/\.$/, '') ?? null;
    if (version === null && entry.needsVersion === true) continue;
    const { name, title, command } = entry;
    found.push({ name, title, command, version, path: path!, hint: null, origin: 'found', setup: [], environment: {} });
  }
  return found;
}
