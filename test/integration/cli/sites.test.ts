import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite, fingerprintOf } from '../sites/add-site.ts';
import type { Sshd } from '../ssh/ssh-lab.ts';
import { HAS_SSHD, startSshd } from '../ssh/ssh-lab.ts';
import { HAS_TERMINAL, inTerminal } from './terminal.ts';

const WORD = 'open sesame';
const ASKS = ['AuthenticationMethods keyboard-interactive', 'KbdInteractiveAuthentication yes'];

/** A host that wants a word of a person each time. */
function askingHost(more: { readonly port?: number; readonly hostKey?: string } = {}): Promise<Sshd> {
  return startSshd({ config: ASKS, answers: [WORD], ...more });
}

function addWords(sshd: Sshd, ...more: string[]): string[] {
  return [
    'site',
    'add',
    'box',
    '--host',
    `root@127.0.0.1:${sshd.port}`,
    '--workdir',
    tempFolder('slipway-work-'),
    ...more,
  ];
}

describe.skipIf(!HAS_SSHD)('the commands for sites', () => {
  it('print the documented JSON and nothing else, and refuse with the documented codes', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'box');
    const list = await slipway.json<{ sites: Site[] }>('site', 'list');
    expect(list.value.sites.map((s) => [s.name, s.kind])).toEqual([
      ['local', 'local'],
      ['box', 'ssh'],
    ]);
    const shown = await slipway.json<Site>('site', 'show', 'box');
    expect(shown.value).toMatchObject({ name: 'box', kind: 'ssh', connection: { state: 'idle' } });
    expect((await slipway.run('site', 'show', 'box')).stdout).toMatch(/Work folder\s+\//);
    const test = await slipway.json<{ ok: boolean; steps: { id: string; status: string }[] }>('site', 'test', 'box');
    expect(test.code).toBe(0);
    expect(test.value.ok).toBe(true);
    expect(test.value.steps.map((s) => s.id)).toEqual(['sign-in', 'shell', 'workdir', 'submit', 'run', 'collect']);
    expect(readdirSync(join(slipway.home, 'jobs')).filter((name) => !name.startsWith('.'))).toEqual([]);

    const error = async (...args: string[]): Promise<[number | null, string]> => {
      const { code, stdout } = await slipway.run(...args, '--json');
      return [code, (JSON.parse(stdout) as { error: { code: string } }).error.code];
    };
    const sshd = await startSshd();
    expect(await error(...addWords(sshd, '--identity', sshd.key, '--host-key', fingerprintOf(sshd)))).toEqual([
      2,
      'site/exists',
    ]);
    expect(await error('site', 'add', 'new')).toEqual([2, 'bad_input']);
    expect(await error('site', 'add', 'new', '--host', 'a', '--ssh-alias', 'b')).toEqual([2, 'bad_input']);
    expect(await error('site', 'add', 'new', '--host', 'a', '--host-key', 'MD5:aa')).toEqual([2, 'bad_input']);
    expect(await error('site', 'add', 'new', '--host', 'a', '--kind', 'pbs')).toEqual([2, 'bad_input']);
    expect(await error('site', 'add', 'new', '--host', 'a', '--poll-seconds', 'often')).toEqual([2, 'bad_input']);
    expect(await error('site', 'show', 'nowhere')).toEqual([4, 'not_found']);
    expect(await error('site', 'test', 'nowhere')).toEqual([4, 'not_found']);
    expect(await error('site', 'test', 'local')).toEqual([2, 'bad_input']);
    expect(await error('site', 'remove', 'nowhere')).toEqual([4, 'not_found']);
    expect(await error('software', 'list', '--site', 'nowhere')).toEqual([4, 'not_found']);
    expect(await error('check', 'examples/cantilever', '--site', 'nowhere')).toEqual([4, 'not_found']);
    expect(await error('run', 'examples/cantilever', '--site', 'nowhere')).toEqual([4, 'not_found']);
    const wrongKey = await slipway.run('site', 'add', 'new', '--host', 'a', '--host-key', 'MD5:aa');
    expect(wrongKey.stderr).toMatch(/--host-key: as "ssh-keygen -l" prints it/);
    const doctor = await slipway.json<{ ok: boolean; checks: { id: string; status: string; detail: string }[] }>(
      'doctor',
    );
    expect(doctor.value.checks.find((c) => c.id === 'site-box')).toMatchObject({ status: 'ok' });
    expect(doctor.value.checks.filter((c) => c.id.startsWith('hardware-'))).toHaveLength(1);
  }, 90_000);

  it('add software of the own, with which jobs are set up and which their record keeps', async () => {
    const slipway = new Slipway();
    const { workdir } = await addSite(slipway, 'box');
    const add = (...args: string[]) => slipway.run('software', 'add', ...args, '--site', 'box');
    const setup = [
      '--setup',
      'GREETING="hello you from $LICENCE"; export GREETING',
      '--setup',
      'export PLACE="here & there"',
    ];
    const added = await add('greeter@1.2', '--command', 'greet you', ...setup, '--env', 'LICENCE=27000@lic a=b');
    expect(added, added.stderr).toMatchObject({ code: 0 });
    expect((await add('greeter@1.2')).code).toBe(2);
    expect((await add('Not A Name', '--command', 'x')).code).toBe(2);
    expect((await add('greeter', '--command', 'x', '--env', 'novalue')).code).toBe(2);
    expect((await slipway.run('software', 'add', 'x', '--command', 'x', '--site', 'local')).code).toBe(2);
    const table = await slipway.run('software', 'list', '--site', 'box');
    expect(table.stdout).toMatch(/greeter\s+1\.2\s+own\s+GREETING=/);

    const folder = writeFiles({
      'slipway.yaml': `name: Greeting
type: basic
software: greeter@1.2
command: echo "$GREETING"; echo "$PLACE"
outputs: {licence: {file: stdout, regex: 'from (\\d+)@'}}
`,
    });
    const job = await slipway.json<Job>('run', folder, '--site', 'box');
    expect(job.value.state).toBe('done');
    expect((await slipway.run('tail', 'last')).stdout).toBe('hello you from 27000@lic a=b\nhere & there\n');
    expect((await slipway.results()).runs[0]!.outputs['licence']).toBe(27000);
    const known = await slipway.run('check', folder, '--site', 'box', '--set', 'software=greeeter');
    expect(known.stdout).toMatch(/SW02.*\n.*greeter/);
    expect((await slipway.run('software', 'remove', 'greeter', '--site', 'box')).code).toBe(4);
    expect((await slipway.run('software', 'remove', 'greeter@1.2', '--site', 'box')).code).toBe(0);
    expect((await slipway.run('check', folder, '--site', 'box')).code).toBe(2);
    expect(existsSync(workdir)).toBe(true);
  }, 90_000);

  it('tell where a job is and how to mend it, and run it again with more of what it ran out of', async () => {
    const slipway = new Slipway();
    expect((await slipway.run('site', 'list')).stderr).toMatch(/slipway site add/);
    await addSite(slipway, 'box');
    expect(await slipway.run('site', 'list')).toMatchObject({
      stderr: '',
      stdout: expect.stringMatching(/box +SSH host +root@127\.0\.0\.1:\d+ +not connected +this-host/) as string,
    });
    const folder = writeFiles({
      'slipway.yaml': 'name: Slow\ntype: basic\ncommand: sleep 3\nhardware: {walltime: 1s}\n',
    });
    expect((await slipway.run('run', folder, '--site', 'box')).code).toBe(1);
    const shown = await slipway.run('show', 'last');
    expect(shown.stdout).toMatch(/Hardware +1 slot × 1 core on this-host of box/);
    const mend = /slipway (rerun \w+ --failed --more-time 1\.5)\n/.exec(shown.stderr)?.[1];
    expect(mend, shown.stderr).toBeDefined();
    expect((await slipway.run('jobs')).stdout).toMatch(/SITE[\s\S]*Slow +box +failed/);
    expect((await slipway.run('rerun', 'last', '--more-time', 'much')).stderr).toMatch(/a factor from 1 to 100/);
    expect((await slipway.run('rerun', 'last', '--more-memory', '2')).stderr).toMatch(/no memory limit/);
    expect((await slipway.run(...mend!.replace('1.5', '20').split(' '))).code).toBe(0);
  }, 90_000);

  it('say that a site is away, and try it at once for who asks', async () => {
    const slipway = new Slipway();
    const { sshd } = await addSite(slipway, 'box');
    const folder = writeFiles({
      'slipway.yaml': 'name: Long\ntype: basic\ncommand: echo begun; sleep 300\nhardware: {walltime: 10m}\n',
    });
    await slipway.run('run', folder, '--site', 'box', '--no-wait');
    await eventually(async () => (await slipway.run('tail', 'last')).stdout === 'begun\n', 40);
    await sshd.stop();
    // The waits between tries grow: now the next one is not soon.
    await eventually(async () => {
      const { value } = await slipway.json<Site>('site', 'show', 'box');
      const retryAt = value.connection?.state === 'unreachable' ? value.connection.retryAt : null;
      return retryAt !== null && Date.parse(retryAt) - Date.now() > 6000;
    }, 60);
    expect((await slipway.run('show', 'last')).stdout).toMatch(/Site +box: Not heard from since \d\d:\d\d: /);
    expect(await slipway.run('tail', 'last')).toMatchObject({ code: 3, stdout: '' });
    await startSshd({ port: sshd.port, hostKey: sshd.hostKey, key: sshd.key });
    expect(await slipway.run('tail', 'last')).toMatchObject({ code: 0, stdout: 'begun\n' });
    expect((await slipway.run('cancel', 'last')).code).toBe(0);
  }, 120_000);

  it('exit with 3 where a person is needed and nobody can be asked, and change nothing', async () => {
    const slipway = new Slipway();
    const sshd = await askingHost();
    const add = await slipway.run(...addWords(sshd, '--host-key', fingerprintOf(sshd)));
    expect(add.code).toBe(3);
    expect(add.stderr).toMatch(/asks for a password or code/);
    expect(add.stdout).toBe('');
    expect((await slipway.json<{ sites: Site[] }>('site', 'list')).value.sites).toHaveLength(1);
  }, 60_000);
});

