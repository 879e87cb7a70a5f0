import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { RangeBody } from '../../../electron/core/s3/range-connection.ts';
import { readObject } from '../../../electron/core/s3/read-object.ts';
import { S3Bucket } from '../../../electron/core/s3/s3-bucket.ts';
import { eventually } from '../../support/eventually.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { soon } from '../transfer/ssh-end-lab.ts';

const MIB = 2 ** 20;
const CONTENT = randomBytes(9 * MIB + 12_345);

type Answer = (request: IncomingMessage, response: ServerResponse, range: Buffer) => void;

/** As stores answer. */
const plainly: Answer = (request, response, range) => {
  const { from, to } = rangeOf(request);
  response.writeHead(206, {
    'content-length': range.length,
    'content-range': `bytes ${from}-${to}/${CONTENT.length}`,
    etag: '"one"',
  });
  response.end(range);
};

function rangeOf(request: IncomingMessage): { readonly from: number; readonly to: number } {
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  return { from: Number(from), to: Math.min(Number(to), CONTENT.length - 1) };
}

/** A store of one object, and the bucket that it is in. `connections` that it has been asked over, in their order. */
async function store(answer: Answer, tls: { readonly key: Buffer; readonly cert: Buffer } | null = null) {
  const connections: Socket[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    connections.push(request.socket);
    const { from, to } = rangeOf(request);
    answer(request, response, CONTENT.subarray(from, to + 1));
  };
  const server = tls === null ? createServer(handle) : createTlsServer(tls, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `${tls === null ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = async () => ({ accessKeyId: 'anybody', secretAccessKey: 'anything' });
  const bucket = new S3Bucket({ endpoint, region: 'us-east-1', bucket: 'data', keys, pathStyle: true });
  onTestFinished(() => {
    bucket.dispose();
    server.closeAllConnections();
    server.close();
  });
  return { bucket, connections };
}

async function read(bucket: S3Bucket, offset: number, length: number): Promise<Buffer> {
  const portions: Buffer[] = [];
  for await (const bytes of readObject(bucket, 'file', { offset, length }, {}, soon()))
    portions.push(Buffer.from(bytes));
  return Buffer.concat(portions);
}

/** How a large range comes: by a connection of its own, or by the SDK's client. */
async function wayOf(bucket: S3Bucket): Promise<'own' | 'sdk'> {
  const { body } = await bucket.get('file', { range: { offset: 0, length: 2 * MIB } }, soon());
  const bytes: Buffer[] = [];
  for await (const each of body as AsyncIterable<Buffer>) bytes.push(each);
  expect(Buffer.concat(bytes).equals(CONTENT.subarray(0, 2 * MIB))).toBe(true);
  return body instanceof RangeBody ? 'own' : 'sdk';
}

it('brings every range as it is, several at once, and uses a connection again', async () => {
  const { bucket, connections } = await store(plainly);
  const ranges = [
    [0, 3 * MIB],
    [3 * MIB, 3 * MIB],
    [6 * MIB - 1, 2 * MIB + 1],
    [8 * MIB, 2 * MIB],
    [17, MIB],
    [5, CONTENT.length],
  ] as const;
  const came = await Promise.all(ranges.map(([offset, length]) => read(bucket, offset, length)));
  for (const [i, [offset, length]] of ranges.entries())
    expect(came[i]!.equals(CONTENT.subarray(offset, offset + length)), `${offset} + ${length}`).toBe(true);
  const before = new Set(connections).size;
  expect(before).toBeLessThanOrEqual(ranges.length);
  expect(await wayOf(bucket)).toBe('own');
  expect(new Set(connections).size).toBe(before);
});

it('comes encrypted, from a store whose certificate is trusted and from no other', async () => {
  const folder = tempFolder();
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=lab -keyout key -out cert';
  execFileSync('openssl', [...words.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const [key, cert] = [readFileSync(join(folder, 'key')), readFileSync(join(folder, 'cert'))];
  const { bucket } = await store(plainly, { key, cert });
  await expect(read(bucket, 0, 2 * MIB)).rejects.toMatchObject({ kind: 'certificate' });
  const usual = getCACertificates('default');
  onTestFinished(() => setDefaultCACertificates(usual));
  setDefaultCACertificates([...usual, cert.toString()]);
  const { bucket: trusting } = await store(plainly, { key, cert });
  expect(await wayOf(trusting)).toBe('own');
  const hash = createHash('sha256').update(await read(trusting, 0, CONTENT.length));
  expect(hash.digest('hex')).toBe(createHash('sha256').update(CONTENT).digest('hex'));
});

it('asks by the usual way for what it does not read itself', async () => {
  const { bucket } = await store((request, response, range) => {
    const { from, to } = rangeOf(request);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${CONTENT.length}`, etag: '"one"' });
    // Without a length it goes in chunks.
    response.write(range.subarray(0, 1000));
    response.end(range.subarray(1000));
  });
  const { body } = await bucket.get('file', { range: { offset: 0, length: 2 * MIB } }, soon());
  expect(body).not.toBeInstanceOf(RangeBody);
  body.destroy();
});

