import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addEdit, applyChange, pointerOf, valueAt } from '../../../renderer/features/new-job/draft-edits.ts';
import type { DraftEdit } from '../../../renderer/features/new-job/draft-edits.ts';
import {
  factorialRuns,
  levelChanges,
  levelsOf,
  variableEntry,
  variableRow,
} from '../../../renderer/features/new-job/factorial.ts';
import { removalChanges, roleChanges, sortByRole } from '../../../renderer/features/new-job/file-roles.ts';
import { readNewJobSearch } from '../../../renderer/features/new-job/new-job-search.ts';
import { describeOutput, freeName, kindOfOutput, withKind } from '../../../renderer/features/new-job/output-kinds.ts';
import { countBySection, placeOf, problemsAt } from '../../../renderer/features/new-job/problem-places.ts';
import { NOTHING_PUT_AWAY, runsSourceOf, sourceChanges } from '../../../renderer/features/new-job/runs-source.ts';
import { findSoftware, softwareRef } from '../../../renderer/features/new-job/software-choice.ts';
import { listAt, readSpecText, scalarOf, textAt } from '../../../renderer/features/new-job/spec-reading.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import { problem } from '../../../shared/domain/problem.ts';

function change(path: readonly (string | number)[], value: unknown): DraftEdit {
  return { kind: 'fields', changes: [{ path, value }] };
}

function after(
  data: unknown,
  changes: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[],
): unknown {
  return changes.reduce<unknown>((now, one) => applyChange(now, one), data);
}

describe('edits of a draft', () => {
  it('replaces typing in one field and keeps the order of different fields', () => {
    const edits = [change(['a'], 1), change(['a'], 2), change(['b'], 1), change(['a'], 3)].reduce(addEdit, []);
    expect(edits).toEqual([
      {
        kind: 'fields',
        changes: [
          { path: ['a'], value: 2 },
          { path: ['b'], value: 1 },
          { path: ['a'], value: 3 },
        ],
      },
    ]);
  });

  it('lets a new text replace everything before it', () => {
    const edits = [change(['a'], 1), { kind: 'text', text: 'b: 2' } as const, change(['a'], 3)].reduce<
      readonly DraftEdit[]
    >(addEdit, []);
    expect(edits).toEqual([{ kind: 'text', text: 'b: 2' }, change(['a'], 3)]);
  });

  it('applies changes without touching the data before', () => {
    const data = { doe: { templates: [{ from: 'a' }, { from: 'b' }] } };
    expect(applyChange(data, { path: ['doe', 'templates', 0], value: null })).toEqual({
      doe: { templates: [{ from: 'b' }] },
    });
    expect(applyChange(data, { path: ['doe', 'templates', 1, 'to'], value: 'c' })).toEqual({
      doe: { templates: [{ from: 'a' }, { from: 'b', to: 'c' }] },
    });
    expect(applyChange(data, { path: ['hardware', 'slots'], value: null })).toEqual(data);
    expect(data.doe.templates).toHaveLength(2);
  });

  it('puts a value where it can be read again, and removes it again', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'toString'), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), fc.integer(), (path, value) => {
        const data = applyChange({}, { path, value });
        expect(valueAt(data, path)).toBe(value);
        expect(valueAt(applyChange(data, { path, value: null }), path)).toBeUndefined();
      }),
    );
  });

  it('writes paths as JSON pointers', () => {
    expect(pointerOf(['outputs', 'a/b~c', 0])).toBe('/outputs/a~1b~0c/0');
  });
});

describe('slipway.yaml as data of the form', () => {
  it('reads YAML and JSON and says where a text breaks', () => {
    expect(readSpecText('')).toEqual({ kind: 'data', data: {} });
    expect(readSpecText('{"name": "x"}')).toEqual({ kind: 'data', data: { name: 'x' } });
    expect(readSpecText('name: x\nhardware: {slots: 2\n')).toMatchObject({ kind: 'unreadable' });
  });

  it('keeps what would change if it were written as a number', () => {
    expect(['2', '2.5', ' 3 ', '-1'].map(scalarOf)).toEqual([2, 2.5, 3, -1]);
    expect(['007', '1e5', '12345678901234567890', '2G', '1.0'].map(scalarOf)).toEqual([
      '007',
      '1e5',
      '12345678901234567890',
      '2G',
      '1.0',
    ]);
    expect(scalarOf('  ')).toBeNull();
  });

  it('takes a single value for a list of one', () => {
    expect(listAt({ keep: '*.dat' }, ['keep'])).toEqual(['*.dat']);
    expect(textAt({ a: true }, ['a'])).toBe('true');
  });
});

