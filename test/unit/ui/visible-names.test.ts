import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitName } from '../../../renderer/features/files/table/split-name.ts';
import { visibleText } from '../../../shared/domain/visible-text.ts';

describe('text from outside', () => {
  it('is written out where one would not see it, and stays as it is elsewhere', () => {
    expect(visibleText('line\nbreak\ttab.txt')).toBe('line\\nbreak\\ttab.txt');
    expect(visibleText('invoice\u202Efdp.exe')).toBe('invoice\\u{202e}fdp.exe');
    expect(visibleText('Überprüfung  日本語 é')).toBe('Überprüfung  日本語 é');
    // Never a second line, whatever it is.
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\r\n\u2028\u2029]/.test(visibleText(text))));
  });
});

describe('a long name', () => {
  it('keeps its end apart from what may be cut', () => {
    const name = 'it_width=2.5_load=800_material=steel_run=0001.odb';
    expect(splitName(name)).toEqual([name.slice(0, -12), 'run=0001.odb']);
    expect(splitName('beam.inp')).toEqual(['beam.inp', '']);
  });

  it('loses nothing, and no character is torn apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        const [start, end] = splitName(name);
        expect(start + end).toBe(name);
        if (start !== '') expect(/^[\p{M}\uDC00-\uDFFF]/u.test(end)).toBe(false);
        expect(/[\uD800-\uDBFF]$/.test(start)).toBe(false);
      }),
    );
  });
});
