import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellScanner, NOT_PLAIN } from '../../../shared/domain/csv/cell-scanner.ts';
import { CELL, classifyCell } from '../../../shared/domain/csv/cell-types.ts';
import { ByteDecoder, decodePart } from '../../../shared/domain/csv/decode.ts';
import { OrdinalTable } from '../../../shared/domain/csv/ordinal-table.ts';
import { readRunDefinition, RunDefinitionReader } from '../../../shared/domain/csv/run-definition.ts';
import { bytesOf } from './helpers.ts';

function cutBytes(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.slice(at[i], end));
}

function decodeAll(pieces: readonly Uint8Array[]): { text: string; events: unknown[] } {
  const decoder = new ByteDecoder();
  const events = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
  const text = events.map((e) => (e.kind === 'text' ? e.text : '')).join('');
  return { text, events: events.filter((e) => e.kind !== 'text') };
}

const anyCuts = fc.array(fc.nat(20_000), { maxLength: 8 });
const csvText = fc.string({
  unit: fc.constantFrom('a', 'b', '1', '2', '.', ' ', ',', ',', ';', '"', '\r', '\n', '\n', 'é', '𝜇'),
  maxLength: 120,
});

describe('reading in pieces', () => {
  it('decodes the same text however the bytes are cut, valid or not', () => {
    const byte = fc.constantFrom(
      0x41,
      0x2c,
      0x0a,
      0xc3,
      0xa4,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9d,
      0x9c,
      0x87,
      0xed,
      0xa0,
      0xff,
      0x80,
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), anyCuts, fc.boolean(), (tail, cuts, far) => {
        // Long enough that the cuts also fall behind the head that the decoder waits for.
        const bytes = new Uint8Array([...bytesOf('a'.repeat(far ? 5000 : 0)), ...tail]);
        const whole = decodeAll([bytes]);
        expect(decodeAll(cutBytes(bytes, cuts))).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('decodes valid UTF-8 and UTF-16 like the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyCuts, (text, cuts) => {
        fc.pre(!text.startsWith('\ufeff') && !/^(PK\u0003\u0004|PK\u0005\u0006|%PDF-)/.test(text));
        expect(decodeAll(cutBytes(bytesOf(text), cuts)).text).toBe(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytesOf(text)),
        );
        const utf16 = new Uint8Array([
          0xff,
          0xfe,
          ...[...Array(text.length).keys()].flatMap((i) => [text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8]),
        ]);
        expect(decodeAll(cutBytes(utf16, cuts)).text).toBe(text);
      }),
    );
  });

  it('gives the same runs and problems however the bytes are cut', () => {
    fc.assert(
      fc.property(csvText, anyCuts, fc.constantFrom('', 'sep=;\n', '# c\n', '\ufeff'), (text, cuts, start) => {
        const bytes = bytesOf(`${start}a,b;c\n${text}`);
        const options = { checkpointEvery: 1, preview: 3 };
        expect(readRunDefinition(cutBytes(bytes, cuts), options)).toEqual(readRunDefinition(bytes, options));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same runs across many large pieces', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},"é ${i}",${i / 7},"a\nb"`);
    const bytes = bytesOf(`n,t,x,m\r\n${rows.join('\r\n')}\r\n`);
    const whole = readRunDefinition(bytes);
    expect(whole).toMatchObject({ ok: true, total: 20_000 });
    for (const size of [997, 65_536, 262_144]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(readRunDefinition(pieces)).toEqual(whole);
    }
  });

  it('does not keep the bytes: the caller may reuse its buffer', () => {
    const text = 'a,é\n1,ä\n2,ö\n';
    const rows: string[][] = [];
    const reader = new RunDefinitionReader({}, (row) => rows.push([...row.fields]));
    const buffer = new Uint8Array(3);
    const bytes = bytesOf(text);
    for (let at = 0; at < bytes.length; at += 3) {
      buffer.set(bytes.subarray(at, at + 3));
      reader.push(buffer.subarray(0, Math.min(3, bytes.length - at)));
      buffer.fill(0xff);
    }
    expect(reader.end().ok).toBe(true);
    expect(rows).toEqual([
      ['1', 'ä'],
      ['2', 'ö'],
    ]);
  });

  it('checkpoints are the byte offsets of their rows, in every encoding', () => {
    const text = `k,t\n${Array.from({ length: 500 }, (_, i) => `${i},ü𝜇 ${i}\n`).join('')}`;
    const latin = text.replaceAll('𝜇', 'ß');
    const utf16 = new Uint8Array([
      0xff,
      0xfe,
      ...[...Array(text.length).keys()].flatMap((i) => [text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8]),
    ]);
    for (const bytes of [
      bytesOf(text),
      bytesOf(`\ufeff${text}`),
      utf16,
      Uint8Array.from(latin, (c) => c.charCodeAt(0)),
    ]) {
      const definition = readRunDefinition(cutBytes(bytes, [700, 1300, 5000, 5001, 6000]), { checkpointEvery: 100 });
      expect(definition.checkpoints.map((c) => c.ordinal)).toEqual([1, 101, 201, 301, 401]);
      for (const { ordinal, line, byteOffset } of definition.checkpoints) {
        expect(line).toBe(ordinal + 1);
        const { encoding } = definition.dialect;
        expect(decodePart(bytes.subarray(byteOffset, byteOffset + 40), encoding)).toMatch(
          new RegExp(`^${ordinal - 1},ü`),
        );
      }
    }
  });
});

describe('the fast paths tell the same as the careful ones', () => {
  const numberish = fc
    .string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', 'E', 'd', ',', ' '), maxLength: 22 })
    .map((s) => s.trim());

  it('CellScanner agrees with classifyCell wherever it decides', () => {
    fc.assert(
      fc.property(numberish, fc.string(), (text, before) => {
        const kind = new CellScanner().scan(`${before}${text}99`, before.length, before.length + text.length);
        if (kind !== NOT_PLAIN) expect(kind).toBe(classifyCell(text));
        else expect([CELL.integer, CELL.empty, CELL.doubtfulInteger]).not.toContain(classifyCell(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('plain numbers are what Number reads', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const kind = classifyCell(String(x));
        expect([CELL.integer, CELL.decimal, CELL.doubtfulInteger]).toContain(kind);
      }),
    );
  });

  it('equal hashes mean equal texts', () => {
    const seen = new Map<string, string>();
    const scanner = new CellScanner();
    for (let i = 0; i < 20_000; i++) {
      const cells = [String(i % 200), String(Math.floor(i / 200) / 10)];
      scanner.reset();
      for (const text of cells) scanner.scan(text, 0, text.length);
      const key = `${scanner.a} ${scanner.b}`;
      expect(seen.get(key)).toBeUndefined();
      seen.set(key, cells.join());
    }
  });

  it('OrdinalTable remembers the first ordinal of each hash', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 900 })), { maxLength: 2500 }),
        (pairs) => {
          const table = new OrdinalTable();
          const model = new Map<string, number>();
          pairs.forEach(([a, b], i) => {
            expect(table.seen(a, b, i + 1)).toBe(model.get(`${a} ${b}`) ?? 0);
            if (!model.has(`${a} ${b}`)) model.set(`${a} ${b}`, i + 1);
          });
        },
      ),
      { numRuns: 20 },
    );
  });
});