describe('places of problems', () => {
  const files = { specFile: 'slipway.yaml', runsFile: 'runs.csv', templates: ['run.sh.template', 'beam.inp.template'] };
  const at = (where: Parameters<typeof problem>[3]) => placeOf(problem('X', 'error', 'wrong', where), files);

  it('leads to the template line, the section of the field, the CSV, else to slipway.yaml', () => {
    expect(at({ file: 'beam.inp.template', line: 3, column: 4 })).toMatchObject({
      section: 'templates',
      template: 1,
      line: 3,
    });
    expect(at({ file: 'slipway.yaml', line: 2, field: '/hardware/slots' })).toMatchObject({
      section: 'hardware',
      line: null,
    });
    expect(at({ field: '/doe/templates/1/to' })).toMatchObject({ section: 'templates', template: 1 });
    expect(at({ field: '/doe/before' })).toMatchObject({ section: 'command' });
    expect(at({ file: 'runs.csv', line: 7 })).toMatchObject({ section: 'runs', line: 7 });
    expect(at({ file: 'mesh.inc' })).toMatchObject({ section: 'files' });
    expect(at({ file: 'slipway.yaml', line: 9 })).toMatchObject({ section: 'spec', line: 9 });
    expect(at({})).toMatchObject({ section: 'spec' });
  });

  it('counts by section and finds the problems of a field and what is inside of it', () => {
    const problems = [
      problem('A', 'error', 'a', { field: '/outputs/tip/regex' }),
      problem('B', 'warning', 'b', { field: '/outputs/tipping' }),
    ];
    expect(problemsAt(problems, '/outputs/tip').map((p) => p.code)).toEqual(['A']);
    expect(countBySection(problems, files).get('outputs')).toEqual({ error: 1, warning: 1, info: 0 });
  });
});

describe('outputs in the form', () => {
  it('tells kinds by their key and keeps what two kinds share', () => {
    expect(kindOfOutput({ file: 'a', json: '/x' })).toBe('json');
    expect(withKind({ file: 'a.dat', regex: 'x', group: 2, unit: 'mm', reduce: 'max' }, 'table')).toEqual({
      file: 'a.dat',
      unit: 'mm',
      reduce: 'max',
      column: 1,
    });
    expect(withKind({ file: 'a.dat', regex: 'x', unit: 'mm' }, 'expr')).toEqual({ unit: 'mm', expr: '' });
    expect(withKind({ expr: 'a+b' }, 'regex')).toEqual({ file: 'stdout', regex: '(\\S+)' });
  });

  it('describes every kind in a line', () => {
    expect(describeOutput({ file: 'beam.dat', regex: 'u (.*)' })).toBe('beam.dat: /u (.*)/');
    expect(describeOutput({ builtin: 'exitCode' })).toBe('exit code of the run');
    expect(freeName('output', ['output1'])).toBe('output2');
  });
});

describe('variables of a full factorial', () => {
  it('counts levels of lists, ranges with steps, ranges with levels, and constants', () => {
    const row = (entry: unknown, levels: unknown = undefined) => variableRow('x', entry, levels);
    expect(levelsOf(row({ values: [1, 2, 3] }))).toBe(3);
    expect(levelsOf(row([1, 2]))).toBe(2);
    expect(levelsOf(row({ min: 0, max: 1, step: 0.1 }))).toBe(11);
    expect(levelsOf(row({ min: 0, max: 1 }, { x: 4 }))).toBe(4);
    expect(levelsOf(row({ min: 0, max: 1 }, 5))).toBe(5);
    expect(levelsOf(row({ min: 0, max: 1 }))).toBeNull();
    expect(levelsOf(row({ value: 7 }))).toBe(1);
    expect(factorialRuns([row({ values: [1, 2] }), row({ min: 0, max: 1, step: 0.5 })])).toBe(6);
    expect(factorialRuns([])).toBeNull();
  });

  it('writes an entry that reads back the same, with the keys it does not know', () => {
    const before = { min: 2, max: 3, unit: 'in', label: 'Width' };
    const row = variableRow('width', before, undefined);
    expect(variableEntry(row, before)).toEqual(before);
    expect(variableEntry({ ...row, kind: 'values', values: '2; 2.5; 3' }, before)).toEqual({
      values: [2, 2.5, 3],
      unit: 'in',
      label: 'Width',
    });
  });

  it('writes the levels of all ranges when one changes', () => {
    const rows = [variableRow('a', { min: 0, max: 1 }, 3), variableRow('b', { min: 0, max: 1 }, 3)];
    expect(levelChanges(rows, 'b', '5')).toContainEqual({ path: ['doe', 'design', 'levels'], value: { a: 3, b: 5 } });
  });
});