it('says what the store says when it refuses', async () => {
  const { bucket } = await store((_, response) => {
    const words = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
    response.writeHead(403, { 'content-type': 'application/xml', 'content-length': words.length }).end(words);
  });
  await expect(read(bucket, 0, 2 * MIB)).rejects.toMatchObject({ kind: 'denied', code: 'AccessDenied' });
});

it('does not mind that the store has closed a connection meanwhile', async () => {
  const { bucket, connections } = await store(plainly);
  expect(await wayOf(bucket)).toBe('own');
  const [first] = connections;
  first!.destroy();
  await eventually(() => first!.closed);
  expect((await read(bucket, MIB, 4 * MIB)).equals(CONTENT.subarray(MIB, 5 * MIB))).toBe(true);
});

it('goes on where a body broke off', async () => {
  let cuts = 3;
  const { bucket } = await store((request, response, range) => {
    if (cuts-- <= 0) return plainly(request, response, range);
    const { from, to } = rangeOf(request);
    const headers = { 'content-length': range.length, etag: '"one"' };
    response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${CONTENT.length}` });
    response.write(range.subarray(0, Math.floor(1.5 * MIB)), () => response.destroy());
  });
  expect((await read(bucket, 0, CONTENT.length)).equals(CONTENT)).toBe(true);
});

it('ends within a second when it is told to, also while the store says nothing', async () => {
  const { bucket, connections } = await store((request, response, range) => {
    const { from, to } = rangeOf(request);
    const headers = { 'content-length': range.length, etag: '"one"' };
    response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${CONTENT.length}` });
    response.write(range.subarray(0, 100));
  });
  const stop = new AbortController();
  const reading = readObject(bucket, 'file', { offset: 0, length: 4 * MIB }, {}, stop.signal).next();
  reading.catch(() => undefined);
  await eventually(() => connections.length > 0);
  const began = performance.now();
  stop.abort(new Error('stopped'));
  await expect(reading).rejects.toThrow('stopped');
  expect(performance.now() - began).toBeLessThan(1000);
  await eventually(() => connections[0]!.closed);
});

it('takes no more than a few portions ahead of whoever reads', async () => {
  const { bucket } = await store(plainly);
  const { body } = await bucket.get('file', { range: { offset: 0, length: CONTENT.length } }, soon());
  await eventually(() => body.readableLength >= 2);
  const came: Buffer[] = [];
  for await (const each of body as AsyncIterable<Buffer>) {
    expect(body.readableLength).toBeLessThanOrEqual(3);
    came.push(each);
  }
  // What was not taken at once was not lost.
  expect(Buffer.concat(came).equals(CONTENT)).toBe(true);
});
