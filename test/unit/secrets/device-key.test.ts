import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { DeviceKey } from '../../../electron/core/secrets/device-key.ts';
import { SecretStore } from '../../../electron/core/secrets/secret-store.ts';
import type { SystemKeyring } from '../../../electron/core/secrets/system-keyring.ts';
import { SignInPrompts } from '../../../electron/core/ssh/sign-in-prompts.ts';
import { tempFolder } from '../../support/job-folder.ts';

const PASSPHRASE = 'correct horse battery';

/** A keyring that turns bytes round: enough to see that the text itself is nowhere. */
function fakeKeyring(): SystemKeyring & { usable: boolean; lost: boolean } {
  const turned = (bytes: Buffer): Buffer => Buffer.from([...bytes].toReversed());
  return {
    usable: true,
    lost: false,
    async look() {
      return { usable: this.usable, name: 'the keyring', reason: this.usable ? null : 'This session has no keyring.' };
    },
    async seal(text) {
      return turned(Buffer.from(text)).toString('base64');
    },
    async unseal(sealed) {
      if (this.lost) throw new Error('another key');
      return turned(Buffer.from(sealed, 'base64')).toString();
    },
  };
}

/** A person who gives these answers in turn; null = cancels. */
function person(prompts: SignInPrompts, answers: (string[] | null)[]): { readonly asked: string[] } {
  const asked: string[] = [];
  prompts.watch();
  prompts.onChange(() => {
    const [open] = prompts.open();
    if (open === undefined) return;
    asked.push(`${open.title}: ${open.text}`);
    prompts.answer(open.id, answers.shift() ?? null);
  });
  return { asked };
}

function profile(keyring: SystemKeyring | null = null, home = tempFolder()) {
  const prompts = new SignInPrompts();
  const path = join(home, 'secrets', 'device-key.json');
  const device = new DeviceKey({ path, keyring, prompts, workFactor: 8 });
  return { home, path, prompts, device, store: new SecretStore(join(home, 'secrets', 'secrets.age'), device) };
}

