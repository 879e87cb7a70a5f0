import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader } from '../../../electron/core/ssh/frame-reader.ts';
import { newNonce, quoteScript, scriptLine } from '../../../electron/core/ssh/remote-script.ts';

/** Feeds bytes in pieces and gives what the reader says. */
function read(nonce: string, bytes: Buffer, sizes: readonly number[]): { data: Buffer; end: string | null } {
  const data: Buffer[] = [];
  let end: string | null = null;
  const reader = new FrameReader(nonce, { onData: (d) => data.push(Buffer.from(d)), onEnd: (word) => (end = word) });
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : sizes[i % sizes.length]!;
    reader.feed(bytes.subarray(at, at + size));
    at += size;
  }
  return { data: Buffer.concat(data), end };
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((a) => Buffer.from(a));
/** Bytes that look like marks, but of another call. */
const nearly = fc
  .constantFrom('\nslipway-', 'slipway-0-e 0\n', '-b\n', '\n', '\n\n', '-e 0\n')
  .map((t) => Buffer.from(t));
const junk = fc.array(fc.oneof(bytes, nearly), { maxLength: 8 }).map((parts) => Buffer.concat(parts));
const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 });

describe('a frame', () => {
  test('gives back its data whatever stands around it and wherever packets are cut', () => {
    fc.assert(
      fc.property(junk, junk, junk, fc.integer({ min: 0, max: 255 }), pieces, (before, data, after, code, sizes) => {
        const nonce = newNonce();
        const whole = Buffer.concat([
          before,
          Buffer.from(`${nonce}-b\n`),
          data,
          Buffer.from(`\n${nonce}-e ${code}\n`),
          after,
        ]);
        const got = read(nonce, whole, sizes);
        expect(got.data.equals(data)).toBe(true);
        expect(got.end).toBe(String(code));
      }),
      { numRuns: 500 },
    );
  });

  test('that never comes gives nothing, and holds no more than a mark back', () => {
    fc.assert(
      fc.property(junk, pieces, (noise, sizes) => {
        expect(read(newNonce(), noise, sizes)).toEqual({ data: Buffer.alloc(0), end: null });
      }),
    );
  });

  test('whose end word has no end is cut off', () => {
    const nonce = newNonce();
    const got = read(nonce, Buffer.from(`${nonce}-b\n\n${nonce}-e ${'9'.repeat(5000)}`), [7]);
    expect(got.end).toMatch(/^9{16}$/);
  });
});

describe('a script', () => {
  // A lone surrogate is no text; a NUL no shell can hold; a line end at the end $() takes away.
  const text = fc
    .string({ unit: 'binary', maxLength: 60 })
    .filter((t) => !t.includes('\0') && t.isWellFormed() && !/[\r\n]$/.test(t));
  const odd = fc
    .array(fc.oneof(text, fc.constantFrom("'", '"', '\\', '%', '%s', '\\n', '$x', '`', '!', '\n', '-n', '\r')), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''))
    .filter((t) => !/[\r\n]$/.test(t));

  test('means the same after it has been quoted, and as one line', () => {
    const scripts = fc.sample(odd, 120);
    const program = scripts
      .map((script) => {
        const print = `printf '<%s>' ${quoteScript(script)}`;
        const line = scriptLine(print);
        expect(line).not.toMatch(/[\r\n]/);
        return `eval ${quoteScript(print)}\n${line}\n`;
      })
      .join('');
    for (const shell of ['dash', 'bash', 'busybox']) {
      const args = shell === 'busybox' ? ['sh'] : [];
      const got = execFileSync(shell, args, { input: program, encoding: 'utf8', maxBuffer: 1e8 });
      expect(got).toBe(scripts.map((script) => `<${script}><${script}>`).join(''));
    }
  });

  test('cannot hold a NUL', () => {
    expect(() => quoteScript('a\0b')).toThrow(/NUL/);
    expect(() => scriptLine('a\0b')).toThrow(/NUL/);
  });
});
