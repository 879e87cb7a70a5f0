import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkTargets,
  checkTemplateBytes,
  decodeTemplate,
  encodeTemplate,
} from '../../../shared/domain/template/index.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the bytes of a template', () => {
  it('survive unchanged, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string({ unit: 'binary-ascii' }).map(utf8),
          fc.string().map((t) => utf8(`\ufeffé→\u{1f600}${t}`)),
        ),
        (source) => {
          const decoded = decodeTemplate(source);
          const encoded = encodeTemplate(decoded, decoded.text);
          expect(encoded.ok && [...encoded.bytes]).toEqual([...source]);
        },
      ),
    );
  });

  it('keep the byte order mark out of the text and the line ends in it', () => {
    expect(decodeTemplate(utf8('\ufeffa\r\nb\rc\n'))).toEqual({
      text: 'a\r\nb\rc\n',
      encoding: 'utf-8',
      hasByteOrderMark: true,
    });
  });

  it('take values of Windows-1252 in a single-byte file and refuse others', () => {
    const decoded = decodeTemplate(bytes(0x48, 0xf6, 0x68, 0x65));
    expect(decoded).toEqual({ text: 'Höhe', encoding: 'single-byte', hasByteOrderMark: false });
    const euro = encodeTemplate(decoded, 'ö€');
    expect(euro.ok && [...euro.bytes]).toEqual([0xf6, 0x80]);
    expect(encodeTemplate(decoded, 'x→')).toMatchObject({ ok: false, message: expect.stringContaining('`→`') });
  });

  it('are looked at for binary content and size (TPL08)', () => {
    const codes = (source: Uint8Array, size?: number): string[] =>
      checkTemplateBytes(source, 'a.inp', size).map((p) => `${p.code} ${p.severity}`);
    expect(codes(utf8('text'))).toEqual([]);
    expect(codes(bytes(1, 0, 2))).toEqual(['TPL08 warning']);
    expect(codes(bytes(0xff, 0xfe, 0x61, 0))).toEqual(['TPL08 warning']);
    expect(codes(utf8('text'), 65 * 1024 * 1024)).toEqual(['TPL08 warning']);
  });
});

describe('targets of templates', () => {
  const check = (to: string, inputs: string[] = []): string[] =>
    checkTargets([{ from: 'a.template', to, field: '/doe/templates/0' }], inputs).map(
      (p) => `${p.code} ${p.severity} ${p.message}`,
    );

  it.each([
    'beam.inp',
    'system/controlDict',
    './a/b.c',
    'case_${run}.inp',
    'in ${x:04d}.dat',
    '..a',
    'a..b/c',
    'console.txt',
  ])('accepts %s', (to) => expect(check(to)).toEqual([]));

  it.each([
    ['', 'is empty'],
    ['/etc/passwd', 'is absolute'],
    ['C:/x', 'is absolute'],
    ['C:x', 'is absolute'],
    ['\\\\server\\x', 'is absolute'],
    ['a\\b', 'backslash'],
    ['../x', '`..`'],
    ['a/../../x', '`..`'],
    ['a/', 'folder'],
    ['a//b', '`//`'],
    ['NUL', 'reserves'],
    ['a/com1.txt', 'reserves'],
    ['a.', 'point'],
    ['a /b', 'blank'],
    ['a/b:c', '`:`'],
    ['a\u0000b', '\\x00'],
    ['a\nb', '\\x0a'],
    ['x'.repeat(256), 'longer'],
    ['stdout', 'Slipway'],
    ['End.json', 'Slipway'],
  ])('refuses %j', (to, message) => {
    const [found = ''] = check(to);
    expect(found).toMatch(/^TPL07 error/);
    expect(found).toContain(message);
  });

  it('finds collisions between templates and with inputs', () => {
    const two = [
      { from: 'a.template', to: 'Beam.inp' },
      { from: 'b.template', to: './beam.INP' },
    ];
    expect(checkTargets(two, []).map((p) => p.file)).toEqual(['b.template']);
    expect(check('mesh/a.msh', ['mesh/a.msh'])[0]).toContain('overwrite the input file `mesh/a.msh`');
    expect(check('mesh', ['mesh/a.msh'])[0]).toContain('folder of the other');
    expect(check('mesh/a/b', ['mesh/a'])[0]).toContain('folder of the other');
    expect(checkTargets([{ from: 'beam.inp', to: 'beam.inp' }], ['beam.inp'])).toEqual([]);
  });

  it('points at the field of the job', () => {
    expect(checkTargets([{ from: 'a', to: '/x', field: '/doe/templates/0/to' }], [])[0]).toMatchObject({
      file: 'a',
      field: '/doe/templates/0/to',
    });
  });
});
