import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAgainstColumns } from '../../../shared/domain/job-spec/check-names.ts';
import { JOB_PROBLEMS } from '../../../shared/domain/job-spec/job-problem-codes.ts';
import { jobSpecSchema } from '../../../shared/domain/job-spec/job-spec.ts';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';

const CANTILEVER = `name: Cantilever
type: doe                                   # or basic
inputs: [material.inc, mesh/, {path: kept.zip, unpack: false}, 'parts/*.inc']
software: calculix@2.20
command: ccx -i beam
doe:
  runs: runs.csv
  templates: [{from: beam.inp.template, to: beam.inp, dialect: generic}, run.sh.template]
  before: ./mesh.sh
hardware: {coreType: this-machine, coresPerSlot: 1, slots: 2, memory: 2G, walltime: 10m}
success: {exitCodes: [0], mustMatch: {file: stdout, regex: 'Job finished'}, mustNotMatch: {file: stdout, regex: '\\*ERROR'}}
outputs:
  tip: {file: beam.dat, regex: 'u = (\\S+)', group: 1, occurrence: first, unit: in, expect: [0, 100]}
  area: {expr: width*height}
keep: ['*.dat', '*.frd']
environment: {OMP_NUM_THREADS: 1}
`;

/** A small valid job with further lines. */
const job = (...lines: readonly string[]): string =>
  ['name: t', 'command: run', 'hardware: {walltime: 1h}', ...lines].join('\n');
const doe = (...lines: readonly string[]): string => job('doe:', ...lines.map((line) => `  ${line}`));
/** \`CODE line:column\` of every problem. */
const found = (text: string): readonly string[] =>
  readJobSpec(text, 'slipway.yaml').problems.map((p) => `${p.code} ${p.line}:${p.column}`);
const messages = (text: string): string =>
  readJobSpec(text, 'slipway.yaml')
    .problems.map((p) => `${p.message} ${p.hint ?? ''}`)
    .join('\n');

