import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { binWithout } from '../../support/programs.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite, fingerprintOf } from '../sites/add-site.ts';
import { HAS_SSHD, newKey, startSshd } from '../ssh/ssh-lab.ts';
import type { Sshd } from '../ssh/ssh-lab.ts';
import { chrootFolder } from '../transfer/sftp-lab.ts';

function viaWords(sshd: Sshd): string[] {
  return ['--transfer-host', `root@127.0.0.1:${sshd.port}`, '--transfer-host-key', fingerprintOf(sshd)];
}

const SWEEP = {
  'runs.csv': 'n\n1\n2\n3\n',
  'mesh.dat': 'm'.repeat(1_500_000),
  'in.txt.template': 'n is ${n}\n',
  'slipway.yaml': `name: Sweep
type: doe
inputs: [mesh.dat]
command: cat in.txt; wc -c <mesh.dat; echo "$((2 * \${n}))" >out.txt; mkdir deep; echo x >"deep/a file"
doe: {runs: runs.csv, templates: [{from: in.txt.template}]}
hardware: {slots: 3, walltime: 1m}
outputs: {twice: {file: out.txt, regex: '(\\d+)'}}
`,
};

describe.skipIf(!HAS_SSHD)('a site whose files go through another host', () => {
  it('is added, shown, tested, and runs jobs: nothing of them goes through the login host', async () => {
    const slipway = new Slipway();
    const key = newKey();
    const dtn = await startSshd({ key, config: ['ForceCommand internal-sftp'] });
    // The login host can move no files at all.
    const { workdir } = await addSite(slipway, 'box', {
      env: { PATH: binWithout('tar') },
      args: viaWords(dtn),
      sshd: { key, sftp: false },
    });
    expect(readdirSync(workdir)).toEqual([]);
    const { value } = await slipway.json<Site>('site', 'show', 'box');
    expect(value.transferHost).toMatchObject({ address: `root@127.0.0.1:${dtn.port}`, way: 'sftp' });
    expect((await slipway.run('site', 'show', 'box')).stdout).toMatch(/Files +through root@127\.0\.0\.1:\d+, by SFTP/);
    const test = await slipway.json<{ ok: boolean; steps: { id: string; status: string; detail: string | null }[] }>(
      'site',
      'test',
      'box',
    );
    expect(test.value.ok, JSON.stringify(test.value.steps)).toBe(true);
    expect(test.value.steps.map((s) => s.id)).toEqual([
      'sign-in',
      'shell',
      'workdir',
      'transfer-host',
      'submit',
      'run',
      'collect',
    ]);
    expect(test.value.steps[3]!.detail).toMatch(/by SFTP$/);

    const job = await slipway.json<Job>('run', writeFiles(SWEEP), '--site', 'box');
    expect(job.value).toMatchObject({ state: 'done', runs: { done: 3 } });
    const results = await slipway.results();
    expect(results.runs.map((r) => r.outputs['twice'])).toEqual([2, 4, 6]);
    const back = tempFolder();
    expect((await slipway.run('fetch', 'last', '--to', back)).code).toBe(0);
    expect((await slipway.run('tail', 'last', '--run', '2')).stdout).toBe('n is 2\n1500000\n');
  }, 120_000);

  it('takes no job while the transfer host is away, says so, and takes it when it is back', async () => {
    const slipway = new Slipway();
    const key = newKey();
    const dtn = await startSshd({ key, config: ['ForceCommand internal-sftp'] });
    await addSite(slipway, 'box', { args: viaWords(dtn), sshd: { key } });
    await dtn.stop();
    const refused = await slipway.run('run', writeFiles(SWEEP), '--site', 'box');
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringMatching(/127\.0\.0\.1/)]);
    const again = await startSshd({
      key,
      config: ['ForceCommand internal-sftp'],
      port: dtn.port,
      hostKey: dtn.hostKey,
    });
    const job = await slipway.json<Job>('run', writeFiles(SWEEP), '--site', 'box');
    expect(job.value.state).toBe('done');
    expect(again.accepted()).toBeGreaterThan(0);
  }, 120_000);

  it('brings results back as soon as the transfer host answers again', async () => {
    const slipway = new Slipway();
    const key = newKey();
    const dtn = await startSshd({ key });
    await addSite(slipway, 'box', { args: viaWords(dtn), sshd: { key } });
    const gates = tempFolder();
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n4\n',
      'slipway.yaml': `name: Away
type: doe
command: until [ -e ${gates}/\${n} ]; do sleep 0.1; done; echo \${n}
doe: {runs: runs.csv}
hardware: {slots: 4, walltime: 5m}
outputs: {value: {file: stdout, regex: '(\\d+)'}}
`,
    });
    const { client } = await startCore(slipway.home);
    const { id: job } = await client.jobs.submit({ requestId: randomUUID(), folder, site: 'box', overrides: {} });
    await eventually(async () => (await client.jobs.get({ job })).runs.running === 4, 60);
    await dtn.stop();
    // Each failed try makes the next one later: after four of them it is due in two minutes.
    for (const run of [1, 2, 3, 4]) {
      writeFileSync(join(gates, String(run)), '');
      await eventually(async () => (await client.jobs.run({ job, run })).state === 'finishing', 60);
    }
    await startSshd({ key, port: dtn.port, hostKey: dtn.hostKey });
    await eventually(async () => {
      const { sites } = await client.sites.list({});
      return sites.find((s) => s.name === 'box')?.transferHost?.connection?.state === 'connected';
    }, 60);
    await eventually(async () => (await client.jobs.get({ job })).state === 'done', 25);
  }, 120_000);

  it('is not what an account for transfer only can be, and another file system is not taken', async () => {
    const slipway = new Slipway();
    const key = newKey();
    const dtn = await startSshd({ key, config: ['ForceCommand internal-sftp'] });
    const alone = await slipway.run(
      ...['site', 'add', 'dtn', '--host', `root@127.0.0.1:${dtn.port}`, '--identity', key],
      ...['--host-key', fingerprintOf(dtn)],
    );
    expect(alone.code).toBe(3);
    expect(alone.stderr).toMatch(/gives no shell.*sftp connections only.*--transfer-host root@127/s);
    const chroot = chrootFolder();
    const other = await startSshd({ key, config: ['ForceCommand internal-sftp', `ChrootDirectory ${chroot}`] });
    const login = await startSshd({ key });
    const workdir = join(tempFolder('slipway-work-'), 'work');
    const elsewhere = await slipway.run(
      ...['site', 'add', 'box', '--host', `root@127.0.0.1:${login.port}`, '--identity', key],
      ...['--host-key', fingerprintOf(login), '--workdir', workdir, ...viaWords(other)],
    );
    expect(elsewhere.code).toBe(3);
    expect(elsewhere.stderr).toMatch(/does not see it\. Do both share the file system/);
    expect((await slipway.json<{ sites: Site[] }>('site', 'list')).value.sites.map((s) => s.name)).toEqual(['local']);
    await eventually(() => readdirSync(workdir).length === 0);
    expect((await slipway.run('site', 'add', 'x', '--host', 'h', '--transfer-host-key', 'SHA256:x')).code).toBe(2);
  }, 120_000);
});
