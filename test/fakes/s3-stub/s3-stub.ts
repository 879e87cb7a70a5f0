/**
 * A small S3 store for what radosgw does not do: it verifies the CRC32 trailers of AWS's programs, and it fails on demand as stores do: asks for less, breaks off,
 * lists late, damages what it keeps. Buckets are in the path and exist when they are named; keys are not looked at.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { crc32Text, readAwsChunked } from './aws-chunked.ts';

export interface StubFaults {
  /** Milliseconds until it answers; default 0. */
  takes?: number;
  /** Answers a request with 503 SlowDown instead. */
  slowDown?: (request: { readonly count: number; readonly busy: number }) => boolean;
  /** Bytes of a body after which the connection is cut; null = it is sent whole. */
  cutAfter?: (request: { readonly gets: number }) => number | null;
  /** Listings do not show what was put. */
  staleLists?: boolean;
  /** What is kept of a body, when not the body. */
  keep?: (body: Buffer) => Buffer;
  /** The ETag is of what is kept, of what was sent, or none that says anything. */
  etag?: 'kept' | 'sent' | 'random';
  ignoresMd5?: boolean;
  /** Keeps the framing of streamed bodies as if it were content. */
  keepsFraming?: boolean;
}

interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Parts = Map<number, StoredObject>;

export interface S3Stub {
  readonly endpoint: string;
  /** May be changed at any time. */
  readonly faults: StubFaults;
  /** By key. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** The most requests that there were at once. */
  mostBusy: number;
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

/** Starts a store in this process; it is ended after the test. */
export async function startS3Stub(faults: StubFaults = {}): Promise<S3Stub> {
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, { readonly metadata: StoredObject['metadata']; readonly parts: Parts }>();
  let [count, gets, busy] = [0, 0, 0];

  const keep = (sent: Buffer, metadata: StoredObject['metadata']): StoredObject => {
    const body = faults.keep?.(sent) ?? sent;
    const etag = faults.etag === 'random' ? randomUUID() : hexMd5(faults.etag === 'sent' ? sent : body);
    return { body, etag, metadata };
  };
  const content = async (request: IncomingMessage): Promise<Buffer> => {
    const raw = await buffer(request);
    const md5 = request.headers['content-md5'];
    if (md5 !== undefined && faults.ignoresMd5 !== true && createHash('md5').update(raw).digest('base64') !== md5)
      throw new Refusal(400, 'BadDigest');
    if (!/aws-chunked/.test(String(request.headers['content-encoding'])) || faults.keepsFraming === true) return raw;
    const read = readAwsChunked(raw);
    const told = read?.trailers.get('x-amz-checksum-crc32');
    if (read === null || (told !== undefined && told !== crc32Text(read.content))) throw new Refusal(400, 'BadDigest');
    return read.content;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://stub');
    const key = decodeURIComponent(url.pathname).replace(/^\/[^/]+\/?/, '');
    const uploadId = url.searchParams.get('uploadId');
    const upload = uploadId === null ? null : uploads.get(uploadId);
    if (upload === undefined) throw new Refusal(404, 'NoSuchUpload');
    const xml = (text: string): void => void response.setHeader('content-type', 'application/xml').end(text);
    const metadata = (): StoredObject['metadata'] =>
      Object.fromEntries(
        Object.entries(request.headers)
          .filter(([name]) => name.startsWith('x-amz-meta-'))
          .map(([name, value]) => [name, String(value)]),
      );
    const found = (): StoredObject => {
      const object = objects.get(key);
      if (object === undefined) throw new Refusal(404, 'NoSuchKey');
      return object;
    };
    const lookAt = ({ body, etag, metadata }: StoredObject): ServerResponse => {
      for (const [name, value] of Object.entries(metadata)) response.setHeader(name, value);
      return response
        .setHeader('etag', `"${etag}"`)
        .setHeader('content-length', body.length)
        .setHeader('last-modified', new Date().toUTCString());
    };

    switch (request.method) {
      case 'PUT': {
        const body = await content(request);
        const number = url.searchParams.get('partNumber');
        if (number === null && request.headers['if-none-match'] === '*' && objects.has(key))
          throw new Refusal(412, 'PreconditionFailed');
        const stored = keep(body, metadata());
        if (number === null) objects.set(key, stored);
        else upload!.parts.set(Number(number), stored);
        response.setHeader('etag', `"${stored.etag}"`).end();
        return;
      }
      case 'HEAD':
        lookAt(found()).end();
        return;
      case 'DELETE':
        await buffer(request);
        if (uploadId === null) objects.delete(key);
        else uploads.delete(uploadId);
        response.writeHead(204).end();
        return;
      case 'POST': {
        await buffer(request);
        if (uploadId === null) {
          const id = randomUUID();
          uploads.set(id, { metadata: metadata(), parts: new Map() });
          xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
          return;
        }
        const parts = [...upload!.parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
        const md5s = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
        const etag = `${hexMd5(md5s)}-${parts.length}`;
        objects.set(key, { body: Buffer.concat(parts.map(({ body }) => body)), etag, metadata: upload!.metadata });
        uploads.delete(uploadId);
        xml(`<CompleteMultipartUploadResult><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`);
        return;
      }
      default: {
        if (upload !== null) {
          const parts = [...upload.parts].map(
            ([number, { body, etag }]) =>
              `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag><Size>${body.length}</Size></Part>`,
          );
          xml(`<ListPartsResult>${parts.join('')}<IsTruncated>false</IsTruncated></ListPartsResult>`);
          return;
        }
        if (key === '') {
          const prefix = url.searchParams.get('prefix') ?? '';
          const listed = faults.staleLists === true ? [] : [...objects].filter(([each]) => each.startsWith(prefix));
          const entries = listed.map(
            ([each, { body, etag }]) =>
              `<Contents><Key>${encodeURIComponent(each)}</Key><Size>${body.length}</Size><ETag>"${etag}"</ETag></Contents>`,
          );
          xml(`<ListBucketResult>${entries.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`);
          return;
        }
        const object = found();
        const match = request.headers['if-match'];
        if (match !== undefined && match !== `"${object.etag}"`) throw new Refusal(412, 'PreconditionFailed');
        const range = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '');
        const [from, to] = range === null ? [0, object.body.length] : [Number(range[1]), Number(range[2]) + 1];
        const part = object.body.subarray(from, to);
        lookAt(object).setHeader('content-length', part.length);
        if (range !== null)
          response.setHeader('content-range', `bytes ${from}-${from + part.length - 1}/${object.body.length}`);
        response.writeHead(range === null ? 200 : 206);
        const cut = faults.cutAfter?.({ gets: ++gets }) ?? null;
        if (cut === null || cut >= part.length) response.end(part);
        else response.write(part.subarray(0, cut), () => response.destroy());
      }
    }
  }

  const server = createServer((request, response) => {
    stub.mostBusy = Math.max(stub.mostBusy, ++busy);
    response.once('close', () => busy--);
    const handle = async (): Promise<void> => {
      if (faults.slowDown?.({ count: ++count, busy }) === true) {
        request.resume();
        throw new Refusal(503, 'SlowDown');
      }
      await sleep(faults.takes ?? 0);
      await answer(request, response);
    };
    handle().catch((error: unknown) => {
      const { status, message } = error instanceof Refusal ? error : new Refusal(500, 'InternalError');
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${message}</Code></Error>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const stub: S3Stub = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    objects,
    mostBusy: 0,
  };
  return stub;
}

function hexMd5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
