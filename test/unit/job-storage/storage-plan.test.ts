import { describe, expect, it } from 'vitest';
import { runScope } from '../../../electron/core/jobs/run-scope.ts';
import type { StoragePlan } from '../../../electron/core/jobs/storage/storage-plan.ts';
import {
  fetchItems,
  inputKeys,
  ObjectIndex,
  outputPrefix,
  storagePlan,
} from '../../../electron/core/jobs/storage/storage-plan.ts';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';

function planOf(lines: string, variables: readonly string[]): StoragePlan {
  const { spec } = readJobSpec(`name: t\ncommand: run\n${lines}`, 'slipway.yaml');
  return storagePlan(spec!, variables, 'my-data', null)!;
}

const STORAGE = 'storage: {bucket: mine}\n';
const scope = (names: readonly string[], values: readonly string[], run = 7): ReturnType<typeof runScope> =>
  runScope(
    names.map((name) => ({ name })),
    run,
    values,
  );
const objects = new ObjectIndex(
  ['input/', 'input/hsdi.zip', 'input/hsdi/', 'input/hsdi/a.in', 'input/hsdi/mesh.zip', 'input/note.txt'].map(
    (key) => ({
      key,
      size: 1,
      etag: '',
    }),
  ),
);

describe('where the files of a run live', () => {
  it('is said by the columns s3_input and s3_output', () => {
    const columns = ['s3_input', 's3_output'];
    const plan = planOf(STORAGE, columns);
    const run = scope(columns, ['s3://my-data/input/hsdi.zip', 'output/hsdi']);
    expect(fetchItems(plan, run, objects)).toEqual([
      { key: 'input/hsdi.zip', unpack: 'zip', target: 'hsdi.zip', sealed: false },
    ]);
    expect(outputPrefix(plan, run)).toMatchObject({ ok: true, key: 'output/hsdi/' });
  });

  it('is a folder for each run number without a column, and all inputs without a word', () => {
    const plan = planOf(STORAGE, []);
    expect(outputPrefix(plan, scope([], []))).toMatchObject({ ok: true, key: 'output/0007/' });
    expect(fetchItems(plan, scope([], []), objects).map((i) => [i.target, i.unpack])).toEqual([
      ['hsdi.zip', 'zip'],
      ['hsdi/a.in', null],
      ['hsdi/mesh.zip', null],
      ['note.txt', null],
    ]);
  });

  it('is said by inputs in the bucket, with placeholders, whole folders and archives that stay as they are', () => {
    const plan = planOf(
      `inputs: ['s3://mine/input/\${case}/', {path: 's3://my-data/input/\${case}.zip', unpack: false}]\n${STORAGE}`,
      ['case'],
    );
    expect(fetchItems(plan, scope(['case'], ['hsdi']), objects)).toEqual([
      { key: 'input/hsdi/a.in', unpack: null, target: 'a.in', sealed: false },
      { key: 'input/hsdi/mesh.zip', unpack: null, target: 'mesh.zip', sealed: false },
      { key: 'input/hsdi.zip', unpack: null, target: 'hsdi.zip', sealed: false },
    ]);
  });

  it('is in age files where the job is encrypted, which may be called without their ending', () => {
    const { spec } = readJobSpec(`name: t\ncommand: run\n${STORAGE}`, 'slipway.yaml');
    const encrypt = { key: 'turbine', recipient: 'age1x' };
    const plan = storagePlan(spec!, ['s3_input'], 'my-data', encrypt)!;
    const sealed = new ObjectIndex([{ key: 'input/a.zip.age', size: 1, etag: '' }]);
    for (const text of ['input/a.zip', 'input/a.zip.age'])
      expect(fetchItems(plan, scope(['s3_input'], [text]), sealed)).toEqual([
        { key: 'input/a.zip.age', unpack: 'zip', target: 'a.zip', sealed: true },
      ]);
    expect(fetchItems({ ...plan, encrypt: null }, scope(['s3_input'], ['input/a.zip.age']), sealed)).toEqual([
      { key: 'input/a.zip.age', unpack: null, target: 'a.zip.age', sealed: false },
    ]);
  });

  it('is never outside of the folder of the run, nor over its own files, whatever lies in the bucket', () => {
    const plan = planOf(STORAGE, []);
    const hostile = [
      '../x',
      'a/../../x',
      'a//b',
      'tab\tname',
      'line\nend',
      '.slipway/after.sh',
      'stdout',
      'good/./x',
      'good',
    ];
    const index = new ObjectIndex(hostile.map((name) => ({ key: `input/${name}`, size: 1, etag: '' })));
    expect(fetchItems(plan, scope([], []), index).map((item) => item.target)).toEqual(['good']);
  });

  it('is only below the folders of inputs and outputs', () => {
    const columns = ['s3_input', 's3_output'];
    const plan = planOf(STORAGE, columns);
    const flaws = (input: string, output: string): string[] => {
      const run = scope(columns, [input, output]);
      return [...inputKeys(plan, run), outputPrefix(plan, run)].map((key) => (key.ok ? '' : key.message));
    };
    expect(flaws('s3://my-data/secret/a.zip', 'input/x/')).toEqual([
      'is not below input/, which is all that runs may read',
      'is not below output/, which is all that runs may write',
    ]);
    expect(flaws('', ' ')).toEqual(['is empty', 'is empty']);
    expect(flaws('s3://other/a', 'output')).toEqual([expect.stringContaining('is in the bucket "other"'), '']);
  });
});
