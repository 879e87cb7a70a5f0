import { shellQuote } from '../../../../../shared/domain/shell-quote.ts';

/** A command of POSIX sh that runs a program of Python 3, with all of stdin left to it, and nothing of the account's own Python set-up. */
export function pythonCommand(program: string, ...words: readonly string[]): string {
  return ['python3', '-I', '-S', '-c', shellQuote(program), ...words.map((word) => shellQuote(word))].join(' ');
}
