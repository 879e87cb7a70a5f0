import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { SecretWatch } from '../../support/secret-watch.ts';

async function encrypted(content: Buffer, recipient: string): Promise<Buffer> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(content));
}

it('an encrypted file is looked into in memory when its key is here, and says so when it is not', async () => {
  const { client, home } = await startCore();
  const folder = tempFolder();
  const place = (name: string) => ({ kind: 'local' as const, path: join(folder, name) });
  const look = async (name: string, part: { offset?: number; limit?: number } = {}): Promise<string> => {
    const parts: Uint8Array[] = [];
    for await (const chunk of client.places.read({ place: place(name), decrypt: true, ...part })) parts.push(chunk);
    return Buffer.concat(parts).toString('latin1');
  };
  const stranger = await encrypted(Buffer.from('theirs'), await identityToRecipient(await generateX25519Identity()));
  writeFileSync(join(folder, 'theirs.log.age'), stranger);
  // Nobody is asked for anything where there is no key.
  await expect(look('theirs.log.age')).rejects.toMatchObject({
    code: 'keys/cannot_open',
    message: expect.stringContaining('this device has no project key') as string,
  });

  await client.secrets.unlock({ passphrase: 'correct horse battery' });
  const wing = await client.keys.create({ requestId: randomUUID(), name: 'wing' });
  await client.keys.create({ requestId: randomUUID(), name: 'turbine' });
  const canary = randomBytes(24).toString('hex');
  const content = Buffer.concat([Buffer.from(`${canary}\n`), randomBytes(200_000), Buffer.from('last line\n')]);
  const sealed = await encrypted(content, wing.key.publicKey);
  writeFileSync(join(folder, 'run.log.age'), sealed);
  const text = content.toString('latin1');
  expect(await look('run.log.age')).toBe(text);
  expect(await look('run.log.age', { offset: -10 })).toBe('last line\n');
  expect(await look('run.log.age', { offset: 65_530, limit: 20 })).toBe(text.slice(65_530, 65_550));
  expect(new SecretWatch(() => [canary]).inFiles(home, folder)).toEqual([]);

  await expect(look('theirs.log.age')).rejects.toMatchObject({
    code: 'keys/cannot_open',
    message: expect.stringContaining('no key of this device opens it') as string,
  });
  sealed[sealed.length - 100_000]! ^= 1;
  writeFileSync(join(folder, 'changed.age'), sealed);
  await expect(look('changed.age')).rejects.toMatchObject({ code: 'bad_input' });
  writeFileSync(join(folder, 'none.age'), 'no age file');
  await expect(look('none.age')).rejects.toMatchObject({ code: 'bad_input' });
  await client.secrets.lock({});
  await expect(look('none.age')).rejects.toMatchObject({ code: 'bad_input' });
  await expect(look('run.log.age')).rejects.toMatchObject({ code: 'secrets/locked' });
}, 60_000);
