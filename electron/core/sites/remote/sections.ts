import { randomBytes } from 'node:crypto';
import type { CommandOutput } from '../../../../shared/domain/scheduler/types.ts';

/** One part of a script: its commands run in a subshell, and what they print and end with is told apart from all others. */
export interface Section {
  readonly name: string;
  readonly commands: string;
}

/** Several sections as one script, so that a look at a site is one round trip. */
export interface SectionScript {
  readonly script: string;
  /** What each section printed; one that is missing (the connection broke in between) is not in the map. */
  parse(stdout: Buffer): Map<string, CommandOutput>;
}

const STDERR_LIMIT = 16_384;

/** Builds the script. Output is framed by a random word, so that no output can be taken for a frame. */
export function sectionScript(sections: readonly Section[]): SectionScript {
  const nonce = `slipway-${randomBytes(12).toString('hex')}`;
  const parts = sections.map(
    ({ commands }, i) => `printf '\\n%s\\n' '${nonce}[${i}'
err=$( { (
${commands}
) 4>&-; } 2>&1 >&4 ); rc=$?
printf '\\n%s\\n' "${nonce}]$rc"
[ -z "$err" ] || printf '%s' "$err" | head -c ${STDERR_LIMIT}
printf '\\n%s\\n' '${nonce}.'`,
  );
  return {
    script: `exec 4>&1\n${parts.join('\n')}\n`,
    parse: (stdout) => {
      const found = new Map<string, CommandOutput>();
      const text = stdout.toString('utf8');
      sections.forEach(({ name }, i) => {
        const open = `\n${nonce}[${i}\n`;
        const from = text.indexOf(open);
        if (from < 0) return;
        const start = from + open.length;
        const mid = text.indexOf(`\n${nonce}]`, start);
        if (mid < 0) return;
        const lineEnd = text.indexOf('\n', mid + 1);
        const end = text.indexOf(`\n${nonce}.\n`, lineEnd);
        if (lineEnd < 0 || end < 0) return;
        const code = Number(text.slice(mid + nonce.length + 2, lineEnd));
        found.set(name, {
          stdout: text.slice(start, mid),
          stderr: text.slice(lineEnd + 1, end),
          code: Number.isInteger(code) ? code : 255,
        });
      });
      return found;
    },
  };
}
