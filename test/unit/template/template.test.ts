import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTemplate, namesUsed, parseTemplate, renderTemplate } from '../../../shared/domain/template/index.ts';
import type { ParseOptions, RenderScope } from '../../../shared/domain/template/index.ts';

type Options = Partial<ParseOptions> & { derived?: RenderScope['derived']; run?: number; baseFolder?: string };

function render(source: string, values: Record<string, string> = {}, options: Options = {}): string {
  const { derived, run = 7, baseFolder, ...parsing } = options;
  const names = new Set([...Object.keys(values), ...(derived?.keys() ?? [])]);
  const { template } = parseTemplate(source, { dialect: 'generic', names, ...parsing });
  const scope: RenderScope = { values: new Map(Object.entries(values)), run, derived, baseFolder };
  const result = renderTemplate(template, scope);
  return result.ok
    ? result.text
    : result.problems.map((p) => `!${p.code} ${p.line}:${p.column} ${p.message}`).join('\n');
}

function problems(source: string, names: string[], options: Options = {}): string[] {
  const parsed = parseTemplate(source, { dialect: 'generic', names: new Set(names), ...options });
  return parsed.problems.map((p) => `${p.code} ${p.severity} ${p.line}:${p.column} ${p.message}`);
}

describe('what a placeholder inserts', () => {
  it('inserts a cell verbatim', () => {
    expect(render('[${v}] [${ v }]', { v: ' 007.50e+00 kg ' })).toBe('[ 007.50e+00 kg ] [ 007.50e+00 kg ]');
    expect(render('${and} ${run}', { and: 'x' })).toBe('x 7');
  });

  it('writes computed numbers as short as possible, or always with a point', () => {
    const derived = new Map<string, number | string | boolean>([
      ['area', 6],
      ['tiny', 7.3e-7],
      ['huge', 1e21],
      ['label', 'a b'],
      ['isOn', true],
    ]);
    const source = '${area} ${tiny} ${huge} ${label} ${isOn} ${w*2} ${w} ${w > 1}';
    expect(render(source, { w: '3' }, { derived })).toBe('6 7.3e-7 1e+21 a b true 6 3 true');
    expect(render(source, { w: '3' }, { derived, float: 'always' })).toBe('6.0 7.3e-7 1.0e+21 a b true 6.0 3 true');
  });

  it('computes expressions', () => {
    expect(
      render('${w*h^3/12} ${2*pi*r?string("0.00")} ${m == "steel" ? 7.85 : 2.7}', {
        w: '2',
        h: '3',
        r: '1',
        m: 'steel',
      }),
    ).toBe('4.5 6.28 7.85');
    expect(render('${2*e} ${e}', { e: '5' })).toBe('10 5');
  });

  it.each([
    ['${x:%12.5e}', ' 3.14159e+00'],
    ['${x:10.4f}', '    3.1416'],
    ['${x:08.3f}', '0003.142'],
    ['${x:%-8.2f}|', '3.14    |'],
    ['${x:+.1f}', '+3.1'],
    ['${x:%+05.1f}', '+03.1'],
    ['${x:.3g}', '3.14'],
    ['${x:.4}', '3.142'],
    ['${x:E}', '3.141590E+00'],
    ['${n:d}', '42'],
    ['${n:05d}', '00042'],
    ['${n:%6d}', '    42'],
    ['${n:#.3g}', '42.0'],
    ['${neg:06.1f}', '-002.5'],
    ['${neg:.0f}', '-2'],
    ['${id:d}', '12345678901234567890'],
    ['${x:>10}', '   3.14159'],
    ['${x:10}', '   3.14159'],
    ['${s:10}|', 'steel     |'],
    ['${s:<8}|', 'steel   |'],
    ['${s:>8}', '   steel'],
    ['${s:^9}', '  steel  '],
    ['${s:*>8}', '***steel'],
    ['${s:%8s}', '   steel'],
    ['${s:.3s}', 'ste'],
    ['${x?string("0.00##")}', '3.1416'],
    ["${x ? string('0E0')}", '3E0'],
    ['${big:.3e}', '1.000e+100'],
    ['${0.1+0.2:.20f}', '0.30000000000000004441'],
  ])('formats %s as %s', (source, expected) => {
    const values = { x: '3.14159', n: '42', neg: '-2.5', s: 'steel', id: '12345678901234567890', big: '1e100' };
    expect(render(source, values)).toBe(expected);
  });

  it('agrees with printf on rounding: exact value, ties to even', () => {
    expect(render('${a:.2f} ${b:.2f} ${c:.0f} ${d:.0f} ${a:.2e}', { a: '2.675', b: '0.125', c: '0.5', d: '1.5' })).toBe(
      '2.67 0.12 0 2 2.67e+00',
    );
    fc.assert(
      fc.property(
        fc.double({ min: -1e15, max: 1e15, noNaN: true }),
        fc.integer({ min: 0, max: 12 }),
        (value, places) => {
          // toFixed is exact too; only ties differ, and a tie has a short binary fraction.
          fc.pre(!Number.isInteger(value * 2 ** (places + 1)) || Number.isInteger(value));
          expect(render(`\${x:.${places}f}`, { x: String(value) })).toBe(value.toFixed(places));
        },
      ),
    );
  });

  it('refuses a field that is too narrow', () => {
    expect(render('a\n  ${x:6.4f}', { x: '123.5' })).toBe(
      '!TPL05 2:3 `${x:6.4f}`: `123.5000` needs 8 columns, but the field has 6.',
    );
    expect(render('${s:<4}', { s: 'steel' })).toMatch(/^!TPL05/);
  });

  it.each([
    ['${s:10.3f}', /needs a number, but the value is `steel`/],
    ['${s?string("0.0")}', /needs a number/],
    ['${x:d}', /needs a whole number/],
    ['${s*2}', /`s` is the text "steel"/],
    ['${x/0}', /division by zero/],
    ['${log(0-x)}', /not a real number/],
  ])('reports %s at run time as TPL04', (source, message) => {
    const text = render(source, { s: 'steel', x: '1.5' });
    expect(text).toMatch(/^!TPL04 1:1/);
    expect(text).toMatch(message);
  });

  it('uses the default when a name is undefined or its cell empty', () => {
    expect(render('${port~8080} ${a~"x | y"|upper} ${b:6.2f~0} ${a~}.', { b: '' })).toBe('8080 X | Y   0.00 .');
    expect(render('${b*2~none} ${a~5}', { b: '', a: '1' })).toBe('none 1');
  });

  it('applies filters in order', () => {
    const values = { f: "/data/my case's/mesh.inp", n: '-7', t: 'aB' };
    expect(render('${f|basename} ${f|basename|upper} ${t|lower}', values)).toBe('mesh.inp MESH.INP ab');
    expect(render('${f|sh} ${run|pad(4)} ${n|pad(4)}', values)).toBe("'/data/my case'\\''s/mesh.inp' 0007 -007");
    expect(render('${t|abspath} ${f|abspath}', values, { baseFolder: '/job/' })).toBe(`/job/aB ${values.f}`);
    expect(render('${t|abspath}', values, { baseFolder: 'C:\\job' })).toBe('C:\\job\\aB');
    expect(render('${t|abspath}', values)).toMatch(/!TPL04 .*not known/);
  });

  it('knows escapes', () => {
    const values = { x: '5' };
    expect(render('\\${x} \\\\${x} \\\\\\${x} $${x} a\\b \\$', values)).toBe('${x} \\5 \\${x} $5 a\\b \\$');
    expect(render('\\${not a placeholder ${x}', values)).toBe('${not a placeholder 5');
  });

  it('never looks at inserted text again', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const value = `${before}\${y}\\\${x}${after}`;
        expect(render('<${x}|${x|lower}>', { x: value, y: 'SECRET' })).toBe(`<${value}|${value.toLowerCase()}>`);
      }),
    );
  });

  it('copies text without placeholders character by character', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(
            fc.constantFrom('$', '{', '}', '\\', '"', '\n', '\r\n', 'x', 'é', '→', '\u{1f600}'),
            fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
          ),
        }),
        (text) => {
          fc.pre(!text.includes('${'));
          expect(render(text)).toBe(text);
        },
      ),
    );
  });

  it('can produce any text through escapes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', '\\', 'x', '\n', '${', '${x}', ' ') }), (text) => {
        const escaped = text.replace(/(\\*)\$\{/g, '$1$1\\${');
        expect(render(escaped, { x: '5' })).toBe(text);
      }),
    );
  });
});

