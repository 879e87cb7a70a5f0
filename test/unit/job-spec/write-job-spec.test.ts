import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DoeSpec, JobSpec, VariableSpec } from '../../../shared/domain/job-spec/job-spec.ts';
import { readJobSpec } from '../../../shared/domain/job-spec/read-job-spec.ts';
import { changeFromOption, locateField, updateJobSpecText } from '../../../shared/domain/job-spec/update-job-spec.ts';
import { writeJobSpec } from '../../../shared/domain/job-spec/write-job-spec.ts';
import { nameFlaw } from '../../../shared/domain/outputs/output-key.ts';
import type { OutputSpec } from '../../../shared/domain/outputs/output-spec.ts';

const spec: JobSpec = {
  name: 'Cantilever',
  type: 'doe',
  inputs: [
    { path: 'mesh/', unpack: true },
    { path: 'kept.zip', unpack: false },
  ],
  command: 'ccx -i beam',
  doe: {
    variables: {
      w: { kind: 'continuous', min: 2, max: 3, unit: 'in' },
      load: { kind: 'values', values: ['800', '2.50', 'yes'] },
      E: { kind: 'constant', value: '2.9e7' },
    },
    design: { method: 'full-factorial', levels: 3 },
    constraints: [],
    templates: [{ from: 'beam.inp.template', to: 'beam.inp' }],
    after: 'python3 post.py\necho done\n',
  },
  hardware: { coresPerSlot: 1, slots: 2, memory: 2 ** 31, walltime: 5400 },
  success: { exitCodes: [0], mustMatch: [], mustNotMatch: [{ file: 'stdout', regex: '\\*ERROR' }], mustExist: [] },
  outputs: {
    tip: {
      kind: 'regex',
      file: 'beam.dat',
      regex: 'u = (\\S+)',
      group: 1,
      occurrence: 'first',
      required: true,
      as: 'number',
    },
  },
  keep: [],
  environment: { OMP_NUM_THREADS: '1' },
};

describe('writing slipway.yaml', () => {
  it('writes what a person would write', () => {
    expect(writeJobSpec(spec)).toBe(`name: Cantilever
type: doe
inputs: [mesh/, {path: kept.zip, unpack: false}]
command: ccx -i beam
doe:
  variables:
    w: {min: 2, max: 3, unit: in}
    load: {values: [800, '2.50', yes]}
    E: {value: '2.9e7'}
  design: {method: full-factorial, levels: 3}
  templates: [beam.inp.template]
  after: |
    python3 post.py
    echo done
hardware: {slots: 2, memory: 2G, walltime: 1h30m}
success: {mustNotMatch: {file: stdout, regex: '\\*ERROR'}}
outputs:
  tip: {file: beam.dat, regex: 'u = (\\S+)', occurrence: first}
environment: {OMP_NUM_THREADS: '1'}
`);
  });

  it('reads back every job spec it writes', () => {
    fc.assert(
      fc.property(jobSpecs, (made) => {
        const { spec: read, problems } = readJobSpec(writeJobSpec(made), 'slipway.yaml');
        expect(problems.filter((p) => p.severity === 'error' && p.code !== 'JOB12')).toEqual([]);
        expect(read).toEqual(made);
      }),
      { numRuns: 200 },
    );
  });
});

