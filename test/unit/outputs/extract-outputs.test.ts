import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractOutputs, type Extraction, type RunContext } from '../../../shared/domain/outputs/extract-outputs.ts';
import { nameFlaw, outputKeyFor } from '../../../shared/domain/outputs/output-key.ts';
import { needsWholeFile, type OutputSpec } from '../../../shared/domain/outputs/output-spec.ts';
import { tsvValues } from '../../../shared/domain/outputs/tsv-output.ts';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';

const dat = readFileSync(new URL('../../fixtures/outputs/cantilever.dat', import.meta.url), 'utf8');
const CONTEXT: RunContext = { values: {}, run: 1, exitCode: 0, wallSeconds: 1.5 };

/** Outputs as they are written in slipway.yaml. */
function specs(yaml: string): Readonly<Record<string, OutputSpec>> {
  const lines = yaml.trim().split('\n');
  const { spec, problems } = readJobSpec(
    `name: t\ncommand: run\ntype: doe\ndoe: {runs: runs.csv}\noutputs:\n${lines.map((line) => `  ${line}`).join('\n')}\n`,
    'slipway.yaml',
  );
  expect(problems.filter((found) => found.severity === 'error')).toEqual([]);
  return spec!.outputs;
}

function extract(
  yaml: string,
  files: Readonly<Record<string, string>> = {},
  context: Partial<RunContext> = {},
): Extraction {
  return extractOutputs(specs(yaml), (name) => files[name] ?? null, { ...CONTEXT, ...context });
}

/** `code severity` of every problem. */
const codes = (found: Extraction): readonly string[] =>
  found.problems.map(({ code, severity }) => `${code} ${severity}`);