describe('reading slipway.yaml', () => {
  it('normalises a job with everything', () => {
    const { spec, problems } = readJobSpec(CANTILEVER, 'slipway.yaml');
    expect(problems).toEqual([]);
    expect(spec).toEqual({
      name: 'Cantilever',
      type: 'doe',
      inputs: [
        { path: 'material.inc', unpack: true },
        { path: 'mesh/', unpack: true },
        { path: 'kept.zip', unpack: false },
        { path: 'parts/*.inc', unpack: true },
      ],
      software: 'calculix@2.20',
      command: 'ccx -i beam',
      doe: {
        runs: 'runs.csv',
        variables: {},
        constraints: [],
        templates: [
          { from: 'beam.inp.template', to: 'beam.inp', dialect: 'generic' },
          { from: 'run.sh.template', to: 'run.sh' },
        ],
        before: './mesh.sh',
      },
      hardware: { coreType: 'this-machine', coresPerSlot: 1, slots: 2, memory: 2 ** 31, walltime: 600 },
      success: {
        exitCodes: [0],
        mustMatch: [{ file: 'stdout', regex: 'Job finished' }],
        mustNotMatch: [{ file: 'stdout', regex: '\\*ERROR' }],
        mustExist: [],
      },
      outputs: {
        tip: {
          kind: 'regex',
          file: 'beam.dat',
          regex: 'u = (\\S+)',
          group: 1,
          occurrence: 'first',
          unit: 'in',
          expect: [0, 100],
          required: true,
          as: 'number',
        },
        area: { kind: 'expr', expr: 'width*height', required: true, as: 'number' },
      },
      keep: ['*.dat', '*.frd'],
      environment: { OMP_NUM_THREADS: '1' },
    });
    expect(jobSpecSchema.parse(spec)).toEqual(spec);
  });

  it('reads JSON too, with tabs and positions', () => {
    expect(
      readJobSpec('{\n\t"name": "t",\n\t"command": "run",\n\t"hardware": {"walltime": 60}\n}\n', 'slipway.json'),
    ).toMatchObject({
      problems: [],
      spec: { name: 't', type: 'basic', hardware: { walltime: 60 } },
    });
    expect(found('{\n\t"name": "t",\n\t"comand": "run"\n}\n')).toContain('JOB02 3:2');
  });

  it('fills in defaults, and says that there is no time limit', () => {
    const { spec, problems } = readJobSpec('name: t\ncommand: run\nkeep:\n', 'slipway.yaml');
    expect(spec).toMatchObject({
      type: 'basic',
      inputs: [],
      hardware: { coresPerSlot: 1 },
      success: { exitCodes: [0] },
      keep: [],
    });
    expect(problems).toMatchObject([
      { code: 'JOB14', severity: 'info', message: 'There is no time limit: 24 h is used.' },
    ]);
  });

  it('takes variables in every form, with their text as it is written', () => {
    const text = doe(
      'variables:',
      '  width: {min: 2, max: 3, unit: in}',
      '  n: {kind: integer, min: 1, max: 9, step: 4}',
      '  load: {values: [800, 1e3, 2.50, "007", yes]}',
      '  mesh: [coarse, fine]',
      '  E: 2.9e7',
      '  rho: {value: 7.3e-4, unit: lb}',
      'design: {method: full-factorial, levels: {width: 3}}',
      'constraints: [width < n]',
    );
    const { spec, problems } = readJobSpec(text, 'slipway.yaml');
    expect(problems).toEqual([]);
    expect(spec!.doe).toEqual({
      variables: {
        width: { kind: 'continuous', min: 2, max: 3, unit: 'in' },
        n: { kind: 'integer', min: 1, max: 9, step: 4 },
        load: { kind: 'values', values: ['800', '1e3', '2.50', '007', 'yes'] },
        mesh: { kind: 'values', values: ['coarse', 'fine'] },
        E: { kind: 'constant', value: '2.9e7' },
        rho: { kind: 'constant', value: '7.3e-4', unit: 'lb' },
      },
      design: { method: 'full-factorial', levels: { width: 3 } },
      constraints: ['width < n'],
      templates: [],
    });
    expect(jobSpecSchema.safeParse(spec).success).toBe(true);
  });

  it('reads outputs of every kind', () => {
    const { spec, problems } = readJobSpec(
      job(
        'outputs:',
        "  a: {file: stdout, regex: 'x'}",
        '  b: {file: f.csv, column: drag, row: last}',
        '  c: {file: f.txt, column: 2, delimiter: semicolon, header: false, skip: 1, reduce: mean}',
        '  d: {file: r.json, json: /a/0}',
        '  e1: {file: after.out, tsv: true}',
        '  f: {builtin: wallSeconds, unit: s, label: Wall time}',
        '  g: {file: r.json, json: "", as: text, required: false}',
      ),
      'slipway.yaml',
    );
    expect(problems).toEqual([]);
    expect(spec!.outputs).toEqual({
      a: { kind: 'regex', file: 'stdout', regex: 'x', group: 0, required: true, as: 'number' },
      b: {
        kind: 'table',
        file: 'f.csv',
        column: 'drag',
        row: 'last',
        delimiter: ',',
        skip: 0,
        required: true,
        as: 'number',
      },
      c: {
        kind: 'table',
        file: 'f.txt',
        column: 2,
        delimiter: ';',
        header: false,
        skip: 1,
        reduce: 'mean',
        required: true,
        as: 'number',
      },
      d: { kind: 'json', file: 'r.json', json: '/a/0', required: true, as: 'number' },
      e1: { kind: 'tsv', file: 'after.out', required: true },
      f: { kind: 'builtin', builtin: 'wallSeconds', unit: 's', label: 'Wall time', required: true, as: 'number' },
      g: { kind: 'json', file: 'r.json', json: '', required: false, as: 'text' },
    });
    expect(jobSpecSchema.safeParse(spec).success).toBe(true);
  });
});

