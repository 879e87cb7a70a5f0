import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { CommandOutput } from '../../../../shared/domain/scheduler/types.ts';

/**
 * Asking a scheduler exactly once. `submit.sh N` asks inside `try.N`, whose `mkdir` is the lock: a repeat of the same try only looks. It runs detached from
 * the channel, so that a connection that breaks does not break it, and what the scheduler answers lands on the site's disk in the same step: `out` holds the
 * id as soon as the scheduler has printed it, `rc` appears by rename when the command has ended. `asker` names its process, so that a look can tell an answer
 * that takes long from one that will never come: the process was killed, or the host restarted.
 */
export function submitScript(command: string): string {
  return `# Slipway: asks the scheduler once. sh submit.sh TRY
cd "\${0%/*}" || exit
try=try.$1
${WHO_I_AM}
printf '%s %s %s %s\\n' "$$" "$ticks" "$boot" "$(uname -n)" >"$try/asker.new" && mv "$try/asker.new" "$try/asker"
(
${command}
) >"$try/out" 2>"$try/err" </dev/null
printf '%s\\n' "$?" >"$try/rc.new" && mv "$try/rc.new" "$try/rc"
`;
}

/** Sets `boot` and `ticks`: the boot of this machine and when this shell's process was started, `-` where the system does not tell. */
const WHO_I_AM = `boot=- ticks=-
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
if [ -r "/proc/$$/stat" ]; then
  stat=$(cat "/proc/$$/stat")
  set -- "$1" \${stat##*) }
  ticks=\${21}
fi`;

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

/** A line of facts, then out and err with their sizes, so that no content can be taken for something else. */
function printTry(number: number): string {
  return `t=try.${number}
began= rc=
[ ! -r "$t/began" ] || read -r began <"$t/began"
[ ! -r "$t/rc" ] || read -r rc <"$t/rc"
[ -d "$t" ] && there=1 || there=0
asker=unknown
if [ -r "$t/asker" ] && read -r pid ticks boot node <"$t/asker" && [ "$node" = "$(uname -n)" ]; then
  here=-
  [ ! -r /proc/sys/kernel/random/boot_id ] || read -r here </proc/sys/kernel/random/boot_id
  asker=gone
  if [ "$boot" != "$here" ]; then :
  elif [ "$ticks" = - ]; then ! kill -0 "$pid" 2>/dev/null || asker=alive
  elif [ -r "/proc/$pid/stat" ]; then
    stat=$(cat "/proc/$pid/stat" 2>/dev/null); set -- \${stat##*) }
    [ "$1" = Z ] || [ "\${20}" != "$ticks" ] || asker=alive
  fi
  # It may have ended in order between the two looks.
  [ ! -r "$t/rc" ] || read -r rc <"$t/rc"
fi
out=$(head -c 65536 "$t/out" 2>/dev/null) err=$(head -c 65536 "$t/err" 2>/dev/null)
printf 'there=%s began=%s rc=%s now=%s asker=%s\\n' "$there" "$began" "$rc" "$(date +%s)" "$asker"
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
  /** The process that asks was ended from outside: no answer will come any more. False also where that cannot be told, as on another login node. */
  readonly askerIsGone: boolean;
}

/** Reads what `printTry` printed; null when it makes no sense. */
export function parseTry(text: string): TryState | null {
  const [first = '', ...rest] = text.split('\n');
  const facts = /^there=([01]) began=(\d*) rc=(\d*) now=(\d*) asker=(alive|gone|unknown)$/.exec(first);
  if (facts === null) return null;
  const [, there, began, rc, now, asker] = facts as unknown as [string, string, string, string, string, string];
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
    askerIsGone: rc === '' && asker === 'gone',
  };
}