describe.skipIf(!HAS_SSHD || !HAS_TERMINAL)('sign-in questions in a terminal', () => {
  it('show the key, ask for the word without showing it, once for the whole command', async () => {
    const slipway = new Slipway();
    const sshd = await askingHost();
    const adding = inTerminal(slipway, ...addWords(sshd));
    await adding.until(/not known yet[\s\S]*Type yes to go on: /);
    expect(adding.screen()).toContain(fingerprintOf(sshd));
    adding.type('yes\r');
    await adding.until(/Password: /);
    adding.type(`${WORD}\r`);
    expect(await adding.ended, adding.screen()).toBe(0);
    expect(adding.screen()).not.toContain(WORD);
    expect(adding.screen()).toContain('Try it: slipway site test box');
    expect(sshd.accepted()).toBe(1);

    // A job from submission to results: the next command is another connection, and asks once, too.
    const folder = writeFiles({ 'slipway.yaml': 'name: Short\ntype: basic\ncommand: echo done\n' });
    const running = inTerminal(slipway, 'run', folder, '--site', 'box');
    await running.until(/Password: /);
    running.type(`${WORD}\r`);
    expect(await running.ended, running.screen()).toBe(0);
    expect(running.screen()).toMatch(/1 run, 1 done/);
    expect(sshd.accepted()).toBe(2);

    // What has ended needs no connection.
    const tail = await slipway.run('tail', 'last');
    expect(tail).toMatchObject({ code: 0, stdout: 'done\n' });
  }, 90_000);

  it('end with 130 on Ctrl-C, at the key and at the word, and leave the terminal as it was', async () => {
    const slipway = new Slipway();
    const sshd = await askingHost();
    const atKey = inTerminal(slipway, ...addWords(sshd));
    await atKey.until(/Type yes to go on: /);
    atKey.type('\x03');
    expect(await atKey.ended, atKey.screen()).toBe(130);
    expect(
      existsSync(join(slipway.home, 'known_hosts')) ? readFileSync(join(slipway.home, 'known_hosts'), 'utf8') : '',
    ).toBe('');
    const atWord = inTerminal(slipway, ...addWords(sshd, '--host-key', fingerprintOf(sshd)));
    await atWord.until(/Password: /);
    atWord.type('half a wo\x03');
    expect(await atWord.ended, atWord.screen()).toBe(130);
    expect(atWord.screen()).not.toContain('half');
    expect((await slipway.json<{ sites: Site[] }>('site', 'list')).value.sites).toHaveLength(1);
    expect(sshd.accepted()).toBe(0);
  }, 60_000);

  it('are asked again after a wrong word', async () => {
    const slipway = new Slipway();
    const sshd = await askingHost();
    const adding = inTerminal(slipway, ...addWords(sshd, '--host-key', fingerprintOf(sshd)));
    await adding.until(/Password: /);
    expect(adding.screen()).not.toContain('not right');
    adding.type('wrong\r');
    await adding.until(/That was not right\.[\s\S]*Password: /);
    adding.type(`${WORD}\r`);
    expect(await adding.ended, adding.screen()).toBe(0);
  }, 60_000);

  it('come up for a job that goes on: tail signs in, cancel is kept when nobody can', async () => {
    const slipway = new Slipway();
    const sshd = await askingHost();
    const adding = inTerminal(slipway, ...addWords(sshd, '--host-key', fingerprintOf(sshd)));
    await adding.until(/Password: /);
    adding.type(`${WORD}\r`);
    expect(await adding.ended, adding.screen()).toBe(0);
    const folder = writeFiles({
      'slipway.yaml': 'name: Long\ntype: basic\ncommand: echo begun; sleep 300\nhardware: {walltime: 10m}\n',
    });
    const running = inTerminal(slipway, 'run', folder, '--site', 'box', '--no-wait');
    await running.until(/Password: /);
    running.type(`${WORD}\r`);
    expect(await running.ended, running.screen()).toBe(0);
    await eventually(async () => (await slipway.run('tail', 'last')).stdout === 'begun\n', 40);
    slipway.kill();
    // The core of the job is gone, and with it the connection. Without a terminal the words say what is missing.
    const blind = await slipway.run('tail', 'last');
    expect(blind.code, blind.stdout).toBe(3);
    expect(blind.stderr).toMatch(/asks for a password or code/);
    const tail = inTerminal(slipway, 'tail', 'last');
    await tail.until(/Password: /);
    tail.type(`${WORD}\r`);
    await tail.until(/begun/);
    expect(await tail.ended, tail.screen()).toBe(0);
    slipway.kill();
    const cancel = await slipway.run('cancel', 'last');
    expect(cancel.code, cancel.stdout).toBe(3);
    expect(cancel.stderr).toMatch(/will be cancelled on box when it can be reached again/);
    const again = inTerminal(slipway, 'cancel', 'last');
    await again.until(/Password: /);
    again.type(`${WORD}\r`);
    expect(await again.ended, again.screen()).toBe(0);
    const ended = await eventually(async () => {
      const { value } = await slipway.json<Job>('show', 'last');
      return value.finishedAt === null ? null : value;
    }, 60);
    expect(ended).toMatchObject({ state: 'cancelled', runs: { cancelled: 1 } });
  }, 180_000);
});
