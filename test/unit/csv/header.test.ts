import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKey, looksLikeUnit, proposeKey } from '../../../shared/domain/csv/header-key.ts';
import { csvField, csvRecord } from '../../../shared/domain/csv/write.ts';
import { read } from './helpers.ts';

function headerOf(header: string, usedNames?: string[]) {
  const definition = read(`${header}|x\n1|2\n2|3\n`, {
    delimiter: '|',
    ...(usedNames ? { usedNames: new Set(usedNames) } : {}),
  });
  const { key, label, unit, proposed } = definition.columns[0]!;
  return [key, label, unit, proposed];
}

describe('header cells', () => {
  it.each([
    ['w', ['w', 'w', null, false]],
    [' w [mm] ', ['w', 'w', 'mm', false]],
    ['w []', ['w', 'w', null, false]],
    ['Beam width (w) [mm]', ['w', 'Beam width', 'mm', false]],
    ['Beam width (w)', ['w', 'Beam width', null, false]],
    ['Mass (m) [kg]', ['m', 'Mass', 'kg', false]],
    ['Mass (m)', ['Mass', 'Mass', 'm', true]],
    ['T (K)', ['T', 'T', 'K', true]],
    ['Inlet velocity (m/s)', ['inlet_velocity', 'Inlet velocity', 'm/s', true]],
    ['Inlet velocity [m/s]', ['inlet_velocity', 'Inlet velocity', 'm/s', true]],
    ['Density (kg/m^3)', ['Density', 'Density', 'kg/m^3', true]],
    ['Conductivity (W/(m·K))', ['Conductivity', 'Conductivity', 'W/(m·K)', true]],
    ['Temperature (°C)', ['Temperature', 'Temperature', '°C', true]],
    ['Height (max value)', ['height_max_value', 'Height (max value)', null, true]],
    ['Höhe', ['Hoehe', 'Höhe', null, true]],
    ['η', ['eta', 'η', null, true]],
    ['1st', ['x1st', '1st', null, true]],
    ['???', ['column_1', '???', null, true]],
    ['a-b', ['a_b', 'a-b', null, true]],
    ['and', ['and_value', 'and', null, true]],
    ['constructor', ['constructor', 'constructor', null, false]],
  ])('%s', (header, expected) => {
    expect(headerOf(header)).toEqual(expected);
  });

  it('a name that is used somewhere settles what stands in the parentheses', () => {
    expect(headerOf('Mass (m)', ['m', 'x'])).toEqual(['m', 'Mass', null, false]);
    expect(headerOf('Width (w)', ['Width', 'x'])[0]).toBe('width_w');
  });

  it('a variable may hide a constant, with a warning', () => {
    const definition = read('e,x\n1,2\n2,3\n');
    expect(definition.columns[0]).toMatchObject({ key: 'e', proposed: false });
    expect(definition.problems).toEqual([
      expect.objectContaining({ code: 'CSV11', severity: 'warning', hint: expect.stringContaining('e_value') }),
    ]);
  });

  it('proposals are keys and never collide', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 90 }),
        fc.array(fc.string(), { maxLength: 3 }),
        (text, taken) => {
          const first = proposeKey(text, 'column_1', new Set(taken));
          expect(isKey(first)).toBe(true);
          const second = proposeKey(text, 'column_1', new Set([...taken, first]));
          expect(isKey(second)).toBe(true);
          expect(second).not.toBe(first);
        },
      ),
    );
    expect(read('A b,a-b\n1,2\n2,3\n').columns.map((c) => c.key)).toEqual(['a_b', 'a_b_2']);
  });

  it('knows units from words', () => {
    for (const unit of ['K', 'MPa', 'm/s', 'N·m', '1/s', '-', '%', '°C', 'kg m^-3', 'rpm'])
      expect(looksLikeUnit(unit), unit).toBe(true);
    for (const word of ['w', 'velocity', 'x', 'inlet', 'max value']) expect(looksLikeUnit(word), word).toBe(false);
  });
});

describe('writing', () => {
  it('quotes what must be, guards formulas on request', () => {
    expect(csvRecord(['a', 'b,c', 'say "x"', ' y', '', '-1', '=1'])).toBe('a,"b,c","say ""x"""," y",,-1,=1');
    expect(csvRecord(['=1+2', '-1', '-x', 'a;b'], { delimiter: ';', guardFormulas: true })).toBe(
      '\'=1+2;-1;\'-x;"a;b"',
    );
    expect(csvRecord([''])).toBe('""');
    expect(csvField('a\r\nb')).toBe('"a\r\nb"');
  });
});
