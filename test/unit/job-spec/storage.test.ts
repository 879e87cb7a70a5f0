import { describe, expect, it } from 'vitest';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';
import { writeJobSpec } from '../../../shared/domain/job-spec/write-job-spec.ts';

const job = (...lines: readonly string[]): string =>
  ['name: t', 'command: run', 'hardware: {walltime: 1h}', ...lines].join('\n');
const read = (...lines: readonly string[]): ReturnType<typeof readJobSpec> =>
  readJobSpec(job(...lines), 'slipway.yaml');

describe('storage: in slipway.yaml', () => {
  it('has input/ and output/ as its folders, and reads them with or without slashes', () => {
    expect(read('storage: {bucket: my-data}')).toMatchObject({
      problems: [],
      spec: { storage: { bucket: 'my-data', input: 'input/', output: 'output/' } },
    });
    expect(read('storage: {bucket: my-data, input: /a/b, output: c//}').spec?.storage).toEqual({
      bucket: 'my-data',
      input: 'a/b/',
      output: 'c/',
    });
    expect(read().spec).not.toHaveProperty('storage');
  });

  it('may name a key that the files are encrypted with', () => {
    const { spec, problems } = read('storage: {bucket: my-data, encrypt: turbine}');
    expect(problems).toEqual([]);
    expect(spec?.storage?.encrypt).toBe('turbine');
    expect(readJobSpec(writeJobSpec(spec!), 'slipway.yaml').spec).toEqual(spec);
  });

  it('takes inputs that are in the bucket, and is written as it was read', () => {
    const { spec, problems } = read(
      "inputs: [local.dat, 's3://my-data/input/mesh.zip', {path: 's3://my-data/input/${case}.tar', unpack: false}]",
      'storage: {bucket: my-data, output: results}',
    );
    expect(problems).toEqual([]);
    expect(spec?.inputs.map((i) => i.path)).toEqual([
      'local.dat',
      's3://my-data/input/mesh.zip',
      's3://my-data/input/${case}.tar',
    ]);
    expect(readJobSpec(writeJobSpec(spec!), 'slipway.yaml').spec).toEqual(spec);
  });

  it.each([
    ['no bucket', 'storage: {input: a}', 'JOB04', 'needs "bucket"'],
    ['a bucket with its address', 'storage: {bucket: s3://my-data/input}', 'JOB03', 'cannot be the name of a bucket'],
    ['an unknown key', 'storage: {bucket: b, ouput: x}', 'JOB02', 'Did you mean "output"?'],
    ['the same folder twice', 'storage: {bucket: b, input: x, output: x/}', 'JOB10', 'are both x/'],
    ['a folder in the other', 'storage: {bucket: b, input: x, output: x/y}', 'JOB10', 'within the other'],
    ['the whole bucket', 'storage: {bucket: b, input: /}', 'JOB10', 'must be apart'],
    ['a way out', 'storage: {bucket: b, input: ../x}', 'JOB07', '".."'],
    ['a folder with its bucket', 'storage: {bucket: b, input: s3://b/x}', 'JOB07', 'only the folder'],
    ['an input in no bucket', "inputs: ['s3://b/x.zip']", 'JOB10', 'has no "storage"'],
  ])('says what is wrong with %s', (_, line, code, words) => {
    const { problems } = read(line);
    expect(problems.map((p) => p.code)).toEqual([code]);
    expect(`${problems[0]!.message} ${problems[0]!.hint}`).toContain(words);
    expect(problems[0]!.line).toBe(4);
  });
});