describe('outputs by regular expression', () => {
  const U = "regex: 'for set NTIP.*\\n\\n\\s*\\d+\\s+(\\S+)\\s+(\\S+)\\s+(\\S+)'";

  it('reads the static displacements of CalculiX, not those of the modes', () => {
    const yaml = `
uy: {file: cantilever.dat, ${U}, group: 2, occurrence: first, unit: in}
uz: {file: cantilever.dat, ${U}, group: 3, occurrence: first, unit: in, expect: [0, 10]}
last: {file: cantilever.dat, ${U}, group: 3, occurrence: last}
second: {file: cantilever.dat, ${U}, group: 2, occurrence: 2}
vol: {file: cantilever.dat, regex: 'total volume.*\\n\\n\\s*(\\S+)'}
f1: {file: cantilever.dat, regex: '^ +1 +\\S+ +\\S+ +(\\S+)'}
disp: {expr: 'hypot(uy, uz)'}`;
    const found = extract(yaml, { 'cantilever.dat': dat });
    expect(found.problems).toEqual([]);
    expect(found.outputs).toEqual({
      uy: 1.471726,
      uz: 2.044345,
      last: 8.161113,
      second: 8.162041,
      vol: 750,
      f1: 8.046357,
      disp: Math.hypot(1.471726, 2.044345),
    });
    expect(Object.keys(found.outputs)).toEqual(['uy', 'uz', 'last', 'second', 'vol', 'f1', 'disp']);
    // The same file with the line ends of Windows.
    expect(extract(yaml, { 'cantilever.dat': dat.replaceAll('\n', '\r\n') }).outputs).toEqual(found.outputs);
  });

  it('warns when there are several matches and nobody said which (OUT04)', () => {
    const found = extract("p: {file: log, regex: 'p = (\\S+)'}", { log: 'p = 1\np = 2\np = 3\n' });
    expect(found).toMatchObject({ outputs: { p: 1 }, failure: null });
    expect(codes(found)).toEqual(['OUT04 warning']);
    expect(found.problems[0]).toMatchObject({
      line: 1,
      file: 'log',
      field: '/outputs/p',
      message: 'Output "p": log line 1: 3 matches where one was expected; the first is used.',
    });
  });

  it.each([
    ['min', -1],
    ['max', 4],
    ['mean', 2],
    ['sum', 8],
    ['count', 4],
    ['first', 2],
    ['last', 4],
  ])('reduces all matches by %s', (reduce, value) => {
    const found = extract(`p: {file: log, regex: 'p = (\\S+)', reduce: ${reduce}}`, {
      log: 'p = 2\np = 3\np = -1\np = 4\n',
    });
    expect(found).toMatchObject({ outputs: { p: value }, problems: [] });
  });

  it('counts no match as 0, but a missing file as missing', () => {
    expect(extract('n: {file: log, regex: WARNING, reduce: count}', { log: 'fine' })).toMatchObject({
      outputs: { n: 0 },
      problems: [],
    });
    expect(extract('n: {file: log, regex: WARNING, reduce: count}').outputs).toEqual({ n: null });
  });

  it('takes named groups, flags, and occurrences from the end', () => {
    const found = extract("p: {file: log, regex: 'P = (?<x>\\S+) (\\S+)', group: x, flags: i, occurrence: -2}", {
      log: 'p = 1 a\np = 2 b\np = 3 c',
    });
    expect(found.outputs).toEqual({ p: 2 });
  });

  it('fails the run when a required output is missing, and only warns when it is optional (OUT01)', () => {
    const required = extract("p: {file: log, regex: 'p = (\\S+)'}", { log: 'nothing here' });
    expect(required).toMatchObject({
      outputs: { p: null },
      failure: { kind: 'output', message: 'Output "p": log: nothing matches /p = (\\S+)/.' },
    });
    expect(codes(required)).toEqual(['OUT01 error']);
    const optional = extract("p: {file: log, regex: 'p = (\\S+)', required: false}");
    expect(optional).toMatchObject({ outputs: { p: null }, failure: null });
    expect(codes(optional)).toEqual(['OUT01 warning']);
    expect(
      extract("p: {file: log, regex: 'p = (\\S+)', occurrence: 3}", { log: 'p = 1\np = 2' }).failure?.message,
    ).toContain('match 3 is wanted, but there are only 2');
  });

  it('refuses what is no number (OUT02) and what is not finite (OUT03)', () => {
    const out = "p: {file: log, regex: 'p = (.*)'}";
    expect(extract(out, { log: '\n\np = ****' })).toMatchObject({
      outputs: { p: null },
      failure: { kind: 'output' },
      problems: [{ code: 'OUT02', line: 3 }],
    });
    expect(extract(out, { log: 'p = 1,5' }).problems[0]!.hint).toContain('decimal comma');
    expect(extract(out, { log: 'p = nan' })).toMatchObject({
      outputs: { p: null },
      failure: { kind: 'criteria' },
      problems: [{ code: 'OUT03' }],
    });
    expect(extract(out, { log: 'p = 1.0D-03' }).outputs).toEqual({ p: 1e-3 });
    expect(extract("p: {file: log, regex: 'p = (.*)', as: text}", { log: 'p = nan' }).outputs).toEqual({ p: 'nan' });
  });

  it('keeps a value outside its range, and fails the run (OUT03)', () => {
    const found = extract("u: {file: log, regex: 'u = (\\S+)', unit: in, expect: [0, 100]}", { log: 'u = -3.1e9' });
    expect(found.outputs).toEqual({ u: -3.1e9 });
    expect(found.failure).toEqual({
      kind: 'criteria',
      message: 'Output "u": log line 1: -3100000000 in is outside the expected range (0 … 100 in).',
    });
    expect(extract("u: {file: log, regex: 'u = (\\S+)', expect: [0, null]}", { log: 'u = 1e9' }).failure).toBeNull();
  });

  it('shows foreign text without control characters', () => {
    const message = extract("p: {file: log, regex: 'p = (.*)'}", { log: 'p = \u001b[31mred\u0007' }).problems[0]!
      .message;
    expect(message).toContain('"[31mred"');
  });
});