describe('where the runs come from', () => {
  const data = {
    type: 'doe',
    command: 'x',
    doe: { runs: 'runs.csv', templates: [{ from: 'a.template' }], before: './mesh.sh' },
  };

  it('is told by type and keys', () => {
    expect(runsSourceOf(data)).toBe('file');
    expect(runsSourceOf({ type: 'basic' })).toBe('one');
    expect(runsSourceOf({})).toBe('one');
    expect(runsSourceOf({ doe: { variables: {} } })).toBe('variables');
  });

  it('loses nothing when it is switched forth and back', () => {
    const away = sourceChanges(data, 'one', ['runs.csv'], NOTHING_PUT_AWAY);
    const single = after(data, away.changes);
    expect(single).toEqual({ type: 'basic', command: 'x' });
    expect(after(single, sourceChanges(single, 'file', ['runs.csv'], away.putAway).changes)).toEqual(data);
  });

  it('takes runs.csv before other tables, and begins with a variable where there is none', () => {
    const one = { type: 'basic' };
    expect(after(one, sourceChanges(one, 'file', ['a.csv', 'sub/runs.csv'], NOTHING_PUT_AWAY).changes)).toEqual({
      type: 'doe',
      doe: { runs: 'sub/runs.csv' },
    });
    expect(after(one, sourceChanges(one, 'variables', [], NOTHING_PUT_AWAY).changes)).toMatchObject({
      doe: { variables: { x: {} }, design: { method: 'full-factorial' } },
    });
  });
});

describe('files, software and address', () => {
  it('gives a file its part', () => {
    expect(after({ inputs: 'a.inc' }, roleChanges({ inputs: 'a.inc' }, 'b.inc', 'input'))).toEqual({
      inputs: ['a.inc', 'b.inc'],
    });
    expect(after({}, roleChanges({}, 'run.sh.template', 'template'))).toEqual({
      type: 'doe',
      doe: { templates: [{ from: 'run.sh.template', to: 'run.sh' }] },
    });
  });

  it('takes a deleted file out of the spec wherever it stands', () => {
    const data = {
      inputs: ['a', { path: 'b', unpack: false }],
      doe: { runs: 'runs.csv', templates: [{ from: 'c', to: 'd' }, 'e'] },
    };
    expect(after(data, removalChanges(data, 'b'))).toMatchObject({ inputs: ['a'] });
    expect(after(data, removalChanges(data, 'e'))).toMatchObject({ doe: { templates: [{ from: 'c', to: 'd' }] } });
    expect(after(data, removalChanges(data, 'runs.csv'))).toMatchObject({ doe: { templates: [{}, 'e'] } });
    expect(removalChanges(data, 'x')).toEqual([]);
  });

  it('lists files by part, then in natural order', () => {
    const files = ['run10', 'run9'].map((path) => ({ path, role: 'input' as const }));
    expect(sortByRole([...files, { path: 'slipway.yaml', role: 'spec' as const }]).map((f) => f.path)).toEqual([
      'slipway.yaml',
      'run9',
      'run10',
    ]);
  });

  it('finds the software that slipway.yaml names, the installed one first', () => {
    const entry = {
      title: 'CalculiX',
      command: 'ccx',
      hint: null,
      origin: 'found' as const,
      setup: [],
      environment: {},
    };
    const site: Site = {
      name: 'local',
      kind: 'local',
      title: 'this machine',
      address: null,
      scheduler: null,
      workdir: null,
      connection: null,
      transferHost: null,
      probedAt: null,
      coreTypes: [],
      software: [
        { ...entry, name: 'calculix', version: '2.19', path: null, origin: 'missing' },
        { ...entry, name: 'calculix', version: '2.20', path: '/usr/bin/ccx' },
      ],
    };
    expect(findSoftware(site, 'calculix')?.version).toBe('2.20');
    expect(findSoftware(site, 'calculix@2.19')?.path).toBeNull();
    expect(findSoftware(site, 'other')).toBeNull();
    expect(softwareRef(site.software[1]!)).toBe('calculix@2.20');
  });

  it('reads the address and leaves out what it does not understand', () => {
    expect(readNewJobSearch({ draft: 'd1', section: 'runs', run: '3', template: 0, other: 1 })).toEqual({
      draft: 'd1',
      section: 'runs',
      run: 3,
      template: 0,
    });
    expect(readNewJobSearch({ draft: '', section: 'x', run: '0', template: -1 })).toEqual({});
  });
});
