import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogBuffer, looksBinary } from '../../../renderer/ui/text/log-buffer.ts';
import { findInLines, markLine } from '../../../renderer/features/job/log/log-search.ts';

const encoder = new TextEncoder();

function linesOf(chunks: readonly (string | Uint8Array)[], capacity = 1_000_000): readonly string[] {
  const buffer = new LogBuffer(capacity);
  for (const chunk of chunks) buffer.append(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
  return buffer.lines();
}

describe('the output of a run as lines', () => {
  it('shows the line under way, too', () => {
    expect(linesOf(['one\ntw', 'o\nthr'])).toEqual(['one', 'two', 'thr']);
    expect(linesOf(['one\n'])).toEqual(['one']);
    expect(linesOf(['\n\n'])).toEqual(['', '']);
  });

  it('drops colours, cursor moves, titles and links', () => {
    expect(linesOf(['\u001b[1;32mdone\u001b[0m\n'])).toEqual(['done']);
    expect(linesOf(['\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b\n'])).toEqual(['ab']);
    expect(linesOf(['\u001b[2Ka\u001b(Bb\n'])).toEqual(['ab']);
    expect(linesOf(['bell\u0007 back\u0008\n'])).toEqual(['bell back']);
  });

  it('lets a carriage return overwrite the line, as a progress bar does', () => {
    expect(linesOf([' 10 %\r 20 %\r', ' 30 %\r'])).toEqual([' 30 %']);
    expect(linesOf(['windows\r', '\nends\r\n'])).toEqual(['windows', 'ends']);
  });

  it('gives the same lines however the bytes are cut', () => {
    const text = 'plain\r\n\u001b[31mré\u001b[0m 日本\n12 %\r99 %\nlast';
    const bytes = encoder.encode(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.slice(places[index], end));
        expect(linesOf(chunks)).toEqual(['plain', 'ré 日本', '99 %', 'last']);
      }),
    );
  });

  it('keeps no more than its capacity, dropping the oldest lines', () => {
    const buffer = new LogBuffer(100);
    for (let line = 0; line < 1000; line++) buffer.append(encoder.encode(`line ${line}\n`));
    expect(buffer.lines().at(-1)).toBe('line 999');
    expect(buffer.lines().join('\n').length).toBeLessThanOrEqual(100);
    expect(buffer.dropped + buffer.lines().length).toBe(1000);
  });

  it('cuts a line that nobody can read', () => {
    const [line = ''] = linesOf(['x'.repeat(3000), 'x'.repeat(3000), '\n']);
    expect(line.length).toBeLessThan(4010);
    expect(line.endsWith('…')).toBe(true);
  });

  it('knows what is not a text', () => {
    expect(looksBinary(new Uint8Array([80, 75, 3, 4, 0]))).toBe(true);
    expect(looksBinary(encoder.encode('text'))).toBe(false);
  });
});

describe('searching in the output', () => {
  it('finds all places, upper and lower case alike', () => {
    expect(findInLines(['Error at 1', 'no', 'error ERROR'], 'error')).toEqual([
      { line: 0, column: 0 },
      { line: 2, column: 0 },
      { line: 2, column: 6 },
    ]);
    expect(findInLines(['abc'], '')).toEqual([]);
  });

  it('cuts a line into pieces that are the line again', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1, maxLength: 2 }), (line, text) => {
        expect(
          markLine(line, text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(line);
      }),
    );
    expect(markLine('an Error', 'err').map(({ match }) => match)).toEqual([false, true, false]);
  });
});