describe('changing slipway.yaml', () => {
  const text = `# My sweep
name: t # the name

command: run
doe:
  variables: # what varies
    w: {values: [007, 1e3, 2.50]} # widths
hardware: {slots: 2, walltime: 1h} # two at once
outputs:
  # the tip
  tip: {file: f, regex: 'a\\s(b)'}
`;
  const change = (...changes: Parameters<typeof updateJobSpecText>[1]): string => {
    const result = updateJobSpecText(text, changes);
    return result.ok ? result.text : `! ${result.message}`;
  };

  it('touches nothing else: comments, blank lines, spelling of numbers', () => {
    expect(change()).toBe(text);
    expect(change({ path: ['hardware', 'slots'], value: 4 })).toBe(text.replace('slots: 2', 'slots: 4'));
    expect(change({ path: ['name'], value: 'other: one' })).toBe(text.replace('name: t #', "name: 'other: one' #"));
    expect(change({ path: ['doe', 'variables', 'w', 'values', 1], value: 4 })).toBe(text.replace('1e3', '4'));
    expect(change({ path: ['outputs', 'tip', 'regex'], value: '\\d' })).toBe(text.replace('a\\s(b)', '\\d'));
  });

  it('keeps all comments when more than a value changes', () => {
    const changed = change({ path: ['doe', 'templates'], value: ['a.template'] });
    for (const comment of ['# My sweep', '# the name', '# what varies', '# widths', '# two at once', '# the tip'])
      expect(changed).toContain(comment);
    expect(changed).toContain('[007, 1e3, 2.50]');
  });

  it('adds and removes, with the maps on the way', () => {
    const base = 'name: t\n# why\nhardware: {slots: 2}\noutputs:\n  tip: {file: f, regex: x} # the tip\n';
    const changed = (...changes: Parameters<typeof updateJobSpecText>[1]): unknown => updateJobSpecText(base, changes);
    const added = { path: ['success', 'exitCodes'], value: [0, 3] };
    expect(changed(added)).toEqual({ ok: true, text: `${base}success:\n  exitCodes:\n    - 0\n    - 3\n` });
    expect(changed(added, { ...added, value: null })).toEqual({ ok: true, text: base });
    expect(changed({ path: ['hardware', 'memory'], value: '2G' })).toEqual({
      ok: true,
      text: base.replace('2}', '2, memory: 2G}'),
    });
    expect(changed({ path: ['outputs', 'tip'], value: undefined })).toEqual({
      ok: true,
      text: base.slice(0, base.indexOf('outputs')),
    });
    expect(updateJobSpecText('', [{ path: ['name'], value: 'new' }])).toEqual({ ok: true, text: 'name: new\n' });
    expect(updateJobSpecText('name: a\nhardware:\n', [{ path: ['hardware', 'slots'], value: 2 }])).toEqual({
      ok: true,
      text: 'name: a\nhardware:\n  slots: 2\n',
    });
  });

  it('keeps JSON JSON', () => {
    expect(updateJobSpecText('{"name": "a"}', [{ path: ['hardware', 'slots'], value: 2 }])).toEqual({
      ok: true,
      text: '{\n  "name": "a",\n  "hardware": {\n    "slots": 2\n  }\n}\n',
    });
  });

  it('says why it cannot', () => {
    expect(change({ path: ['name', 'x'], value: 1 })).toBe('! "name" is a single value and cannot have "x".');
    expect(change({ path: ['doe', 'variables', 'w', 'values', 'x'], value: 1 })).toContain('is a list');
    expect(change({ path: [], value: 1 })).toContain('needs the key');
    expect(updateJobSpecText('a: [', []).ok).toBe(false);
    expect(updateJobSpecText('- a', []).ok).toBe(false);
  });

  it('understands --set', () => {
    expect(changeFromOption('hardware.slots', '4')).toEqual({ path: ['hardware', 'slots'], value: 4 });
    expect(changeFromOption('hardware.memory', '2G')).toEqual({ path: ['hardware', 'memory'], value: '2G' });
    expect(changeFromOption('keep', "['*.dat']")).toEqual({ path: ['keep'], value: ['*.dat'] });
    expect(changeFromOption('keep.0', '*.dat')).toEqual({ path: ['keep', 0], value: '*.dat' });
    expect(changeFromOption('hardware.slots', '')).toEqual({ path: ['hardware', 'slots'], value: null });
  });

  it('finds the place of a field', () => {
    expect(locateField(text, '/hardware/slots')).toEqual({ line: 8, column: 12 });
    expect(locateField(text, '/doe/variables/w/values/2')).toEqual({ line: 7, column: 28 });
    expect(locateField(text, '/outputs/nobody')).toEqual({ line: 9, column: 1 });
    expect(locateField('', '/x')).toEqual({ line: 1, column: 1 });
  });
});

// Job specs as the reader makes them.
const plainText = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((s) => s.trim() !== '' && !/\p{Cc}/u.test(s));
const lines = fc
  .array(fc.oneof(plainText, fc.constantFrom('', ' # x', '- a', 'k: v', "it's", '\ttab', 'yes', '1e3', '*a', '---')), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join('\n'))
  .filter((s) => s.trim() !== '');
const path = fc
  .stringMatching(/^[a-z0-9_#:' -]{1,8}(\/[a-z0-9._-]{1,5})?$/)
  .filter((s) => s.trim() !== '' && !/^[a-z]:/.test(s) && !s.split('/').includes('..') && !/^\.?\/?$/.test(s));
const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}$/).filter((s) => nameFlaw(s) === null);
const finite = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e9, max: 1e9 }).map((x) => x + 0);
const maybe = <K extends string, V>(name: K, value: fc.Arbitrary<V>): fc.Arbitrary<{ readonly [P in K]?: V }> =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [name]: v }) as { readonly [P in K]?: V });
const merged = <A, B>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>): fc.Arbitrary<A & B> =>
  fc.tuple(a, b).map(([x, y]) => ({ ...x, ...y }));
const required = fc.boolean();
const number = fc.record({ required, as: fc.constant('number' as const) });
const labels = merged(maybe('label', plainText), maybe('unit', plainText));
const expectation = maybe(
  'expect',
  fc
    .tuple(finite, fc.option(finite))
    .map(([a, b]) => (b === null ? ([a, b] as const) : ([Math.min(a, b), Math.max(a, b)] as const))),
);
const base = merged(merged(labels, expectation), number);
const occurrence = fc.oneof(fc.constantFrom('first' as const, 'last' as const), fc.integer({ min: 1, max: 9 }));

