import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { SignInPrompt } from '../../../shared/contract/connections.ts';
import type { Site, SiteTarget } from '../../../shared/contract/sites.ts';
import { isAppError } from '../../../shared/errors.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import type { Sshd } from '../ssh/ssh-lab.ts';
import { HAS_SSHD, startSshd } from '../ssh/ssh-lab.ts';

function targetOf(sshd: Sshd, more: Partial<SiteTarget> = {}): SiteTarget {
  const hostKey = execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
  return { host: `root@127.0.0.1:${sshd.port}`, identity: sshd.key, hostKey, ...more };
}

function settings(sshd: Sshd, name = 'box') {
  const workdir = join(tempFolder('slipway-work-'), `it's a "work" folder`);
  return { requestId: randomUUID(), name, target: targetOf(sshd), workdir };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
  return 'no error';
}

const siteOf = async (client: CoreClient, name: string): Promise<Site> =>
  (await client.sites.list({})).sites.find((s) => s.name === name)!;

describe.skipIf(!HAS_SSHD)('sites', () => {
  it('are looked at, added and tested with one sign-in, and their work folder is made', async () => {
    const sshd = await startSshd();
    const { client, home } = await startCore();
    const wanted = settings(sshd);
    const proposal = await client.sites.probe({ target: wanted.target, workdir: wanted.workdir });
    expect(proposal).toMatchObject({ kind: 'ssh', scheduler: null, user: 'root', workdir: wanted.workdir });
    expect(proposal.problems).toEqual([]);
    expect((await client.sites.list({})).sites.map((s) => s.name)).toEqual(['local']);
    expect(existsSync(wanted.workdir)).toBe(false);

    const added = await client.sites.add(wanted);
    expect(added).toMatchObject({
      name: 'box',
      kind: 'ssh',
      workdir: wanted.workdir,
      connection: { state: 'connected' },
    });
    expect(existsSync(wanted.workdir)).toBe(true);
    let last: { steps: { id: string; status: string }[]; ok: boolean | null } | null = null;
    const seen = new Set<string>();
    for await (const item of client.sites.test({ site: 'box' })) {
      last = item;
      for (const step of item.steps) if (step.status === 'running') seen.add(step.id);
    }
    expect(last!.ok).toBe(true);
    expect(last!.steps.map((s) => `${s.id} ${s.status}`)).toEqual([
      'sign-in ok',
      'shell ok',
      'workdir ok',
      'submit ok',
      'run ok',
      'collect ok',
    ]);
    // Each was told while it went on.
    expect([...seen]).toEqual(expect.arrayContaining(['sign-in', 'shell', 'workdir', 'submit', 'run']));
    expect((await client.jobs.list({})).jobs).toEqual([]);
    expect(sshd.accepted()).toBe(1);
    // No secret and no key lies in the profile, but the host's own is known.
    expect(readFileSync(join(home, 'known_hosts'), 'utf8')).toContain('|1|');
  }, 60_000);

  it('keep one name for one target: a repeat is harmless, another one is refused, two at once make one', async () => {
    const sshd = await startSshd();
    const { client } = await startCore();
    const wanted = settings(sshd);
    const [a, b] = await Promise.all([
      client.sites.add(wanted),
      client.sites.add({ ...wanted, requestId: randomUUID() }),
    ]);
    expect(a.name).toBe(b.name);
    expect((await client.sites.add({ ...wanted, requestId: randomUUID() })).name).toBe('box');
    const other = { ...wanted, requestId: randomUUID(), target: { ...wanted.target, host: 'root@127.0.0.1:1' } };
    expect(await codeOf(client.sites.add(other))).toBe('site/exists');
    expect(await codeOf(client.sites.add({ ...wanted, requestId: randomUUID(), name: 'local' }))).toBe('site/exists');
    expect((await client.sites.list({})).sites.map((s) => s.name)).toEqual(['local', 'box']);
    // The one that lost has signed out.
    await eventually(
      () => sshd.log().match(/Disconnected from user|Connection closed/g)?.length === sshd.accepted() - 1,
    );
  }, 60_000);

  it('change what a person may change, go back to what was found, and are the same after a restart', async () => {
    const sshd = await startSshd();
    const { client, home, close } = await startCore();
    const added = await client.sites.add(settings(sshd));
    const half = { ...added.coreTypes[0]!, name: 'half', cores: 1 };
    expect((await client.sites.update({ site: 'box', coreTypes: [half], pollSeconds: 5 })).coreTypes).toEqual([half]);
    expect(await codeOf(client.sites.update({ site: 'box', coreTypes: [] }))).toBe('bad_input');
    expect(await codeOf(client.sites.update({ site: 'box', workdir: 'relative' }))).toBe('bad_input');
    expect(await codeOf(client.sites.update({ site: 'nowhere', pollSeconds: 5 }))).toBe('not_found');
    const own = { name: 'mysolver', title: 'My solver', version: '1', command: 'mysolver -i x' };
    await client.sites.addSoftware({ site: 'box', software: { ...own, setup: ['module load a'], environment: {} } });
    const replaced = await client.sites.addSoftware({ site: 'box', software: { ...own, setup: [], environment: {} } });
    expect(replaced.software.filter((s) => s.name === 'mysolver')).toEqual([
      expect.objectContaining({ origin: 'own', setup: [], version: '1' }),
    ]);
    // An entry of one's own replaces what was found under the same name and version, as long as it is there.
    const found = replaced.software.find((s) => s.origin === 'found')!;
    const { name, version } = found;
    const mine = { name, title: 'Mine', version, command: 'mine', setup: [], environment: {} };
    const same = (site: Site): unknown[] => site.software.filter((s) => s.name === name && s.version === version);
    expect(same(await client.sites.addSoftware({ site: 'box', software: mine }))).toEqual([
      expect.objectContaining({ title: 'Mine', origin: 'own' }),
    ]);
    expect(same(await client.sites.removeSoftware({ site: 'box', name, version }))).toEqual([found]);
    await close();

    const again = await startCore(home);
    const stored = await siteOf(again.client, 'box');
    expect(stored).toMatchObject({ coreTypes: [half], workdir: added.workdir, connection: { state: 'idle' } });
    expect(stored.software[0]).toMatchObject({ name: 'mysolver', origin: 'own' });
    expect((await again.client.sites.update({ site: 'box', coreTypes: null })).coreTypes).toEqual(added.coreTypes);
    const refreshed = await again.client.sites.refresh({ site: 'box' });
    expect(refreshed.software[0]).toMatchObject({ name: 'mysolver' });
    expect(Date.parse(refreshed.probedAt!)).toBeGreaterThan(Date.parse(added.probedAt!));
    expect(refreshed.workdir).toBe(added.workdir);
    const gone = again.client.sites.removeSoftware({ site: 'box', name: 'mysolver', version: null });
    expect(await codeOf(gone)).toBe('not_found');
    const without = await again.client.sites.removeSoftware({ site: 'box', name: 'mysolver', version: '1' });
    expect(without.software.some((s) => s.name === 'mysolver')).toBe(false);
  }, 60_000);

  it('are told live: added, connected, signed out, removed', async () => {
    const sshd = await startSshd();
    const { client } = await startCore();
    const states: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const { sites } of client.sites.watch({}, { signal: stop.signal }))
        states.push(sites.find((s) => s.name === 'box')?.connection?.state ?? 'none');
    })().catch(() => undefined);
    await eventually(() => states.at(-1) === 'none');
    await client.sites.add(settings(sshd));
    await eventually(() => states.at(-1) === 'connected');
    expect((await client.sites.disconnect({ site: 'box' })).connection?.state).toBe('idle');
    await eventually(() => states.at(-1) === 'idle');
    expect((await client.sites.connect({ site: 'box' })).connection?.state).toBe('connected');
    await client.sites.remove({ site: 'box' });
    await eventually(() => states.at(-1) === 'none');
    stop.abort();
    await watching;
  }, 60_000);

  it('are not removed and not moved while a job of theirs goes on', async () => {
    const sshd = await startSshd();
    const { client } = await startCore();
    await client.sites.add(settings(sshd));
    const folder = writeFiles({
      'slipway.yaml': 'name: Long\ntype: basic\ncommand: sleep 300\nhardware: {walltime: 10m}\n',
    });
    const job = await client.jobs.submit({ requestId: randomUUID(), folder, site: 'box', overrides: {} });
    expect(await codeOf(client.sites.remove({ site: 'box' }))).toBe('site/busy');
    expect(await codeOf(client.sites.update({ site: 'box', workdir: '/tmp/elsewhere' }))).toBe('site/busy');
    await client.jobs.cancel({ requestId: randomUUID(), job: job.id });
    await eventually(async () => (await client.jobs.get({ job: job.id })).finishedAt !== null, 40);
    await client.sites.remove({ site: 'box' });
    expect((await client.sites.list({})).sites.map((s) => s.name)).toEqual(['local']);
    // What it has brought back stays.
    expect((await client.jobs.get({ job: job.id })).site).toBe('box');
  }, 90_000);

  it('refuse a work folder that cannot be written, and keep nothing', async () => {
    const sshd = await startSshd();
    const { client } = await startCore();
    const file = join(writeFiles({ 'a-file': '' }), 'a-file', 'below');
    const adding = client.sites.add({ ...settings(sshd), workdir: file });
    await expect(adding).rejects.toMatchObject({
      code: 'site/refused',
      message: expect.stringContaining(file) as string,
    });
    expect((await client.sites.list({})).sites.map((s) => s.name)).toEqual(['local']);
    // Of the right kind, too: this sshd's PATH has no scheduler that answers.
    expect(await codeOf(client.sites.add({ ...settings(sshd), kind: 'slurm' }))).toBe('site/refused');
  }, 60_000);

  it('ask whoever watches, once, and go on without a person when the answer is there', async () => {
    const config = ['AuthenticationMethods keyboard-interactive', 'KbdInteractiveAuthentication yes'];
    const sshd = await startSshd({ config, answers: ['the word'] });
    const { client } = await startCore();
    const wanted = settings(sshd);
    const { hostKey: _, identity: __, ...target } = wanted.target;
    const add = () => client.sites.add({ ...wanted, target, requestId: randomUUID() });
    // Nobody there: told at once, nothing waits.
    expect(await codeOf(add())).toBe('site/needs_sign_in');

    const asked: SignInPrompt[] = [];
    const stop = new AbortController();
    let cancel = false;
    const person = (async () => {
      for await (const { prompts } of client.connections.watchPrompts({}, { signal: stop.signal })) {
        const prompt = prompts[0];
        if (prompt === undefined || asked.some((p) => p.id === prompt.id)) continue;
        asked.push(prompt);
        const answers = cancel ? null : prompt.kind === 'host-key' ? ['accept'] : ['the word'];
        await client.connections.answer({ prompt: prompt.id, answers });
      }
    })().catch(() => undefined);
    await eventually(async () => {
      cancel = true;
      return (await codeOf(add())) === 'cancelled';
    });
    cancel = false;
    asked.length = 0;
    expect((await add()).connection?.state).toBe('connected');
    expect(asked.map((p) => p.kind)).toEqual(['host-key', 'keyboard-interactive']);
    expect(asked[0]!.site).toBe('box');
    await client.sites.refresh({ site: 'box' });
    expect(asked.length).toBe(2);
    stop.abort();
    await person;
  }, 60_000);

  it('that cannot be read are left out, told in the log, and harm nothing else', async () => {
    const sshd = await startSshd();
    const { client, home, close } = await startCore();
    await client.sites.add(settings(sshd));
    await client.sites.add(settings(sshd, 'other'));
    await close();
    const db = new Sqlite(join(home, 'state.db'));
    db.prepare("UPDATE site SET settings = '{\"target\": 5}' WHERE name = 'box'").run();
    db.close();
    const again = await startCore(home);
    expect((await again.client.sites.list({})).sites.map((s) => s.name)).toEqual(['local', 'other']);
    await again.close();
    expect(readFileSync(join(home, 'logs', 'core.log'), 'utf8')).toContain('a stored site cannot be read');
  }, 60_000);

  it('have codes for tails of runs whose host does not answer', async () => {
    const sshd = await startSshd();
    const { client } = await startCore();
    await client.sites.add(settings(sshd));
    const folder = writeFiles({
      'slipway.yaml': 'name: Long\ntype: basic\ncommand: echo begun; sleep 300\nhardware: {walltime: 10m}\n',
    });
    const job = await client.jobs.submit({ requestId: randomUUID(), folder, site: 'box', overrides: {} });
    const what = { job: job.id, run: 1, file: 'stdout', from: 0, follow: false };
    const read = async (): Promise<string> => {
      let text = '';
      for await (const chunk of client.jobs.tail(what)) text += Buffer.from(chunk).toString();
      return text;
    };
    await eventually(async () => (await read()) === 'begun\n', 40);
    // A run may begin before the answer to its submission is here; one that is lost is another matter.
    await eventually(async () => ((await client.jobs.get({ job: job.id })).siteNote?.schedulerIds.length ?? 0) > 0);
    await sshd.stop();
    await eventually(async () => (await codeOf(read())) === 'site/unreachable', 40);
    expect(await codeOf(client.jobs.files({ job: job.id, run: 1 }))).toBe('site/unreachable');
    const { connection } = await siteOf(client, 'box');
    expect(connection?.message).toMatch(/Not heard from since/);
    const again = await startSshd({ port: sshd.port, hostKey: sshd.hostKey, key: sshd.key });
    await client.sites.connect({ site: 'box' });
    await client.jobs.cancel({ requestId: randomUUID(), job: job.id });
    const told = (): Promise<unknown> => client.jobs.get({ job: job.id });
    const over = { finishedAt: expect.any(String) as unknown };
    // What the job and its site say shows why it did not end.
    await eventually(async () => (await client.jobs.get({ job: job.id })).finishedAt !== null, 90).catch(async () =>
      expect({ job: await told(), site: await siteOf(client, 'box') }).toMatchObject({ job: over }),
    );
    expect(again.accepted()).toBe(1);
  }, 180_000);
});
