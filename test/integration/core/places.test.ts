import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Place } from '../../../shared/contract/places.ts';
import { transferOptions } from '../../../shared/contract/transfers.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';

const local = (...parts: [string, ...string[]]): Place => ({ kind: 'local', path: join(...parts) });
const id = (): string => crypto.randomUUID();

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

describe('files of this workstation', () => {
  it('are listed with what links lead to, and read from both ends', async () => {
    const { client } = await startCore();
    const folder = realpathSync(writeFiles({ 'run 2/a.txt': 'a', 'log.txt': '0123456789', '.hidden': '' }));
    symlinkSync('run 2', join(folder, 'latest'));
    symlinkSync('nowhere', join(folder, 'broken'));
    const through = local(folder, 'latest', '..');
    const { place, parent, entries, truncated, freeBytes } = await client.places.list({ place: through });
    expect(place).toEqual(local(folder));
    expect(parent).toEqual(local(folder, '..'));
    expect(truncated).toBe(false);
    expect(freeBytes).toBeGreaterThan(0);
    const facts = Object.fromEntries(entries.map((e) => [e.name, [e.kind, e.size, e.linkTarget, e.opensAs]]));
    expect(facts).toEqual({
      'run 2': ['folder', null, null, 'folder'],
      'log.txt': ['file', 10, null, 'file'],
      '.hidden': ['file', 0, null, 'file'],
      latest: ['link', null, 'run 2', 'folder'],
      broken: ['link', null, 'nowhere', null],
    });
    const read = (input: { offset?: number; limit?: number }): Promise<string> =>
      bytesOf(client.places.read({ place: local(folder, 'log.txt'), ...input }));
    expect(await read({})).toBe('0123456789');
    expect(await read({ offset: 3, limit: 4 })).toBe('3456');
    expect(await read({ offset: -4 })).toBe('6789');
    expect(await read({ offset: -400 })).toBe('0123456789');
    await expect(bytesOf(client.places.read({ place: local(folder, 'run 2') }))).rejects.toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('is not a file') as string,
    });
  });

  it('are renamed, gathered in folders and taken to the trash, never over something else', async () => {
    vi.stubEnv('HOME', tempFolder('slipway-person-'));
    try {
      const { client } = await startCore();
      const folder = realpathSync(writeFiles({ 'a.txt': 'a', 'b.txt': 'b' }));
      const requestId = id();
      const made = { requestId, place: local(folder, 'new', 'deep') };
      await client.places.makeFolder(made);
      // The same request again is harmless, another one is told.
      await client.places.makeFolder(made);
      await expect(client.places.makeFolder({ ...made, requestId: id() })).rejects.toMatchObject({
        code: 'files/exists',
      });
      await client.places.rename({ requestId: id(), from: local(folder, 'a.txt'), to: local(folder, 'new', 'c.txt') });
      expect(readFileSync(join(folder, 'new', 'c.txt'), 'utf8')).toBe('a');
      const onto = { requestId: id(), from: local(folder, 'new', 'c.txt'), to: local(folder, 'b.txt') };
      await expect(client.places.rename(onto)).rejects.toMatchObject({ code: 'files/exists' });
      expect(readFileSync(join(folder, 'b.txt'), 'utf8')).toBe('b');

      const gone = local(folder, 'gone');
      const { trashedTo, problems } = await client.places.trash({
        requestId: id(),
        places: [local(folder, 'new'), gone, local(folder, 'b.txt')],
      });
      expect(problems).toEqual([{ place: gone, message: expect.stringContaining('gone') as string }]);
      expect(existsSync(join(folder, 'new'))).toBe(false);
      expect(trashedTo).toMatchObject({ kind: 'local' });
      const taken = trashedTo?.kind === 'local' ? trashedTo.path : '';
      expect(readFileSync(join(taken, 'new', 'c.txt'), 'utf8')).toBe('a');
      await expect(client.places.trash({ requestId: id(), places: [local('/')] })).rejects.toMatchObject({
        code: 'bad_input',
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('that cannot be had are told with what is wrong', async () => {
    const { client } = await startCore();
    const folder = writeFiles({ 'file.txt': '' });
    const list = (place: Place): Promise<unknown> => client.places.list({ place });
    await expect(list(local(folder, 'none'))).rejects.toMatchObject({ code: 'files/not_found' });
    await expect(list(local(folder, 'file.txt'))).rejects.toMatchObject({
      message: expect.stringContaining('folder') as string,
    });
    await expect(list({ kind: 'site', site: 'hpc', path: '.' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(list({ kind: 'bucket', bucket: 'data', key: '' })).rejects.toMatchObject({ code: 'not_found' });
    const two = [local(folder), { kind: 'site', site: 'hpc', path: '/x' } as const];
    await expect(client.places.trash({ requestId: id(), places: two })).rejects.toMatchObject({ code: 'bad_input' });
  });
});

describe.skipIf(!HAS_SSHD)('files of a site', () => {
  it('are looked at from the home on, changed and taken to the trash as here; a site that is away is told', async () => {
    const slipway = new Slipway();
    const { sshd, workdir } = await addSite(slipway, 'box');
    const { client } = await startCore(slipway.home);
    const folder = realpathSync(writeFiles({ 'runs/a.log': 'first\nlast\n', 'odd \n name': '' }));
    symlinkSync('runs', join(folder, 'latest'));
    const box = (path: string): Place => ({ kind: 'site', site: 'box', path });
    const { sites } = await client.places.roots({});
    expect(sites).toEqual([{ site: 'box', roots: expect.any(Array) as unknown[] }]);
    expect(sites[0]!.roots.map(({ place }) => place)).toEqual(expect.arrayContaining([box('.'), box(workdir)]));
    expect((await client.places.list({ place: box('.') })).place).toMatchObject({
      path: expect.stringMatching(/^\//) as string,
    });

    const { place, parent, entries } = await client.places.list({ place: box(`${folder}/latest/..`) });
    expect({ place, parent }).toEqual({ place: box(folder), parent: box(dirname(folder)) });
    expect(Object.fromEntries(entries.map(({ name, kind, opensAs }) => [name, [kind, opensAs]]))).toEqual({
      runs: ['folder', 'folder'],
      latest: ['link', 'folder'],
      'odd \n name': ['file', 'file'],
    });
    const log = box(join(folder, 'latest', 'a.log'));
    expect(await bytesOf(client.places.read({ place: log, offset: -5 }))).toBe('last\n');
    const made = box(join(folder, 'new'));
    await client.places.makeFolder({ requestId: id(), place: made });
    await client.places.rename({ requestId: id(), from: log, to: box(join(folder, 'new', 'b.log')) });
    const { trashedTo, problems } = await client.places.trash({ requestId: id(), places: [made] });
    expect(problems).toEqual([]);
    const trash = trashedTo?.kind === 'site' ? trashedTo.path : '';
    onTestFinished(() => rmSync(trash, { recursive: true, force: true }));
    expect(readFileSync(join(trash, folder, 'new', 'b.log'), 'utf8')).toBe('first\nlast\n');
    expect(existsSync(join(folder, 'new'))).toBe(false);

    await sshd.stop();
    await expect(client.places.list({ place: box('.') })).rejects.toMatchObject({ code: 'site/unreachable' });
  }, 90_000);
});

describe('dropped files', () => {
  it('appear whole in a folder of the profile, and go when they are not wanted', async () => {
    const { client } = await startCore();
    const drop = id();
    const { folder } = await client.places.beginDrop({ drop });
    const path = folder.kind === 'local' ? folder.path : '';
    const piece = (text: string, offset: number, last: boolean): Promise<unknown> =>
      client.places.putDropped({ drop, path: 'mesh/a.msh', bytes: new TextEncoder().encode(text), offset, last });
    await piece('first ', 0, false);
    expect(existsSync(join(path, 'mesh/a.msh'))).toBe(false);
    await expect(piece('x', 99, true)).rejects.toMatchObject({ code: 'bad_input' });
    await piece('last', 6, true);
    expect(readFileSync(join(path, 'mesh/a.msh'), 'utf8')).toBe('first last');
    await client.places.discardDrop({ drop });
    expect(existsSync(path)).toBe(false);
    await expect(client.places.beginDrop({ drop: '../../outside' })).rejects.toMatchObject({ code: 'bad_input' });
  });
});

describe('dropped files that a transfer brings on', () => {
  it('are gone from the profile once they are where they belong, and when an earlier core has left them', async () => {
    const { client, home, close } = await startCore();
    const left = id();
    await client.places.beginDrop({ drop: left });
    const drop = id();
    const { folder } = await client.places.beginDrop({ drop });
    const path = folder.kind === 'local' ? folder.path : '';
    const bytes = new TextEncoder().encode('mesh');
    await client.places.putDropped({ drop, path: 'beam/a.msh', bytes, offset: 0, last: true });
    const target = realpathSync(tempFolder());
    const from = [local(path, 'beam')];
    await client.transfers.start({ requestId: id(), from, to: local(target), into: true });
    await eventually(() => !existsSync(path));
    expect(readFileSync(join(target, 'beam/a.msh'), 'utf8')).toBe('mesh');
    expect(existsSync(join(home, 'drops', left))).toBe(true);
    await close();
    await startCore(home);
    await eventually(() => !existsSync(join(home, 'drops', left)));
  }, 60_000);
});

describe('a folder', () => {
  it('is never put into itself, nor kept in step with what lies in it', async () => {
    const { client } = await startCore();
    const folder = realpathSync(writeFiles({ 'a/sub/x.txt': 'x' }));
    const options = transferOptions.parse({});
    for (const to of [local(folder, 'a'), local(folder, 'a', 'sub', '..', 'sub')]) {
      const from = local(folder, 'a');
      const refused = { code: 'bad_input', message: expect.stringContaining('cannot be put into itself') as string };
      await expect(client.transfers.start({ requestId: id(), from: [from], to, into: true })).rejects.toMatchObject(
        refused,
      );
      await expect(client.transfers.addWatch({ requestId: id(), from, to, options })).rejects.toMatchObject(refused);
    }
    expect((await client.transfers.list({})).transfers).toEqual([]);
    const beside = { requestId: id(), from: [local(folder, 'a')], to: local(folder, 'ab'), into: true };
    expect((await client.transfers.start(beside)).direction).toBe('local');
  });
});

describe('places to begin from', () => {
  it('are the home, the examples and the folders of recent jobs', async () => {
    const { client } = await startCore();
    const { local: roots } = await client.places.roots({});
    expect(roots.map(({ title }) => title)).toEqual(expect.arrayContaining(['Home', 'Examples']));
  });
});
