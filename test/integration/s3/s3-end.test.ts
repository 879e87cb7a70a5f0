import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EndEntry } from '../../../electron/core/transfer/ends/far-end.ts';
import { partsOf } from '../../../shared/domain/s3/part-size.ts';
import type { S3User } from '../../lab/radosgw.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { incoming, outgoing, problemsOf, sha256, soon } from '../transfer/ssh-end-lab.ts';
import type { EndLab } from './s3-end-lab.ts';
import { callsOf, labOf } from './s3-end-lab.ts';

const MIB = 2 ** 20;

/** Names that keys can have and that lists, addresses or signatures could get wrong. */
const ODD = [
  'plus+and space',
  'percent%20sign',
  'question?mark#hash',
  'quote"and\'s',
  'ampersand&semi;colon',
  'ünï/cödé 文',
  'new\nline',
  'tab\tand\u0001control',
  '~tilde!(star)*',
  '-leading dash',
  '.hidden',
  'dot./end.',
  'back\\slash',
  'q'.repeat(255),
];

const md5Of = (text: string): string => createHash('md5').update(text).digest('hex');

async function walk(lab: EndLab, root: string, hash = false): Promise<Map<string, EndEntry>> {
  const found = new Map<string, EndEntry>();
  for await (const batch of lab.end.walk(root, { hash }, soon()))
    for (const entry of batch) found.set(entry.path, entry);
  return found;
}

/** Sends small files as one bundle. */
async function put(lab: EndLab, root: string, files: Record<string, string | Uint8Array>): Promise<void> {
  const session = await lab.end.send({ root, transfer: 'put-1' }, soon());
  const sent = Object.entries(files).map(([path, content]) => outgoing(path, content));
  expect(problemsOf(await session.sendBundle(sent, soon(), () => undefined))).toEqual({});
  expect(
    problemsOf(
      await session.publish(
        sent.map((file) => file.publication),
        soon(),
      ),
    ),
  ).toEqual({});
  await session.close();
}