describe('outputs from tables', () => {
  const csv = 'time, drag ,"lift, total"\n0,1.5,0.1\n1,1.25,0.2\n2,"1.125",0.4\n';
  it.each([
    ['{file: f.csv, column: drag, row: last}', csv, 1.125],
    ['{file: f.csv, column: drag, row: 2}', csv, 1.25],
    ['{file: f.csv, column: 2, row: first}', csv, 1.5],
    ["{file: f.csv, column: 'lift, total', reduce: max}", csv, 0.4],
    ['{file: f.dat, column: 3, row: -1}', '# a comment\n  0  1  2\n\n  3  4  5\n', 5],
    ['{file: f.dat, column: drag, row: last}', '# Forces\n# Time drag lift\n0 1 2\n1 3 4\n', 3],
    ['{file: f.dat, column: Cd, row: 1}', 'Time Cd\n0 nan\n', null],
    ['{file: f.txt, column: 2, delimiter: semicolon, row: 1, skip: 2}', 'made by x\n1;2\nt;v\n7;8', 8],
    ['{file: f.txt, column: 2, delimiter: tab, row: 1}', '\t"b"\n', null],
    ['{file: f.txt, column: 2, delimiter: tab, row: 1, as: text, header: false}', '\t"b"\n', 'b'],
    ['{file: f.csv, column: 1, row: 1, header: true}', '1,2\n3,4', 3],
  ])('%s', (yaml, text, value) => {
    const name = /file: ([^,]+)/.exec(yaml)![1]!;
    expect(extract(`x: ${yaml}`, { [name]: text }).outputs).toEqual({ x: value });
  });

  it('says which columns there are', () => {
    const found = extract('x: {file: f.csv, column: darg, row: last}', { 'f.csv': csv });
    expect(found.problems[0]).toMatchObject({ code: 'OUT01', hint: 'Did you mean "drag"?' });
    expect(found.problems[0]!.message).toContain('the columns are time, drag, lift, total');
    expect(extract('x: {file: f.csv, column: 3}', { 'f.csv': '1,2,3\n4,5\n' }).problems[0]!.message).toContain(
      'row 2 has 2 columns',
    );
    expect(codes(extract('x: {file: f.csv, column: drag}', { 'f.csv': csv }))).toEqual(['OUT04 warning']);
    expect(extract('x: {file: f.csv, column: a}', { 'f.csv': 'a\n' }).problems[0]!.message).toContain('no rows');
  });
});

describe('outputs from JSON', () => {
  const text = '{"results": [{"max": 1.5, "name": "a"}], "series": [1, 5, 3], "none": null}';
  it.each([
    ['json: /results/0/max', 1.5],
    ['json: /results/0/name, as: text', 'a'],
    ['json: /series, reduce: max', 5],
    ['json: /series, reduce: last', 3],
    ['json: /series', null],
    ['json: /none', null],
    ['json: /results/1', null],
  ])('%s', (yaml, value) =>
    expect(extract(`x: {file: r.json, ${yaml}}`, { 'r.json': text }).outputs).toEqual({ x: value }),
  );

  it('explains what is wrong with the file', () => {
    const found = extract('x: {file: r.json, json: /a}', { 'r.json': '{"a": NaN}' });
    expect(found.problems[0]).toMatchObject({ code: 'OUT01', hint: expect.stringContaining('NaN') as string });
  });
});

