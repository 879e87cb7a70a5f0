import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, startProxy, startSshd } from '../ssh/ssh-lab.ts';
import type { Proxy } from '../ssh/ssh-lab.ts';

/** A job that has begun on a host without a scheduler while the answer to its submission is held back. */
interface Held {
  readonly client: CoreClient;
  readonly job: string;
  readonly proxy: Proxy;
  /** The process that hands the job over: `submit.sh` on the host. */
  readonly asker: number;
  /** The process of the run. */
  readonly solver: number;
  /** How often the run has begun. */
  begun(): number;
  /** Lets the answer come. */
  answer(): void;
}

/** Its `sleep` waits as long as `hold` is there when `submit.sh` calls it, which it does until the runner has its place in the queue. */
async function submitHeld(): Promise<Held> {
  const programs = tempFolder('slipway-programs-');
  const hold = join(programs, 'hold');
  writeFileSync(hold, '');
  writeFileSync(
    join(programs, 'sleep'),
    `#!/bin/sh
while [ -e ${hold} ] && tr '\\0' ' ' <"/proc/$PPID/cmdline" | grep -q submit.sh; do /bin/sleep 0.05; done
exec /bin/sleep "$@"
`,
  );
  chmodSync(join(programs, 'sleep'), 0o755);
  const sshd = await startSshd({ env: { PATH: `${programs}:/usr/bin:/bin` } });
  const proxy = await startProxy(sshd.port);
  const { client } = await startCore();
  const hostKey = execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
  const workdir = join(tempFolder('slipway-work-'), 'work');
  const target = { host: `root@127.0.0.1:${proxy.port}`, identity: sshd.key, hostKey };
  await client.sites.add({ requestId: randomUUID(), name: 'box', target, workdir });
  const marks = join(programs, 'begun');
  const folder = writeFiles({
    'slipway.yaml': `name: Held
type: basic
command: echo $$ >>${marks}; exec /bin/sleep 300
hardware: {walltime: 10m}
`,
  });
  const { id } = await client.jobs.submit({ requestId: randomUUID(), folder, site: 'box', overrides: {} });
  const begun = (): string[] =>
    existsSync(marks)
      ? readFileSync(marks, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
      : [];
  await eventually(() => begun().length > 0, 60);
  const asker = join(workdir, 'jobs', id, batchOf(join(workdir, 'jobs', id)), 'try.1', 'asker');
  return {
    ...{ client, job: id, proxy, solver: Number(begun()[0]) },
    asker: Number(readFileSync(asker, 'utf8').split(' ')[0]),
    begun: () => begun().length,
    answer: () => rmSync(hold),
  };
}

function batchOf(folder: string): string {
  return readdirSync(folder).find((name) => existsSync(join(folder, name, 'try.1')))!;
}

function isAlive(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)![0] !== 'Z';
  } catch {
    return false;
  }
}

const get = ({ client, job }: Held): Promise<JobDetail> => client.jobs.get({ job });
const cancel = ({ client, job }: Held): Promise<unknown> => client.jobs.cancel({ requestId: randomUUID(), job });

/** What the job says stands in the failure when it does not end. */
async function expectCancelled(held: Held): Promise<void> {
  const over = async (): Promise<boolean> => (await get(held)).finishedAt !== null;
  // Without evidence it would be three minutes.
  await eventually(over, 60).catch(() => undefined);
  expect(await get(held)).toMatchObject({ state: 'cancelled', runs: { total: 1, cancelled: 1 } });
  expect(isAlive(held.solver)).toBe(false);
  expect(held.begun()).toBe(1);
}

describe.skipIf(!HAS_SSHD)('a submission whose answer is lost', () => {
  it('is known by what its task tells when nobody is left who could answer', async () => {
    const held = await submitHeld();
    process.kill(held.asker, 'SIGKILL');
    held.proxy.cut();
    await cancel(held);
    held.answer();
    await expectCancelled(held);
  }, 120_000);

  it('reaches its processes with a cancel before it is answered, and says meanwhile what it waits for', async () => {
    const held = await submitHeld();
    held.proxy.cut();
    await cancel(held);
    await eventually(() => !isAlive(held.solver), 60);
    const waiting = await eventually(async () => {
      const { siteNote } = await get(held);
      return siteNote?.phase === 'submitting' && siteNote.until !== null ? siteNote : null;
    }, 60);
    expect(waiting.message).toContain('has not answered yet');
    expect(Date.parse(waiting.until!)).toBeGreaterThan(Date.now());
    expect((await get(held)).state).toBe('cancelling');
    held.answer();
    await expectCancelled(held);
  }, 120_000);
});
