import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD, startProxy, startSshd } from '../ssh/ssh-lab.ts';

describe.skipIf(!HAS_SSHD)('a workstation that sleeps', () => {
  it('finds a dead connection out when it wakes, makes a new one and brings everything up to date', async () => {
    const sshd = await startSshd();
    const { client, home, close } = await startCore();
    const proxy = await startProxy(sshd.port);
    const hostKey = execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
    const target = { host: `root@127.0.0.1:${proxy.port}`, identity: sshd.key, hostKey };
    const workdir = join(tempFolder('slipway-work-'), 'work');
    await client.sites.add({ requestId: randomUUID(), name: 'box', target, workdir });
    await close();

    const slipway = new Slipway(home);
    const signs = tempFolder('slipway-signs-');
    const folder = writeFiles({
      'slipway.yaml': `name: Sleep\ntype: basic\ncommand: touch ${signs}/begun; until [ -e ${signs}/go ]; do sleep 0.05; done; touch ${signs}/ended\n`,
    });
    const running = slipway.start(['run', folder, '--site', 'box', '--json']);
    await eventually(() => existsSync(join(signs, 'begun')));
    await eventually(async () => (await slipway.job()).runs.running === 1);
    const asleep = Date.now();
    running.process.kill('SIGSTOP');
    writeFileSync(join(signs, 'go'), '');
    await eventually(() => existsSync(join(signs, 'ended')));
    // A process that is stopped misses its timers while the clock of the wall goes on: that is what sleep is.
    await eventually(() => Date.now() - asleep > 9_000);
    // The network has forgotten the connection meanwhile, without a word: keepalive alone would take three quarters of a minute to notice.
    proxy.freeze();
    running.process.kill('SIGCONT');
    const awake = Date.now();
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Job).runs.done).toBe(1);
    expect(Date.now() - awake).toBeLessThan(30_000);
  }, 120_000);
});
