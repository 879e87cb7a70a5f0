import { describe, expect, it } from 'vitest';
import { checkHardware } from '../../../electron/core/jobs/check/check-hardware.ts';
import { checkProgram, chosenSoftware } from '../../../electron/core/jobs/check/check-program.ts';
import type { CoreType, Software } from '../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../shared/domain/core-type.ts';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';
import type { JobSpec } from '../../../shared/domain/job-spec/job-spec.ts';

const GIB = 1024 ** 3;
const hpc = { name: 'hpc', kind: 'slurm' as const };

function specOf(text: string): JobSpec {
  const { spec, problems } = readJobSpec(`name: Job\ntype: basic\n${text}`, 'slipway.yaml');
  if (spec === null) throw new Error(JSON.stringify(problems));
  return spec;
}

function coreType(name: string, more: Partial<CoreType> = {}): CoreType {
  return { ...PLAIN_CORE_TYPE, name, description: '', cores: 32, memoryBytes: 64 * GIB, nodes: 2, ...more };
}

function software(name: string, more: Partial<Software> = {}): Software {
  return {
    name,
    title: name.toUpperCase(),
    version: null,
    path: null,
    command: `${name}-run -i model`,
    hint: 'Add an entry.',
    origin: 'found',
    setup: [],
    environment: {},
    ...more,
  };
}

const types = [coreType('short', { maxWalltimeSeconds: 3600 }), coreType('long', { maxWalltimeSeconds: null })];
const codes = (problems: readonly { code: string; severity: string }[]): string[] =>
  problems.map((p) => `${p.code} ${p.severity}`);

describe('hardware on a site', () => {
  it('names the site and its limit when the time is too long, on the chosen core type only', () => {
    const text = (type: string): string => `command: a\nhardware: {coreType: ${type}, walltime: 2h}\n`;
    const { problems } = checkHardware(specOf(text('short')), types, 10, hpc);
    expect(codes(problems)).toEqual(['HW04 error']);
    expect(problems[0]!.message).toBe('A run asks for 2 h; short of hpc allows 1 h.');
    expect(checkHardware(specOf(text('long')), types, 10, hpc).problems).toEqual([]);
  });

  it('takes the limit as the time of jobs that ask for none', () => {
    expect(checkHardware(specOf('command: a\n'), types, 10, hpc).hardware.walltimeSeconds).toBe(3600);
    expect(
      checkHardware(specOf('command: a\nhardware: {coreType: long}\n'), types, 10, hpc).hardware.walltimeSeconds,
    ).toBe(86_400);
  });

  it('counts the cores of all nodes, the memory of one', () => {
    const many = checkHardware(specOf('command: a\nhardware: {slots: 64}\n'), types, 100, hpc);
    expect(many.problems).toEqual([]);
    const big = checkHardware(specOf('command: a\nhardware: {memory: 65G}\n'), types, 1, hpc);
    expect(codes(big.problems)).toEqual(['HW03 error']);
    expect(big.problems[0]!.message).toContain('a node of short of hpc');
    // A queue, not a machine: runs that wait are no reason to warn of swapping.
    expect(checkHardware(specOf('command: a\nhardware: {memory: 60G, slots: 8}\n'), types, 8, hpc).problems).toEqual(
      [],
    );
  });

  it('refuses more cores than one run can have there, whatever the site has in all', () => {
    const queues = [coreType('main.q', { maxCoresPerRun: 32, nodes: 10 }), coreType('one.q', { maxCoresPerRun: 1 })];
    const of = (name: string, cores: number) =>
      checkHardware(specOf(`command: a\nhardware: {coreType: ${name}, coresPerSlot: ${cores}}\n`), queues, 1, {
        name: 'hpc',
        kind: 'gridengine',
      }).problems;
    expect(of('main.q', 32)).toEqual([]);
    expect(codes(of('main.q', 33))).toEqual(['HW05 error']);
    expect(of('one.q', 1)).toEqual([]);
    expect(of('one.q', 2)[0]!.message).toBe('A run asks for 2 cores; one.q of hpc gives a run one core at most.');
  });

  it('says nothing of memory that is not known', () => {
    const unknown = [coreType('this-host', { memoryBytes: 0, nodes: 1 })];
    const spec = specOf('command: a\nhardware: {memory: 1G, slots: 2}\n');
    expect(checkHardware(spec, unknown, 2, { name: 'box', kind: 'ssh' }).problems).toEqual([]);
  });

  it('suggests a core type of the site', () => {
    const { problems } = checkHardware(specOf('command: a\nhardware: {coreType: shrot}\n'), types, 1, hpc);
    expect(problems[0]).toMatchObject({ code: 'HW01', hint: 'Did you mean short?' });
  });
});

describe('programs on a site', () => {
  const catalogue = [software('own', { origin: 'own' }), software('gone', { origin: 'missing' })];
  const check = (text: string) => checkProgram(specOf(text), catalogue, new Set(), hpc);

  it('does not look for them on this workstation', async () => {
    expect(await check('command: surely-not-installed-here model\n')).toEqual([]);
  });

  it('warns of what the look at the site did not find, by its own name', async () => {
    const found = await check('command: gone-run -i model\n');
    expect(codes(found)).toEqual(['SW05 warning']);
    expect(found[0]).toMatchObject({
      message: 'The program "gone-run" (GONE) was not found on hpc.',
      hint: 'Add an entry.',
    });
    // Said once, though software and command both name it.
    expect(codes(await check('software: gone\ncommand: gone-run -i model\n'))).toEqual(['SW05 warning']);
    // The chosen software may set it up.
    expect(await check('software: own\ncommand: gone-run -i model\n')).toEqual([]);
  });

  it('still refuses software that nobody has told of, and scripts that nothing brings', async () => {
    expect(codes(await check('software: onw\ncommand: a\n'))).toEqual(['SW02 error']);
    expect(codes(await check('command: ./solve.sh\n'))).toEqual(['SW04 error']);
  });

  it('chooses the version that is asked for, before the first that is there', () => {
    const list = [
      software('ccx', { version: '2.19', origin: 'missing' }),
      software('ccx', { version: '2.20', setup: ['module load ccx/2.20'] }),
      software('ccx', { version: '2.21.1', setup: ['module load ccx/2.21.1'] }),
    ];
    expect(chosenSoftware(list, 'ccx@2.21')?.version).toBe('2.21.1');
    expect(chosenSoftware(list, 'ccx@9')?.version).toBe('2.20');
    expect(chosenSoftware(list, 'CCX')?.version).toBe('2.20');
    expect(chosenSoftware(list, 'none')).toBeUndefined();
  });
});
