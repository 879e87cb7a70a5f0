import { describe, expect, it } from 'vitest';
import type { CoreType, Software } from '../../../shared/contract/sites.ts';
import { PLAIN_CORE_TYPE } from '../../../shared/domain/core-type.ts';
import { coreTypeForm, readCoreType } from '../../../renderer/features/sites/core-type-form.ts';
import { proposedName } from '../../../renderer/features/sites/proposed-name.ts';
import { readSoftware, softwareForm } from '../../../renderer/features/sites/software-form.ts';
import { connectWords, needsPerson, untilWords } from '../../../renderer/ui/sites/connection-words.ts';

describe('the form of a core type', () => {
  const type: CoreType = {
    ...PLAIN_CORE_TYPE,
    name: 'gpu',
    description: 'Partition gpu: 64 cores, 500 GiB per node',
    cores: 64,
    memoryBytes: 500 * 1024 ** 3,
    nodes: 12,
    partition: 'gpu',
    accelerator: 'gpu:a100:4',
    maxWalltimeSeconds: 36 * 3600,
  };

  it('gives back exactly what it shows, and what it does not show', () => {
    expect(readCoreType(coreTypeForm(type), type, [])).toEqual({ type, problems: {} });
    expect(coreTypeForm(type)).toMatchObject({ memory: '500G', walltime: '1d12h', account: '' });
  });

  it('takes an account without touching the rest, and drops a description that no longer fits', () => {
    const account = readCoreType({ ...coreTypeForm(type), account: ' project-7 ' }, type, []);
    expect(account.type).toEqual({ ...type, account: 'project-7' });
    const half = readCoreType({ ...coreTypeForm(type), cores: '32' }, type, []);
    expect(half.type).toMatchObject({ cores: 32, description: 'gpu', accelerator: 'gpu:a100:4' });
  });

  it('lets a run have all cores of a node where it has to stay on one', () => {
    const whole = { ...type, maxCoresPerRun: 64 };
    expect(readCoreType({ ...coreTypeForm(whole), cores: '32' }, whole, []).type).toMatchObject({ maxCoresPerRun: 32 });
    const one = { ...type, maxCoresPerRun: 1 };
    expect(readCoreType({ ...coreTypeForm(one), cores: '32' }, one, []).type).toMatchObject({ maxCoresPerRun: 1 });
    expect(readCoreType({ ...coreTypeForm(type), cores: '32' }, type, []).type).toMatchObject({ maxCoresPerRun: null });
  });

  it('tells every problem at its field', () => {
    const form = { ...coreTypeForm(null), name: 'a b', cores: '0', memory: 'much', nodes: '1.5', walltime: 'long' };
    const { type: none, problems } = readCoreType(form, null, []);
    expect(none).toBeNull();
    expect(Object.keys(problems).toSorted()).toEqual(['cores', 'memory', 'name', 'nodes', 'walltime']);
    expect(readCoreType({ ...coreTypeForm(type), name: 'short' }, type, ['short']).problems).toHaveProperty('name');
  });
});

describe('the form of a software entry', () => {
  const entry: Software = {
    name: 'abaqus',
    title: 'Abaqus',
    version: '2024',
    path: null,
    command: 'abaqus job=model interactive',
    hint: null,
    origin: 'own',
    setup: ['module load abaqus/2024', 'export A=1'],
    environment: { ABAQUSLM_LICENSE_FILE: '27000@licences', EMPTY: '', EQUAL: 'a=b' },
  };

  it('gives back exactly what it shows', () => {
    const { name, title, version, command, setup, environment } = entry;
    expect(readSoftware(softwareForm(entry)).entry).toEqual({ name, title, version, command, setup, environment });
  });

  it('takes the name as title, and no version as any', () => {
    const form = { ...softwareForm(null), name: 'mesher', command: './mesh' };
    expect(readSoftware(form).entry).toMatchObject({ title: 'mesher', version: null, setup: [], environment: {} });
  });

  it('tells what is wrong where it is', () => {
    expect(readSoftware(softwareForm(null)).problems).toMatchObject({
      name: expect.any(String) as string,
      command: expect.any(String) as string,
    });
    expect(readSoftware({ ...softwareForm(entry), environment: 'A=1\nB' }).problems).toEqual({
      environment: '“B” is not of the form NAME=VALUE',
    });
    expect(readSoftware({ ...softwareForm(entry), name: 'Abaqus CAE' }).problems).toHaveProperty('name');
  });
});

describe('words of sites', () => {
  it('proposes a name of the address', () => {
    expect(proposedName('me@login.hpc.example:22')).toBe('login');
    expect(proposedName(' hpc ')).toBe('hpc');
    expect(proposedName('root@127.0.0.1:2222')).toBe('127.0.0.1');
    expect(proposedName('@')).toBe('site');
  });

  it('says when the next try is, and what a person can do', () => {
    expect(untilWords(10_000, 10_500)).toBe('now');
    expect(untilWords(12_300, 10_000)).toBe('in 3 s');
    expect(untilWords(310_000, 10_000)).toBe('in 5 min');
    expect([connectWords('unreachable'), connectWords('needs-sign-in')]).toEqual(['Try now', 'Sign in']);
    expect((['unreachable', 'needs-sign-in', 'refused'] as const).every(needsPerson)).toBe(true);
    expect((['connected', 'connecting', 'idle', 'blocked'] as const).some(needsPerson)).toBe(false);
  });
});
