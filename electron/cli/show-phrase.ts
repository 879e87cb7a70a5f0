import type { ProjectKey, RecoveryPhrase } from '../../shared/contract/keys.ts';
import { isAppError } from '../../shared/errors.ts';
import type { CliContext, CoreSession } from './context.ts';
import { table } from './format.ts';

const COLUMNS = 4;
/** Wrong answers until it is left for later. */
const TRIES = 3;

/** Prints the recovery phrase of a key, and asks two of its words back where there is a terminal. What is not confirmed now can be later. */
export async function showPhrase(
  context: CliContext,
  session: CoreSession,
  { key, phrase }: { readonly key: ProjectKey; readonly phrase: RecoveryPhrase },
): Promise<void> {
  context.stdout(
    `Recovery phrase of the key ${key.name}, generation ${key.generations.length}\n\n${wordTable(phrase.words)}\n` +
      'Write it on paper. Whoever has it can read everything encrypted to this key; without it and without this\n' +
      'device nobody can. It is shown until two of its words have been given back.\n',
  );
  const later = `It is not confirmed yet: slipway key phrase ${key.name}\n`;
  if (context.ask === null) return context.stderr(later);
  for (let tried = 0; tried < TRIES; tried++) {
    const words: { number: number; word: string }[] = [];
    for (const number of phrase.ask) {
      const word = await context.ask(`Word ${number}: `, false, context.interrupted);
      if (word === null) return context.stderr(later);
      words.push({ number, word });
    }
    try {
      await session.client.keys.confirm({ key: key.name, words });
      return context.stdout(`Confirmed. The public key is ${key.publicKey}\n`);
    } catch (error) {
      if (!isAppError(error) || error.code !== 'keys/wrong_phrase') throw error;
      context.stderr(`${error.message}\n`);
    }
  }
  context.stderr(later);
}

function wordTable(words: readonly string[]): string {
  const rows = words.length / COLUMNS;
  const numbered = words.map((word, i) => `${String(i + 1).padStart(2)} ${word}`);
  const lines = Array.from({ length: rows }, (_, row) => numbered.filter((_, i) => i % rows === row));
  return table(lines[0]!, lines.slice(1));
}
