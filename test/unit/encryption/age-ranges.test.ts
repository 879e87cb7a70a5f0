import { randomBytes } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgeError } from '../../../electron/core/encryption/age-error.ts';
import {
  createAgeFile,
  headerLength,
  openAgeHeader,
  wrapFileKey,
} from '../../../electron/core/encryption/age-header.ts';
import { AgeReader } from '../../../electron/core/encryption/age-reader.ts';
import { readRecipient } from '../../../electron/core/encryption/age-recipients.ts';
import { AgeWriter } from '../../../electron/core/encryption/age-writer.ts';
import { testCipherPool } from '../../support/cipher-pool.ts';

const pool = testCipherPool();
const identity = await generateX25519Identity();
const recipient = readRecipient(await identityToRecipient(identity));

const sourceOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: async (offset: number, length: number) => Buffer.from(bytes.subarray(offset, offset + length)),
});

async function sealed(plain: Buffer): Promise<Buffer> {
  const writer = new AgeWriter(createAgeFile([recipient]), sourceOf(plain), pool);
  return writer.read(0, writer.size);
}

async function refused(bytes: Buffer): Promise<string> {
  try {
    const reader = await AgeReader.open(sourceOf(bytes), [identity], pool);
    for (let at = 0; at < reader.size; at += 65_536) await reader.read(at, 65_536);
  } catch (error) {
    expect(error).toBeInstanceOf(AgeError);
    return (error as AgeError).kind;
  }
  return 'accepted';
}

describe('an age file that is made by ranges', () => {
  it('is the same in any order and after a restart, and gives the content back by any range', async () => {
    const range = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 1_200_000 }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 65_535, 65_536, 65_537, 200_000, 1_200_000),
        fc.array(range, { minLength: 1, maxLength: 12 }),
        async (size, ranges) => {
          const plain = randomBytes(size);
          const file = createAgeFile([recipient]);
          const writer = new AgeWriter(file, sourceOf(plain), pool);
          const whole = await writer.read(0, writer.size + 10);
          expect(whole).toHaveLength(writer.size);
          // What a journal keeps, and the key that comes back by the header.
          const fileKey = await openAgeHeader(file.header, [identity]);
          const again = new AgeWriter({ ...file, fileKey }, sourceOf(plain), pool);
          const reader = await AgeReader.open(sourceOf(whole), [identity], pool);
          expect(reader.size).toBe(size);
          await Promise.all(
            ranges.map(async ([where, length]) => {
              const at = Math.floor(where * writer.size);
              const plainAt = Math.floor(where * size);
              expect((await again.read(at, length)).equals(whole.subarray(at, at + length))).toBe(true);
              const back = await reader.read(plainAt, length);
              expect(back.equals(plain.subarray(plainAt, plainAt + length))).toBe(true);
            }),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it('encrypts nothing twice when it is read from the beginning to the end', async () => {
    const plain = randomBytes(1_000_000);
    let read = 0;
    const source = {
      size: plain.length,
      read: async (offset: number, length: number) => (
        (read += length),
        Buffer.from(plain.subarray(offset, offset + length))
      ),
    };
    const writer = new AgeWriter(createAgeFile([recipient]), source, pool);
    for (let at = 0; at < writer.size; at += 30_000) await writer.read(at, 30_000);
    expect(read).toBe(plain.length);
  });

  it('passes on why the content could not be read', async () => {
    const failing = { size: 100, read: () => Promise.reject(new Error('it was changed')) };
    const writer = new AgeWriter(createAgeFile([recipient]), failing, pool);
    await expect(writer.read(0, 1000)).rejects.toThrow('it was changed');
  });
});

describe('an age file that was tampered with', () => {
  it('is refused wherever a bit is turned', async () => {
    const good = await sealed(randomBytes(140_000));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bad = Buffer.from(good);
        bad[bit >> 3]! ^= 1 << (bit & 7);
        expect(await refused(bad)).not.toBe('accepted');
      }),
      { numRuns: 150 },
    );
  });

  it('is refused at every length but its own', async () => {
    const good = await sealed(randomBytes(140_000));
    const body = headerLength(good)! + 16;
    const ends = [0, 1, 20, body - 16, body - 1, body, body + 15, body + 16, body + 65_552, body + 2 * 65_552];
    for (const end of [...ends, good.length - 1]) expect(await refused(good.subarray(0, end))).not.toBe('accepted');
    for (const more of [1, 16, 17, 65_552]) {
      const longer = Buffer.concat([good, good.subarray(body, body + more)]);
      expect(await refused(longer)).toBe('damaged');
    }
    expect(await refused(Buffer.concat([good, good]))).toBe('damaged');
  });

  it('is refused with chunks in another order or of another file', async () => {
    const [a, b] = [await sealed(randomBytes(140_000)), await sealed(randomBytes(140_000))];
    const body = headerLength(a)! + 16;
    const chunk = (from: Buffer, n: number): Buffer => from.subarray(body + n * 65_552, body + (n + 1) * 65_552);
    const rebuilt = (...parts: Buffer[]): Buffer => Buffer.concat([a.subarray(0, body), ...parts]);
    expect(await refused(rebuilt(chunk(a, 0), chunk(a, 1), chunk(a, 2)))).toBe('accepted');
    expect(await refused(rebuilt(chunk(a, 1), chunk(a, 0), chunk(a, 2)))).toBe('damaged');
    expect(await refused(rebuilt(chunk(a, 0), chunk(a, 0), chunk(a, 2)))).toBe('damaged');
    expect(await refused(rebuilt(chunk(a, 0), chunk(b, 1), chunk(a, 2)))).toBe('damaged');
    expect(await refused(rebuilt(chunk(a, 0), chunk(a, 2)))).toBe('damaged');
  });

  it('is told from one for others, and from what is none', async () => {
    const stranger = await generateX25519Identity();
    const { header } = createAgeFile([recipient]);
    await expect(openAgeHeader(header, [stranger])).rejects.toMatchObject({ kind: 'no-key' });
    expect(await refused(Buffer.from('hello, world'))).toBe('not-age');
    expect(await refused(Buffer.from('-----BEGIN AGE ENCRYPTED FILE-----'))).toBe('not-age');
    expect(await refused(Buffer.concat([Buffer.from('age-encryption.org/v1\n'), Buffer.alloc(400_000, 97)]))).toBe(
      'not-age',
    );
  });
});

