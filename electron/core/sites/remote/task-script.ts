import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { TaskVariables } from '../../../../shared/domain/scheduler/types.ts';

/** Exit code of a task that found its run claimed by another array: a repeat of the submission was accepted too, and is harmless. */
export const EXIT_DUPLICATE = 76;
/** Exit code of a task whose run could not be prepared; its `X` event says why. */
export const EXIT_UNPREPARED = 73;
/** In the shared folder: an empty file that is as old as the newest large input. */
export const NEWEST_INPUT = 'newest-input';

/**
 * What every task of a submission runs, sourced by `job.sh` with SLIPWAY_BATCH, SLIPWAY_INDEX, SLIPWAY_ID, SLIPWAY_RESTARTS set, and
 * for some schedulers SLIPWAY_NOTICE and SLIPWAY_RESERVED (see `TaskVariables`). With a notice it ends with 140 when it was announced that it will be killed.
 *
 * It claims the run for its array id (whoever loses leaves at once), copies the shared inputs, applies the software's set-up, runs the wrapper, and tells what
 * happens in `events/NODE`, which only processes of one node append to:
 * - `S run attempt id restarts node epoch`: the run was claimed,
 * - `E run attempt id restarts node {…end.json…}`: the wrapper's record of the end,
 * - `X run attempt id what message`: it could not be prepared (`inputs`, `setup`, `folder`),
 * - `D run attempt id owner`: another id owns it,
 * - `C run attempt id`: it was cancelled before it began.
 */
export const TASK_SH = String.raw`# Slipway task: one run of an array. Sourced by job.sh.
batch=$SLIPWAY_BATCH index=$SLIPWAY_INDEX id=$SLIPWAY_ID restarts=$SLIPWAY_RESTARTS
shared=\${batch%/*}/shared large=\${batch%/*}/large notice=\${SLIPWAY_NOTICE:-} reserved=\${SLIPWAY_RESERVED:-} announced= begun=
unset SLIPWAY_BATCH SLIPWAY_INDEX SLIPWAY_ID SLIPWAY_RESTARTS SLIPWAY_NOTICE SLIPWAY_RESERVED CDPATH
[ -z "\${SLIPWAY_PATH:-}" ] || PATH=$PATH:$SLIPWAY_PATH
unset SLIPWAY_PATH
# With a handler (not ignored, which children would inherit) the shell outlives the signal and can tell how the wrapper ended.
trap : TERM INT HUP USR1 USR2
if [ -n "$notice" ]; then
  # Before the wrapper has begun there is nothing to end in order.
  trap 'announced=yes; [ -n "$begun" ] || exit 140' "$notice"
  # It announces a suspension, which a program survives if it does not hear of it.
  trap '' USR1
fi
case $restarts in '' | *[!0-9]*) restarts=0 ;; esac
node=$(uname -n | tr -c 'A-Za-z0-9._\n-' _)
tell() { printf '%s\n' "$*" >>"$batch/events/$node"; }

set -- $(sed -n "/^$index /{p;q;}" "$batch/map")
run=$2 attempt=$3 folder=$4 choices=$5 walltime=$6 memory=$7
[ -n "$folder" ] || exit 78
dir=$batch/runs/$folder
cd "$dir" || {
  tell "X $run $attempt $id folder the run folder is not there on $node"
  exit 73
}
if [ -e "$batch/cancel" ] || [ -e ".slipway/cancel.$attempt" ]; then
  tell "C $run $attempt $id"
  exit 0
fi

# The claim appears whole: a second name of a file that is written already; an exclusive create where there are no hard links.
printf '%s\n' "$id" >".slipway/owner.$id.$restarts"
if ! ln ".slipway/owner.$id.$restarts" .slipway/owner 2>/dev/null && [ ! -e .slipway/owner ]; then
  (set -C && printf '%s\n' "$id" >.slipway/owner) 2>/dev/null
fi
owner= tries=0
while [ -z "$owner" ] && [ "$tries" -lt 30 ]; do
  read -r owner 2>/dev/null <.slipway/owner || sleep 1
  tries=$((tries + 1))
done
if [ "$owner" != "$id" ]; then
  tell "D $run $attempt $id $owner"
  exit 76
fi
end=
[ ! -s end.json ] || read -r end <end.json
if [ -e ".slipway/claim.$attempt" ]; then
  # The scheduler started this task anew (requeue, preemption, a node that failed). What had ended by itself is not run again.
  case $end in
    '' | *'"reason":"terminated"'*)
      mv -f ".slipway/claim.$attempt" ".slipway/claim.$attempt.before.$restarts"
      rm -f end.json start.json ".slipway/status.$attempt" ".slipway/end.$attempt"
      ;;
    *)
      tell "E $run $attempt $id $restarts $node $end"
      exit 0
      ;;
  esac
fi
tell "S $run $attempt $id $restarts $node $(date +%s)"

give_up() {
  tell "X $run $attempt $id $1 $(tail -n 1 ".slipway/$1.err" 2>/dev/null | tr -cd '\040-\176' | cut -c 1-300)"
  exit 73
}
# place SMALL LARGE: small files are copied, large ones are linked (a copy where that cannot be). Nothing is written through a link that is there. Whoever
# owns a file can write to it whatever its mode: then the runs that come later must not take it for the input.
place() {
  [ ! -d "$1" ] || cp -pRPf "$1/." . || return
  [ ! -d "$2" ] || (cd "$2" && written=$(find . ! -type d -newer "$shared/${NEWEST_INPUT}" | head -n 1) || exit
    [ -z "$written" ] || { echo "a run of this job has written to a large input, which all of them share: $written" >&2; exit 1; }
    find . ! -type d -exec sh -c 'd=$0
    for f; do
      mkdir -p "$d/\${f%/*}" && rm -f "$d/$f" && { ln "$f" "$d/$f" 2>/dev/null || cp -p "$f" "$d/$f"; } || exit
    done' "$dir" {} +)
}
if [ ! -e .slipway/placed ]; then
  (
    place "$shared/inputs" "$large/inputs" &&
      for choice in $(echo "$choices" | tr , ' '); do
        [ "$choice" != - ] || continue
        (cd "$shared/choices/$choice" 2>/dev/null && find . ! -type d -exec sh -c 'd=$0; for f; do rm -f "$d/$f" || exit; done' "$dir" {} +)
        place "$shared/choices/$choice" "$large/choices/$choice" || exit
      done && : >.slipway/placed
  ) 2>.slipway/inputs.err
  [ -e .slipway/placed ] || give_up inputs
fi
set --
# Before the set-up, which may need a licence server's name, and again after it: what the person wrote counts.
. "$batch/env.sh"
if [ -s "$batch/setup.sh" ]; then
  . "$batch/setup.sh" >.slipway/setup.err 2>&1 || give_up setup
fi
. "$batch/env.sh"
SLIPWAY_RUN=$run
export SLIPWAY_RUN
{ command -v module >/dev/null 2>&1 && module list; } </dev/null >.slipway/loaded 2>&1
cd "$dir" || give_up folder

begun=yes
SLIPWAY_RUN_TOKEN=$(printf %s "$batch.$run" | tr -cd 'A-Za-z0-9') SLIPWAY_NOTICE=$notice sh "$shared/wrapper.sh" "$dir" "$attempt" "$walltime" "$memory"
end=
[ ! -s end.json ] || read -r end <end.json
[ -z "$end" ] || tell "E $run $attempt $id $restarts $node $end"
code=\${end#*'"exitCode":'}
code=\${code%%,*}
case $code in '' | *[!0-9]*) code=1 ;; esac
[ -z "$announced" ] || code=140
case " $reserved " in *" $code "*) code=1 ;; esac
exit "$code"
`.replaceAll('\\${', '${');

