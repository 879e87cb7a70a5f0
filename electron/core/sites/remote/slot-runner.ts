/** Runs of hosts without a scheduler: a small runner on the host keeps the slots busy, goes on without us, and can be asked like a queue. */
import { posix } from 'node:path';
import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type {
  ArrayRequest,
  CommandOutput,
  Reading,
  SchedulerAdapter,
  SubmitFailure,
  TaskRecord,
  TaskState,
} from '../../../../shared/domain/scheduler/types.ts';

/**
 * `sh runner.sh BATCH SLOTS ID REGISTER`: starts the tasks of `BATCH/map` in order, SLOTS at a time. Its file in REGISTER (`pid ticks boot token batch`) is its
 * place in the queue. Tasks whose run is claimed already are passed over, so that a second runner can go on where one was killed.
 */
export const RUNNER_SH = String.raw`# Slipway slot runner. sh runner.sh BATCH SLOTS ID REGISTER
batch=$1 slots=$2 id=$3 register=$4
trap '' HUP
boot=- ticks=-
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r boot </proc/sys/kernel/random/boot_id
if [ -r "/proc/$$/stat" ]; then
  stat=$(cat "/proc/$$/stat")
  set -- \${stat##*) }
  ticks=\${20}
fi
# Software that is set up needs the login shell that the script names, for that is where modules are; the PATH of here comes after its own.
shell=sh
if [ -s "$batch/setup.sh" ]; then
  read -r first <"$batch/job.sh"
  case $first in '#!'*) shell=\${first#'#!'} ;; esac
  SLIPWAY_PATH=$PATH
  export SLIPWAY_PATH
fi
fifo=$batch/slots.$id
mkfifo "$fifo" || exit
exec 3<>"$fifo"
rm -f "$fifo"
n=0
while [ "$n" -lt "$slots" ]; do
  echo >&3
  n=$((n + 1))
done
printf '0\n' >"$batch/dispatched.$id"
printf '%s %s %s %s %s\n' "$$" "$ticks" "$boot" "\${batch##*/}" "$batch" >"$register/.$id" && mv "$register/.$id" "$register/$id" || exit
count=0
while read -r index run attempt folder rest <&4; do
  [ ! -e "$batch/cancel" ] || break
  count=$((count + 1))
  if [ ! -e "$batch/runs/$folder/.slipway/owner" ]; then
    read -r token <&3
    (
      SLIPWAY_TASK=$index SLIPWAY_RUNNER=$id $shell "$batch/job.sh" </dev/null >"$batch/log/$index.out" 2>&1 3>&- 4>&-
      echo >&3
    ) &
  fi
  printf '%s\n' "$count" >"$batch/dispatched.$id"
done 4<"$batch/map"
wait
rm -f "$register/$id"
`.replaceAll('\\${', '${');

/** One line per living runner: `ID TOKEN DISPATCHED INDEX,INDEX,…` with the indices of its map in order. Files of runners that have gone are removed. */
function listScript(register: string): string {
  return `mkdir -p ${shellQuote(register)} && cd ${shellQuote(register)} || exit 72
here=-
[ ! -r /proc/sys/kernel/random/boot_id ] || read -r here </proc/sys/kernel/random/boot_id
for f in *; do
  [ -f "$f" ] || continue
  read -r pid ticks boot token batch <"$f" || continue
  alive=
  if [ "$boot" = "$here" ]; then
    if [ "$ticks" = - ]; then kill -0 "$pid" 2>/dev/null && alive=1
    elif [ -r "/proc/$pid/stat" ]; then
      stat=$(cat "/proc/$pid/stat" 2>/dev/null); set -- \${stat##*) }
      [ "\${20}" != "$ticks" ] || [ "$1" = Z ] || alive=1
    fi
  fi
  if [ -z "$alive" ]; then rm -f "$f"; continue; fi
  d=
  for try in 1 2 3; do
    read -r d <"$batch/dispatched.$f" && [ -n "$d" ] && break
  done
  printf '%s %s %s ' "$f" "$token" "\${d:-0}"
  cut -d ' ' -f 1 "$batch/map" | tr '\\n' ,
  echo
done`;
}

