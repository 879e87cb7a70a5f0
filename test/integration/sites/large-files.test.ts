import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Job, JobDetail } from '../../../shared/contract/jobs.ts';
import { startCore } from '../../support/core.ts';
import { writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { addSite } from './add-site.ts';
import { profileWithSite, smallDisk } from '../transfer/fault-lab.ts';

const MEGABYTE = 1_000_000;
const PIECE = 8 * 1024 * 1024;
/** SSH and SFTP around the content. */
const OVERHEAD = 1.06;
/** Signing in, scripts and looks. */
const ELSE = MEGABYTE;

/** A job of one run with an input of so many bytes. */
function jobWith(mesh: Uint8Array, command: string): string {
  return writeFiles({
    'mesh.bin': mesh,
    'slipway.yaml': `name: Large\ntype: basic\ninputs: [mesh.bin]\ncommand: ${command}\nhardware: {walltime: 5m}\n`,
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** How many pieces the journal of a profile knows as acknowledged. */
function journaledPieces(home: string): number {
  const db = new Database(join(home, 'state.db'), { readonly: true });
  try {
    return db.prepare<[], number>('SELECT count(*) FROM transfer_piece').pluck().get()!;
  } finally {
    db.close();
  }
}

type Client = Awaited<ReturnType<typeof startCore>>['client'];

function ended(client: Client, job: string): Promise<JobDetail> {
  return eventually(async () => {
    const detail = await client.jobs.get({ job });
    return detail.finishedAt === null ? null : detail;
  }, 120);
}

async function submit(client: Client, folder: string): Promise<string> {
  return (await client.jobs.submit({ requestId: randomUUID(), folder, site: 'hpc', overrides: {} })).id;
}

function stdoutOf({ folder }: Pick<Job, 'folder'>): string {
  return readFileSync(join(folder, 'runs/0001/stdout'), 'utf8').trim();
}

/**
 * Runs a job, cuts the connection while its first pieces are on their way, and kills the core when some have been acknowledged. Resolves when the next core has ended
 * the job, to the bytes that were carried after the kill and those that had been acknowledged before.
 */
async function runThroughFaults(
  slipway: Slipway,
  folder: string,
  carried: () => number,
  cut: () => void,
): Promise<{ job: Job; acknowledged: number; carriedLater: number }> {
  // So slow that there is something left at each moment.
  expect((await slipway.run('transfers', 'limit', '16M')).code).toBe(0);
  const before = carried();
  const submitted = slipway.start(['run', folder, '--site', 'hpc']);
  await eventually(() => carried() - before > PIECE, 60);
  cut();
  await eventually(() => journaledPieces(slipway.home) >= 2, 60);
  slipway.kill();
  await submitted.ended;
  const acknowledged = journaledPieces(slipway.home) * PIECE;
  const killed = carried();
  expect((await slipway.run('transfers', 'limit', 'none')).code).toBe(0);
  const job = await eventually(async () => {
    const now = await slipway.job();
    return now.finishedAt === null ? null : now;
  }, 120);
  return { job, acknowledged, carriedLater: carried() - killed };
}

describe.skipIf(!HAS_SSHD)('large files of a job on a site', () => {
  it('are sent once: the next job with the same input takes what the host has', async () => {
    const { slipway, proxy } = await profileWithSite();
    const { client } = await startCore(slipway.home);
    const mesh = randomBytes(40 * MEGABYTE);
    const folder = jobWith(mesh, 'sha256sum <mesh.bin');
    const sent: number[] = [];
    for (let i = 0; i < 2; i++) {
      const before = proxy.carried().up;
      const job = await ended(client, await submit(client, folder));
      sent.push(proxy.carried().up - before);
      expect([job.state, stdoutOf(job)]).toEqual(['done', `${sha256(mesh)}  -`]);
    }
    expect(sent[0]).toBeGreaterThan(mesh.length);
    expect(sent[0]).toBeLessThan(mesh.length * OVERHEAD + ELSE);
    expect(sent[1]).toBeLessThan(mesh.length * 0.05);
    // They are no transfers of a person's.
    expect(await client.transfers.list({})).toEqual({ transfers: [] });
  }, 120_000);

  it('are not harmed by a run that writes into its input: not for the next job, and never in silence for the next run', async () => {
    const { slipway } = await profileWithSite();
    const { client } = await startCore(slipway.home);
    const mesh = randomBytes(3 * MEGABYTE);
    const spoil = 'chmod u+w mesh.bin; printf spoiled | dd of=mesh.bin conv=notrunc 2>dd.log; sha256sum <mesh.bin';
    const spoilt = await ended(client, await submit(client, jobWith(mesh, spoil)));
    expect(spoilt.state).toBe('done');
    expect(stdoutOf(spoilt)).not.toContain(sha256(mesh));
    const next = await ended(client, await submit(client, jobWith(mesh, 'sha256sum <mesh.bin')));
    expect([next.state, stdoutOf(next)]).toEqual(['done', `${sha256(mesh)}  -`]);
    await client.jobs.rerun({ requestId: randomUUID(), job: spoilt.id, runs: [1] });
    expect((await ended(client, spoilt.id)).state).toBe('failed');
    const { failure } = await client.jobs.run({ job: spoilt.id, run: 1 });
    expect(failure).toMatchObject({ message: expect.stringMatching(/written to a large input.*mesh\.bin/) });
  }, 120_000);

  it('go on after a cut connection and a killed core, and nothing that was acknowledged is sent again', async () => {
    const { slipway, proxy } = await profileWithSite();
    const mesh = randomBytes(8 * PIECE);
    const folder = jobWith(mesh, 'sha256sum <mesh.bin');
    const { job, acknowledged, carriedLater } = await runThroughFaults(
      slipway,
      folder,
      () => proxy.carried().up,
      () => proxy.cut(),
    );
    expect([job.state, stdoutOf(job)]).toEqual(['done', `${sha256(mesh)}  -`]);
    expect(carriedLater).toBeLessThan((mesh.length - acknowledged) * OVERHEAD + ELSE);
    expect(journaledPieces(slipway.home)).toBe(0);
  }, 180_000);

  it('come back whole through a cut connection and a killed core', async () => {
    const { slipway, proxy } = await profileWithSite('system');
    const size = 8 * PIECE;
    const command = `head -c ${size} /dev/urandom >out.bin; chmod 750 out.bin; sha256sum <out.bin`;
    const { job, acknowledged, carriedLater } = await runThroughFaults(
      slipway,
      jobWith(randomBytes(10), command),
      () => proxy.carried().down,
      () => proxy.cut(),
    );
    const out = join(job.folder, 'runs/0001/out.bin');
    expect([job.state, `${sha256(readFileSync(out))}  -`]).toEqual(['done', stdoutOf(job)]);
    expect(statSync(out).mode & 0o777).toBe(0o750);
    expect(carriedLater).toBeLessThan((size - acknowledged) * OVERHEAD + ELSE);
    expect(readdirSync(join(job.folder, 'runs'))).toEqual(['0001']);
  }, 180_000);

  it('stop within a second when the job is cancelled, and say truly how far they are until then', async () => {
    const { slipway, proxy, workdir } = await profileWithSite('system');
    const { client } = await startCore(slipway.home);
    await client.transfers.limit({ bytesPerSecond: 3 * MEGABYTE });
    const mesh = randomBytes(40 * MEGABYTE);
    const folder = jobWith(mesh, 'sha256sum <mesh.bin');
    const id = await submit(client, folder);
    const look = (): Promise<JobDetail> => client.jobs.get({ job: id });
    const note = await eventually(async () => {
      const { siteNote } = await look();
      return (siteNote?.progress?.bytes ?? 0) > MEGABYTE ? siteNote : null;
    }, 60);
    const { bytes, totalBytes } = note.progress!;
    expect([note.phase, totalBytes]).toEqual(['staging', mesh.length]);
    expect(bytes).toBeLessThan(proxy.carried().up + PIECE);
    const began = performance.now();
    await client.jobs.cancel({ requestId: randomUUID(), job: id });
    expect((await look()).state).toBe('cancelled');
    expect(performance.now() - began).toBeLessThan(1000);
    await ended(client, id);
    expect(existsSync(join(workdir, 'jobs', id, 'large'))).toBe(false);
    expect(proxy.carried().up).toBeLessThan(mesh.length / 2);
  }, 120_000);

  it('are not begun where there is no room for them, and the job says how much is missing', async () => {
    const disk = smallDisk(10);
    const slipway = new Slipway();
    const { workdir } = await addSite(slipway, 'hpc', { user: { name: 'root', home: disk } });
    const { client } = await startCore(slipway.home);
    const job = await submit(client, jobWith(randomBytes(20 * MEGABYTE), 'sha256sum <mesh.bin'));
    const note = await eventually(async () => {
      const { siteNote } = await client.jobs.get({ job });
      return siteNote?.phase === 'held' ? siteNote : null;
    }, 60);
    expect(note.message).toMatch(/There is no room: 19\.1 MiB are needed, [\d.]+ MiB are free\. Make room on hpc/);
    expect(existsSync(join(workdir, 'jobs', job, 'large'))).toBe(false);
    await client.jobs.cancel({ requestId: randomUUID(), job });
    expect((await ended(client, job)).state).toBe('cancelled');
  }, 60_000);
});
