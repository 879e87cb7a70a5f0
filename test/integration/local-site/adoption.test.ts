import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { processStart } from '../../../electron/core/sites/local/processes.ts';
import { createLocalSite } from '../../../electron/core/sites/local/local-site.ts';
import type { RunHandle } from '../../../electron/core/sites/site.ts';
import { has, isAlive, read, record, TestJob, until } from './run-folder.ts';

const LOCAL_SITE = fileURLToPath(new URL('../../../electron/core/sites/local/local-site.ts', import.meta.url));

/** A core that only starts runs. */
const OTHER_CORE = `
import { createLocalSite } from ${JSON.stringify(LOCAL_SITE)};
const site = createLocalSite({ clock: { now: () => Date.now() } });
for (const request of JSON.parse(process.argv[1])) site.start(request, () => {});
setInterval(() => {}, 1e9);
`;

const clock = { now: () => Date.now() };
/** The core that comes after. */
const site = createLocalSite({ clock });
const job = new TestJob();
afterAll(async () => {
  await site.dispose();
  expect(await job.survivors()).toEqual([]);
  await job.remove();
});

/** Starts runs from another process and kills that with -9 as soon as `moment` has come. */
async function startFromKilledCore(runs: readonly RunHandle[], moment: () => boolean): Promise<void> {
  const requests = JSON.stringify(runs.map((run) => job.request(run)));
  const args = ['--input-type=module', '--no-warnings', '-e', OTHER_CORE, requests];
  const core = spawn(process.execPath, args, { stdio: 'inherit' });
  await until(moment);
  const gone = once(core, 'exit');
  core.kill('SIGKILL');
  await gone;
}

/** Starts a run and waits until both names of its start record are there: the claim, by which it is seen as running, comes first. */
async function startAndWatch(run: RunHandle): Promise<void> {
  site.start(job.request(run), () => undefined);
  await until(async () => has(run, 'start.json') && (await site.observe(run)).kind === 'running');
}

/** Changes both names of the start record. */
function rewriteStart(run: RunHandle, change: Record<string, unknown>): void {
  const text = JSON.stringify({ ...record(run, 'start'), ...change });
  for (const name of ['start.json', join('.slipway', `claim.${run.attempt}`)]) {
    unlinkSync(join(run.runDir, name));
    writeFileSync(join(run.runDir, name), text);
  }
}

describe('after a core was killed', () => {
  it('its runs go on, and the next core sees them to their end', async () => {
    const long = job.run({ command: 'touch ready; until test -e go; do sleep 0.05; done; exit 6' });
    const short = job.run({ command: 'true' });
    await startFromKilledCore([long, short], () => has(long, 'ready') && has(short, 'end.json'));
    expect(await site.observe(short)).toMatchObject({ kind: 'ended', end: { exitCode: 0 } });
    const seen = await site.observe(long);
    expect(seen).toMatchObject({ kind: 'running' });
    if (seen.kind === 'running') expect(Math.abs(seen.startedAt - Date.now())).toBeLessThan(60_000);
    writeFileSync(join(long.runDir, 'go'), '');
    await until(async () => (await site.observe(long)).kind !== 'running');
    expect(await site.observe(long)).toMatchObject({ kind: 'ended', end: { reason: 'exit', exitCode: 6 } });
  });

  it('its runs can be cancelled', async () => {
    const run = job.run({ command: 'touch ready; sleep 600' });
    await startFromKilledCore([run], () => has(run, 'ready'));
    await site.cancel(run);
    await until(async () => (await site.observe(run)).kind !== 'running');
    expect(await site.observe(run)).toMatchObject({ kind: 'ended', end: { reason: 'cancelled' } });
  });
});