describe('a profile without a keyring', () => {
  it('keeps secrets in a vault whose passphrase is asked for once per start, and leaves nothing in the clear', async () => {
    const first = profile();
    const { asked } = person(first.prompts, [
      ['short', 'short'],
      [PASSPHRASE, 'another'],
      [PASSPHRASE, PASSPHRASE],
    ]);
    expect(await first.store.get('bucket/a')).toBeNull();
    expect(asked).toEqual([]);
    expect(await first.store.status()).toMatchObject({ keeper: 'passphrase', state: 'new' });
    await first.store.set('bucket/a', 'canary-one');
    await first.store.set('bucket/b', 'canary-two');
    expect(asked).toHaveLength(3);
    expect(asked[1]).toContain('too short');
    expect(asked[2]).toContain('differ');

    const files = readdirSync(dirname(first.path));
    expect(files.toSorted()).toEqual(['device-key.json', 'secrets.age']);
    for (const file of files) {
      const path = join(dirname(first.path), file);
      expect(readFileSync(path, 'latin1')).not.toMatch(/canary|AGE-SECRET|horse/);
      expect(statSync(path).mode & 0o077).toBe(0);
    }

    const next = profile(null, first.home);
    const typed = person(next.prompts, [['wrong one'], [PASSPHRASE]]);
    expect(await next.store.status()).toMatchObject({ keeper: 'passphrase', state: 'locked' });
    const both = await Promise.all([next.store.get('bucket/a'), next.store.get('bucket/b')]);
    expect(both).toEqual(['canary-one', 'canary-two']);
    expect(typed.asked).toHaveLength(2);
    expect(typed.asked[1]).toContain('not the passphrase');
    await next.store.remove('bucket/a');
    await next.store.remove('bucket/never-there');
    expect(await next.store.get('bucket/a')).toBeNull();
    expect(await next.store.get('bucket/b')).toBe('canary-two');
    expect(typed.asked).toHaveLength(2);
  });

  it('says what is missing when nobody is there, when the person cancels, and after three wrong passphrases', async () => {
    const p = profile();
    await expect(p.store.set('a', 'b')).rejects.toMatchObject({
      code: 'secrets/locked',
      message: expect.stringContaining('--passphrase-fd'),
    });
    await p.device.unlock(PASSPHRASE);
    await p.store.set('a', 'b');
    p.device.lock();
    await expect(p.store.get('a')).rejects.toMatchObject({ code: 'secrets/locked' });
    await expect(p.device.unlock('another passphrase')).rejects.toMatchObject({ code: 'secrets/wrong_passphrase' });
    const { asked } = person(p.prompts, [['x'], ['y'], ['z'], null]);
    await expect(p.store.get('a')).rejects.toMatchObject({ code: 'secrets/wrong_passphrase' });
    expect(asked).toHaveLength(3);
    await expect(p.store.get('a')).rejects.toMatchObject({ code: 'secrets/locked' });
    await expect(p.store.get('a', 'nobody')).rejects.toMatchObject({ code: 'secrets/locked' });
    expect(asked).toHaveLength(4);
    await p.device.unlock(PASSPHRASE);
    expect(await p.store.get('a', 'nobody')).toBe('b');
  });

  it('never replaces a key that is there: not a damaged one, and not one that came meanwhile', async () => {
    const p = profile();
    await p.device.unlock(PASSPHRASE);
    await p.store.set('a', 'b');
    const good = readFileSync(p.path, 'utf8');
    const sealed = JSON.parse(good) as { sealed: string };
    const middle = sealed.sealed.length >> 1;
    const flipped = sealed.sealed[middle] === 'A' ? 'B' : 'A';
    const broken = { ...sealed, sealed: sealed.sealed.slice(0, middle) + flipped + sealed.sealed.slice(middle + 1) };
    for (const bad of ['', '{"version":2}', JSON.stringify(broken)]) {
      writeFileSync(p.path, bad);
      const next = profile(null, p.home);
      person(next.prompts, [[PASSPHRASE], [PASSPHRASE], [PASSPHRASE]]);
      await expect(next.store.set('a', 'c')).rejects.toMatchObject({ code: /^secrets\// });
      expect(readFileSync(p.path, 'utf8')).toBe(bad);
    }
    writeFileSync(p.path, good);
    const again = profile(null, p.home);
    await again.device.unlock(PASSPHRASE);
    expect(await again.store.get('a')).toBe('b');

    const two = profile();
    const racers = [two.device.unlock(PASSPHRASE), profile(null, two.home).device.unlock(`${PASSPHRASE} staple`)];
    const ended = await Promise.allSettled(racers);
    expect(ended.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
  });

  it('tells a damaged or foreign file of secrets, and leaves it', async () => {
    const p = profile();
    await p.device.unlock(PASSPHRASE);
    await p.store.set('a', 'b');
    const file = join(p.home, 'secrets', 'secrets.age');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -60));
    await expect(p.store.get('a')).rejects.toMatchObject({ code: 'secrets/damaged' });
    const before = readFileSync(file, 'utf8');
    await expect(p.store.set('a', 'c')).rejects.toMatchObject({ code: 'secrets/damaged' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('a profile with a keyring', () => {
  it('asks nobody, and its key is the one that the public half belongs to', async () => {
    const keyring = fakeKeyring();
    const p = profile(keyring);
    const { asked } = person(p.prompts, []);
    expect(await p.store.status()).toMatchObject({ keeper: 'keyring', state: 'new' });
    // A script's passphrase makes no vault where there is a keyring.
    await p.device.unlock(PASSPHRASE);
    expect(await p.device.recipient()).toBeNull();
    const made = await Promise.all([p.device.identity('nobody'), p.device.identity('person'), p.device.identity()]);
    expect(new Set(made).size).toBe(1);
    await p.store.set('a', 'canary');
    expect(asked).toEqual([]);
    expect(readFileSync(p.path, 'utf8')).not.toContain('AGE-SECRET');
    const next = profile(keyring, p.home);
    expect(await next.store.get('a', 'nobody')).toBe('canary');
    expect(await identityToRecipient(await next.device.identity())).toBe(await next.device.recipient());
  });

  it('does without it by no other way: elsewhere and after its loss it says so', async () => {
    const keyring = fakeKeyring();
    const p = profile(keyring);
    await p.store.set('a', 'canary');
    const alone = profile(null, p.home);
    person(alone.prompts, [[PASSPHRASE, PASSPHRASE]]);
    expect(await alone.store.status()).toMatchObject({ keeper: 'keyring', state: 'unavailable' });
    await expect(alone.store.get('a')).rejects.toMatchObject({
      code: 'secrets/unavailable',
      message: expect.stringContaining('desktop app'),
    });
    await expect(alone.store.set('a', 'other')).rejects.toMatchObject({ code: 'secrets/unavailable' });
    const weak = profile(Object.assign(fakeKeyring(), { usable: false }), p.home);
    await expect(weak.store.get('a')).rejects.toMatchObject({ message: expect.stringContaining('has no keyring') });
    const lost = profile(Object.assign(fakeKeyring(), { lost: true }), p.home);
    await expect(lost.store.get('a')).rejects.toMatchObject({ message: expect.stringContaining('recovery phrases') });
    expect(await profile(keyring, p.home).store.get('a')).toBe('canary');
  });

  it('is not used where it only scrambles: a passphrase is asked for', async () => {
    const p = profile(Object.assign(fakeKeyring(), { usable: false }));
    const { asked } = person(p.prompts, [[PASSPHRASE, PASSPHRASE]]);
    await p.store.set('a', 'b');
    expect(asked).toHaveLength(1);
    expect(await p.store.status()).toMatchObject({ keeper: 'passphrase', state: 'open' });
  });
});

describe('what keeps the key of a profile', () => {
  it('gets another passphrase from who knows the one of now, and keeps all that is encrypted to it', async () => {
    const p = profile();
    await expect(p.device.changePassphrase(PASSPHRASE, 'another passphrase')).rejects.toMatchObject({
      code: 'bad_input',
    });
    await p.device.unlock(PASSPHRASE);
    await p.store.set('a', 'b');
    const before = readFileSync(p.path, 'utf8');
    await expect(p.device.changePassphrase('wrong passphrase', 'another passphrase')).rejects.toMatchObject({
      code: 'secrets/wrong_passphrase',
    });
    await expect(p.device.changePassphrase(PASSPHRASE, 'short')).rejects.toMatchObject({ code: 'bad_input' });
    expect(readFileSync(p.path, 'utf8')).toBe(before);
    await p.device.changePassphrase(PASSPHRASE, 'another passphrase');
    const next = profile(null, p.home);
    await expect(next.device.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'secrets/wrong_passphrase' });
    await next.device.unlock('another passphrase');
    expect(await next.store.get('a')).toBe('b');
    expect(readdirSync(dirname(p.path)).toSorted()).toEqual(['device-key.json', 'secrets.age']);
  });

  it('moves into a keyring that has come, and back, and is the same key', async () => {
    const p = profile();
    await p.device.unlock(PASSPHRASE);
    await p.store.set('a', 'b');
    await expect(p.device.move(null)).rejects.toMatchObject({ code: 'secrets/unavailable' });
    const recipient = await p.device.recipient();

    const keyring = fakeKeyring();
    const second = profile(keyring, p.home);
    expect(await second.store.status()).toMatchObject({ keeper: 'passphrase', couldKeepIn: 'the keyring' });
    await expect(second.device.move(null)).rejects.toMatchObject({ code: 'secrets/locked' });
    person(second.prompts, [[PASSPHRASE]]);
    await second.device.move(null);
    expect(await second.store.status()).toMatchObject({ keeper: 'keyring', state: 'open', couldKeepIn: null });
    const third = profile(keyring, p.home);
    expect(await third.store.get('a', 'nobody')).toBe('b');
    await third.device.move(null);
    await expect(third.device.move('short')).rejects.toMatchObject({ code: 'bad_input' });
    await third.device.move('another passphrase');
    await expect(third.device.move('another passphrase')).rejects.toMatchObject({ code: 'bad_input' });

    const fourth = profile(null, p.home);
    await fourth.device.unlock('another passphrase');
    expect(await fourth.store.get('a')).toBe('b');
    expect(await fourth.device.recipient()).toBe(recipient);
  });

  it('stays where it is when a keyring does not give back what it was given', async () => {
    const p = profile();
    await p.device.unlock(PASSPHRASE);
    await p.store.set('a', 'b');
    const before = readFileSync(p.path, 'utf8');
    const next = profile({ ...fakeKeyring(), unseal: () => Promise.resolve('something else') }, p.home);
    await next.device.unlock(PASSPHRASE);
    await expect(next.device.move(null)).rejects.toMatchObject({ code: 'secrets/unavailable' });
    expect(readFileSync(p.path, 'utf8')).toBe(before);
  });
});
