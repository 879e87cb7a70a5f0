import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { openText, sealText } from '../../../electron/core/encryption/age-text.ts';
import { createAgeFile, wrapFileKey } from '../../../electron/core/encryption/age-header.ts';
import { readRecipient } from '../../../electron/core/encryption/age-recipients.ts';
import { AgeWriter } from '../../../electron/core/encryption/age-writer.ts';
import { decryptFile } from '../../../electron/core/encryption/decrypt-file.ts';
import { passphraseIdentity, passphraseRecipient } from '../../../electron/core/encryption/scrypt-stanza.ts';
import { testCipherPool } from '../../support/cipher-pool.ts';
import { age, hasAge } from '../../lab/age.ts';
import { tempFolder } from '../../support/job-folder.ts';

const pool = testCipherPool();
const EDGES = [0, 1, 65_535, 65_536, 65_537, 131_072, 5_000_001];

async function keyPair(folder: string, name = 'key') {
  const identity = await generateX25519Identity();
  const file = join(folder, `${name}.txt`);
  writeFileSync(file, `${identity}\n`, { mode: 0o600 });
  return { identity, file, recipient: readRecipient(await identityToRecipient(identity)) };
}

const writerOf = (plain: Buffer, file: ReturnType<typeof createAgeFile>): AgeWriter =>
  new AgeWriter(file, { size: plain.length, read: async (at, n) => Buffer.from(plain.subarray(at, at + n)) }, pool);

describe.skipIf(!hasAge())('beside the age program', () => {
  it.each(EDGES)('what we encrypt it decrypts, and what it encrypts we decrypt: %i bytes', async (size) => {
    const folder = tempFolder();
    const { identity, file, recipient } = await keyPair(folder);
    const plain = randomBytes(size);

    const writer = writerOf(plain, createAgeFile([recipient]));
    const ours = await writer.read(0, writer.size);
    expect(age(['-d', '-i', file], ours).equals(plain)).toBe(true);

    const theirs = join(folder, 'theirs.age');
    writeFileSync(theirs, age(['-r', recipient.text], plain));
    const back = join(folder, 'back');
    expect((await decryptFile({ from: theirs, to: back, identities: [identity], pool })).size).toBe(size);
    expect(readFileSync(back).equals(plain)).toBe(true);
  });

  it('a file for several keys, an SSH key among them, opens with each; a header of its own opens the same content', async () => {
    const folder = tempFolder();
    const ssh = join(folder, 'id');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@ws', '-f', ssh]);
    const keys = [await keyPair(folder, 'a'), await keyPair(folder, 'b')];
    const sshRecipient = readRecipient(readFileSync(`${ssh}.pub`, 'utf8'));
    expect(sshRecipient).toMatchObject({ kind: 'ssh-ed25519', comment: 'ada@ws' });
    const plain = randomBytes(100_000);
    const made = createAgeFile([...keys.map((k) => k.recipient), sshRecipient]);
    const writer = writerOf(plain, made);
    const whole = await writer.read(0, writer.size);
    for (const file of [keys[0]!.file, keys[1]!.file, ssh])
      expect(age(['-d', '-i', file], whole).equals(plain)).toBe(true);

    const job = await keyPair(folder, 'job');
    const header = wrapFileKey(made.fileKey, [job.recipient]);
    const joined = Buffer.concat([header, whole.subarray(made.header.length)]);
    expect(age(['-d', '-i', job.file], joined).equals(plain)).toBe(true);
    expect(() => age(['-d', '-i', job.file], whole)).toThrow();
  });

  it('short texts and passphrases are read by both', async () => {
    const folder = tempFolder();
    const { identity, file, recipient } = await keyPair(folder);
    expect(age(['-d', '-i', file], Buffer.from(await sealText('a text', [recipient.text]))).toString()).toBe('a text');
    expect(await openText(age(['-a', '-r', recipient.text], Buffer.from('another')).toString(), [identity])).toBe(
      'another',
    );

    // The age program takes a passphrase only from a terminal: "script" gives it one.
    const sealed = join(folder, 'sealed.age');
    writeFileSync(sealed, await sealText('for a passphrase', [passphraseRecipient('correct horse', 10)]));
    const said = execFileSync('script', ['-qec', `age -d -o ${folder}/opened ${sealed}`, '/dev/null'], {
      input: 'correct horse\n',
      encoding: 'utf8',
    });
    expect(existsSync(`${folder}/opened`) ? readFileSync(`${folder}/opened`, 'utf8') : said).toBe('for a passphrase');
    await expect(openText(readFileSync(sealed, 'utf8'), [passphraseIdentity('wrong')])).rejects.toThrow();
  });

  it('a file that is not whole leaves nothing behind, and an existing one is not touched', async () => {
    const folder = tempFolder();
    const { identity, recipient } = await keyPair(folder);
    const whole = age(['-r', recipient.text], randomBytes(6_000_000));
    const middle = Buffer.from(whole);
    middle[whole.length - 100_000]! ^= 1;
    for (const bad of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.alloc(1)]), middle]) {
      const from = join(folder, 'bad.age');
      const to = join(folder, 'content.part');
      writeFileSync(from, bad);
      await expect(decryptFile({ from, to, identities: [identity], pool })).rejects.toMatchObject({ kind: 'damaged' });
      expect(existsSync(to)).toBe(false);
    }
    const from = join(folder, 'good.age');
    writeFileSync(from, whole);
    const stop = AbortSignal.abort(new Error('stopped'));
    const to = join(folder, 'content.part');
    await expect(decryptFile({ from, to, identities: [identity], pool, signal: stop })).rejects.toThrow('stopped');
    expect(existsSync(to)).toBe(false);
    writeFileSync(to, 'mine');
    await expect(decryptFile({ from, to, identities: [identity], pool })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(to, 'utf8')).toBe('mine');
  });
});