describe('a look at a run', () => {
  it('is `lost` when the wrapper was killed, and what it left is ended first', async () => {
    const run = job.run({ command: 'echo $$ >pid; (setsid sleep 600 &); sleep 600' });
    await startAndWatch(run);
    await until(() => has(run, 'pid') && read(run, 'pid') !== '');
    process.kill(Number(record(run, 'start')['pid']), 'SIGKILL');
    await until(async () => (await site.observe(run)).kind !== 'running');
    expect(await site.observe(run)).toMatchObject({ kind: 'lost', reason: expect.stringContaining('killed') });
    expect(await isAlive(Number(read(run, 'pid')))).toBe(false);
    expect(await job.survivors()).toEqual([]);
  });

  it('is `lost` after the machine restarted, even if a process has the same number and start', async () => {
    const run = job.run({ command: 'sleep 600' });
    await startAndWatch(run);
    const { bootId } = record(run, 'start');
    rewriteStart(run, { bootId: 'another-boot' });
    expect(await site.observe(run)).toEqual({ kind: 'lost', reason: 'the machine restarted while the run was going' });
    rewriteStart(run, { bootId });
    await site.cancel(run);
    await until(async () => (await site.observe(run)).kind === 'ended');
  });

  it('tells a shutdown from a stranger who ended the run', async () => {
    const run = job.run({ command: 'touch ready; sleep 600' });
    await startAndWatch(run);
    await until(() => has(run, 'ready'));
    process.kill(Number(record(run, 'start')['pid']), 'SIGTERM');
    await until(() => has(run, 'end.json'));
    expect(await site.observe(run)).toMatchObject({ kind: 'ended', end: { reason: 'terminated' } });
    rewriteStart(run, { bootId: 'another-boot' });
    expect(await site.observe(run)).toMatchObject({ kind: 'lost', reason: expect.stringContaining('shut down') });
  });

  it('does not take a stranger with the same number for the wrapper, nor signals it', async () => {
    const run = job.run({ command: 'true' });
    await job.wrap(run);
    // The system counts starts in hundredths of a second: a stranger of the same hundredth would be the wrapper's twin.
    const wrapperStart = record(run, 'start')['startTicks'];
    let stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    while ((await processStart(stranger.pid!, process.platform)) === wrapperStart) {
      stranger.kill('SIGKILL');
      stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    }
    try {
      unlinkSync(join(run.runDir, 'end.json'));
      rewriteStart(run, { pid: stranger.pid });
      expect(await site.observe(run)).toMatchObject({ kind: 'lost' });
      await site.cancel(run);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
      expect(await isAlive(stranger.pid!)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('says that it does not know when the run belongs to another machine', async () => {
    const run = job.run({ command: 'true' });
    await job.wrap(run);
    unlinkSync(join(run.runDir, 'end.json'));
    rewriteStart(run, { host: 'elsewhere' });
    expect(await site.observe(run)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('elsewhere') });
  });

  it.each(['', '{"attempt":1', 'null', '[]', '{"attempt":1,"reason":"exit"}', '\0\0\0', '{"attempt":"1"}'])(
    'concludes nothing from an end record that reads %j',
    async (text) => {
      const run = job.run({ command: 'true' });
      await job.wrap(run);
      writeFileSync(join(run.runDir, 'end.json'), text);
      expect(await site.observe(run)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('end.json') });
    },
  );

  it('takes a broken claim for a start that was cut short, once it is old', async () => {
    const run = job.run({ command: 'true' });
    const claim = join(run.runDir, '.slipway', 'claim.1');
    writeFileSync(claim, '');
    expect(await site.observe(run)).toMatchObject({ kind: 'unknown' });
    const old = new Date(Date.now() - 60_000);
    utimesSync(claim, old, old);
    expect(await site.observe(run)).toMatchObject({ kind: 'lost' });
    writeFileSync(claim, 'rubbish');
    utimesSync(claim, old, old);
    expect(await site.observe(run)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('claim.1') });
  });

  it('reads start.json when someone tidied the claim away, and ignores other attempts', async () => {
    const run = job.run({ command: 'sleep 600' });
    await startAndWatch(run);
    const claim = readFileSync(join(run.runDir, '.slipway', 'claim.1'));
    unlinkSync(join(run.runDir, '.slipway', 'claim.1'));
    expect(await site.observe(run)).toMatchObject({ kind: 'running' });
    expect(await site.observe({ ...run, attempt: 2 })).toEqual({ kind: 'not-started' });
    writeFileSync(join(run.runDir, '.slipway', 'claim.1'), claim);
    await site.cancel(run);
    await until(async () => (await site.observe(run)).kind === 'ended');
  });

  it('does not take a missing folder for a run that was never started', async () => {
    const run = job.run({ command: 'true' });
    rmSync(run.runDir, { recursive: true });
    expect(await site.observe(run)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining(run.runDir) });
  });
});
