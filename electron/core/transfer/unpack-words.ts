import { printableText } from '../ssh/sign-in-prompts.ts';

/** Said by programs that write, of a full file system or a quota that is used up. */
export const NO_ROOM = /no space left|quota exceeded|disk full/i;
const NOT_ALLOWED = /permission denied|read-only file system|operation not permitted/i;
const NOT_FOUND = /not found/i;
/** Said of every file where the site's clock is behind. */
const NO_REASON = /^published$| in the future$|implausibly old time stamp/;

/** Why files could not be laid out, by what the programs of a host said on stderr: its own words, made printable. */
export function causeIn(
  stderr: string,
  code: number | null,
): { readonly kind: 'space' | 'permission' | 'other'; readonly words: string } {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !NO_REASON.test(line));
  const reason = [NO_ROOM, NOT_ALLOWED, NOT_FOUND].find((r) => r.test(stderr));
  // The first line is the cause; what follows are its consequences.
  const line = (reason && lines.find((l) => reason.test(l))) ?? lines[0] ?? `exit code ${code ?? 'unknown'}`;
  const kind = reason === NO_ROOM ? 'space' : reason === NOT_ALLOWED ? 'permission' : 'other';
  return { kind, words: printableText(line).trim() };
}