describe.skipIf(!hasRadosgw())('a bucket as a far end', () => {
  const store = useRadosgw();
  let number = 0;
  let anna: S3User;
  beforeAll(async () => {
    anna = await store().addUser('anna');
  });
  async function newBucket(owner = anna): Promise<{ bucket: string; endpoint: string }> {
    const bucket = `bucket-${++number}`;
    await store().addBucket(owner, bucket);
    return { bucket, endpoint: store().endpoint };
  }
  const newLab = async (): Promise<EndLab> => labOf(anna, await newBucket());

  it('keeps odd names, and gives back what was sent with its hash', async () => {
    const lab = await newLab();
    const files = Object.fromEntries(ODD.map((name) => [name, `content of ${name}`]));
    await put(lab, 'in/a', files);
    const found = await walk(lab, 'in/a', true);
    // The listing tells it: no object has been asked for the SHA-256 that is noted beside it.
    expect(Object.fromEntries([...found].map(([path, { md5, sha256 }]) => [path, [md5, sha256]]))).toEqual(
      Object.fromEntries(ODD.map((name) => [name, [md5Of(files[name]!), undefined]])),
    );
    const session = await lab.end.fetch({ root: 'in/a' }, soon());
    const target = incoming();
    let told = 0;
    const outcomes = await session.fetchBundle([...found.values()], target.take, soon(), (n) => (told += n));
    expect(problemsOf(outcomes)).toEqual({});
    expect(Object.fromEntries([...target.files()].map(([path, bytes]) => [path, bytes.toString()]))).toEqual(files);
    expect(told).toBe(Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0));
    expect((await session.hashes(['.hidden', 'ünï/cödé 文'], soon())).get('.hidden')).toBe(sha256(files['.hidden']!));
  });

  it('shows folders, and makes, renames and trashes what is in them', async () => {
    const lab = await newLab();
    const { end } = lab;
    await put(lab, '', { 'case/a.inp': 'aa', 'case/mesh/m.msh': 'mmm', 'case/mesh/deep/x': '', top: '1' });
    const shown = async (path: string) => {
      const { entries, truncated } = await end.list(path, soon());
      expect(truncated).toBe(false);
      return Object.fromEntries(entries.map(({ path, kind, size }) => [path, kind === 'file' ? size : kind]));
    };
    expect(await shown('')).toEqual({ case: 'folder', top: 1 });
    expect(await shown('/case/')).toEqual({ 'a.inp': 2, mesh: 'folder' });
    expect(await end.stat('case/a.inp', soon())).toMatchObject({ path: 'a.inp', kind: 'file', size: 2 });
    expect(await end.stat('case/mesh', soon())).toMatchObject({ path: 'mesh', kind: 'folder' });
    expect(await end.stat('case/me', soon())).toBeNull();
    expect((await end.read('case/mesh/m.msh', 1, 100, soon())).toString()).toBe('mm');
    expect((await end.read('case/mesh/m.msh', 3, 100, soon())).toString()).toBe('');
    expect((await end.read('case/mesh/deep/x', 0, 100, soon())).toString()).toBe('');

    await end.makeFolder('case/empty', soon());
    await end.makeFolder('case/empty', soon());
    expect(await shown('case')).toMatchObject({ empty: 'folder' });
    expect(await shown('case/empty')).toEqual({});
    await end.rename('case/mesh', 'case/net', soon());
    await end.rename('top', 'case/top', soon());
    await expect(end.rename('case/a.inp', 'case/net', soon())).rejects.toMatchObject({ problem: { kind: 'exists' } });
    await expect(end.rename('case', 'case/net/in', soon())).rejects.toMatchObject({ problem: { kind: 'name' } });
    await expect(end.rename('nothing', 'x', soon())).rejects.toMatchObject({ problem: { kind: 'not-found' } });
    expect([...(await walk(lab, 'case')).keys()].toSorted()).toEqual([
      'a.inp',
      'empty',
      'net/deep/x',
      'net/m.msh',
      'top',
    ]);

    const { trashedTo, outcomes } = await end.trash(['case/net', 'case/a.inp', 'nothing'], soon());
    expect(problemsOf(outcomes)).toEqual({ nothing: 'not-found' });
    expect([...(await walk(lab, '')).keys()].toSorted()).toEqual(['case/empty', 'case/top']);
    expect([...(await walk(lab, trashedTo!)).keys()].toSorted()).toEqual([
      'case/a.inp',
      'case/net/deep/x',
      'case/net/m.msh',
    ]);
  });

  it('lists more than a page of objects', async () => {
    const lab = await newLab();
    const files = Object.fromEntries(Array.from({ length: 1203 }, (_, i) => [`f${i}`, String(i)]));
    await put(lab, 'many', files);
    expect((await walk(lab, 'many')).size).toBe(1203);
    expect((await lab.end.list('many', soon())).entries).toHaveLength(1203);
  });

  it('goes on with a large file where a killed session was, and repeats no part that arrived', async () => {
    const target = await newBucket();
    const database = join(tempFolder(), 'state.db');
    const bytes = randomBytes(50 * MIB + 12345);
    const file = outgoing('big.odb', bytes);
    const { bytes: size } = partsOf(bytes.length);
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
      index,
      offset: index * size,
      length: Math.min(size, bytes.length - index * size),
    }));
    expect(pieces).toHaveLength(4);

    const first = labOf(anna, target, database);
    const one = await first.end.send({ root: 'out', transfer: 'big-1' }, soon());
    const ticket = (await one.beginPieces(file, null, soon()))!;
    const receipts = new Map<number, string>();
    for (const piece of pieces.slice(0, 3))
      receipts.set(piece.index, await one.sendPiece(file, ticket, piece, soon(), () => undefined));
    // The third part had arrived, but nobody wrote that down.
    receipts.delete(2);
    expect(await walk(first, 'out')).toEqual(new Map());

    const second = labOf(anna, target, database);
    const s3 = await callsOf(second);
    let sent = 0;
    s3.client.middlewareStack.add(
      (next) => (args) => {
        const { Body, PartNumber } = args.input as { Body?: Uint8Array; PartNumber?: number };
        if (PartNumber !== undefined && Body !== undefined) sent += Body.length;
        return next(args);
      },
      { step: 'initialize', name: 'count' },
    );
    const two = await second.end.send({ root: 'out', transfer: 'big-1' }, soon());
    expect(await two.beginPieces(file, ticket, soon())).toBe(ticket);
    for (const piece of pieces.slice(2))
      receipts.set(piece.index, await two.sendPiece(file, ticket, piece, soon(), () => undefined));
    expect(sent).toBe(pieces[3]!.length);
    const inOrder = pieces.map(({ index }) => receipts.get(index)!);
    await two.endPieces(file, ticket, inOrder, soon());
    expect(problemsOf(await two.publish([file.publication], soon()))).toEqual({});
    expect(second.store.uploads('data')).toEqual([]);

    // Killed after the store had put it together, before that was written down: it is found to be there.
    const third = labOf(anna, target, database);
    const three = await third.end.send({ root: 'out', transfer: 'big-1' }, soon());
    expect(await three.beginPieces(file, ticket, soon())).toBe(ticket);
    await three.endPieces(file, ticket, inOrder, soon());
    expect(problemsOf(await three.publish([file.publication], soon()))).toEqual({});

    const back = incoming();
    const fetching = await third.end.fetch({ root: 'out' }, soon());
    const entry = (await third.end.stat('out/big.odb', soon()))!;
    const into = back.take('big.odb');
    await Promise.all(pieces.map((piece) => fetching.fetchPiece(entry, into, piece, soon(), () => undefined)));
    expect(sha256(back.files().get('big.odb')!)).toBe(file.publication.sha256);
  });

  it('notes the hash of a large file when it is known before, and reads back one that is not', async () => {
    const lab = await newLab();
    const bytes = randomBytes(17 * MIB);
    const send = async (name: string, known: boolean) => {
      const file = outgoing(name, bytes);
      const given = known ? { ...file, sha256: () => Promise.resolve(file.publication.sha256) } : file;
      const session = await lab.end.send({ root: '', transfer: `t-${name}` }, soon());
      const ticket = (await session.beginPieces(given, null, soon()))!;
      const piece = { index: 0, offset: 0, length: bytes.length };
      const receipt = await session.sendPiece(given, ticket, piece, soon(), () => undefined);
      await session.endPieces(given, ticket, [receipt], soon());
      return file.publication;
    };
    const [known, unknown] = [await send('known', true), await send('unknown', false)];
    expect((await walk(lab, '', true)).get('known')?.sha256).toBe(known.sha256);
    expect((await walk(lab, '', true)).get('unknown')?.sha256).toBeUndefined();
    const later = await lab.end.send({ root: '', transfer: 'later' }, soon());
    expect(problemsOf(await later.publish([known, unknown], soon()))).toEqual({});
    const other = sha256('other');
    const wrong = [known, unknown].map((publication) => ({ ...publication, sha256: other }));
    expect(problemsOf(await later.publish(wrong, soon()))).toEqual({ known: 'corrupt', unknown: 'corrupt' });
  });

  it('begins anew when the store has forgotten an upload', async () => {
    const lab = await newLab();
    const file = outgoing('big', randomBytes(16 * MIB));
    const session = await lab.end.send({ root: '', transfer: 'gone-1' }, soon());
    const ticket = (await session.beginPieces(file, null, soon()))!;
    const s3 = await callsOf(lab);
    const [open] = await s3.uploads.list('', soon());
    await s3.uploads.abort('big', open!.uploadId, soon());
    expect(await session.beginPieces(file, ticket, soon())).toBeNull();
    expect(await session.beginPieces(file, null, soon())).not.toBe(ticket);
  });

  it('leaves no parts behind: aborts on cancel, and sweeps what nobody goes on with', async () => {
    const lab = await newLab();
    const s3 = await callsOf(lab);
    const open = async (): Promise<number> => (await s3.uploads.list('', soon())).length;
    const file = outgoing('big', randomBytes(16 * MIB));
    const piece = { index: 0, offset: 0, length: file.size };
    const begin = async (transfer: string) => {
      const session = await lab.end.send({ root: transfer, transfer }, soon());
      const ticket = (await session.beginPieces(file, null, soon()))!;
      await session.sendPiece(file, ticket, piece, soon(), () => undefined);
      return session;
    };
    const cancelled = await begin('t1');
    await begin('t2');
    expect(await open()).toBe(2);
    await cancelled.discard(soon());
    expect(await open()).toBe(1);

    const { journal } = await lab.buckets.open('data', soon());
    expect(await journal.sweep(new Set(), soon())).toBe(0);
    const [row] = lab.store.uploads('data');
    // As if it had been begun four days ago, and we had been cut off before its id was told.
    lab.store.saveUpload({ ...row!, uploadId: null, begunAt: row!.begunAt - 4 * 86_400_000 });
    expect(await journal.sweep(new Set(['t2']), soon())).toBe(0);
    expect(await journal.sweep(new Set(), soon())).toBe(1);
    expect(await open()).toBe(0);
    expect(lab.store.uploads('data')).toEqual([]);
  });

  it('tells what does not fit and what is not allowed for each file, and stops when told to', async () => {
    const owner = await store().addUser('limited');
    const lab = labOf(owner, await newBucket(owner));
    const session = await lab.end.send({ root: 'deep', transfer: 't1' }, soon());
    const long = `${'d'.repeat(250)}/`.repeat(5);
    const files = [outgoing('fine', 'x'), outgoing(`${long}x`, 'y')];
    expect(problemsOf(await session.sendBundle(files, soon(), () => undefined))).toEqual({ [`${long}x`]: 'name' });

    await store().limit(owner, 1_000_000);
    await expect(
      session.sendBundle([outgoing('large', randomBytes(2_000_000))], soon(), () => undefined),
    ).rejects.toMatchObject({ problem: { kind: 'space' } });

    const stop = new AbortController();
    const sending = session.sendBundle([outgoing('later', 'x')], stop.signal, () => undefined);
    stop.abort();
    await expect(sending).rejects.toThrow(/abort/i);
  });

  it('waits for a store that is away', async () => {
    const lab = await newLab();
    await put(lab, '', { a: '1' });
    await store().stopGateway();
    await expect(lab.end.list('', soon())).rejects.toMatchObject({
      problem: { kind: 'transient', message: expect.stringContaining('does not answer') },
    });
    await store().startGateway();
    expect((await lab.end.list('', soon())).entries).toHaveLength(1);
  });

  it('does not mix an object with the one that replaces it while it is fetched', async () => {
    const lab = await newLab();
    await put(lab, '', { model: Buffer.alloc(3 * MIB, 'a') });
    const entry = (await lab.end.stat('model', soon()))!;
    const session = await lab.end.fetch({ root: '' }, soon());
    const into = incoming().take('model');
    const piece = (index: number) => ({ index, offset: index * MIB, length: MIB });
    await session.fetchPiece(entry, into, piece(0), soon(), () => undefined);
    await put(lab, '', { model: Buffer.alloc(3 * MIB, 'b') });
    await expect(session.fetchPiece(entry, into, piece(1), soon(), () => undefined)).rejects.toMatchObject({
      problem: { kind: 'changed' },
    });
  });
});