export function createSlotScheduler(workdir: string): SchedulerAdapter {
  const register = posix.join(workdir, 'runners');
  const list = listScript(register);
  return {
    kind: 'slots',
    title: 'Slot runner',
    directives: () => '',
    variables: {
      id: '$SLIPWAY_RUNNER',
      index: '$SLIPWAY_TASK',
      restarts: '0',
      notice: null,
      reservedExitCodes: [],
    },
    numbering: 'by-run',
    accountingLagSeconds: 0,
    submit: ({ script, token, resources }: ArrayRequest) => {
      const batch = posix.dirname(script);
      const runner = posix.join(posix.dirname(batch), 'shared', 'runner.sh');
      return `mkdir -p ${shellQuote(register)} || exit
id=r$(date +%s).$$
sh ${shellQuote(runner)} ${shellQuote(batch)} ${resources.concurrency} "$id" ${shellQuote(register)} >${shellQuote(posix.join(batch, 'runner.log'))} 2>&1 </dev/null &
n=0
until [ -e ${shellQuote(register)}/"$id" ]; do
  n=$((n + 1))
  [ "$n" -lt 200 ] && kill -0 $! 2>/dev/null || break
  sleep 0.05 2>/dev/null || sleep 1
done
if [ -e ${shellQuote(register)}/"$id" ] || [ -e ${shellQuote(batch)}/dispatched."$id" ]; then echo "$id"; else cat ${shellQuote(posix.join(batch, 'runner.log'))} >&2; echo ${shellQuote(`runner of ${token} did not start`)} >&2; exit 1; fi`;
    },
    parseSubmit: ({ stdout }) => /^(r\d+\.\d+)\s*$/m.exec(stdout)?.[1] ?? null,
    classifySubmit: ({ stderr }): SubmitFailure => {
      const words = stderr.trim().split('\n').at(-1) ?? '';
      if (/no space left|quota/i.test(stderr))
        return {
          kind: 'storage',
          message: `The host has no room for the runner: ${words}`,
          hint: 'Free some space in the work folder.',
        };
      return { kind: 'transient', message: `The runner could not be started on the host: ${words}`, hint: null };
    },
    test: () => null,
    parseTest: () => ({ ok: true, startsAt: null }),
    queue: () => list,
    parseQueue: parseList,
    queueByIds: () => list,
    history: () => ':',
    parseHistory: (): Reading => ({ kind: 'disabled', message: 'a host without a scheduler keeps no accounting' }),
    queueByName: () => list,
    historyByName: () => ':',
    cancel: () => ':',
    // The runner starts tasks, but does not number them for people.
    taskId: (id) => id,
    parseCancel: () => ({ ok: true, message: null }),
    reasonInWords: () => 'All slots are busy.',
  };
}

function parseList({ stdout, stderr, code }: CommandOutput): Reading {
  if (code !== 0)
    return { kind: 'failed', message: stderr.trim() || `the look at the runners ended with code ${code}` };
  const records: TaskRecord[] = [];
  for (const line of stdout.split('\n')) {
    const m = /^(r\d+\.\d+) (\S+) (\d+) ([\d,]*)$/.exec(line);
    if (m === null) continue;
    const tasks = m[4]!.split(',').filter(Boolean).map(Number);
    const dispatched = Number(m[3]);
    const record = (state: TaskState, some: readonly number[]): void => {
      if (some.length > 0) records.push({ ...NOTHING, id: m[1]!, name: m[2]!, state, rawState: state, tasks: some });
    };
    record('running', tasks.slice(0, dispatched));
    record('pending', tasks.slice(dispatched));
  }
  return { kind: 'read', records };
}

const NOTHING = {
  reason: null,
  submittedAt: null,
  startedAt: null,
  endedAt: null,
  elapsedSeconds: null,
  nodes: null,
  exitCode: null,
  signal: null,
  maxRssBytes: null,
  cancelledBy: null,
} as const;
