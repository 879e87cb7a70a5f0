/** Larger heads of answers are refused, in bytes. */
export const HEAD_LIMIT = 64 * 1024;

/** The head of an HTTP/1.1 answer whose body has a told length. */
export interface ResponseHead {
  readonly status: number;
  /** By name in lower case; what comes several times is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body. */
  readonly length: number;
  /** Whether the connection takes another request afterwards. */
  readonly isKept: boolean;
}

const END = Buffer.from('\r\n\r\n');
const STATUS_LINE = /^HTTP\/1\.1 ([2-5]\d\d)(?: [^\r\n\0]*)?$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;

/**
 * Reads the head at the beginning of some bytes; null when its end has not come yet. Strict on purpose: an answer that could be understood in two ways
 * is none, and whoever asked takes another way.
 * @throws Error when it is no such head: another version, an interim answer, a body without a length or in chunks, fields that cannot be read
 */
export function readResponseHead(bytes: Buffer): { readonly head: ResponseHead; readonly headBytes: number } | null {
  const end = bytes.indexOf(END);
  if (end < 0) {
    if (bytes.length >= HEAD_LIMIT) throw new Error('the head of the answer has no end');
    return null;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(STATUS_LINE.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status) || status === 204 || status === 304) throw new Error('an answer of another kind');
  const headers = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error('a field that cannot be read');
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  const told = headers['content-length'] ?? '';
  const isPlain = headers['transfer-encoding'] === undefined && headers['content-encoding'] === undefined;
  if (!isPlain || !/^\d{1,15}$/.test(told)) throw new Error('a body whose length is not told');
  const isKept = !/(^|[\s,])close([\s,]|$)/i.test(headers['connection'] ?? '');
  return { head: { status, headers, length: Number(told), isKept }, headBytes: end + END.length };
}
