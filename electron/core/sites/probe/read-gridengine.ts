import type { CoreType } from '../../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../../shared/domain/core-type.ts';
import { timeOf } from '../../../../shared/domain/scheduler/gridengine-accounting.ts';
import type { MemoryComplex } from '../../../../shared/domain/scheduler/gridengine.ts';
import type { SchedulerLimits } from '../../../../shared/domain/scheduler/types.ts';
import { formatBytes, parseMemory } from '../../../../shared/domain/units.ts';

/** First line of `qstat -help`: `SGE 8.1.9`, `GE 6.2u5`, `OGS/GE 2011.11p1`, `UGE 8.6.4`, `AGE 2023.1.0`. Null: it is no Grid Engine. */
export function readGridEngineVersion(help: string): string | null {
  return /^\s*((?:[A-Z]*GE|OGS\/GE|(?:Altair|Univa|Sun) Grid Engine) \d[\w.]*)/.exec(help)?.[1] ?? null;
}

/** `qconf -sconf`. An array counts as one job for the limits per user, so that these say nothing of tasks. */
export function readGridEngineLimits(config: string): SchedulerLimits {
  const most = /^max_aj_tasks\s+(\d+)/m.exec(config)?.[1];
  return {
    // 0 is "no limit".
    maxArraySize: most === undefined ? null : (Number(most) || 1_000_000) + 1,
    maxSubmit: null,
    minJobAgeSeconds: null,
    accounting: /^reporting_params\s.*\baccounting=(?:true|1)\b/im.test(config),
  };
}

/** Those for memory that are known, the usual ones first. */
const MEMORY_COMPLEXES = ['h_vmem', 'm_mem_free', 'mem_free', 'virtual_free', 's_vmem', 'h_rss'];

/**
 * How memory is asked for, from `qconf -sc`: by a complex of which the scheduler keeps account where there is one, else by the memory that a node has free.
 * A limit of virtual memory without account (the usual `h_vmem`) is not used: it would only kill.
 */
export function readMemoryComplex(complexes: string): MemoryComplex | null {
  const rows = complexes
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length >= 7 && row[2] === 'MEMORY' && row[3] === '<=' && /^(YES|FORCED)$/.test(row[4]!));
  const place = (name: string): number => {
    const at = MEMORY_COMPLEXES.indexOf(name);
    return at < 0 ? MEMORY_COMPLEXES.length : at;
  };
  const sorted = rows.toSorted((a, b) => place(a[0]!) - place(b[0]!));
  const kept = sorted.find(
    (row) => /^(YES|JOB|HOST)$/.test(row[5]!) && (row[4] === 'FORCED' || place(row[0]!) < MEMORY_COMPLEXES.length),
  );
  if (kept !== undefined) return { name: kept[0]!, perSlot: kept[5] === 'YES', consumable: true };
  const free = sorted.find((row) => row[0] === 'mem_free');
  return free === undefined ? null : { name: 'mem_free', perSlot: false, consumable: false };
}

interface Queue {
  readonly name: string;
  /** Parallel environments of all its hosts. */
  readonly environments: readonly string[];
  /** Seconds; null = no limit. */
  readonly longest: number | null;
}

/** Lines `key value` in blocks that begin with `first`. */
function blocks(text: string, first: string): Map<string, string>[] {
  const found: Map<string, string>[] = [];
  for (const line of text.split('\n')) {
    const m = /^(\w+)\s+(.*)$/.exec(line.trim());
    if (m === null) continue;
    if (m[1] === first) found.push(new Map());
    found.at(-1)?.set(m[1]!, m[2]!.trim());
  }
  return found;
}

/** `smp make,[node1=smp mpi],[@big=smp]` → all values, also those of single hosts. */
function allValues(text: string): string[] {
  const values = text.replaceAll(/\[[^=\]]*=([^\]]*)\]/g, ',$1').split(',');
  return values.flatMap((v) => v.trim().split(/\s+/)).filter((v) => v !== '' && v !== 'NONE');
}