describe('a header', () => {
  it('can be made for others without the content, and opens nothing else', async () => {
    const other = await generateX25519Identity();
    const file = createAgeFile([recipient]);
    const plain = Buffer.from('held by two');
    const writer = new AgeWriter(file, sourceOf(plain), pool);
    const whole = await writer.read(0, writer.size);
    const header = wrapFileKey(file.fileKey, [readRecipient(await identityToRecipient(other))]);
    const joined = Buffer.concat([header, whole.subarray(file.header.length)]);
    const reader = await AgeReader.open(sourceOf(joined), [other], pool);
    expect(await reader.read(0, 100)).toEqual(plain);
    await expect(AgeReader.open(sourceOf(whole), [other], pool)).rejects.toMatchObject({ kind: 'no-key' });
  });

  it('is made for public keys only that age 1.1 can open', () => {
    for (const [text, says] of [
      ['AGE-SECRET-KEY-1QQQ', 'secret key'],
      ['-----BEGIN OPENSSH PRIVATE KEY-----', 'secret key'],
      ['age1pq1xyz', '1.1'],
      [`${recipient.text.slice(0, -1)}${recipient.text.endsWith('q') ? 'p' : 'q'}`, 'not a whole'],
      ['ssh-rsa AAAA', 'ssh-rsa'],
      ['ssh-ed25519 AAAA', 'not whole'],
      ['nonsense', 'no public key'],
      ['', 'no public key'],
    ] as const)
      expect(() => readRecipient(text), text).toThrow(says);
    expect(readRecipient(`  ${recipient.text}\n`).text).toBe(recipient.text);
  });
});
