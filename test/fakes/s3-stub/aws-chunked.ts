import { crc32 } from 'node:zlib';

/** A body as AWS's programs stream it: chunks with their lengths, then a checksum. Null = it is none, or it is cut. */
export function readAwsChunked(
  body: Buffer,
): { readonly content: Buffer; readonly trailers: Map<string, string> } | null {
  const chunks: Buffer[] = [];
  let at = 0;
  const line = (): string | null => {
    const end = body.indexOf('\r\n', at);
    if (end < 0) return null;
    const text = body.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const length = Number.parseInt(/^[0-9a-f]+/i.exec(line() ?? '')?.[0] ?? '', 16);
    if (Number.isNaN(length)) return null;
    if (length === 0) break;
    chunks.push(body.subarray(at, at + length));
    at += length + 2;
  }
  const trailers = new Map<string, string>();
  for (let text = line(); text !== null && text !== ''; text = line()) {
    const colon = text.indexOf(':');
    trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
  }
  return { content: Buffer.concat(chunks), trailers };
}

/** As `x-amz-checksum-crc32` writes it. */
export function crc32Text(content: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return bytes.toString('base64');
}
