import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOfPath, folderWord, textOfPath } from '../../../electron/core/transfer/ends/ssh/path-text.ts';

const anyBytes = fc.uint8Array({ maxLength: 40 });

describe('paths of a host', () => {
  test('come back byte for byte, whatever they are', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect([...bytesOfPath(textOfPath(bytes))]).toEqual([...bytes]);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(textOfPath(bytesOfPath(text))).toBe(text);
      }),
    );
    expect(textOfPath(Buffer.from('a\u00e9', 'latin1'))).toBe('a\udce9');
  });

  test('different bytes are different texts', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(textOfPath(a) === textOfPath(b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
      }),
    );
  });

  test('mean the same folder to a shell', () => {
    for (const bytes of [Buffer.from('/tmp/a b\n'), Buffer.from([0x2f, 0xe9, 0x0a]), Buffer.from('/-x$(id)')]) {
      const word = folderWord(textOfPath(bytes));
      const said = execFileSync('sh', ['-c', `printf %s ${word}`]);
      expect([bytes, Buffer.concat([bytes, Buffer.from('/.')])].some((wanted) => wanted.equals(said))).toBe(true);
    }
  });
});
