import { afterAll, describe, expect, it } from 'vitest';
import { createLocalSite } from '../../../electron/core/sites/local/local-site.ts';
import type { RunHandle, RunObservation, StartRequest } from '../../../electron/core/sites/site.ts';
import { has, isAlive, read, TestJob, until } from './run-folder.ts';

/** A tree that does not want to end: one member ignores TERM, one has its own session, one left its parents, one hides its environment. */
const STUBBORN_TREE = `trap '' TERM
sleep 601 &
setsid sh -c 'trap "" TERM; sleep 602; sleep 603' &
(setsid sh -c 'sleep 604 & echo $! >daemon.pid' &)
env -i sh -c 'sleep 605; :' &
touch ready
while :; do sleep 606; done`;

const site = createLocalSite({ clock: { now: () => Date.now() } });
const job = new TestJob();
afterAll(async () => {
  await site.dispose();
  expect(await job.survivors()).toEqual([]);
  await job.remove();
});

function startAndWait(run: RunHandle, more: Partial<StartRequest> = {}): Promise<RunObservation> {
  return new Promise((resolve, reject) => {
    site.start(job.request(run, more), () => site.observe(run).then(resolve, reject));
  });
}

describe('the local site', () => {
  it('runs a command with its environment and tells how it ended', async () => {
    const run = job.run({ command: 'printf "%s|%s" "$GREETING" "$SLIPWAY_RUN_TOKEN"; exit 4' });
    const seen = await startAndWait(run, { environment: { GREETING: `it's "here"\n$HOME` } });
    expect(seen).toMatchObject({ kind: 'ended', end: { reason: 'exit', exitCode: 4 }, startedAt: expect.any(Number) });
    expect(read(run, 'stdout')).toMatch(/^it's "here"\n\$HOME\|[0-9a-f]{32}$/);
  });

  it('gives every run a process group of its own, so that `kill 0` reaches no other', async () => {
    const other = job.run({ command: 'until test -e go; do sleep 0.05; done' });
    const otherEnd = startAndWait(other);
    await until(async () => (await site.observe(other)).kind === 'running');
    const run = job.run({ command: 'kill -s KILL 0' });
    expect(await startAndWait(run)).toMatchObject({ kind: 'lost' });
    expect(await site.observe(other)).toMatchObject({ kind: 'running' });
    await site.cancel(other);
    expect(await otherEnd).toMatchObject({ kind: 'ended', end: { reason: 'cancelled' } });
  });

  it('runs an attempt once when it is started twice', async () => {
    const run = job.run({ command: 'echo ran >>runs; until test -e go; do sleep 0.05; done' });
    const first = startAndWait(run);
    await until(() => has(run, 'runs'));
    expect(await startAndWait(run)).toMatchObject({ kind: 'running' });
    await site.cancel(run);
    await first;
    expect(read(run, 'runs')).toBe('ran\n');
  });

  it('stops at the time limit whatever the tree does against it', async () => {
    const run = job.run({ command: STUBBORN_TREE });
    const seen = await startAndWait(run, { walltimeSeconds: 2 });
    expect(seen).toMatchObject({ kind: 'ended', end: { reason: 'timeout', exitCode: null } });
    expect(await isAlive(Number(read(run, 'daemon.pid')))).toBe(false);
  });

  it('stops at the memory limit of all processes together', async () => {
    // Each child alone is below the limit.
    const hog = `node -e 'globalThis.kept = Buffer.alloc(60e6, 1); setInterval(() => {}, 1e9)'`;
    const run = job.run({ command: `PATH='${process.env['PATH']}'; ${hog} & setsid ${hog} & wait` });
    const seen = await startAndWait(run, { memoryBytes: 180e6 });
    expect(seen).toMatchObject({ kind: 'ended', end: { reason: 'out-of-memory', exitCode: null } });
    if (seen.kind === 'ended') expect(seen.end.peakMemoryBytes).toBeGreaterThan(180e6);
  });
});

describe('cancel', () => {
  it('ends a run that obeys within a second', async () => {
    const run = job.run({ command: 'touch ready; sleep 600', after: 'touch ran' });
    const end = startAndWait(run);
    await until(() => has(run, 'ready'));
    await site.cancel(run);
    expect(await end).toMatchObject({ kind: 'ended', end: { reason: 'cancelled', exitCode: null } });
    expect(has(run, 'ran')).toBe(false);
  });

  it('ends a tree that does not obey, and does not keep its caller', async () => {
    const run = job.run({ command: STUBBORN_TREE });
    const end = startAndWait(run);
    await until(() => has(run, 'ready') && has(run, 'daemon.pid'));
    await site.cancel(run);
    expect(await end).toMatchObject({ kind: 'ended', end: { reason: 'cancelled' } });
    expect(await isAlive(Number(read(run, 'daemon.pid')))).toBe(false);
  });

  it('ends a run in the place of a wrapper that hangs', async () => {
    const run = job.run({ command: 'touch ready; sleep 600' });
    const end = startAndWait(run);
    await until(() => has(run, 'ready') && has(run, 'start.json'));
    const { pid } = JSON.parse(read(run, 'start.json')) as { pid: number };
    process.kill(pid, 'SIGSTOP');
    await site.cancel(run);
    await end;
    await until(async () => (await site.observe(run)).kind === 'ended');
    expect(await site.observe(run)).toMatchObject({ kind: 'ended', end: { reason: 'cancelled' } });
  });

  it('is harmless before a run begins and after it has ended', async () => {
    const never = job.run({ command: 'touch ran' });
    await site.cancel(never);
    expect(await site.observe(never)).toEqual({ kind: 'not-started' });
    expect(await startAndWait(never)).toMatchObject({ kind: 'ended', end: { reason: 'cancelled' } });
    expect(has(never, 'ran')).toBe(false);

    const done = job.run({ command: 'true' });
    const seen = await startAndWait(done);
    await site.cancel(done);
    expect(await site.observe(done)).toEqual(seen);
  });

  it('reaches runs of every moment of their start', async () => {
    const runs = Array.from({ length: 12 }, () => job.run({ command: 'sleep 600' }));
    const ends = runs.map(async (run, i) => {
      const end = startAndWait(run);
      for (let turns = 0; turns < i * 3; turns++) await new Promise((resolve) => setImmediate(resolve));
      await site.cancel(run);
      return await end;
    });
    for (const end of await Promise.all(ends)) expect(end).toMatchObject({ end: { reason: 'cancelled' } });
  });
});