function readQueues(text: string): Queue[] {
  return blocks(text, 'qname').map((fields) => {
    const times = allValues(fields.get('h_rt') ?? 'INFINITY').map((t) => (t === 'INFINITY' ? Infinity : timeOf(t)));
    const longest = Math.max(...times.map((t) => t ?? Infinity));
    return {
      name: fields.get('qname')!,
      environments: allValues(fields.get('pe_list') ?? 'NONE'),
      longest: Number.isFinite(longest) ? longest : null,
    };
  });
}

/** Parallel environments that give all cores of a run on one node. */
function onOneNode(text: string): Set<string> {
  return new Set(
    blocks(text, 'pe_name')
      .filter((fields) => fields.get('allocation_rule') === '$pe_slots' && fields.get('slots') !== '0')
      .map((fields) => fields.get('pe_name')!),
  );
}

/** A queue on one host. */
interface Instance {
  readonly queue: string;
  readonly slots: number;
  readonly memoryBytes: number;
}

/** What `qhost -q -xml` shows of queues that take batch jobs and are not switched off. A node that does not answer now is one all the same; its memory is 0. */
function readInstances(xml: string, mine: ReadonlySet<string> | null): Instance[] {
  const found: Instance[] = [];
  for (const [, host, body] of xml.matchAll(/<host name='([^']*)'>([\s\S]*?)<\/host>/g)) {
    const memory = parseMemory(/<hostvalue name='mem_total'>([^<]*)</.exec(body!)?.[1] ?? '') ?? 0;
    for (const [, queue, values] of body!.matchAll(/<queue name='([^']*)'>([\s\S]*?)<\/queue>/g)) {
      const value = (name: string): string => new RegExp(`name='${name}'>([^<]*)<`).exec(values!)?.[1]?.trim() ?? '';
      const slots = Number.parseInt(value('slots'), 10);
      if (!(slots > 0) || /[dDo]/.test(value('state_string')) || !/^[\w.+-]+$/.test(queue!)) continue;
      const type = value('qtype_string');
      if (type !== '' && !/[BP]/.test(type)) continue;
      if (mine !== null && !mine.has(`${queue}@${host}`)) continue;
      found.push({ queue: queue!, slots, memoryBytes: memory });
    }
  }
  return found;
}

/** What the answers of a Grid Engine say of its hardware. `mine`: queue instances that the user may use; empty = not told. */
export function readGridEngine(answers: {
  readonly queues: string;
  readonly environments: string;
  readonly hosts: string;
  readonly mine: string;
}): { readonly coreTypes: CoreType[]; readonly environments: Record<string, string> } {
  const mine = new Set(
    answers.mine
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  );
  const instances = readInstances(answers.hosts, mine.size === 0 ? null : mine);
  const usable = onOneNode(answers.environments);
  const environments: Record<string, string> = {};
  const coreTypes: CoreType[] = [];
  for (const { name, environments: listed, longest } of readQueues(answers.queues)) {
    const environment = listed.find((e) => usable.has(e));
    const kinds = new Map<string, Instance & { nodes: number }>();
    for (const instance of instances.toSorted((a, b) => b.memoryBytes - a.memoryBytes)) {
      if (instance.queue !== name) continue;
      // The memory of a node that does not answer is not known: it is taken for one of the others.
      const alike = [...kinds].find(([, kind]) => kind.slots === instance.slots && instance.memoryBytes === 0);
      const key = alike?.[0] ?? `${instance.slots} ${instance.memoryBytes}`;
      const known = kinds.get(key);
      kinds.set(key, { ...(known ?? instance), nodes: (known?.nodes ?? 0) + 1 });
    }
    if (kinds.size === 0) continue;
    if (environment !== undefined) environments[name] = environment;
    let n = 0;
    for (const { slots, memoryBytes, nodes } of [...kinds.values()].toSorted((a, b) => b.nodes - a.nodes)) {
      n++;
      coreTypes.push({
        ...PLAIN_CORE_TYPE,
        name: n === 1 ? name : `${name}-${slots}c${n > 2 ? `-${n}` : ''}`,
        description: `Queue ${name}: ${slots} slots${memoryBytes === 0 ? '' : `, ${formatBytes(memoryBytes)}`} per node`,
        cores: slots,
        memoryBytes,
        nodes,
        partition: name,
        maxCoresPerRun: environment === undefined ? 1 : slots,
        maxWalltimeSeconds: longest,
      });
    }
  }
  return { coreTypes, environments };
}