const outputs: fc.Arbitrary<OutputSpec> = fc.oneof(
  merged(
    fc.record({
      kind: fc.constant('regex' as const),
      file: path,
      regex: fc.constantFrom('u = (\\S+)\\n (x)', "'quoted' (a)", 'a: #(b)\\t"', '(?<n>\\d+)'),
      group: fc.constantFrom(0, 1),
    }),
    merged(maybe('occurrence', occurrence), base),
  ),
  merged(
    fc.record({
      kind: fc.constant('table' as const),
      file: path,
      column: fc.oneof(
        fc.integer({ min: 1, max: 50 }),
        plainText.map((s) => s.trim()),
      ),
      delimiter: fc.constantFrom('whitespace' as const, ',' as const, ';' as const, '\t' as const, '|' as const),
      skip: fc.nat(5),
    }),
    merged(maybe('reduce', fc.constantFrom('min' as const, 'count' as const)), base),
  ),
  merged(
    fc.record({
      kind: fc.constant('json' as const),
      file: path,
      json: fc
        .array(
          plainText.map((s) => s.replace(/[~/]/g, '')),
          { maxLength: 3 },
        )
        .map((parts) => parts.map((part) => `/${part}`).join('')),
    }),
    base,
  ),
  merged(fc.record({ kind: fc.constant('tsv' as const), file: path, required }), maybe('label', plainText)),
  merged(
    fc.record({
      kind: fc.constant('builtin' as const),
      builtin: fc.constantFrom('exitCode' as const, 'wallSeconds' as const),
    }),
    base,
  ),
);
const unit = maybe('unit', plainText);
const variables: fc.Arbitrary<VariableSpec> = fc.oneof(
  merged(
    fc.record({
      kind: fc.constant('values' as const),
      values: fc.array(
        fc.oneof(plainText, finite.map(String), fc.constantFrom('', '007', 'null', '~', 'true', '0x1F', '.5')),
        { minLength: 1, maxLength: 4 },
      ),
    }),
    unit,
  ),
  merged(fc.record({ kind: fc.constant('constant' as const), value: fc.oneof(plainText, finite.map(String)) }), unit),
  merged(
    fc
      .tuple(
        fc.constantFrom('continuous' as const, 'integer' as const),
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
      )
      .map(([kind, min, size]) => ({ kind, min, max: min + size, step: 1 })),
    unit,
  ),
);
const doe: fc.Arbitrary<DoeSpec> = merged(
  fc.oneof(
    fc.record({
      runs: path,
      variables: fc.dictionary(
        key.map((k) => `v${k}`),
        variables,
        { maxKeys: 3, noNullPrototype: true },
      ),
    }),
    fc.record({
      variables: fc.dictionary(
        key.map((k) => `v${k}`),
        variables,
        { minKeys: 1, maxKeys: 3, noNullPrototype: true },
      ),
      design: merged(
        fc.record({ method: fc.constant('full-factorial' as const) }),
        maybe('levels', fc.integer({ min: 2, max: 5 })),
      ),
    }),
  ),
  merged(
    fc.record({
      constraints: fc.constant([]),
      templates: fc.uniqueArray(fc.record({ from: path.map((p) => `${p}.template`), to: path }), {
        selector: (t) => t.to,
        maxLength: 3,
      }),
    }),
    merged(maybe('before', lines), maybe('after', lines)),
  ),
);
const rules = fc.array(fc.record({ file: path, regex: fc.constantFrom('\\*ERROR', 'a: b', "it's", '#x') }), {
  maxLength: 2,
});
const jobSpecs: fc.Arbitrary<JobSpec> = merged(
  fc.record({
    name: plainText,
    inputs: fc.array(fc.record({ path, unpack: fc.boolean() }), { maxLength: 3 }),
    command: lines,
    hardware: merged(
      fc.record({ coresPerSlot: fc.integer({ min: 1, max: 64 }) }),
      merged(
        merged(maybe('coreType', plainText), maybe('slots', fc.integer({ min: 1, max: 99 }))),
        merged(
          maybe('memory', fc.integer({ min: 2 ** 20, max: 2 ** 45 })),
          maybe('walltime', fc.integer({ min: 1, max: 1e7 })),
        ),
      ),
    ),
    success: fc.record({
      exitCodes: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 3 }),
      mustMatch: rules,
      mustNotMatch: rules,
      mustExist: fc.array(path, { maxLength: 2 }),
    }),
    outputs: fc.dictionary(
      key.map((k) => `out${k}`.slice(0, 14)),
      outputs,
      { maxKeys: 4, noNullPrototype: true },
    ),
    keep: fc.array(
      path.map((p) => `${p}*.dat`),
      { maxLength: 2 },
    ),
    environment: fc.dictionary(
      fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/),
      fc.oneof(lines, fc.constantFrom('', '1', 'true')),
      { maxKeys: 3, noNullPrototype: true },
    ),
  }),
  merged(
    maybe('software', plainText),
    fc.oneof(fc.record({ type: fc.constant('doe' as const), doe }), fc.record({ type: fc.constant('basic' as const) })),
  ),
);
