/**
 * The run wrapper for Linux and macOS: the POSIX sh program that starts one attempt of a run, watches it and is the first witness of what happened.
 *
 * `sh wrapper.sh RUN_FOLDER ATTEMPT WALLTIME_SECONDS MEMORY_BYTES|0`, in its own session, with the run's environment and
 * - `SLIPWAY_RUN_TOKEN`: letters and digits that no other attempt has; every process of the run inherits it and is found by it,
 * - `SLIPWAY_EPOCH` (optional): the time now, seconds with two decimals; saves a `date`. The command does not see it,
 * - `SLIPWAY_NOTICE` (optional): name of a signal by which a scheduler tells all processes of the run that it will kill them. It counts as TERM here, and the
 *   command does not hear it: it gets the usual TERM, with time to end.
 *
 * It reads `.slipway/{fetch,before,command,after,deliver,leave}.sh` (all but `command` may be absent; the first and the last two are for files in a bucket) and
 * `.slipway/cancel.ATTEMPT` in the run folder and writes `start.json`, `fetch.out`, `before.out` and `deliver.out` (both streams), `stdout`, `stderr`,
 * `after.out`, `after.err` and `end.json`, and in `.slipway` per attempt `claim` (the first name of start.json), `status` (exit code of the last step) and
 * `end` (the first name of end.json). The shape of the records is in `run-records.ts`. A file that others read gets its name when it is
 * whole. TERM ends the tree: `cancelled` when the cancel file is there, else `terminated`. An attempt that is already claimed is left alone, with exit code 0.
 *
 * The tree is what has the wrapper as an ancestor, is in its group or session, or carries the token, looked for again until nothing is left. Memory is the
 * sum of the resident sets, looked at every second; pages that several processes share are counted in each.
 *
 * Ten thousand short runs are ordinary, so a run of `true` costs no more than two `ln`, a subshell, the command's shell, mostly a `sleep` and a `grep`: all
 * else is read from /proc with the shell's own words. Without /proc (macOS) `ps`, `date` and `sysctl` stand in.
 */
