import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { CommandOutput } from '../../../../shared/domain/scheduler/types.ts';

/**
 * Asking a scheduler exactly once. `submit.sh N` asks inside `try.N`, whose `mkdir` is the lock: a repeat of the same try only looks. It runs detached from
 * the channel, so that a connection that breaks does not break it, and what the scheduler answers lands on the site's disk in the same step: `out` holds the
 * id as soon as the scheduler has printed it, `rc` appears by rename when the command has ended.
 */
export function submitScript(command: string): string {
  return `# Slipway: asks the scheduler once. sh submit.sh TRY
cd "\${0%/*}" || exit
try=try.$1
(
${command}
) >"$try/out" 2>"$try/err" </dev/null
printf '%s\\n' "$?" >"$try/rc.new" && mv "$try/rc.new" "$try/rc"
`;
}

/** Begins try `number` of a submission, unless it has been begun, waits for its answer for about `waitSeconds`, and prints what is known. */
export function beginTry(folder: string, number: number, waitSeconds: number): string {
  return `cd ${shellQuote(folder)} || exit 72
if mkdir try.${number} 2>/dev/null; then
  date +%s >try.${number}/began
  if command -v setsid >/dev/null 2>&1; then setsid sh "$PWD/submit.sh" ${number} >/dev/null 2>&1 </dev/null &
  else nohup sh "$PWD/submit.sh" ${number} >/dev/null 2>&1 </dev/null &
  fi
fi
[ -d try.${number} ] || exit 74
${waitFor(number, waitSeconds)}
${printTry(number)}`;
}

/** Looks at a try without beginning it; `began` is empty when there was none. */
export function lookAtTry(folder: string, number: number): string {
  return `cd ${shellQuote(folder)} || exit 72
${printTry(number)}`;
}

function waitFor(number: number, seconds: number): string {
  return `n=0
while [ ! -e try.${number}/rc ] && [ "$n" -lt ${Math.round(seconds * 20)} ]; do
  n=$((n + 1))
  sleep 0.05 2>/dev/null || { sleep 1; n=$((n + 19)); }
done`;
}

/** Three lines of facts, then out and err with their sizes, so that no content can be taken for something else. */
function printTry(number: number): string {
  return `t=try.${number}
began= rc=
[ ! -r "$t/began" ] || read -r began <"$t/began"
[ ! -r "$t/rc" ] || read -r rc <"$t/rc"
[ -d "$t" ] && there=1 || there=0
out=$(head -c 65536 "$t/out" 2>/dev/null) err=$(head -c 65536 "$t/err" 2>/dev/null)
printf 'there=%s began=%s rc=%s now=%s\\n' "$there" "$began" "$rc" "$(date +%s)"
printf '%s\\n' "$out" | sed 's/^/o/'
printf '%s\\n' "$err" | sed 's/^/e/'`;
}

export interface TryState {
  /** The try has been begun. */
  readonly begun: boolean;
  /** Epoch seconds of the site's clock. */
  readonly beganAt: number | null;
  readonly now: number | null;
  /** What the scheduler's command printed so far; `code` is −1 while it has not ended, or was killed. */
  readonly output: CommandOutput;
  readonly ended: boolean;
}

/** Reads what `printTry` printed; null when it makes no sense. */
export function parseTry(text: string): TryState | null {
  const [first = '', ...rest] = text.split('\n');
  const facts = /^there=([01]) began=(\d*) rc=(\d*) now=(\d*)$/.exec(first);
  if (facts === null) return null;
  const [, there, began, rc, now] = facts as unknown as [string, string, string, string, string];
  const number = (digits: string): number | null => (digits === '' ? null : Number(digits));
  const lines = (letter: string): string =>
    rest
      .filter((line) => line.startsWith(letter))
      .map((line) => line.slice(1))
      .join('\n');
  return {
    begun: there === '1',
    beganAt: number(began),
    now: number(now),
    output: { stdout: lines('o'), stderr: lines('e'), code: rc === '' ? -1 : Number(rc) },
    ended: rc !== '',
  };
}
