import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { createAgeFile, openAgeHeader } from '../../../electron/core/encryption/age-header.ts';
import { KeyService } from '../../../electron/core/keys/key-service.ts';
import { DeviceKey } from '../../../electron/core/secrets/device-key.ts';
import { SignInPrompts } from '../../../electron/core/ssh/sign-in-prompts.ts';
import { KeyStore } from '../../../electron/core/storage/key-store.ts';
import { STATE_MIGRATIONS } from '../../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../../electron/core/storage/open-database.ts';
import { age, hasAge } from '../../lab/age.ts';
import { tempFolder } from '../../support/job-folder.ts';

const PASSPHRASE = 'correct horse battery';

/** A workstation of one person, with an open vault. */
async function workstation(home = tempFolder()) {
  const device = new DeviceKey({
    path: join(home, 'secrets', 'device-key.json'),
    keyring: null,
    prompts: new SignInPrompts(),
    workFactor: 8,
  });
  await device.unlock(PASSPHRASE);
  const path = join(home, 'state.db');
  const db = openDatabase({ path, migrations: STATE_MIGRATIONS, now: () => 0 });
  let now = Date.UTC(2026, 10, 26);
  const clock = { now: () => (now += 1000) } as ConstructorParameters<typeof KeyService>[0]['clock'];
  const keys = new KeyService({ store: new KeyStore(db), device, clock });
  return { home, device, keys, close: () => void db.close(), database: () => readFileSync(path, 'latin1') };
}

async function canRead(keys: KeyService, name: string, header: Buffer): Promise<boolean> {
  return openAgeHeader(header, await keys.identitiesOf(name)).then(
    () => true,
    () => false,
  );
}

describe('a project key', () => {
  it('is made, confirmed by two words, kept across a restart, and never in the clear', async () => {
    const first = await workstation();
    const { key, phrase } = await first.keys.create('turbine', [], 'request-1');
    expect(key).toMatchObject({ name: 'turbine', recipients: [], generations: [{ confirmed: false, usable: true }] });
    expect(await first.keys.create('turbine', [], 'request-1')).toMatchObject({ phrase: { words: phrase.words } });
    await expect(first.keys.create('turbine', [], 'request-2')).rejects.toMatchObject({ code: 'keys/exists' });
    expect((await first.keys.phrase('turbine')).words).toEqual(phrase.words);

    const word = (number: number, text = phrase.words[number - 1]!) => ({ number, word: text });
    await expect(first.keys.confirm('turbine', [word(3, 'abandonx'), word(20)])).rejects.toMatchObject({
      code: 'keys/wrong_phrase',
      details: { numbers: [3] },
    });
    await expect(first.keys.confirm('turbine', [word(3), word(3)])).rejects.toMatchObject({ code: 'bad_input' });
    const confirmed = await first.keys.confirm('turbine', [word(3), word(20, ` ${phrase.words[19]!.toUpperCase()} `)]);
    expect(confirmed.generations[0]?.confirmed).toBe(true);
    await expect(first.keys.phrase('turbine')).rejects.toThrow('not shown again');

    const { header } = createAgeFile([first.keys.recipientOf('turbine')]);
    first.close();
    expect(first.database()).not.toContain(phrase.identity.slice(16));
    expect(first.database()).not.toContain('AGE-SECRET');
    const again = await workstation(first.home);
    expect(await canRead(again.keys, 'turbine', header)).toBe(true);
    again.device.lock();
    await expect(again.keys.identitiesOf('turbine')).rejects.toMatchObject({ code: 'secrets/locked' });
    again.close();
  });

  it('comes back on another machine by its words alone, and each generation by its own', async () => {
    const lost = await workstation();
    const one = await lost.keys.create('turbine', [], 'request-1');
    const old = createAgeFile([lost.keys.recipientOf('turbine')]);
    const two = await lost.keys.rotate('turbine', 'request-2');
    expect((await lost.keys.rotate('turbine', 'request-2')).phrase.words).toEqual(two.phrase.words);
    const fresh = createAgeFile([lost.keys.recipientOf('turbine')]);
    expect(two.key.generations).toHaveLength(2);
    expect(two.key.publicKey).not.toBe(one.key.publicKey);
    expect(await canRead(lost.keys, 'turbine', old.header)).toBe(true);
    expect(await canRead(lost.keys, 'turbine', fresh.header)).toBe(true);
    lost.close();

    const next = await workstation();
    const newer = two.phrase.words.join(' ');
    const older = one.phrase.words.join(' ');
    await expect(next.keys.recover('turbine', 'abandon '.repeat(24), 'known', 'r')).rejects.toMatchObject({
      code: 'keys/wrong_phrase',
    });
    expect((await next.keys.list()).keys).toEqual([]);
    await next.keys.recover('turbine', newer, 'known', 'request-3');
    expect(next.keys.recipientOf('turbine').text).toBe(two.key.publicKey);
    expect(await canRead(next.keys, 'turbine', fresh.header)).toBe(true);
    expect(await canRead(next.keys, 'turbine', old.header)).toBe(false);
    await expect(next.keys.recover('turbine', older, 'known', 'request-4')).rejects.toMatchObject({
      code: 'keys/exists',
    });
    const both = await next.keys.recover('turbine', older, 'older', 'request-4');
    expect(both.generations.map((g) => g.publicKey)).toEqual([two.key.publicKey, one.key.publicKey]);
    expect(await canRead(next.keys, 'turbine', old.header)).toBe(true);
    next.close();
  });

  it('that this device cannot open any more is told, and comes back by its words', async () => {
    const ada = await workstation();
    const { phrase } = await ada.keys.create('turbine', [], 'request-1');
    ada.close();
    // The vault is gone, the database is not.
    const moved = tempFolder();
    writeFileSync(join(moved, 'state.db'), readFileSync(join(ada.home, 'state.db')));
    const next = await workstation(moved);
    expect((await next.keys.list()).keys[0]?.generations[0]?.usable).toBe(false);
    await expect(next.keys.identitiesOf('turbine')).rejects.toMatchObject({ code: 'keys/cannot_open' });
    const recovered = await next.keys.recover('turbine', phrase.words.join(' '), 'known', 'request-2');
    expect(recovered.generations).toMatchObject([{ usable: true, confirmed: true }]);
    expect(await next.keys.identitiesOf('turbine')).toEqual([phrase.identity]);
    next.close();
  });
});