/** The script that the scheduler starts for each task. A login shell where there is bash, so that `module` and the like are there. */
export function jobScript(options: {
  readonly directives: string;
  readonly batch: string;
  readonly shared: string;
  readonly variables: TaskVariables;
  /** Absolute path of bash; null = there is none. */
  readonly bash: string | null;
}): string {
  const { directives, batch, shared, variables, bash } = options;
  const order =
    (variables.notice === null ? '' : `SLIPWAY_NOTICE=${variables.notice}\n`) +
    (variables.reservedExitCodes.length === 0 ? '' : `SLIPWAY_RESERVED='${variables.reservedExitCodes.join(' ')}'\n`);
  return `#!${bash === null ? '/bin/sh' : `${bash} -l`}
${directives.trimEnd()}
SLIPWAY_BATCH=${shellQuote(batch)}
SLIPWAY_INDEX=${variables.index}
SLIPWAY_ID=${variables.id}
SLIPWAY_RESTARTS=${variables.restarts}
${order}. ${shellQuote(`${shared}/task.sh`)}
`;
}

/** Lines that stop the set-up when they fail; anything else (loops, functions) is left as the person wrote it. */
const SIMPLE_LINE = /^\s*(?:module|ml|source|\.|spack|conda|mamba|cd|test|\[)\s/;

/** The software's set-up as a file to be sourced: a simple line that fails ends it, so that a run never starts half set up. */
export function setupScript(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const guarded = lines.map((line) => (SIMPLE_LINE.test(line) && !/[|&;]\s*$/.test(line) ? `${line} || return` : line));
  return `${guarded.join('\n')}\n`;
}

/** Variables of the runs as a file to be sourced. Names are checked by the spec reader and again here. */
export function environmentScript(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment)
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  return `${lines.join('\n')}\n`;
}
