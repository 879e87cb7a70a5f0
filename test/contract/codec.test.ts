import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, frameHead } from '../../electron/transports/frame-reader.ts';
import { MAX_FRAME_BYTES, decodeFrame, encodeFrame } from '../../shared/wires/codec.ts';

const bytes = fc.uint8Array({ maxLength: 50 });
const carriable = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__'), fc.constant('constructor')), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;

/** fast-check makes objects without prototype too; JSON gives them one. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value, 'bytes'];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, item]) => [key, plain(item)]);
}

describe('codec', () => {
  it('gives back any frame as it was', () => {
    fc.assert(
      fc.property(carriable, (value) => {
        const frame = { kind: 'ok', id: 1, value };
        expect(plain(decodeFrame(encodeFrame(frame)))).toEqual(plain(frame));
      }),
    );
  });

  it('sends text where there are no bytes, and bytes with buffers of their own', () => {
    expect(encodeFrame({ a: [1, 'x'] })).toBe('{"a":[1,"x"]}');
    const encoded = encodeFrame({ a: Buffer.from('ab'), b: { c: [new Uint8Array([3])] } }) as Uint8Array;
    const { a, b } = decodeFrame(encoded) as { a: Uint8Array; b: { c: Uint8Array[] } };
    expect([a, b.c[0]]).toEqual([new Uint8Array([97, 98]), new Uint8Array([3])]);
    expect(a.buffer.byteLength).toBe(2);
    expect(a.constructor).toBe(Uint8Array);
  });

  it('never throws for what is no frame', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 200 })), (data) => {
        decodeFrame(data);
      }),
    );
  });

  it('refuses headers that point elsewhere than at the places kept for bytes', () => {
    const build = (header: string, body: number[]): Uint8Array => {
      const head = Buffer.from(header);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(head.byteLength);
      return Buffer.concat([length, head, Buffer.from(body)]);
    };
    expect(decodeFrame(build('[{"a":null},[[["a"],2]]]', [1, 2]))).toEqual({ a: new Uint8Array([1, 2]) });
    for (const [header, body] of [
      ['[{"a":1},[[["a"],2]]]', [1, 2]],
      ['[{},[[["a"],2]]]', [1, 2]],
      ['[{},[[["__proto__","polluted"],2]]]', [1, 2]],
      ['[{"a":null},[[["a"],3]]]', [1, 2]],
      ['[{"a":null},[[["a"],1]]]', [1, 2]],
      ['[{"a":null},[[["a"],-1]]]', [1, 2]],
      ['[{"a":null},[[[],2]]]', [1, 2]],
      ['[{"a":null},7]', [1, 2]],
      ['{}', []],
    ] as const) {
      expect(decodeFrame(build(header, [...body])), header).toMatchObject({ kind: 'undecodable' });
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('names the place of what cannot be carried', () => {
    const cases: [unknown, RegExp][] = [
      [{ value: { rows: [{ uy: Number.NaN }] } }, /^value\.rows\[0\]\.uy: NaN/],
      [{ value: [undefined] }, /^value\[0\]: a value of type undefined/],
      [{ value: new Map() }, /^value: an object of class Map/],
      [{ value: 10n }, /bigint/],
      [{ value: 'x'.repeat(MAX_FRAME_BYTES) }, /64 MiB at once/],
      [{ value: new Uint8Array(MAX_FRAME_BYTES) }, /64 MiB at once/],
    ];
    for (const [frame, message] of cases) {
      expect(() => encodeFrame(frame)).toThrow(
        expect.objectContaining({ code: 'unserializable', message: expect.stringMatching(message) }),
      );
    }
    expect(encodeFrame({ a: undefined, b: 1 })).toBe('{"b":1}');
  });
});

describe('frame reader', () => {
  it('finds the same frames however the bytes are cut', () => {
    const frame = fc.oneof(fc.string({ unit: 'grapheme' }), bytes);
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
        (frames, cuts) => {
          const stream = Buffer.concat(frames.flatMap((data) => [frameHead(data), Buffer.from(data as string)]));
          const got: (string | Uint8Array)[] = [];
          const reader = new FrameReader((data) => got.push(data));
          for (let at = 0; at < stream.byteLength;) {
            const length = cuts.next().value as number;
            expect(reader.push(stream.subarray(at, at + length))).toBe(true);
            at += length;
          }
          const comparable = (data: string | Uint8Array): unknown => (typeof data === 'string' ? data : [...data]);
          expect(got.map(comparable)).toEqual(frames.map(comparable));
        },
      ),
    );
  });

  it('refuses frames over its limit at the head, and unknown kinds', () => {
    const reader = new FrameReader(() => undefined, 10);
    expect(reader.push(Buffer.from([0, 0, 0, 11, 0]))).toBe(false);
    expect(new FrameReader(() => undefined).push(Buffer.from([0, 0, 0, 1, 2]))).toBe(false);
    expect(new FrameReader(() => undefined).push(Buffer.from([255, 255, 255, 255, 0]))).toBe(false);
  });
});
