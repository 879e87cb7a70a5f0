import { randomInt } from 'node:crypto';
import { bech32 } from '@scure/base';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { PHRASE_WORDS } from '../../../shared/contract/keys.ts';
import { AppError } from '../../../shared/errors.ts';

const IDENTITY_PREFIX = 'AGE-SECRET-KEY-';
const known: ReadonlySet<string> = new Set(wordlist);

/**
 * The 24 words of an identity (BIP 39): its 32 bytes and a check sum of eight bits. So the paper alone gives the key back, without any file.
 * @param identity `AGE-SECRET-KEY-1…`
 */
export function phraseOf(identity: string): RecoveryPhrase {
  const { bytes } = bech32.decodeToBytes(identity);
  const words = entropyToMnemonic(bytes, wordlist).split(' ');
  const first = randomInt(1, PHRASE_WORDS / 2 + 1);
  return { words, identity, ask: [first, randomInt(PHRASE_WORDS / 2 + 1, PHRASE_WORDS + 1)] };
}

/** The identity that the words stand for; upper case, line ends and numbers before the words do no harm. @throws AppError `keys/wrong_phrase` */
export function identityOfPhrase(text: string): string {
  const words = text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const unknown = words.flatMap((word, i) => (known.has(word) ? [] : [`word ${i + 1} ("${word.slice(0, 20)}")`]));
  if (unknown.length > 0) throw wrong(`Not in the list of words: ${unknown.slice(0, PHRASE_WORDS).join(', ')}.`);
  if (words.length !== PHRASE_WORDS) throw wrong(`A phrase has ${PHRASE_WORDS} words; these are ${words.length}.`);
  let bytes: Uint8Array;
  try {
    bytes = mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    throw wrong('The words do not fit together: one is wrong, or two have changed places.');
  }
  return bech32.encode(IDENTITY_PREFIX, bech32.toWords(bytes)).toUpperCase();
}

function wrong(message: string): AppError {
  return new AppError('keys/wrong_phrase', message);
}
