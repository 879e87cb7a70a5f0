import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BucketCheck } from '../../../shared/contract/buckets.ts';
import type { S3Stub, StubFaults } from '../../fakes/s3-stub/s3-stub.ts';
import { startS3Stub } from '../../fakes/s3-stub/s3-stub.ts';
import { incoming, outgoing, problemsOf, sha256, soon } from '../transfer/ssh-end-lab.ts';
import type { EndLab } from './s3-end-lab.ts';
import { labOf } from './s3-end-lab.ts';

const MIB = 2 ** 20;
const KEYS = { accessKeyId: 'anybody', secretAccessKey: 'anything' };

/** Damages what is large; small things, such as those of the check, stay whole. */
const damageLarge = (body: Buffer): Buffer => {
  if (body.length < MIB) return body;
  const kept = Buffer.from(body);
  kept[1000]! ^= 1;
  return kept;
};

async function lab(faults: StubFaults = {}): Promise<{ stub: S3Stub; lab: EndLab }> {
  const stub = await startS3Stub(faults);
  return { stub, lab: labOf(KEYS, { bucket: 'data', endpoint: stub.endpoint }, undefined, null) };
}

async function check({ buckets }: EndLab): Promise<BucketCheck> {
  let last: BucketCheck | null = null;
  for await (const item of buckets.check('data', soon())) last = item;
  return last!;
}

/** Sends one file whole or in one piece; returns what the end says of it. */
async function send({ end }: EndLab, content: Buffer, inPieces: boolean): Promise<Record<string, string>> {
  const file = outgoing('file', content);
  const session = await end.send({ root: '', transfer: 't1' }, soon());
  if (inPieces) {
    const ticket = (await session.beginPieces(file, null, soon()))!;
    const piece = { index: 0, offset: 0, length: file.size };
    const receipt = await session.sendPiece(file, ticket, piece, soon(), () => undefined);
    await session.endPieces(file, ticket, [receipt], soon());
  } else {
    const sent = problemsOf(await session.sendBundle([file], soon(), () => undefined));
    if (Object.keys(sent).length > 0) return sent;
  }
  return problemsOf(await session.publish([file.publication], soon()));
}

describe('a store', () => {
  it('that verifies the checksums behind a stream is found to', async () => {
    const { lab: here, stub } = await lab();
    expect(await check(here)).toMatchObject({ ok: true });
    expect(here.buckets.list()[0]?.capabilities).toMatchObject({ checksumTrailers: true, listsParts: true });
    // Nothing of the check stays.
    expect(stub.objects.size).toBe(0);
  });

  it('that keeps the framing of a stream as content is used without streams', async () => {
    const { lab: here } = await lab({ keepsFraming: true });
    expect(await check(here)).toMatchObject({ ok: true });
    expect(here.buckets.list()[0]?.capabilities).toMatchObject({ checksumTrailers: false });
  });

  it('that asks for fewer requests gets fewer, and everything in the end', async () => {
    const { lab: here, stub } = await lab();
    expect(await check(here)).toMatchObject({ ok: true });
    let refused = 0;
    stub.faults.takes = 20;
    stub.faults.slowDown = ({ busy }) => busy > 4 && ++refused > 0;
    const files = Array.from({ length: 150 }, (_, i) => outgoing(`f${i}`, randomBytes(2000)));
    const session = await here.end.send({ root: 'in', transfer: 't1' }, soon());
    expect(problemsOf(await session.sendBundle(files, soon(), () => undefined))).toEqual({});
    expect(refused).toBeGreaterThan(0);
    stub.mostBusy = 0;
    refused = 0;
    expect(problemsOf(await session.sendBundle(files, soon(), () => undefined))).toEqual({});
    for (const { path, publication } of files)
      expect(sha256(stub.objects.get(`in/${path}`)!.body)).toBe(publication.sha256);
    // It has learnt: far fewer than were refused by whoever does not listen.
    expect(refused).toBeLessThan(files.length / 2);
    expect(stub.mostBusy).toBeLessThan(16);
  });

  it('that breaks off in the middle of a body is asked for the rest', async () => {
    const { lab: here, stub } = await lab();
    const content = randomBytes(3 * MIB);
    expect(await send(here, content, false)).toEqual({});
    stub.faults.cutAfter = ({ gets }) => (gets % 3 === 0 ? null : 400_000 * gets);
    const session = await here.end.fetch({ root: '' }, soon());
    const entry = (await here.end.stat('file', soon()))!;
    const target = incoming();
    expect(problemsOf(await session.fetchBundle([entry], target.take, soon(), () => undefined))).toEqual({});
    expect(sha256(target.files().get('file')!)).toBe(sha256(content));

    stub.faults.cutAfter = () => 0;
    await expect(session.fetchBundle([entry], target.take, soon(), () => undefined)).rejects.toMatchObject({
      problem: { kind: 'transient', message: expect.stringContaining('breaks off') },
    });
  });

  it('that lists late is believed all the same: a listing proves nothing', async () => {
    const { lab: here, stub } = await lab();
    expect(await check(here)).toMatchObject({ ok: true });
    stub.faults.staleLists = true;
    expect(await send(here, randomBytes(5000), false)).toEqual({});
    expect(await send(here, randomBytes(17 * MIB), true)).toEqual({});
  });

  it('that damages what it is given is not used at all', async () => {
    const { lab: here, stub } = await lab({ keep: (body) => Buffer.concat([body, Buffer.from('extra')]) });
    const { ok, steps } = await check(here);
    expect(ok).toBe(false);
    expect(steps.at(-1)).toMatchObject({ id: 'write', detail: expect.stringContaining('not safe for your files') });
    await expect(send(here, randomBytes(10), false)).rejects.toMatchObject({ code: 'bucket/refused' });
    expect(stub.objects.size).toBe(0);
  });

  it.each<[string, StubFaults, boolean]>([
    ['whose ETags show it', {}, false],
    ['whose ETags show it', {}, true],
    ['without sums that tell', { etag: 'random', ignoresMd5: true }, false],
    ['without sums that tell', { etag: 'random', ignoresMd5: true }, true],
  ])('that begins to damage files later, %s, is found out (%o, in pieces: %s)', async (_, faults, inPieces) => {
    const { lab: here, stub } = await lab({ ...faults, keep: damageLarge });
    expect(await check(here)).toMatchObject({ ok: true });
    const content = randomBytes(17 * MIB);
    const outcome = send(here, content, inPieces).catch((error: { problem?: { kind: string } }) => ({
      file: error.problem?.kind,
    }));
    expect(await outcome).toEqual({ file: 'corrupt' });
    stub.faults.keep = (body) => body;
    expect(await send(here, content, inPieces)).toEqual({});
  });
});
