import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { addSite } from '../sites/add-site.ts';
import { atRest, differences, local, transferOf } from './engine-lab.ts';
import { readTree } from './transfer-lab.ts';

const CANARY = 'canary-of-the-confidential-design';

/** Files of the sizes at which chunks begin and end, and one in pieces. */
function confidentialTree(): string {
  const root = writeFiles({ 'deep/secret.inp': CANARY, empty: '' });
  for (const size of [1, 65_535, 65_536, 65_537]) writeFileSync(join(root, `size-${size}`), randomBytes(size));
  writeFileSync(join(root, 'large.odb'), randomBytes(20_000_003));
  return root;
}

/** A core with the site `hpc`, whose vault is open. */
async function openCore(home: string) {
  const core = await startCore(home);
  await core.client.secrets.unlock({ passphrase: 'correct horse battery' });
  return core;
}

function holdsCanary(...folders: string[]): string {
  return spawnSync('grep', ['-rlF', CANARY, ...folders], { encoding: 'utf8' }).stdout;
}

it('is ciphertext there, also after a restart in the middle, and comes back as it was; what was tampered with does not come out', async () => {
  const slipway = new Slipway();
  await addSite(slipway, 'hpc');
  const { home } = slipway;
  const first = await openCore(home);
  await first.client.keys.create({ requestId: randomUUID(), name: 'turbine' });
  const [source, there] = [confidentialTree(), join(tempFolder(), 'there')];
  const far = (path: string) => ({ kind: 'site' as const, site: 'hpc', path });
  const options = { key: 'turbine' };
  await first.client.transfers.limit({ bytesPerSecond: 8_000_000 });
  const request = { from: [local(source)], to: far(there), into: false, options };
  const { id } = await first.client.transfers.start({ requestId: randomUUID(), ...request });
  await eventually(async () => (await first.client.transfers.get({ transfer: id })).bytes.done > 9_500_000, 60);
  await first.client.transfers.pause({ transfer: id });
  await first.close();

  const { client } = await openCore(home);
  await client.transfers.limit({ bytesPerSecond: null });
  await client.transfers.resume({ transfer: id });
  expect(await atRest(client, id)).toMatchObject({ state: 'done', problemCount: 0 });
  expect(readdirSync(there).every((name) => name === 'deep' || name.endsWith('.age'))).toBe(true);
  expect(holdsCanary(there, home)).toBe('');
  // Nothing has changed: nothing is encrypted again.
  expect((await transferOf(client, request)).files).toMatchObject({ total: 0 });

  const back = join(tempFolder(), 'back');
  const fetching = { from: [far(there)], to: local(back), into: false, options };
  expect(await transferOf(client, fetching)).toMatchObject({ state: 'done', problemCount: 0 });
  expect(differences(source, back)).toBe('');
  expect((await transferOf(client, fetching)).files).toMatchObject({ total: 0 });

  truncateSync(join(there, 'large.odb.age'), 10_000_000);
  const bytes = readFileSync(join(there, 'deep/secret.inp.age'));
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(join(there, 'deep/secret.inp.age'), bytes);
  writeFileSync(join(there, 'open.txt'), 'never encrypted');
  const refused = join(tempFolder(), 'refused');
  const ended = await transferOf(client, { ...fetching, to: local(refused) });
  expect(ended).toMatchObject({ state: 'done-with-problems', problemCount: 3 });
  const messages = ended.problems.map((problem) => problem.message).join('\n');
  expect(messages).toMatch(/large\.odb\.age cannot be decrypted.*cut off/);
  expect(messages).toMatch(/secret\.inp\.age cannot be decrypted/);
  expect(messages).toMatch(/open\.txt is not encrypted; it comes as it is/);
  const came = Object.keys(readTree(refused));
  expect(came).toContain('open.txt');
  expect(came).not.toContain('large.odb');
  expect(came).not.toContain('deep/secret.inp');
  expect(holdsCanary(refused)).toBe('');
}, 180_000);

it('begins nothing with a key that is not there', async () => {
  const { client } = await startCore();
  const request = { from: [local(confidentialTree())], to: local(tempFolder()), into: false };
  await expect(transferOf(client, { ...request, options: { key: 'wing' } })).rejects.toMatchObject({
    code: 'not_found',
  });
});
