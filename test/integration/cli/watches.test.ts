import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FolderWatch } from '../../../shared/contract/transfers.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';

describe('folders in step, by commands', () => {
  it('are begun, go on when the command has ended, are listed, turned off and on, and ended', async () => {
    const slipway = new Slipway();
    const source = writeFiles({ one: '1', scratch: 'left out' });
    const target = join(tempFolder(), 'target');
    expect((await slipway.run('watch', 'list')).stdout).toContain('No folder is kept in step.');
    const added = await slipway.json<FolderWatch>('watch', 'add', source, target, '--delete', '--ignore', 'scratch');
    expect(added).toMatchObject({ code: 0, value: { enabled: true, options: { deleteExtra: true } } });
    const { id } = added.value;
    const watch = async (): Promise<FolderWatch | undefined> =>
      (await slipway.json<FolderWatch[]>('watch', 'list')).value.find((one) => one.id === id);
    await eventually(async () => (await watch())?.state === 'in-step', 60);
    expect(readFileSync(join(target, 'one'), 'utf8')).toBe('1');
    // No command runs now.
    writeFileSync(join(source, 'two'), '2');
    rmSync(join(source, 'one'));
    await eventually(() => existsSync(join(target, 'two')) && !existsSync(join(target, 'one')), 60);
    expect(existsSync(join(target, 'scratch'))).toBe(false);

    expect((await slipway.run('watch', 'off', id.slice(0, 6))).stdout).toContain('is not kept in step any more');
    expect((await slipway.run('watch', 'list')).stdout).toMatch(new RegExp(`^${id} +off `, 'm'));
    writeFileSync(join(source, 'three'), '3');
    expect((await slipway.run('watch', 'on', id)).code).toBe(0);
    await eventually(() => existsSync(join(target, 'three')), 60);
    expect((await slipway.run('watch', 'remove', id)).code).toBe(0);
    expect(await watch()).toBe(undefined);
    expect(existsSync(join(target, 'three'))).toBe(true);
  }, 180_000);

  it('say what is wrong', async () => {
    const slipway = new Slipway();
    const unknown = await slipway.run('watch', 'remove', 'nothing');
    expect(unknown).toMatchObject({ code: 4 });
    expect(unknown.stderr).toContain('See: slipway watch list');
    expect((await slipway.run('watch', 'add', tempFolder(), 'nowhere:x')).code).toBe(4);
    const ask = await slipway.run('watch', 'add', tempFolder(), tempFolder(), '--on-conflict', 'ask');
    expect(ask).toMatchObject({ code: 2 });
    expect(ask.stderr).toContain('nobody is there to be asked');
  }, 60_000);
});