export const RUN_WRAPPER_SH = String.raw`#!/bin/sh
# Slipway run wrapper: starts one attempt of a run, watches it, writes start.json and end.json.
# sh wrapper.sh RUN_FOLDER ATTEMPT WALLTIME_SECONDS MEMORY_BYTES|0

attempt=$2 walltime=$3 memory=$4
token=\${SLIPWAY_RUN_TOKEN:-slipway-$$-alone}
epoch=\${SLIPWAY_EPOCH:-}
# The wrapper's own tools must be found whatever PATH the run wants.
run_path=\${PATH:-/usr/bin:/bin}
PATH=/usr/bin:/bin:$run_path
notice=\${SLIPWAY_NOTICE:-} wake=USR2
[ "$notice" != USR2 ] || wake=ALRM
stopped= ended= sleeper= first= publish=
unset CDPATH SLIPWAY_RUN_TOKEN SLIPWAY_EPOCH SLIPWAY_NOTICE

# --- looking at processes ---------------------------------------------------------------------------------------------

# Sets state, ppid, pgrp, session and ticks of a process. Its name may hold blanks, brackets and newlines: the last ')' ends it.
stat_of() {
  line=
  { while part= && IFS= read -r part || [ -n "$part" ]; do line="$line $part"; done; } <"/proc/$1/stat" || return 1
  set -- \${line##*) }
  [ $# -ge 20 ] || return 1
  state=$1 ppid=$2 pgrp=$3 session=$4 ticks=\${20}
}

# consider PID PPID GROUP SESSION STATE: adds the process to $found if it is surely the run's, else to $others.
consider() {
  case $5 in [ZX]*) return ;; esac
  if [ "$1" = "$$" ] || [ "$1" = "$sleeper" ]; then return; fi
  if [ "$2" = "$$" ] || [ "$3" = "$$" ] || [ "$4" = "$$" ]; then
    found="$found$1 "
  else
    case $marked in
      *" $1 "*) found="$found$1 " ;;
      *) others="$others $1:$2" ;;
    esac
  fi
}

# Adds to $found the children of those in it, and their children.
add_children() {
  grown=yes
  while [ -n "$grown" ]; do
    grown= unknown=$others others=
    for pair in $unknown; do
      case $found in
        *" \${pair#*:} "*) found="$found\${pair%:*} " grown=yes ;;
        *) others="$others $pair" ;;
      esac
    done
  done
}

# Sets $found to the run's living processes (blank pid blank …) without the wrapper and its sleep: the children, the group, the session, and
# whoever carries the token, so that one that left all three is found too. Arguments: the files /proc/PID/stat to look at; none = all.
scan() {
  found=' ' others= marked=' '
  if [ -r /proc/self/stat ]; then
    if [ $# = 0 ]; then
      # Zombies can be thousands.
      set -- $(LC_ALL=C grep -lsE '\) [^ZX] ' /proc/[0-9]*/stat)
    fi
    for name in $(
      case $# in
        [1-9] | [1-9][0-9]) for file; do shift && set -- "$@" "\${file%/stat}/environ"; done ;;
        *) set -- /proc/[0-9]*/environ ;;
      esac
      exec grep -lsF "SLIPWAY_RUN_TOKEN=$token" "$@"
    ); do
      name=\${name%/environ}
      marked="$marked\${name##*/} "
    done
    for file; do
      name=\${file#/proc/}
      name=\${name%/stat}
      if stat_of "$name"; then consider "$name" "$ppid" "$pgrp" "$session" "$state"; fi
    done
    add_children
  else
    for name in $(ps -A -E -ww -o pid= -o command= | grep -F "SLIPWAY_RUN_TOKEN=$token" | while read -r name part; do echo "$name"; done); do
      marked="$marked$name "
    done
    set -- $(ps -A -o pid= -o ppid= -o pgid= -o stat=)
    while [ $# -ge 4 ]; do
      consider "$1" "$2" "$3" '' "$4"
      shift 4
    done
    add_children
    # The ps that looked saw itself.
    listed=$found found=' '
    for name in $listed; do
      if kill -s 0 "$name"; then found="$found$name "; fi
    done
  fi 2>/dev/null
  [ "$found" != ' ' ]
}

# --- ending them ------------------------------------------------------------------------------------------------------

# Sets $clock: hundredths of a second since a fixed moment.
read_clock() {
  if [ -r /proc/uptime ] && read -r uptime part </proc/uptime; then
    part=\${uptime#*.}
    clock=$((\${uptime%.*} * 100 + 1$part - 100))
  else
    uptime=null
    clock=$(($(date +%s) * 100))
  fi
}

# Ends every process of the run: TERM once, three seconds later KILL until none is left (or ten more seconds: a process stuck in the kernel).
end_tree() {
  told=' '
  read_clock
  patience=$((clock + 300))
  while scan; do
    read_clock
    for name in $found; do
      if [ "$clock" -ge "$patience" ]; then
        kill -s KILL "$name"
      else
        case $told in
          *" $name "*) ;;
          *)
            told="$told$name "
            kill -s TERM "$name"
            kill -s CONT "$name"
            ;;
        esac
      fi
    done
    [ "$clock" -lt "$((patience + 1000))" ] || return
    sleep 0.05 || sleep 1
  done 2>/dev/null
}

# stop REASON: remembers why, ends the tree.
stop() {
  [ -z "$stopped" ] || return 0
  stopped=$1
  if [ "$1" = terminated ] && [ -e ".slipway/cancel.$attempt" ]; then stopped=cancelled; fi
  end_tree
}

# --- watching ---------------------------------------------------------------------------------------------------------

# Sets $used: bytes of memory that the run's processes hold now. The kernel's lists of children are cheap; every fifth time all processes are looked
# at, to find those that left their parents.
measure() {
  polls=$((polls + 1)) used=0
  if [ ! -r /proc/self/statm ]; then
    scan || return 0
    pages=0
    for part in $(ps -o rss= -p "$(echo $found | tr ' ' ,)"); do pages=$((pages + part)); done
    used=$((pages * 1024))
    return 0
  fi
  if [ $((polls % 5)) = 0 ] || [ ! -r "/proc/$$/task/$$/children" ]; then
    scan
    strays=$found
  else
    queue="$$ $strays" found=' '
    while [ -n "$queue" ]; do
      next=
      for name in $queue; do
        case "$found$sleeper " in *" $name "*) continue ;; esac
        [ "$name" = "$$" ] || found="$found$name "
        for file in "/proc/$name/task/"*/children; do
          children=
          read -r children <"$file"
          next="$next $children"
        done
      done
      queue=$next
    done
  fi
  for name in $found; do
    if read -r part pages line <"/proc/$name/statm"; then used=$((used + pages * page_size)); fi
  done
}

# Sleeps until the step has ended or been stopped; stops it when it has used up the walltime or the memory.
watch() {
  while [ -z "$ended$stopped" ]; do
    nap=$(((walltime * 100 - spent + 99) / 100))
    [ "$memory" = 0 ] || nap=1
    read_clock
    woken=$clock
    LC_ALL=C SLIPWAY_RUN_TOKEN=$token sleep "$nap" &
    sleeper=$!
    # A signal between the last look and the start has found no sleep to end.
    [ -z "$ended$stopped" ] || kill -s KILL "$sleeper"
    wait "$sleeper"
    slept=$?
    read_clock
    # A machine that was asleep does not use up the walltime: this clock goes on then, that of sleep does not.
    awake=$((clock - woken))
    if [ "$awake" -gt "$((nap * 100 + 500))" ]; then awake=$((memory > 0 ? 100 : 0)); fi
    spent=$((spent + awake))
    if [ -n "$ended$stopped" ]; then
      wait "$sleeper"
    elif [ "$memory" != 0 ]; then
      measure
      if [ "$used" -gt "$peak" ]; then peak=$used; fi
      if [ "$used" -gt "$memory" ]; then
        stop out-of-memory
      elif [ "$spent" -ge "$((walltime * 100))" ]; then
        stop timeout
      fi
    elif [ "$slept" = 0 ]; then
      stop timeout
    fi
    sleeper=
  done 2>/dev/null
}

# --- the run ----------------------------------------------------------------------------------------------------------

trap 'stop terminated; [ -z "$sleeper" ] || kill -s KILL "$sleeper"' TERM INT $notice
trap 'ended=yes; [ -z "$sleeper" ] || kill -s KILL "$sleeper"' $wake

cd -- "$1" || exit 66
claim=.slipway/claim.$attempt
[ ! -e "$claim" ] || exit 0

read_clock
began=$clock
case $epoch in
  '' | *[!0-9.]* | *.*.* | *. | *.? | *.???*) epoch=$(date +%s).00 ;;
  *.*) ;;
  *) epoch=$epoch.00 ;;
esac
if stat_of self 2>/dev/null; then
  ticks="\"$ticks\"" own_session=$session
  read -r part part part part first </proc/loadavg
else
  ticks="\"$(LC_ALL=C ps -o lstart= -p $$)\""
fi
boot=null host=
if [ -r /proc/sys/kernel/random/boot_id ]; then
  read -r boot </proc/sys/kernel/random/boot_id
else
  boot=$(sysctl -n kern.bootsessionuuid 2>/dev/null)
fi
boot=\${boot:+"\"$boot\""}
if [ -r /proc/sys/kernel/hostname ]; then read -r host </proc/sys/kernel/hostname; else host=$(uname -n); fi
start="{\"attempt\":$attempt,\"pid\":$$,\"startTicks\":$ticks,\"bootId\":\${boot:-null},\"host\":\"$host\",\"startedAt\":$epoch,\"uptime\":$uptime,\"token\":\"$token\"}"

# The claim is the record of the start: whoever loses the race for it leaves without a trace.
set -C
printf '%s\n' "$start" 2>/dev/null >"$claim" || { [ -e "$claim" ] && exit 0; exit 73; }
set +C
[ ! -e end.json ] || rm -f end.json

# Makes start.json appear at once: a second name of the claim, or a copy where there are no hard links. The claim is what counts, so the first step need
# not wait for this, and a short one has ended when it is done: its sleep is spared.
publish_start() {
  [ -z "$publish" ] || return 0
  publish='ln -f'
  LC_ALL=C ln -f "$claim" start.json 2>/dev/null && return
  publish='mv -f'
  printf '%s\n' "$start" >".slipway/start.$attempt" && mv -f ".slipway/start.$attempt" start.json
}

# run_step STEP: runs it with stdout and stderr as they are, and sets $status, which means nothing when $stopped is set.
run_step() {
  ended=
  {
    [ -z "$notice" ] || trap '' "$notice"
    PATH=$run_path SLIPWAY_RUN_TOKEN=$token /bin/sh ".slipway/$1.sh" </dev/null
    status=$?
    # By a file: when a signal comes together with the end of a child, bash forgets how that ended.
    printf '%s\n' "$status" >".slipway/status.$attempt"
    # Wakes the wrapper, unless that was killed and its number may be another's.
    if [ ! -r /proc/self/stat ] || { stat_of self && [ "$ppid" = "$$" ]; }; then kill -s "$wake" $$; fi
    exit "$status"
  } &
  runner=$!
  # A signal between the last look at $stopped and the start has found nothing to end.
  [ -z "$stopped" ] || end_tree
  publish_start
  watch
  wait "$runner"
  part=$? status=
  read -r status <".slipway/status.$attempt"
  # A full disk has no room for the file.
  status=\${status:-$part}
}

code=null after=null reason=exit status=126 spent=0 polls=0 peak=0 strays= page_size=4096
[ "$memory" = 0 ] || page_size=$(getconf PAGESIZE 2>/dev/null) || page_size=4096
if [ -e ".slipway/cancel.$attempt" ]; then stopped=cancelled; fi
if [ -z "$stopped" ] && [ -f .slipway/fetch.sh ]; then
  run_step fetch >fetch.out 2>&1
  if [ -z "$stopped" ] && [ "$status" != 0 ]; then reason=fetch-failed code=$status; fi
fi
if [ -z "$stopped" ] && [ "$reason" = exit ] && [ -f .slipway/before.sh ]; then
  run_step before >before.out 2>&1
  if [ -z "$stopped" ] && [ "$status" != 0 ]; then reason=before-failed code=$status; fi
fi
if [ -z "$stopped" ] && [ "$reason" = exit ]; then
  # 126 stays when a folder has the name of one of the files.
  status=126
  run_step command >stdout 2>stderr
  [ -n "$stopped" ] || code=$status
fi
if [ -z "$stopped" ] && [ "$reason" = exit ] && [ -f .slipway/after.sh ]; then
  status=126
  run_step after >after.out 2>after.err
  if [ -z "$stopped" ]; then
    after=$status
    [ "$status" = 0 ] || reason=after-failed
  fi
fi
# What the command has made is delivered also when it failed: it tells why.
if [ -z "$stopped" ] && [ -f .slipway/deliver.sh ]; then
  case $reason in
    exit | after-failed)
      run_step deliver >deliver.out 2>&1
      if [ -z "$stopped" ] && [ "$status" != 0 ] && [ "$reason" = exit ]; then reason=deliver-failed; fi
      ;;
  esac
fi
trap '' TERM INT $wake $notice
publish_start
reason=\${stopped:-$reason}
# A run that was stopped from outside may be started anew, with the same access.
if [ -f .slipway/leave.sh ] && [ "$reason" != terminated ]; then /bin/sh .slipway/leave.sh >/dev/null 2>&1 </dev/null; fi
read_clock
wall=$((clock - began))

# What the run left in the background ends with it. In a short run a leftover has one of the few pids given since the start (/proc/loadavg ends with the
# latest), and its session is the wrapper's or has one of these too. To look at them is far cheaper than to look at all processes.
last=0
[ -z "$first" ] || read -r part part part part last </proc/loadavg
if [ "$wall" -lt 300 ] && [ "$last" -gt 0 ] && [ "$last" -ge "$first" ] && [ "$((last - first))" -lt 2000 ]; then
  pid=$first
  set --
  while [ "$pid" -lt "$last" ]; do
    pid=$((pid + 1))
    if [ -e "/proc/$pid" ] && stat_of "$pid" 2>/dev/null && { [ "$session" = "$own_session" ] || [ "$session" -gt "$first" ]; }; then
      set -- "$@" "/proc/$pid/stat"
    fi
  done
  if [ $# -gt 0 ] && scan "$@"; then end_tree; fi
else
  end_tree
fi

signal=null
if [ "$code" != null ] && [ "$code" -gt 128 ] && [ "$code" -lt 160 ]; then
  signal=$(kill -l "$((code - 128))" 2>/dev/null)
  signal=\${signal:+"\"SIG\${signal#SIG}\""}
  signal=\${signal:-null}
fi
[ "$peak" != 0 ] || peak=null
ended_at=$((\${epoch%.*} * 100 + 1\${epoch#*.} - 100 + wall))
tries=0
until printf '{"attempt":%s,"exitCode":%s,"signal":%s,"reason":"%s","endedAt":%d.%02d,"wallSeconds":%d.%02d,"peakMemoryBytes":%s,"afterExitCode":%s}\n' \
  "$attempt" "$code" "$signal" "$reason" "$((ended_at / 100))" "$((ended_at % 100))" "$((wall / 100))" "$((wall % 100))" "$peak" "$after" \
  >".slipway/end.$attempt"; do
  # A full disk may be mended; a minute is worth waiting for the only witness.
  tries=$((tries + 1))
  [ "$tries" -lt 12 ] || exit 74
  sleep 5
done
LC_ALL=C
export LC_ALL
exec $publish ".slipway/end.$attempt" end.json
`.replaceAll('\\${', '${');
