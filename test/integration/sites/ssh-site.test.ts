import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD, startSshd } from '../ssh/ssh-lab.ts';
import { newUser } from '../ssh/ssh-users.ts';
import { addSite } from './add-site.ts';
import { expectExampleAsLocal } from './example.ts';

if (!HAS_SSHD && process.env['CI']) throw new Error('These tests need root and openssh-server.');

describe.skipIf(!HAS_SSHD)('a host without a scheduler', () => {
  it('runs the same example as this workstation, with the same results', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'box');
    await expectExampleAsLocal(slipway, 'box');
  }, 120_000);

  it('proves itself by a one-second job, and is listed, shown and removed', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'box');
    const test = await slipway.run('site', 'test', 'box');
    expect(test, test.stderr).toMatchObject({ code: 0 });
    expect(test.stdout).toContain('✓ Bring the results back');
    const { value } = await slipway.json<{ sites: Site[] }>('site', 'list');
    expect(value.sites.map((s) => s.name)).toEqual(['local', 'box']);
    const software = await slipway.json<{ software: Site['software'] }>('software', 'list', '--site', 'box');
    expect(software.value.software.find((s) => s.name === 'calculix')).toMatchObject({
      version: '2.20',
      origin: 'found',
    });
    expect((await slipway.run('site', 'remove', 'box')).code).toBe(0);
    expect((await slipway.run('site', 'show', 'box')).code).toBe(4);
    expect((await slipway.run('run', 'examples/cantilever', '--site', 'box')).code).toBe(4);
  }, 60_000);

  it('keeps the slots busy, applies inputs and environment, and cancels what runs and what waits', async () => {
    const slipway = new Slipway();
    const { workdir } = await addSite(slipway, 'box');
    const marks = tempFolder('slipway-marks-');
    const job = writeFiles({
      'big.bin': new Uint8Array(2_000_000),
      'mesh/part.txt': 'mesh\n',
      'runs.csv': `n\n${Array.from({ length: 12 }, (_, i) => i + 1).join('\n')}\n`,
      'slipway.yaml': `name: Slots
type: doe
inputs: [big.bin, mesh/]
command: cat mesh/part.txt; wc -c <big.bin; echo $COLOUR $SLIPWAY_RUN; echo x >>${marks}/started; sleep 60
doe: {runs: runs.csv}
environment: {COLOUR: 'deep "red"'}
hardware: {slots: 3, walltime: 5m}
`,
    });
    const submitted = await slipway.json<Job>('run', job, '--site', 'box', '--no-wait');
    const started = (): number => {
      try {
        return readFileSync(join(marks, 'started'), 'utf8').length / 2;
      } catch {
        return 0;
      }
    };
    await eventually(() => started() === 3, 40);
    const tail = await slipway.run('tail', 'last', '--run', '1');
    expect(tail.stdout).toBe('mesh\n2000000\ndeep "red" 1\n');
    await slipway.run('cancel', 'last');
    const ended = await eventually(async () => {
      const { value } = await slipway.json<Job>('show', 'last');
      return value.finishedAt === null ? null : value;
    }, 60);
    expect(ended).toMatchObject({ state: 'cancelled', runs: { cancelled: 12 } });
    expect(started()).toBe(3);
    expect(submitted.value.folder).not.toContain(workdir);
  }, 120_000);

  it('sets software up in a login shell, where modules are, and keeps the PATH that the sign-in gave', async () => {
    const slipway = new Slipway();
    const { sshd } = await addSite(slipway, 'box', { env: { PATH: '/opt/given:/usr/bin:/bin' } });
    writeFiles(
      { '.bash_profile': 'PATH=/usr/bin:/bin\nmodule() { [ "$1" != load ] || export LOADED=$2; }\n' },
      sshd.home,
    );
    const setup = ['--command', 'solve', '--setup', 'module load solver/1.0'];
    expect((await slipway.run('software', 'add', 'solver@1.0', '--site', 'box', ...setup)).code).toBe(0);
    const job = writeFiles({
      'slipway.yaml': 'name: Modules\ntype: basic\nsoftware: solver@1.0\ncommand: echo $LOADED in $PATH\n',
    });
    expect((await slipway.run('run', job, '--site', 'box')).code).toBe(0);
    expect((await slipway.run('tail', 'last')).stdout).toMatch(/^solver\/1\.0 in \/usr\/bin:\/bin:.*\/opt\/given:/);
  }, 90_000);

  it('goes on with the runs that nobody has begun when its runner is killed', async () => {
    const slipway = new Slipway();
    const { workdir } = await addSite(slipway, 'box');
    const marks = tempFolder('slipway-marks-');
    const job = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n4\n',
      'slipway.yaml': `name: Runner
type: doe
command: echo ran >>${marks}/\${n}; sleep 2
doe: {runs: runs.csv}
hardware: {slots: 1, walltime: 1m}
`,
    });
    const running = slipway.start(['run', job, '--site', 'box', '--json']);
    await eventually(() => {
      try {
        return readFileSync(join(marks, '1'), 'utf8') !== '';
      } catch {
        return false;
      }
    }, 40);
    execFileSync('pkill', ['-KILL', '-f', `${workdir}/.*shared/runner.sh`]);
    const { code, stdout } = await running.ended;
    expect(JSON.parse(stdout)).toMatchObject({ state: 'done' });
    expect(code).toBe(0);
    expect([1, 2, 3, 4].map((n) => readFileSync(join(marks, String(n)), 'utf8'))).toEqual(Array(4).fill('ran\n'));
  }, 120_000);

  it('says what is missing when nobody can be asked, and exits with 3', async () => {
    const slipway = new Slipway();
    const sshd = await startSshd();
    const add = (...more: string[]) =>
      slipway.run('site', 'add', 'box', '--host', `root@127.0.0.1:${sshd.port}`, '--identity', sshd.key, ...more);
    const unknown = await add();
    expect(unknown.code).toBe(3);
    expect(unknown.stderr).toMatch(/not known yet: SHA256:[A-Za-z0-9+/]{43}/);
    const wrong = await add('--host-key', `SHA256:${'A'.repeat(43)}`);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('expected is SHA256:AAAA');
    await sshd.stop();
    const gone = await add('--host-key', `SHA256:${'A'.repeat(43)}`);
    expect(gone.code).toBe(3);
    expect(gone.stderr).toMatch(/refused/i);
    expect((await slipway.run('site', 'add', 'a/b', '--host', 'x')).code).toBe(2);
    expect((await slipway.run('site', 'add', 'box', '--host', '-oProxyCommand=x')).code).toBe(2);
  }, 60_000);

  it('brings back what can be read, and says what could not', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'box', { user: newUser('bash') });
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `name: Closed
type: doe
command: echo value \${n}; echo secret >closed; [ \${n} -ne 2 ] || chmod 000 closed
doe: {runs: runs.csv}
outputs: {value: {file: stdout, regex: 'value (\\d+)'}}
hardware: {slots: 3}
`,
    });
    const job = await slipway.json<Job>('run', folder, '--site', 'box');
    expect(job.value).toMatchObject({ state: 'done', runs: { done: 3 } });
    expect((await slipway.results()).runs.map((r) => r.outputs['value'])).toEqual([1, 2, 3]);
    const { client } = await startCore(slipway.home);
    expect((await client.jobs.run({ job: 'last', run: 2 })).problems).toMatchObject([
      { code: 'OUT05', file: 'closed' },
    ]);
    const runs = join(slipway.home, 'jobs', job.value.id, 'runs');
    expect([1, 2, 3].map((n) => existsSync(join(runs, `${n}`.padStart(4, '0'), 'closed')))).toEqual([
      true,
      false,
      true,
    ]);
  }, 120_000);
});
