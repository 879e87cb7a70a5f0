import { shellQuote } from '../../../shared/domain/shell-quote.ts';

/** What to do about a node without `age`. */
export const AGE_MISSING_HINT =
  'Ask for the package "age" on the compute nodes, or put the program (one file, from its releases page) into a folder that is on PATH there, such as ~/bin or a module.';

/**
 * Functions of POSIX sh for the script of a job whose files are encrypted. Each says on stderr what is wrong and returns 1; nothing half-made is left. Secrets are
 * only in memory-backed storage, readable by the account alone, and in no argument or variable of a program.
 *
 * - `slipway_need_age`: whether `age` 1.0 or newer is here. Called before anything else.
 * - `slipway_take_identity`: takes an identity from standard input into a new folder below /dev/shm or $XDG_RUNTIME_DIR.
 * - `slipway_drop_identity`: overwrites and removes it; harmless when there is none. `slipway_guard_identity` sets traps that do it at the end and on signals;
 *   a script with traps of its own calls it there instead.
 * - `slipway_decrypt SOURCE TARGET [HEADER SKIP]`: decrypts a file (`-` = standard input) into another, which appears whole. With HEADER, a file, the
 *   first SKIP bytes of SOURCE, its own header, are replaced by it.
 * - `slipway_encrypt RECIPIENT SOURCE TARGET`: encrypts to a public key; `-` as in `slipway_decrypt`.
 */
export const NODE_AGE_FUNCTIONS = String.raw`slipway_say() { printf 'slipway: %s\n' "$1" >&2; }

slipway_need_age() {
  if ! command -v age >/dev/null 2>&1; then
    slipway_say "The files of this job are encrypted, and the program age is not on \$(uname -n). ${AGE_MISSING_HINT.replaceAll('"', "'")}"
    return 1
  fi
  slipway_version=$(age --version 2>/dev/null)
  case \${slipway_version#v} in
    0.*)
      slipway_say "age $slipway_version on $(uname -n) is too old: 1.0 or newer is needed."
      return 1
      ;;
  esac
}

slipway_in_memory() {
  while read -r slipway_device slipway_mount slipway_type slipway_rest; do
    [ "$slipway_mount" = "$1" ] || continue
    case $slipway_type in tmpfs | ramfs) return 0 ;; esac
  done </proc/mounts
  return 1
}

# What a job that was killed has left: of a process that is gone, and old (other containers have other process numbers).
slipway_sweep() {
  for slipway_old in "$1"/slipway-*; do
    slipway_pid=\${slipway_old##*/slipway-}
    slipway_pid=\${slipway_pid%%.*}
    [ -O "$slipway_old" ] && ! kill -0 "$slipway_pid" 2>/dev/null || continue
    [ -z "$(find "$slipway_old" -prune -mtime +2 2>/dev/null)" ] || rm -rf "$slipway_old"
  done
}

slipway_take_identity() {
  slipway_memory=
  for slipway_base in /dev/shm "\${XDG_RUNTIME_DIR:-}"; do
    [ -n "$slipway_base" ] && slipway_base=$(CDPATH= cd -P "$slipway_base" 2>/dev/null && pwd -P) || continue
    [ -w "$slipway_base" ] && slipway_in_memory "$slipway_base" || continue
    slipway_sweep "$slipway_base"
    slipway_memory=$(umask 077 && mktemp -d "$slipway_base/slipway-$$.XXXXXXXX") && break
    slipway_memory=
  done
  if [ -z "$slipway_memory" ]; then
    slipway_say "$(uname -n) has no folder in memory that the key of this job could be kept in (/dev/shm or XDG_RUNTIME_DIR)."
    return 1
  fi
  slipway_identity=$slipway_memory/identity
  (umask 077 && cat >"$slipway_identity") && grep -q '^AGE-SECRET-KEY-1' "$slipway_identity" && return 0
  slipway_say 'The key of this job has not arrived.'
  slipway_drop_identity
  return 1
}

slipway_drop_identity() {
  [ -n "\${slipway_memory:-}" ] || return 0
  [ ! -e "$slipway_memory/identity" ] || printf '%0400d' 0 1<>"$slipway_memory/identity"
  rm -rf "$slipway_memory"
  slipway_memory=
}

slipway_guard_identity() {
  trap slipway_drop_identity EXIT
  for slipway_signal in HUP INT TERM; do
    trap "slipway_drop_identity; trap - $slipway_signal EXIT; kill -s $slipway_signal \$\$" "$slipway_signal"
  done
}

slipway_sealed() {
  if [ "$#" -ge 4 ]; then
    cat "$3" || return
    if [ "$1" = - ]; then tail -c "+$(($4 + 1))"; else tail -c "+$(($4 + 1))" <"$1"; fi
  elif [ "$1" = - ]; then
    cat
  else
    cat <"$1"
  fi
}

slipway_decrypt() {
  slipway_part=$2.slipway-part
  if slipway_sealed "$@" | age -d -i "$slipway_identity" >"$slipway_part" && mv -f "$slipway_part" "$2"; then
    return 0
  fi
  rm -f "$slipway_part"
  slipway_say "$1 cannot be decrypted: it is for another key, or it is damaged. Nothing of it is used."
  return 1
}

slipway_encrypt() {
  slipway_part=$3.slipway-part
  if slipway_sealed "$2" | age -r "$1" >"$slipway_part" && mv -f "$slipway_part" "$3"; then
    return 0
  fi
  rm -f "$slipway_part"
  slipway_say "$2 could not be encrypted."
  return 1
}
`.replaceAll('\\$', '$');

/** Puts what comes by standard input into a file of the account alone, whole or not at all: for a job that takes its identity when its turn has come. */
export function receiveSecretScript(path: string): string {
  const target = shellQuote(path);
  return `umask 077
part=${target}.part
rm -f "$part"
if cat >"$part" && [ -s "$part" ] && mv -f "$part" ${target}; then exit 0; fi
rm -f "$part"
exit 1
`;
}
