import { GRID_ENGINE_VARIABLES } from '../../../../shared/domain/scheduler/gridengine.ts';
import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import { defaultVariables } from '../host-with-path.ts';
import { SOFTWARE_CATALOGUE } from '../local/software-catalogue.ts';
import type { Section } from '../remote/sections.ts';
import { gridEngineSections } from './gridengine-sections.ts';

/** Bounds a command where the host can: a hanging `sacctmgr` or version probe must not hang the look. */
const BOUND = 'b() { if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift; "$@"; fi; }';

/** What a look at a host asks. `loginPath`: the PATH of a login shell, as found by the first part. */
export const FIRST_SECTIONS: readonly Section[] = [
  {
    name: 'facts',
    commands: `printf 'system=%s\\n' "$(uname -s)"; printf 'host=%s\\n' "$(uname -n)"; printf 'user=%s\\n' "$(id -un)"
printf 'home=%s\\n' "$HOME"; printf 'shell=%s\\n' "\${SHELL:-}"; printf 'now=%s\\n' "$(date +%s)"
printf 'cores=%s\\n' "$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null)"
printf 'memory=%s\\n' "$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo 2>/dev/null)"
for t in tar zstd gzip bash python3 openssl setsid; do printf 'tool.%s=%s\\n' "$t" "$(command -v "$t")"; done
find --version 2>/dev/null | grep -q GNU && echo gnufind=1
stat -c %s / >/dev/null 2>&1 && echo statc=1
for v in SCRATCH WORK TMPDIR; do eval "p=\\\${$v:-}"; printf 'folder.%s=%s\\n' "$v" "$p"; done`,
  },
  {
    name: 'login',
    commands: `n=slipway-path; s=$(command -v bash || echo sh); "$s" -lc 'printf "\\n%s%s\\n" slipway-path= "$PATH"; for v in SCRATCH WORK; do eval "p=\\\${$v:-}"; printf "%s%s=%s\\n" slipway-folder. "$v" "$p"; done; for v in ${GRID_ENGINE_VARIABLES.join(' ')}; do eval "p=\\\${$v:-}"; [ -z "$p" ] || printf "%s%s=%s\\n" slipway-variable. "$v" "$p"; done' </dev/null 2>/dev/null`,
  },
];

/** `variables`: those of a login shell that schedulers need. */
export function secondSections(path: string, variables: Readonly<Record<string, string>>): readonly Section[] {
  const use = `PATH=${path}; export PATH\n${defaultVariables(variables)}${BOUND}\n`;
  const programs = SOFTWARE_CATALOGUE.map(
    (entry, i) => `for p in ${entry.programs.join(' ')}; do
  x=$(command -v "$p" 2>/dev/null) || continue
  case $x in /*) ;; *) continue ;; esac
  printf '@ %s %s\\n' ${i} "$x"
  ${entry.versionArguments === null ? 'readlink -f "$x"' : `b 5 "$x" ${entry.versionArguments.map(shellQuote).join(' ')} </dev/null 2>&1 | head -c 4096`}
  echo
  break
done`,
  );
  return [
    { name: 'slurm', commands: `${use}command -v sbatch >/dev/null || exit 1; b 20 sbatch --version` },
    { name: 'slurm config', commands: `${use}command -v scontrol >/dev/null || exit 1; b 20 scontrol show config` },
    {
      name: 'partitions',
      commands: `${use}command -v sinfo >/dev/null || exit 1; b 20 sinfo -h -o '%R|%a|%l|%c|%m|%G|%D'`,
    },
    {
      name: 'associations',
      commands: `${use}command -v sacctmgr >/dev/null || exit 1; b 10 sacctmgr -nP show assoc user="$(id -un)" format=account,partition,qos,maxjobs,maxsubmit`,
    },
    ...gridEngineSections(use),
    {
      name: 'space',
      commands: `for d in "$SCRATCH" "$WORK" "/scratch/$(id -un)" "/work/$(id -un)" "$HOME"; do
  [ -n "$d" ] && [ -d "$d" ] && [ -w "$d" ] || continue
  printf '%s|%s\\n' "$(df -Pk "$d" 2>/dev/null | awk 'NR==2 {print $4}')" "$d"
done`,
    },
    { name: 'programs', commands: `${use}${programs.join('\n')}` },
    {
      name: 'modules',
      commands: `command -v bash >/dev/null || exit 1\n${BOUND}\nb 20 bash -lc 'command -v module >/dev/null 2>&1 || exit 1; module -t avail 2>&1' </dev/null 2>/dev/null | head -c 1000000`,
    },
  ];
}
