import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readGridEngine,
  readGridEngineLimits,
  readGridEngineVersion,
  readMemoryComplex,
} from '../../../electron/core/sites/probe/read-gridengine.ts';

const recorded = (name: string): string =>
  readFileSync(new URL(`../scheduler/fixtures/gridengine-${name}`, import.meta.url), 'utf8');

const QUEUES = `qname                 main.q
qtype                 BATCH INTERACTIVE
pe_list               make smp
h_rt                  24:00:00,[vm=48:00:00]
qname                 other.q
qtype                 BATCH
pe_list               mpi,[@big=make]
h_rt                  INFINITY
`;
const ENVIRONMENTS = `pe_name            make
slots              999
allocation_rule    $round_robin
pe_name            smp
slots              999
allocation_rule    $pe_slots
pe_name            mpi
slots              0
allocation_rule    $pe_slots
`;

/** `qhost -q -xml` with hosts of some slots per queue. */
function hosts(
  ...some: { name: string; memory: string; queues: Record<string, [slots: number, state?: string, type?: string]> }[]
): string {
  const host = some.map(
    ({ name, memory, queues }) => ` <host name='${name}'>
   <hostvalue name='num_proc'>64</hostvalue>
   <hostvalue name='mem_total'>${memory}</hostvalue>
${Object.entries(queues)
  .map(
    ([queue, [slots, state = '', type = 'BP']]) => ` <queue name='${queue}'>
   <queuevalue qname='${queue}' name='qtype_string'>${type}</queuevalue>
   <queuevalue qname='${queue}' name='slots_used'>0</queuevalue>
   <queuevalue qname='${queue}' name='slots'>${slots}</queuevalue>
   <queuevalue qname='${queue}' name='state_string'>${state}</queuevalue>
 </queue>`,
  )
  .join('\n')}
 </host>`,
  );
  return `<?xml version='1.0'?>\n<qhost>\n${host.join('\n')}\n</qhost>\n`;
}

describe('a look at a Grid Engine', () => {
  it.each([
    ['SGE 8.1.9', 'SGE 8.1.9'],
    ['GE 6.2u5', 'GE 6.2u5'],
    ['OGS/GE 2011.11p1', 'OGS/GE 2011.11p1'],
    ['UGE 8.6.4', 'UGE 8.6.4'],
    ['AGE 2023.1.0', 'AGE 2023.1.0'],
    ['usage: qstat [-f] [-J] [-p] [-t] [-x]', null],
    ['pbs_version = 20.0.1', null],
    ['', null],
  ])('recognises it by %j', (help, version) => {
    expect(readGridEngineVersion(help)).toBe(version);
  });

  it('finds the queue that was recorded', () => {
    const found = readGridEngine({
      queues: 'qname main.q\nqtype BATCH INTERACTIVE\npe_list smp\nh_rt 24:00:00\n',
      environments: ENVIRONMENTS,
      hosts: recorded('hosts.xml'),
      mine: 'main.q@vm\n',
    });
    expect(found.environments).toEqual({ 'main.q': 'smp' });
    expect(found.coreTypes).toMatchObject([
      { name: 'main.q', partition: 'main.q', cores: 8, nodes: 1, maxCoresPerRun: 8, maxWalltimeSeconds: 86_400 },
    ]);
    expect(found.coreTypes[0]!.memoryBytes).toBe(Math.round(23.5 * 1024 ** 3));
  });

  it('makes a core type of each kind of node of each queue, and leaves out what takes no jobs of ours', () => {
    const xml = hosts(
      { name: 'global', memory: '-', queues: {} },
      { name: 'n1', memory: '64.0G', queues: { 'main.q': [16], 'other.q': [4] } },
      { name: 'n2', memory: '64.0G', queues: { 'main.q': [16, 'a'] } },
      { name: 'n3', memory: '256.0G', queues: { 'main.q': [32], 'talk.q': [4, '', 'I'] } },
      { name: 'n4', memory: '-', queues: { 'main.q': [16, 'au'] } },
      { name: 'n5', memory: '64.0G', queues: { 'main.q': [16, 'd'] } },
      { name: 'n6', memory: '64.0G', queues: { 'main.q': [16] } },
    );
    const ask = (mine: string) => readGridEngine({ queues: QUEUES, environments: ENVIRONMENTS, hosts: xml, mine });
    const all = ask('');
    expect(all.coreTypes.map((t) => [t.name, t.cores, t.nodes, t.maxCoresPerRun, t.maxWalltimeSeconds])).toEqual([
      ['main.q', 16, 4, 16, 172_800],
      ['main.q-32c', 32, 1, 32, 172_800],
      // No environment that keeps cores on one node: one core for each run.
      ['other.q', 4, 1, 1, null],
    ]);
    expect(all.environments).toEqual({ 'main.q': 'smp' });
    expect(ask('main.q@n1\nmain.q@n6\n').coreTypes.map((t) => [t.name, t.nodes])).toEqual([['main.q', 2]]);
  });

  it('asks for memory by the complex of which account is kept', () => {
    const plain = recorded('complexes.txt');
    expect(readMemoryComplex(plain)).toEqual({ name: 'mem_free', perSlot: false, consumable: false });
    const change = (name: string, requestable: string, consumable: string): string =>
      plain.replace(new RegExp(`^(${name} +\\S+ +MEMORY +\\S+ +)\\w+( +)\\w+`, 'm'), `$1${requestable}$2${consumable}`);
    expect(readMemoryComplex(change('h_vmem', 'YES', 'YES'))).toEqual({
      name: 'h_vmem',
      perSlot: true,
      consumable: true,
    });
    expect(readMemoryComplex(change('h_vmem', 'FORCED', 'JOB'))).toMatchObject({ name: 'h_vmem', perSlot: false });
    expect(readMemoryComplex(change('virtual_free', 'YES', 'YES'))).toMatchObject({ name: 'virtual_free' });
    const own = `${plain}mem_req mr MEMORY <= FORCED YES 0 0\ntmp_space ts MEMORY <= YES YES 0 0\n`;
    expect(readMemoryComplex(own)).toEqual({ name: 'mem_req', perSlot: true, consumable: true });
    expect(readMemoryComplex(plain.replace(/^mem_free .*\n/m, ''))).toBeNull();
    expect(readMemoryComplex('')).toBeNull();
  });

  it('reads what limits arrays, and whether there is an accounting', () => {
    const config =
      'max_aj_instances 2000\nmax_aj_tasks 75000\nmax_u_jobs 10\nreporting_params accounting=true reporting=false\n';
    expect(readGridEngineLimits(config)).toEqual({
      maxArraySize: 75_001,
      maxSubmit: null,
      minJobAgeSeconds: null,
      accounting: true,
    });
    expect(readGridEngineLimits('max_aj_tasks 0\n')).toMatchObject({ maxArraySize: 1_000_001, accounting: false });
    expect(readGridEngineLimits('')).toMatchObject({ maxArraySize: null, accounting: false });
  });

  it('takes anything without harm', () => {
    const parts = fc.oneof(fc.string(), fc.constantFrom(...QUEUES.split('\n'), ...recorded('hosts.xml').split('\n')));
    const text = fc.array(parts, { maxLength: 30 }).map((p) => p.join('\n'));
    fc.assert(
      fc.property(text, text, text, text, (queues, environments, answer, mine) => {
        const found = readGridEngine({ queues, environments, hosts: answer, mine });
        for (const type of found.coreTypes) expect(type.cores).toBeGreaterThan(0);
        expect(() => [readMemoryComplex(queues), readGridEngineLimits(queues)]).not.toThrow();
      }),
    );
  });
});
