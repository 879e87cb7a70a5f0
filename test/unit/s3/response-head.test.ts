import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAD_LIMIT, readResponseHead } from '../../../electron/core/s3/response-head.ts';

const read = (text: string) => readResponseHead(Buffer.from(text, 'latin1'));
const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/);
const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);

describe('the head of an answer', () => {
  it('is read with its fields, whatever follows', () => {
    const field = fc.tuple(
      token.filter((name) => !/^(content-(length|encoding)|transfer-encoding|connection)$/i.test(name)),
      value,
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), fc.nat(1e9), fc.string(), (fields, length, rest) => {
        const lines = fields.map(([name, text]) => `${name}: ${text}\r\n`).join('');
        const text = `HTTP/1.1 206 Partial Content\r\n${lines}Content-Length: ${length}\r\n\r\n`;
        const found = read(text + rest)!;
        expect(found.headBytes).toBe(text.length);
        expect(found.head).toMatchObject({ status: 206, length, isKept: true });
        for (const [name, each] of fields) expect(found.head.headers[name.toLowerCase()]).toContain(each);
      }),
    );
  });

  it('is waited for as long as its end has not come', () => {
    const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    for (let bytes = 0; bytes < whole.length; bytes++) expect(read(whole.slice(0, bytes))).toBe(null);
    expect(() => read('x'.repeat(HEAD_LIMIT))).toThrow(/no end/);
  });

  it.each([
    'HTTP/1.0 200 OK\r\nContent-Length: 3',
    'HTTP/1.1 100 Continue\r\nContent-Length: 3',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 3',
    'HTTP/1.1 206 Partial Content',
    'HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked',
    'HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\nContent-Length: 3',
    'HTTP/1.1 206 Partial Content\r\nContent-Encoding: gzip\r\nContent-Length: 3',
    'HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nContent-Length: 4',
    'HTTP/1.1 206 Partial Content\r\nContent-Length: -3',
    'HTTP/1.1 206 Partial Content\r\nContent-Length : 3',
    'HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n folded',
    'HTTP/1.1 206 Partial Content\r\nContent-Length: 3\nX: y',
    '<html>',
  ])('that could mean something else is refused: %j', (text) => {
    expect(() => read(`${text}\r\n\r\nabc`)).toThrow();
  });

  it('says whether the connection stays', () => {
    const kept = (field: string) => read(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${field}\r\n\r\n`)?.head.isKept;
    expect(kept('Connection: close')).toBe(false);
    expect(kept('Connection: Keep-Alive')).toBe(true);
    expect(kept('X: close')).toBe(true);
  });
});