describe('name<TAB>value lines', () => {
  it('define many outputs at once', () => {
    const found = extract(
      `
all: {file: after.out, tsv: true}
twice: {expr: 2*mass}`,
      { 'after.out': 'reading…\nmass\t7.5\nMax. stress (MPa)\t1.2D+02\nstatus\tconverged\nnot a line\n' },
    );
    expect(found.outputs).toEqual({ mass: 7.5, max_stress: 120, status: 'converged', twice: 15 });
    expect(found.defined).toEqual([
      { key: 'mass', label: null, unit: null },
      { key: 'max_stress', label: 'Max. stress', unit: 'MPa' },
      { key: 'status', label: null, unit: null },
    ]);
    expect(found.problems).toEqual([]);
  });

  it('keep variables and declared outputs as they are, and report what is printed twice', () => {
    const found = extract(
      `
all: {file: out, tsv: true}
u: {file: log, regex: 'u=(.*)'}`,
      { out: 'w\t2.0\nt\t9\nu\t5\np\t1\np\t2\nq\tnan\n', log: 'u=1' },
      { values: { w: '2.0', t: '3' } },
    );
    expect(found.outputs).toEqual({ u: 1, p: 2, q: null });
    expect(codes(found)).toEqual(['OUT04 warning', 'OUT04 warning', 'OUT04 warning', 'OUT03 error']);
    expect(found.failure?.kind).toBe('criteria');
  });

  it('are missed when there are none', () => {
    expect(extract('all: {file: out, tsv: true}', { out: 'mass 7.5\n' }).failure?.message).toContain('name<TAB>value');
    expect(extract('all: {file: out, tsv: true, required: false}').failure).toBeNull();
  });

  it('read back what a script prints', () => {
    const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/).filter((name) => nameFlaw(name) === null);
    const value = fc.double({ noDefaultInfinity: true, noNaN: true }).map((x) => x + 0);
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
        const text = pairs.map(([name, x]) => `${name}\t${x}`).join('\n');
        expect(tsvValues(text).map((found) => [found.key, found.value])).toEqual(pairs);
      }),
    );
  });

  it('always get a usable key', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('run', '_x', 'state', 'e [m]', '(run)', '__proto__')),
        (name) => {
          expect(nameFlaw(outputKeyFor(name).key)).toBeNull();
        },
      ),
    );
    expect(outputKeyFor('Inlet velocity (v) [m/s]')).toEqual({ key: 'v', label: 'Inlet velocity', unit: 'm/s' });
    expect(outputKeyFor('2nd mode')).toEqual({ key: 'x2nd_mode', label: '2nd mode', unit: null });
  });
});

describe('computed outputs and built-ins', () => {
  it('are computed in the order of their dependencies', () => {
    const found = extract(
      `
c: {expr: b+1}
b: {expr: a*width}
a: {file: log, regex: 'a=(.*)'}
code: {builtin: exitCode}
wall: {builtin: wallSeconds}
r: {expr: run}`,
      { log: 'a=2' },
      { values: { width: '2.5' }, run: 7 },
    );
    expect(found).toMatchObject({ outputs: { a: 2, b: 5, c: 6, code: 0, wall: 1.5, r: 7 }, problems: [] });
  });

  it('say what they lack, after the root cause', () => {
    const found = extract(
      `
b: {expr: a+1}
a: {file: log, regex: 'a=(.*)'}`,
      { log: '' },
    );
    expect(found.failure?.message).toContain('nothing matches');
    expect(found.problems[1]!.message).toContain('it needs "a", which has no value');
  });

  it('are not computed from a cycle, which is named', () => {
    const expr = (text: string): OutputSpec => ({ kind: 'expr', expr: text, required: true, as: 'number' });
    const found = extractOutputs({ a: expr('b+1'), b: expr('c'), c: expr('a'), d: expr('c+1') }, () => null, CONTEXT);
    expect(found.outputs).toEqual({ a: null, b: null, c: null, d: null });
    expect(found.failure?.message).toContain('a → b → c → a');
  });

  it('are refused when they are not finite or out of range', () => {
    expect(extract('a: {expr: 1/0}').failure).not.toBeNull();
    expect(extract('a: {expr: 1/3, expect: [1, 2]}').failure?.kind).toBe('criteria');
    expect(extract('code: {builtin: exitCode}', {}, { exitCode: null }).problems[0]!.code).toBe('OUT01');
  });
});

describe('needsWholeFile', () => {
  it.each([
    ["{file: f, regex: 'p = (\\S+)'}", false],
    ["{file: f, regex: '^p[ ]*=[ ]*(\\d+)$'}", false],
    ["{file: f, regex: 'p\\s+(\\S+)'}", true],
    ["{file: f, regex: 'a\\nb'}", true],
    ["{file: f, regex: 'a[^b]c'}", true],
    ["{file: f, regex: 'a.*c', flags: s}", true],
    ['{file: f, tsv: true}', false],
    ['{file: f, json: /a}', true],
    ['{file: f, column: 1}', true],
    ['{builtin: exitCode}', false],
  ])('%s → %s', (yaml, whole) => expect(needsWholeFile(specs(`x: ${yaml}`).x!)).toBe(whole));
});
