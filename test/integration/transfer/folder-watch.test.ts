import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { local } from './engine-lab.ts';
import { readTree } from './transfer-lab.ts';

it('a folder is kept in step: after changes, after a restart, and not when it is off', async () => {
  const first = await startCore();
  const source = writeFiles({ 'a/one': '1' });
  const target = join(tempFolder(), 'target');
  const wanted = { requestId: randomUUID(), from: local(source), to: local(target), options: { deleteExtra: true } };
  const watch = await first.client.transfers.addWatch(wanted);
  expect((await first.client.transfers.addWatch(wanted)).id).toBe(watch.id);
  expect(watch.options).toMatchObject({ conflicts: 'replace', priority: 'low' });
  const inStep = async (client = first.client) => {
    for await (const { watches } of client.transfers.watch({})) {
      const now = watches.find((one) => one.id === watch.id);
      if (now === undefined || (now.state === 'in-step' && now.inStepAt !== null)) return now;
    }
  };
  expect(await inStep()).toMatchObject({ message: null });
  expect(readTree(target)).toEqual({ a: 'folder', 'a/one': '1' });

  writeFiles({ 'a/one': 'changed', 'b/two': '2' }, source);
  await eventually(() => existsSync(join(target, 'b/two')));
  await inStep();
  expect(readTree(target)).toEqual({ a: 'folder', 'a/one': 'changed', b: 'folder', 'b/two': '2' });
  // Only the last transfer that moved something stays on the list.
  await eventually(async () => (await first.client.transfers.list({})).transfers.length === 1);
  await first.close();

  // What changed while nobody looked is found by looking.
  rmSync(join(source, 'b'), { recursive: true });
  const { client } = await startCore(first.home);
  await eventually(() => !existsSync(join(target, 'b')));
  await client.transfers.setWatch({ watch: watch.id, enabled: false });
  writeFileSync(join(source, 'later'), '');
  expect((await client.transfers.list({})).transfers.every((one) => one.watch === watch.id)).toBe(true);
  for await (const { watches } of client.transfers.watch({})) {
    expect(watches).toMatchObject([{ id: watch.id, enabled: false, state: 'off' }]);
    break;
  }
  await client.transfers.removeWatch({ watch: watch.id });
  expect(existsSync(join(target, 'later'))).toBe(false);
}, 60_000);
