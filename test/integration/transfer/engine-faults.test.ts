import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import { startSshd } from '../ssh/ssh-lab.ts';
import { atRest, differences, local, transferOf } from './engine-lab.ts';
import { mostCarried, moveThroughCrashes, profileWithSite, smallDisk, wordsOf, writeMixedTree } from './fault-lab.ts';

const MEBIBYTE = 1024 * 1024;

describe('a transfer whose core is killed', () => {
  it.each(['up', 'down'] as const)(
    '%s: goes on by itself with the next core, repeats at most 64 MiB a time, and ends equal',
    async (direction) => {
      const { slipway, proxy } = await profileWithSite();
      const [source, target] = [tempFolder(), join(tempFolder(), 'target')];
      const bytes = writeMixedTree(source, 112, 1500);
      const [from, to] = direction === 'up' ? [source, `hpc:${target}`] : [`hpc:${source}`, target];
      const carried = (): number => proxy.carried()[direction];
      // In the first and in the last third; where exactly is left to chance.
      const crashes = [0.1 + 0.25 * Math.random(), 0.7 + 0.25 * Math.random()].map((share) => share * bytes);
      const told = await moveThroughCrashes(slipway, { args: ['sync', from, to], crashes, carried });
      console.log(`${direction}: ${wordsOf(told, bytes)}`);
      expect(told.transfer, JSON.stringify(told.transfer.problems)).toMatchObject({ state: 'done', problemCount: 0 });
      expect(differences(source, target)).toBe('');
      expect(execFileSync('find', [target, '-name', '*slipway-part*'], { encoding: 'utf8' })).toBe('');
      expect(told.carried).toBeLessThan(mostCarried(told, bytes));
    },
    240_000,
  );
});

describe('a transfer over SSH', () => {
  it('sends a file again that is edited while it is sent, and ends with what is there now', async () => {
    const { slipway } = await profileWithSite();
    const { client } = await startCore(slipway.home);
    const [source, target] = [tempFolder(), tempFolder()];
    writeFileSync(join(source, 'edited'), randomBytes(24_000_000));
    writeFileSync(join(source, 'still'), 'still');
    await client.transfers.limit({ bytesPerSecond: 6_000_000 });
    const { id } = await client.transfers.start({
      requestId: randomUUID(),
      from: [local(source)],
      to: { kind: 'site', site: 'hpc', path: target },
      into: false,
    });
    await eventually(async () => (await client.transfers.get({ transfer: id })).bytes.done > 8_000_000, 60);
    writeFileSync(join(source, 'edited'), randomBytes(24_000_000));
    await client.transfers.limit({ bytesPerSecond: null });
    expect(await atRest(client, id, 120)).toMatchObject({ state: 'done', problemCount: 0 });
    expect(differences(source, target)).toBe('');
  }, 180_000);

  it('waits while the host is down in the middle, and goes on when it is up again, with nothing lost', async () => {
    const slipway = new Slipway();
    const { sshd } = await addSite(slipway, 'hpc');
    const { client } = await startCore(slipway.home);
    const source = tempFolder();
    writeMixedTree(source, 24, 200);
    const target = join(tempFolder(), 'target');
    await client.transfers.limit({ bytesPerSecond: 6_000_000 });
    const to = { kind: 'site' as const, site: 'hpc', path: target };
    const { id } = await client.transfers.start({ requestId: randomUUID(), from: [local(source)], to, into: false });
    const now = () => client.transfers.get({ transfer: id });
    await eventually(async () => (await now()).bytes.done > 8_000_000, 60);
    // The machine is gone, with every session.
    await sshd.stop();
    const waiting = await eventually(async () => {
      const transfer = await now();
      return transfer.state === 'waiting' ? transfer : null;
    }, 60);
    expect(waiting.message).toMatch(/hpc/);
    expect(differences(source, target)).not.toBe('');
    await startSshd({ port: sshd.port, hostKey: sshd.hostKey, key: sshd.key });
    await client.transfers.limit({ bytesPerSecond: null });
    await client.transfers.resume({ transfer: id });
    expect(await atRest(client, id, 120)).toMatchObject({ state: 'done', problemCount: 0 });
    expect(differences(source, target)).toBe('');
  }, 240_000);

  it('does not send contents again that the host has, under whatever name', async () => {
    const { slipway, proxy } = await profileWithSite();
    const { client } = await startCore(slipway.home);
    const source = tempFolder();
    writeFileSync(join(source, 'mesh'), randomBytes(12_000_000));
    writeFileSync(join(source, 'loads'), randomBytes(2_000_000));
    const send = async (target: string): Promise<number> => {
      const before = proxy.carried().up;
      const to = { kind: 'site' as const, site: 'hpc', path: target };
      const ended = await transferOf(client, { from: [local(source)], to, into: false });
      expect(ended).toMatchObject({ state: 'done', problemCount: 0, files: { done: 2 } });
      expect(differences(source, target)).toBe('');
      return proxy.carried().up - before;
    };
    const folder = tempFolder();
    expect(await send(join(folder, 'run1'))).toBeGreaterThan(14_000_000);
    expect(await send(join(folder, 'run2'))).toBeLessThan(0.05 * 14_000_000);
  }, 120_000);

  it('waits when the connection is cut or the disk is full, says why, and goes on when that has passed', async () => {
    const { slipway, proxy } = await profileWithSite();
    const { client } = await startCore(slipway.home);
    const source = tempFolder();
    writeFileSync(join(source, 'first'), randomBytes(24_000_000));
    writeFileSync(join(source, 'second'), randomBytes(9_000_000));
    const disk = smallDisk(40);
    const target = join(disk, 'target');
    mkdirSync(target);
    await client.transfers.limit({ bytesPerSecond: 6_000_000 });
    const request = {
      from: [local(source)],
      to: { kind: 'site' as const, site: 'hpc', path: target },
      into: false,
    };
    const { id } = await client.transfers.start({ requestId: randomUUID(), ...request });
    const now = () => client.transfers.get({ transfer: id });
    await eventually(async () => (await now()).bytes.done > 8_000_000, 60);
    proxy.cut();
    // Somebody else fills the disk.
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - 2 * MEBIBYTE)));
    await client.transfers.limit({ bytesPerSecond: null });
    const waiting = await eventually(async () => {
      const transfer = await now();
      return transfer.state === 'waiting' && /full|space/i.test(transfer.message ?? '') ? transfer : null;
    }, 90);
    expect(waiting.hint).not.toBe(null);
    rmSync(join(disk, 'filler'));
    await client.transfers.resume({ transfer: id });
    expect(await atRest(client, id, 120)).toMatchObject({ state: 'done', problemCount: 0 });
    expect(differences(source, target)).toBe('');
    expect(readFileSync(join(target, 'second')).length).toBe(9_000_000);
  }, 240_000);
});