describe('problems of slipway.yaml', () => {
  it('come all at once, in order, with place, field and suggestion', () => {
    const text = `name: t
comand: run
type: doee
hardware: {slots: 0, memory: lots, walltimes: 1h}
outputs:
  1st: {file: /etc/passwd, regex: 'a('}
  x: {file: f, regexp: y}
`;
    expect(found(text)).toEqual([
      'JOB04 1:1',
      'JOB02 2:1',
      'JOB03 3:7',
      'JOB14 4:11',
      'JOB11 4:19',
      'JOB11 4:30',
      'JOB02 4:36',
      'JOB08 6:3',
      'JOB07 6:15',
      'JOB09 6:35',
      'JOB02 7:16',
    ]);
    const { problems, spec } = readJobSpec(text, 'slipway.yaml');
    expect(problems.find((p) => p.line === 2)).toMatchObject({
      file: 'slipway.yaml',
      severity: 'error',
      hint: 'Did you mean "command"?',
      field: '/comand',
    });
    expect(problems.find((p) => p.column === 36)).toMatchObject({ hint: 'Did you mean "walltime"?' });
    expect(problems.find((p) => p.code === 'JOB09')!.field).toBe('/outputs/1st/regex');
    // What could be understood is still there, to be shown and checked further.
    expect(spec).toMatchObject({ name: 't', command: '', hardware: { coresPerSlot: 1 } });
    for (const { code } of problems) expect(Object.keys(JOB_PROBLEMS)).toContain(code);
  });

  it.each<[string, string, string]>([
    ['syntax', 'name: t\n  - x: [', 'JOB01'],
    ['double quotes around a regex', job('success: {mustMatch: {file: stdout, regex: "\\*ERROR"}}'), 'JOB01 4:'],
    ['two documents', 'name: a\n---\nname: b\n', 'JOB01 2:1'],
    ['an empty file', '', 'JOB04 1:1'],
    ['only comments', '# nothing\n', 'JOB04 1:1'],
    ['no map', '- a\n', 'JOB03 1:1'],
    ['a double key', job('keep: a', 'keep: b'), 'JOB05 5:1'],
    ['a merge key', job('<<: {keep: a}'), 'JOB02 4:1'],
    ['an unknown tag', job('keep: !glob a'), 'JOB16 4:7'],
    ['a design of a later version', doe('variables: {w: [1]}', 'design: {method: lhs, runs: 9}'), 'JOB06 6:20'],
    ['an unknown design', doe('variables: {w: [1]}', 'design: {method: full-factoral}'), 'JOB03 6:20'],
    ['an absolute path', job('inputs: [/etc/passwd]'), 'JOB07 4:10'],
    ['a drive', job("inputs: ['C:\\x']"), 'JOB07 4:10'],
    ['a path that leaves', job('keep: [a/../../b]'), 'JOB07 4:8'],
    ['a path that leaves, Windows', job("keep: ['a\\..\\b']"), 'JOB07 4:8'],
    ['a home path', job('inputs: [~/x]'), 'JOB07 4:10'],
    ['a pattern for one file', job("outputs: {a: {file: '*.dat', regex: x}}"), 'JOB07 4:21'],
    ['a template outside', doe('runs: r.csv', 'templates: [{from: a, to: ../a}]'), 'TPL07 6:29'],
    ['two templates for one file', doe('runs: r.csv', 'templates: [{from: a, to: c}, {from: b, to: c}]'), 'TPL07 6:33'],
    ['a template without target', doe('runs: r.csv', 'templates: [beam.inp]'), 'JOB04 6:15'],
    ['one delimiter only', doe('runs: r.csv', 'templates: [{from: a, to: b, open: "<"}]'), 'JOB10 6:15'],
    ['an unknown dialect', doe('runs: r.csv', 'templates: [{from: a, to: b, dialect: openfom}]'), 'JOB03 6:41'],
    ['yes as boolean', job('inputs: [{path: a.zip, unpack: no}]'), 'JOB03 4:32'],
    ['a control character', job('keep: "a\\eb"'), 'JOB03 4:7'],
    ['a blank command', 'name: t\ncommand: " "\nhardware: {walltime: 1}', 'JOB03 2:10'],
    ['a reserved name', job('outputs: {run: {expr: 1}}'), 'JOB08 4:11'],
    ['a name with underscore', job('outputs: {__proto__: {expr: 1}}'), 'JOB08 4:11'],
    ['a variable name', doe('variables: {inlet velocity: [1]}'), 'JOB08 5:15'],
    ['an environment name', job('environment: {A-B: 1}'), 'JOB08 4:15'],
    ['no group', job("outputs: {a: {file: f, regex: 'a(b)', group: 2}}"), 'JOB09 4:46'],
    ['a success regex', job("success: {mustNotMatch: [{file: f, regex: '*ERROR'}]}"), 'JOB09 4:43'],
    ['doe without runs', doe('templates: []'), 'JOB10 5:3'],
    ['type doe without doe', job('type: doe'), 'JOB10 4:7'],
    ['type basic with doe', `type: basic\n${doe('runs: r.csv')}`, 'JOB10 6:3'],
    ['runs and design', doe('runs: r.csv', 'design: {method: full-factorial}'), 'JOB10 6:11'],
    ['two kinds of output', job('outputs: {a: {file: f, regex: a, json: /a}}'), 'JOB10 4:14'],
    ['no kind of output', job('outputs: {a: {file: f}}'), 'JOB04 4:14'],
    ['occurrence and reduce', job('outputs: {a: {file: f, regex: a, occurrence: last, reduce: max}}'), 'JOB10 4:46'],
    ['expect of a text', job('outputs: {a: {file: f, regex: a, as: text, expect: [0, 1]}}'), 'JOB10 4:52'],
    ['a backwards range', job('outputs: {a: {file: f, regex: a, expect: [1, 0]}}'), 'JOB03 4:42'],
    ['a pointer', job('outputs: {a: {file: f, json: a/b}}'), 'JOB03 4:30'],
    ['a regex that matches everywhere', job("outputs: {a: {file: f, regex: 'a*'}}"), 'JOB16 4:31'],
    ['bytes instead of gigabytes', job().replace('walltime: 1h', 'walltime: 1h, memory: 2'), 'JOB11 3:34'],
    ['min above max', doe('variables: {w: {min: 3, max: 2}}'), 'JOB11 5:18'],
    ['decimal comma', doe('variables: {w: {min: "1,5", max: 2}}'), 'JOB03 5:24'],
    ['no values', doe('variables: {w: {unit: m}}'), 'JOB04 5:18'],
    ['a repeated value', doe('variables: {w: [1, 2, 1]}'), 'JOB16 5:25'],
    ['a range without levels', doe('variables: {w: {min: 0, max: 2}}'), 'JOB13 5:14'],
    [
      'too many runs',
      doe('variables: {a: {min: 0, max: 1}, b: {min: 0, max: 1}}', 'design: {method: full-factorial, levels: 1001}'),
      'JOB13 5:14',
    ],
    ['levels of nothing', doe('variables: {w: [1]}', 'design: {method: full-factorial, levels: {w: 3}}'), 'JOB10 6:48'],
    ['an expression', job('outputs: {a: {expr: 2*(3}}'), 'JOB12'],
    ['a constraint', doe('runs: r.csv', 'constraints: [w <]'), 'JOB12 6:17'],
    ['a constraint on nothing', doe('variables: {width: [1]}', 'constraints: [widht < 2]'), 'JOB12 5:3'],
    ['a cycle', job('outputs: {a: {expr: b}, b: {expr: a}}'), 'JOB12 4:14'],
    ['an unknown name', job('outputs: {a: {expr: bb}}'), 'JOB12 4:14'],
    ['a variable as output', doe('variables: {w: [1]}').concat('\noutputs: {w: {expr: 1}}'), 'JOB08 6:11'],
  ])('%s', (_, text, expected) => {
    expect(found(text).some((problem) => problem.startsWith(expected))).toBe(true);
  });

  it('say how to mend it', () => {
    expect(messages(job('success: {mustMatch: {file: stdout, regex: "\\*ERROR"}}'))).toContain('single quotes');
    expect(messages(job('inputs: [{path: a, unpack: no}]'))).toContain('YAML 1.2 knows only true and false');
    expect(messages(job('outputs: {a: {expr: b+1}, b: {expr: c}, c: {expr: a}}'))).toContain('a → b → c → a');
    expect(messages(doe('variables: {width: [1]}').concat('\noutputs: {a: {expr: widht}}'))).toContain(
      'Did you mean "width"?',
    );
  });

  it('stand hostile files', () => {
    const bomb = [
      'a: &a [x, x]',
      ...Array.from(
        { length: 30 },
        (_, i) =>
          `k${i}: &b${i} [${Array(9)
            .fill(i === 0 ? '*a' : `*b${i - 1}`)
            .join(', ')}]`,
      ),
    ].join('\n');
    expect(found(bomb)).toEqual(['JOB15 null:null']);
    expect(found(`name: ${'x'.repeat(1_100_000)}`)).toEqual(['JOB15 null:null']);
    expect(found('&a [*a]')).toEqual(['JOB03 1:4']);
    expect(found(job('inputs: &i [*i]'))).toEqual(['JOB03 4:13']);
    for (const deep of ['['.repeat(50_000), '{a: '.repeat(20_000), '- '.repeat(20_000)]) {
      const count = found(deep).length;
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(50);
    }
    expect(found(`a: 1\n${Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')}`).length).toBe(20_004);
    expect(found('[[[[{{{{').length).toBeGreaterThan(0);
    expect(found(job('keep: [*.dat, *.frd]'))).toEqual(['JOB01 4:8', 'JOB01 4:15']);
    expect(found(job('outputs: {? [a] : {expr: 1}}')).some((problem) => problem.startsWith('JOB08'))).toBe(true);
  });

  it('never make reading throw', () => {
    const pieces = fc.constantFrom(
      'name',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      "'",
      '"',
      '*a',
      '&a ',
      '#',
      '!!',
      '|',
      '?',
      'doe',
      'outputs',
      'regex',
      '~',
      '1e3',
      '\t',
    );
    const cut = fc.tuple(fc.nat(CANTILEVER.length), fc.nat(20), fc.array(pieces, { maxLength: 6 }));
    fc.assert(
      fc.property(cut, ([at, length, inserted]) => {
        const text = CANTILEVER.slice(0, at) + inserted.join('') + CANTILEVER.slice(at + length);
        const { spec, problems } = readJobSpec(text, 'slipway.yaml');
        expect(spec !== null || problems.some((p) => p.severity === 'error')).toBe(true);
        if (spec) expect(jobSpecSchema.safeParse(spec).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('use aliases where they are fine', () => {
    const { spec, problems } = readJobSpec(job('outputs:', '  a: &a {file: f, regex: x}', '  b: *a'), 'slipway.yaml');
    expect(problems).toEqual([]);
    expect(spec!.outputs.b).toEqual(spec!.outputs.a);
  });

  it('wait for the columns of the run definition file where they must', () => {
    const text = doe('runs: r.csv', 'constraints: [w < 3, height > 2]').concat(
      '\noutputs: {a: {expr: w*widht}, w: {builtin: exitCode}, b: {expr: a+run}}',
    );
    const { spec, problems } = readJobSpec(text, 'slipway.yaml');
    expect(problems).toEqual([]);
    expect(checkAgainstColumns(spec!, ['w', 'width'], 'slipway.yaml').map((p) => [p.code, p.field, p.hint])).toEqual([
      ['JOB08', '/outputs/w', 'Rename one of them.'],
      ['JOB12', '/outputs/a', 'Did you mean "width"?'],
      ['JOB12', '/doe/constraints/1', 'Constraints use the variables of the job.'],
    ]);
  });
});
