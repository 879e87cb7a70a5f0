import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeReply,
  encodeAttributes,
  encodePacket,
  FieldReader,
  MOST_PACKET,
  PacketCutter,
} from '../../../electron/core/transfer/sftp/sftp-codec.ts';
import type { Field, SftpAttributes } from '../../../electron/core/transfer/sftp/sftp-codec.ts';
import { SftpError } from '../../../electron/core/transfer/sftp/sftp-error.ts';
import { packet, reply, string, u32 } from '../../support/sftp-replies.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const word = fc.nat({ max: 0xffff_ffff });
const attributesOf: fc.Arbitrary<SftpAttributes> = fc
  .record({
    size: fc.option(fc.maxSafeNat(), { nil: undefined }),
    owner: fc.option(fc.record({ uid: word, gid: word }), { nil: undefined }),
    mode: fc.option(word, { nil: undefined }),
    times: fc.option(fc.record({ accessedAt: word, modifiedAt: word }), { nil: undefined }),
  })
  .map(({ size, owner, mode, times }) => ({
    ...(size === undefined ? {} : { size }),
    ...owner,
    ...(mode === undefined ? {} : { mode }),
    ...times,
  }));

/** Every packet of a stream that comes in such pieces. */
function cut(stream: Buffer, sizes: readonly number[], cutter = new PacketCutter()): Buffer[] {
  const packets: Buffer[] = [];
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const size = Math.max(1, sizes[i % Math.max(1, sizes.length)] ?? stream.length);
    packets.push(...cutter.push(stream.subarray(at, at + size)));
    at += size;
  }
  return packets;
}

describe('packets of SFTP', () => {
  test('are read as they were written, however the stream is cut', () => {
    const replies = fc.oneof(
      fc.record({ id: word, code: word, message: fc.string() }).map(({ id, code, message }) => ({
        sent: reply.status(id, code, message),
        read: { kind: 'status', id, code, message: Buffer.from(message).toString() },
      })),
      fc.tuple(word, fc.uint8Array({ maxLength: 256 })).map(([id, handle]) => ({
        sent: reply.handle(id, handle),
        read: { kind: 'handle', id, handle: Buffer.from(handle) },
      })),
      fc.tuple(word, bytes).map(([id, data]) => ({
        sent: reply.data(id, data),
        read: { kind: 'data', id, data: Buffer.from(data) },
      })),
      fc.tuple(word, attributesOf).map(([id, attributes]) => ({
        sent: reply.attributes(id, attributes),
        read: { kind: 'attributes', id, attributes },
      })),
      fc.tuple(word, fc.array(fc.tuple(bytes, attributesOf), { maxLength: 5 })).map(([id, names]) => ({
        sent: reply.name(id, names),
        read: { kind: 'name', id, names: names.map(([name, attributes]) => ({ name: Buffer.from(name), attributes })) },
      })),
    );
    fc.assert(
      fc.property(fc.array(replies, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 50 })), (list, sizes) => {
        const packets = cut(Buffer.concat(list.map(({ sent }) => sent)), sizes);
        expect(packets.map((p) => decodeReply(p))).toEqual(list.map(({ read }) => read));
      }),
    );
  });

  test('that we send hold their fields in order, and attributes as the draft wants them', () => {
    const field = fc.oneof(
      bytes.map((b): [Field, (r: FieldReader) => void] => [b, (r) => expect(r.string().equals(b)).toBe(true)]),
      word.map((n): [Field, (r: FieldReader) => void] => [{ u32: n }, (r) => expect(r.u32()).toBe(n)]),
      fc.maxSafeNat().map((n): [Field, (r: FieldReader) => void] => [{ u64: n }, (r) => expect(r.u64()).toBe(n)]),
      attributesOf.map((a): [Field, (r: FieldReader) => void] => [
        encodeAttributes(a),
        (r) => expect(r.attributes()).toEqual(a),
      ]),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.option(word), fc.array(field), (type, id, fields) => {
        const sent = encodePacket(
          type,
          id,
          fields.map(([f]) => f),
        );
        const reader = new FieldReader(sent);
        expect(reader.u32()).toBe(sent.length - 4);
        expect(reader.u8()).toBe(type);
        if (id !== null) expect(reader.u32()).toBe(id);
        for (const [, check] of fields) check(reader);
        expect(reader.left).toBe(0);
      }),
    );
    expect(encodeAttributes({ mode: 0o644, modifiedAt: 1.9 })).toEqual({
      raw: Buffer.concat([u32(12), u32(0o644), u32(1), u32(1)]),
    });
    expect(encodeAttributes({ modifiedAt: -5 })).toEqual({ raw: Buffer.concat([u32(8), u32(0), u32(0)]) });
  });

  test('of a server that means harm are refused, by nothing but an SftpError', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      // A known type, and then anything.
      fc
        .tuple(fc.constantFrom(2, 101, 102, 103, 104, 105, 201), fc.uint8Array({ maxLength: 64 }))
        .map(([type, rest]) => Buffer.concat([Buffer.from([type]), rest])),
      // Large counts and lengths where few bytes follow.
      fc
        .tuple(fc.constantFrom(102, 103, 104, 105), word, word, fc.uint8Array({ maxLength: 32 }))
        .map(([type, a, b, rest]) => Buffer.concat([Buffer.from([type]), u32(7), u32(a), u32(b), rest])),
    );
    fc.assert(
      fc.property(hostile, (body) => {
        const before = process.memoryUsage().arrayBuffers;
        try {
          decodeReply(Buffer.from(body));
        } catch (error) {
          expect(error).toBeInstanceOf(SftpError);
          expect((error as SftpError).kind).toBe('protocol');
        }
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
      }),
      { numRuns: 2000 },
    );
    const many = packet(104, u32(1), u32(0xffff_ffff)).subarray(4);
    expect(() => decodeReply(many)).toThrow('ends too early');
    expect(() => decodeReply(packet(102, u32(1), string(Buffer.alloc(257))).subarray(4))).toThrow(
      'string of 257 bytes',
    );
  });

  test('never make the reader hold more than one of them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { maxLength: 200 }), (pieces) => {
        const cutter = new PacketCutter();
        try {
          for (const piece of pieces) {
            for (const p of cutter.push(Buffer.from(piece))) expect(p.length).toBeLessThanOrEqual(MOST_PACKET);
            expect(cutter.held).toBeLessThanOrEqual(MOST_PACKET + 4);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(SftpError);
        }
      }),
    );
    const push = (length: number): Buffer[] => [...new PacketCutter().push(u32(length))];
    expect(() => push(0)).toThrow(SftpError);
    expect(() => push(MOST_PACKET + 1)).toThrow(`a packet of ${MOST_PACKET + 1} bytes`);
    expect(() => push(0xffff_ffff)).toThrow(SftpError);
    expect(push(MOST_PACKET)).toEqual([]);
    // One byte at a time is slow for the server, not for us.
    const large = packet(103, u32(1), string(Buffer.alloc(200_000, 'x')));
    const began = performance.now();
    expect(cut(large, [1])).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('say so when the host prints text instead', () => {
    expect(() => [...new PacketCutter().push(Buffer.from('Last login: Tue'))]).toThrow('"Last…"');
  });
});
