import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import { endRecord } from '../end-record.ts';
import type { EndRecord } from '../site.ts';

/** How much of one node's events is read in one look; the rest comes with the next. */
const EVENTS_LIMIT = 4 * 1024 * 1024;

/** Prints what was added to the event files of a submission since the offsets: per file a line `@ NODE OFFSET` and the bytes, each file closed by a line `@`. */
export function eventsScript(events: string, offsets: ReadonlyMap<string, number>): string {
  const known = [...offsets].map(([node, offset]) => `${node}=${offset}`).join(' ');
  return `cd ${shellQuote(events)} || exit 72
known=' '${shellQuote(known)}' '
for f in *; do
  [ -f "$f" ] || continue
  o=0
  case $known in *" $f="*) o=\${known#*" $f="}; o=\${o%% *} ;; esac
  s=$(wc -c <"$f")
  [ "$s" -gt "$o" ] || continue
  printf '@ %s %s\\n' "$f" "$o"
  tail -c "+$((o + 1))" "$f" | head -c ${EVENTS_LIMIT}
  printf '\\n@\\n'
done`;
}

/** One thing that a task told (see `TASK_SH`). */
export type TaskEvent = { readonly run: number; readonly attempt: number; readonly id: string } & (
  | { readonly kind: 'start'; readonly restarts: number; readonly node: string; readonly at: number | null }
  | { readonly kind: 'end'; readonly restarts: number; readonly node: string; readonly end: EndRecord }
  | { readonly kind: 'unprepared'; readonly what: string; readonly message: string }
  | { readonly kind: 'duplicate'; readonly owner: string }
  | { readonly kind: 'cancelled' }
);

/** The wrapper's record of an end; null when the text is none. */
export function parseEnd(text: string): EndRecord | null {
  try {
    const parsed = endRecord.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Reads one line of an event file; null for anything that is none (a line cut off by a full disk, say). */
export function parseEvent(line: string): TaskEvent | null {
  const head = /^([SEXDC]) (\d{1,9}) (\d{1,6}) (\S{1,100})(?: (.*))?$/.exec(line);
  if (head === null) return null;
  const [, letter, run, attempt, id, rest = ''] = head as unknown as [string, string, string, string, string, string?];
  const about = { run: Number(run), attempt: Number(attempt), id };
  switch (letter) {
    case 'S': {
      const m = /^(\d+) (\S+)(?: (\d+))?$/.exec(rest);
      if (m === null) return null;
      return {
        ...about,
        kind: 'start',
        restarts: Number(m[1]),
        node: m[2]!,
        at: m[3] === undefined ? null : Number(m[3]),
      };
    }
    case 'E': {
      const m = /^(\d+) (\S+) (\{.*\})$/.exec(rest);
      const end = m === null ? null : parseEnd(m[3]!);
      if (m === null || end === null || end.attempt !== about.attempt) return null;
      return { ...about, kind: 'end', restarts: Number(m[1]), node: m[2]!, end };
    }
    case 'X': {
      const space = rest.indexOf(' ');
      const what = space < 0 ? rest : rest.slice(0, space);
      return { ...about, kind: 'unprepared', what, message: space < 0 ? '' : rest.slice(space + 1).trim() };
    }
    case 'D':
      return { ...about, kind: 'duplicate', owner: rest };
    default:
      return { ...about, kind: 'cancelled' };
  }
}

/** Reads what `eventsScript` printed: the events, and the offsets from which to read next. A last line that is not whole yet is left for the next look. */
export function parseEvents(
  text: string,
  offsets: ReadonlyMap<string, number>,
): { readonly events: TaskEvent[]; readonly offsets: Map<string, number> } {
  const next = new Map(offsets);
  const events: TaskEvent[] = [];
  const blocks = text.matchAll(/(?:^|\n)@ ([A-Za-z0-9._-]{1,255}) (\d+)\n([\s\S]*?)\n@(?=\n|$)/g);
  for (const [, node, offset, body] of blocks) {
    const whole = body!.slice(0, body!.lastIndexOf('\n') + 1);
    next.set(node!, Number(offset) + Buffer.byteLength(whole));
    for (const line of whole.split('\n')) {
      const event = line === '' ? null : parseEvent(line);
      if (event !== null) events.push(event);
    }
  }
  return { events, offsets: next };
}

/** What lies in a run's folder about one attempt. */
export interface RunFiles {
  readonly run: number;
  /** Array id that claimed the run; null = nobody has. */
  readonly owner: string | null;
  /** The wrapper began. */
  readonly started: boolean;
  readonly end: EndRecord | null;
  /** For hosts without a scheduler: whether the wrapper's process lives; null = not asked, or on another machine. */
  readonly alive: boolean | null;
  /** The set-up failed: what and why. */
  readonly cancelled: boolean;
}

/** Prints the records of runs, read directly: for those that the queue has lost, and for hosts without a scheduler. Reading the folders (by patterns: no process is started) refreshes what a network file system has cached. */
export function filesScript(
  runs: string,
  items: readonly { readonly folder: string; readonly attempt: number }[],
  options: { readonly alive: boolean },
): string {
  const words = items.map(({ folder, attempt }) => `${folder}:${attempt}`).join(' ');
  const alive = `
  if [ -n "$claim" ]; then
    a=0
    pid=\${claim#*'"pid":'}; pid=\${pid%%,*}
    ticks=\${claim#*'"startTicks":"'}; ticks=\${ticks%%\\"*}
    boot=\${claim#*'"bootId":'}; boot=\${boot%%,*}
    here=
    [ ! -r /proc/sys/kernel/random/boot_id ] || read -r here </proc/sys/kernel/random/boot_id
    if [ "$boot" = null ] || [ -z "$here" ] || [ "$boot" = "\\"$here\\"" ]; then
      if [ -r "/proc/$pid/stat" ]; then
        stat=$(cat "/proc/$pid/stat" 2>/dev/null); set -- \${stat##*) }
        [ "$1" = Z ] || [ "\${20}" != "$ticks" ] || a=1
      elif [ ! -r /proc/self/stat ] && [ "$(LC_ALL=C ps -o lstart= -p "$pid" 2>/dev/null)" = "$ticks" ]; then a=1
      fi
    fi
  fi`;
  return `cd ${shellQuote(runs)} || exit 72
for w in ${words}; do
  r=\${w%:*} n=\${w#*:}
  : "$r"/* "$r"/.slipway/*
  owner= claim= end= a=- c=0
  [ ! -r "$r/.slipway/owner" ] || read -r owner <"$r/.slipway/owner"
  [ ! -r "$r/.slipway/claim.$n" ] || read -r claim <"$r/.slipway/claim.$n"
  [ ! -r "$r/end.json" ] || read -r end <"$r/end.json"
  [ ! -e "$r/.slipway/cancel.$n" ] || c=1${options.alive ? alive : ''}
  [ -n "$claim" ] && s=1 || s=0
  printf '%s %s %s %s %s %s\\n' "$r" "\${owner:--}" "$s" "$a" "$c" "$end"
done`;
}

export function parseFiles(text: string): RunFiles[] {
  const found: RunFiles[] = [];
  for (const line of text.split('\n')) {
    const m = /^(\d+) (\S+) ([01]) ([01-]) ([01]) ?(.*)$/.exec(line);
    if (m === null) continue;
    found.push({
      run: Number(m[1]),
      owner: m[2] === '-' ? null : m[2]!,
      started: m[3] === '1',
      alive: m[4] === '-' ? null : m[4] === '1',
      cancelled: m[5] === '1',
      end: m[6] === '' ? null : parseEnd(m[6]!),
    });
  }
  return found;
}