describe.skipIf(!hasAge())('recipients of a project key', () => {
  it('take it from an exported file: another Slipway, and people with age alone', async () => {
    const [ada, grace] = [await workstation(), await workstation()];
    const folder = tempFolder();
    const own = await generateX25519Identity();
    writeFileSync(join(folder, 'own.txt'), own, { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'hedy@ws', '-f', join(folder, 'id')]);

    const created = await ada.keys.create('turbine', [await identityToRecipient(own)], 'request-1');
    const graceDevice = (await grace.device.recipient())!;
    await expect(grace.keys.import((await ada.keys.export('turbine')).content, 'request-2')).rejects.toMatchObject({
      code: 'keys/cannot_open',
      message: expect.stringContaining(graceDevice),
    });
    await ada.keys.addRecipient('turbine', graceDevice, 'Grace');
    const { recipients } = await ada.keys.addRecipient('turbine', readFileSync(join(folder, 'id.pub'), 'utf8'), null);
    expect(recipients.map((r) => [r.kind, r.label])).toEqual([
      ['x25519', null],
      ['x25519', 'Grace'],
      ['ssh-ed25519', 'hedy@ws'],
    ]);
    await expect(ada.keys.addRecipient('turbine', created.phrase.identity, null)).rejects.toThrow('secret key');

    const file = await ada.keys.export('turbine');
    expect(file.fileName).toBe('turbine.key.age');
    const imported = await grace.keys.import(file.content, 'request-3');
    expect(imported).toMatchObject({ name: 'turbine', publicKey: created.key.publicKey, recipients: [] });
    for (const identity of ['own.txt', 'id']) {
      const opened = age(['-d', '-i', join(folder, identity)], Buffer.from(file.content)).toString();
      expect(opened).toContain(created.phrase.identity);
    }

    // What Ada encrypts to the project, Grace reads.
    const { header } = createAgeFile([ada.keys.recipientOf('turbine')]);
    expect(await canRead(grace.keys, 'turbine', header)).toBe(true);

    const left = await ada.keys.removeRecipient('turbine', 'Grace');
    expect(left.key.recipients).toHaveLength(2);
    expect(left.key.generations).toHaveLength(2);
    const later = createAgeFile([ada.keys.recipientOf('turbine')]);
    expect(await canRead(grace.keys, 'turbine', later.header)).toBe(false);
    expect(await canRead(ada.keys, 'turbine', header)).toBe(true);
    await expect(grace.keys.import((await ada.keys.export('turbine')).content, 'request-4')).rejects.toMatchObject({
      code: 'keys/cannot_open',
    });
    await expect(ada.keys.removeRecipient('turbine', 'Grace')).rejects.toMatchObject({ code: 'not_found' });
    for (const one of [ada, grace]) one.close();
  });
});
