import { generateX25519Identity } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOfPhrase, phraseOf } from '../../../electron/core/keys/recovery-phrase.ts';

const identity = await generateX25519Identity();
const { words } = phraseOf(identity);

describe('a recovery phrase', () => {
  it('is 24 words that give the identity back, however they are typed', () => {
    expect(words).toHaveLength(24);
    for (const text of [
      words.join(' '),
      words.join('\n').toUpperCase(),
      words.map((word, i) => `${i + 1}. ${word}`).join(',  '),
    ])
      expect(identityOfPhrase(text)).toBe(identity);
  });

  it('asks for one word of each half', () => {
    for (let i = 0; i < 50; i++) {
      const [first, second] = phraseOf(identity).ask as [number, number];
      expect(first >= 1 && first <= 12 && second >= 13 && second <= 24).toBe(true);
    }
  });

  it('names every word that is none, and tells how many are there', () => {
    const bad = words.with(2, 'slipway').with(20, 'ciphertext').join(' ');
    expect(() => identityOfPhrase(bad)).toThrow(/word 3 \("slipway"\), word 21 \("ciphertext"\)/);
    expect(() => identityOfPhrase(words.slice(1).join(' '))).toThrow('these are 23');
    expect(() => identityOfPhrase('')).toThrow('these are 0');
  });

  it('with one word replaced or two exchanged is never taken for another identity in silence, but for 1 in 256', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.nat(23), fc.nat(23), (a, b) => {
        fc.pre(words[a] !== words[b]);
        try {
          expect(identityOfPhrase(words.with(a, words[b]!).with(b, words[a]!).join(' '))).not.toBe(identity);
          taken++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'keys/wrong_phrase' });
        }
      }),
      { numRuns: 200 },
    );
    expect(taken).toBeLessThan(20);
  });
});