describe('problems of a template', () => {
  it('reports an undefined name with its place and a suggestion', () => {
    const [found] = parseTemplate('line one\nset v ${vel} end', {
      dialect: 'generic',
      names: new Set(['velocity']),
      file: 'deck.inp',
    }).problems;
    expect(found).toMatchObject({
      code: 'TPL01',
      severity: 'error',
      file: 'deck.inp',
      line: 2,
      column: 7,
      offset: 15,
      length: 6,
    });
    expect(found?.message).toBe('`${vel}` is not defined – did you mean `${velocity}`?');
  });

  it('reports everything at once', () => {
    const source = '${a}\n${b\n${c+}\n${d:10q}\n${f()}\n${}\n${x|shh}\n${x?string("0.0.0")}\n${x = 5}\n${x.y}';
    const lines = problems(source, ['x', 'd']).map((line) => line.split(' ').slice(0, 3).join(' '));
    expect(lines).toEqual([
      'TPL01 error 1:1',
      'TPL02 error 2:1',
      ...[3, 4, 5, 6, 7, 8, 9, 10].map((line) => `TPL04 error ${line}:1`),
    ]);
    expect(render(source, { x: '1' }).split('\n').length).toBe(lines.length);
  });

  it('says what is wrong', () => {
    expect(problems('${x|shh}', ['x'])[0]).toMatch(/did you mean `sh`/);
    expect(problems('${x = 5}', ['x'])[0]).toMatch(/assign/);
    expect(problems('${x?string("0.0.0")}', ['x'])[0]).toMatch(/more than one `\.`/);
    expect(problems('${x:10q}', ['x'])[0]).toMatch(/`q` in `10q` is not a conversion/);
    expect(problems('${x:5d?string("0")}', ['x'])[0]).toMatch(/not both/);
    expect(problems('${x|pad}', ['x'])[0]).toMatch(/pad\(4\)/);
  });

  it('does not take a quoted closer or a ternary for the end', () => {
    expect(render('${s == "}" ? "a" : "b"} ${x > 1 ? 2 : 3:5.1f} ${x?string("0.0 \'}\'")}', { s: '}', x: '2' })).toBe(
      'a   2.0 2.0 }',
    );
  });

  it('describes every placeholder for an editor', () => {
    const { template } = parseTemplate('a ${x}\r\n${x*y:6.1f} ${run}', {
      dialect: 'generic',
      names: new Set(['x', 'y']),
    });
    expect(template.placeholders).toEqual([
      { kind: 'value', offset: 2, length: 4, line: 1, column: 3, text: '${x}', names: ['x'] },
      { kind: 'expression', offset: 8, length: 11, line: 2, column: 1, text: '${x*y:6.1f}', names: ['x', 'y'] },
      { kind: 'value', offset: 20, length: 6, line: 2, column: 13, text: '${run}', names: ['run'] },
    ]);
    expect([...namesUsed(template)]).toEqual(['x', 'y']);
    expect(structuredClone(template)).toEqual(template);
  });

  it('checks the values of all runs and groups what it finds', () => {
    const runs = ['5', '0', '123456', '0'].map((x, i) => ({ run: i + 1, values: new Map([['x', x]]) }));
    const found = checkTemplate(
      '${1/x:.1f}\n${x:4d}',
      { dialect: 'generic', names: new Set(['x']), file: 'a.inp' },
      runs,
    );
    expect(found.map((p) => [p.code, p.file, p.line, p.message])).toEqual([
      ['TPL04', 'a.inp', 1, '`${1/x:.1f}`: division by zero: 1 / 0 (run 2 and 1 more).'],
      ['TPL05', 'a.inp', 2, '`${x:4d}`: `123456` needs 6 columns, but the field has 4 (run 3).'],
    ]);
  });

  it('reports a cell that a run lacks', () => {
    const { template } = parseTemplate('${x}', { dialect: 'generic', names: new Set(['x']) });
    const result = renderTemplate(template, { run: 1, values: new Map([['xx', '1']]) });
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'TPL01', line: 1 }] });
  });

  it('warns of a template without placeholders', () => {
    expect(checkTemplate('plain', { dialect: 'generic', names: new Set() }).map((p) => p.code)).toEqual(['TPL03']);
    expect(checkTemplate('${HOME}', { dialect: 'shell', names: new Set(['x']) }).map((p) => p.code)).toEqual([
      'TPL03',
      'TPL09',
    ]);
    expect(checkTemplate('${x}', { dialect: 'shell', names: new Set(['x']) })).toEqual([]);
  });

  it('never throws, whatever the text, in any dialect', () => {
    const tokens = [
      '${',
      '}',
      '{',
      '%',
      '{%',
      '%}',
      '\\',
      'x',
      'y',
      ':',
      '~',
      '|',
      'é',
      '\u{1f600}',
      '\ud800',
      '?string(',
      '"',
      "'",
      ')',
      '(',
      '\n',
      ' ',
      '<',
      '>',
      '@',
      '5.1f',
      '# TEMPLATE_INLINE = ={ }=\n',
    ];
    const dialects = ['generic', 'shell', 'openfoam', 'slurm', 'make', 'tcl', 'json', 'dakota'] as const;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary-ascii' }),
          fc.array(fc.constantFrom(...tokens)).map((t) => t.join('')),
        ),
        fc.constantFrom(...dialects),
        fc.constantFrom(undefined, '@', '<', '(', '{{', '', 'a'),
        fc.constantFrom(undefined, '@', '>', ')', '}}', ' '),
        (source, dialect, open, close) => {
          const names = new Set(['x']);
          const runs = [{ run: 1, values: new Map([['x', '2']]) }];
          const { template, problems: found } = parseTemplate(source, { dialect, names, open, close });
          for (const p of template.placeholders) expect(source.slice(p.offset, p.offset + p.length)).toBe(p.text);
          for (const p of found) expect(p.offset + p.length).toBeLessThanOrEqual(source.length);
          checkTemplate(source, { dialect, names, open, close }, runs);
        },
      ),
      { numRuns: 300 },
    );
  });
});
