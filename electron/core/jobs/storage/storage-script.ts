import { NODE_AGE_FUNCTIONS } from '../../encryption/node-scripts.ts';

const BODY = String.raw`mode=$1 access=$2 here=$PWD private=
tab=$(printf '\t')
newline='
'

say() { printf '%s\n' "$*"; }
# fail WORDS: the last line of what a run prints about its files is the reason of its failure.
fail() {
  say "$1"
  exit 1
}
# value WORD: what the grant says of it.
value() { word=$1 awk -F '\t' '$1 == ENVIRON["word"] { print $2; exit }' "$access/grant"; }
has() { command -v "$1" >/dev/null 2>&1; }
md5_of() {
  if has md5sum; then md5sum <"$1"; elif has md5; then md5 -q <"$1"; elif has openssl; then openssl dgst -md5 -r <"$1"; else echo -; fi |
    { read -r sum _ && echo "$sum"; }
}
size_of() { wc -c <"$1" | tr -d ' '; }
is_md5() { case $1 in *[!0-9a-f]* | '') return 1 ;; esac && [ "\${#1}" = 32 ]; }

# Waits until there is a grant that holds.
await_grant() {
  told=
  until [ -r "$access/grant" ] && [ "$(value expires)" -gt "$(date +%s)" ]; do
    [ -n "$told" ] || say "Waiting until Slipway gives access to the bucket; the last one has ended."
    told=yes
    sleep 1
  done
}

# judge CODE WHAT: after a failed try with this answer of the store (000 = none): returns to try again, or ends.
judge() {
  case $1 in
    404) fail "$2 is not in the bucket any more." ;;
    412) fail "$2 was changed after the job was submitted." ;;
    401 | 403)
      # Refused before its time: the keys behind it were replaced, or a clock is wrong. A newer grant may do.
      if [ "$(value issued)" = "$issued" ]; then
        [ "$tries" -lt 3 ] || fail "$2: the store refused the access (HTTP $1)."
      fi
      ;;
    400 | 405 | 411 | 501)
      grep -q RequestTimeout .slipway/answer 2>/dev/null ||
        fail "$2: the store does not take it (HTTP $1$(sed -n 's/.*<Code>\([A-Za-z]*\)<.*/, \1/p' .slipway/answer 2>/dev/null))."
      ;;
  esac
  [ "$tries" -lt 6 ] || fail "$2: the store could not be reached (HTTP $1). $(tail -n 1 .slipway/curl.err 2>/dev/null)"
  sleep $((tries * tries))
}

# --- programs that speak S3 -------------------------------------------------------------------------------------------

# Sets up the program that speaks S3, when there is one and the grant has a session for it that holds. Sets $speaker.
prepare_speaker() {
  if has aws; then speaker=aws; elif has rclone; then speaker=rclone; else return 1; fi
  until=$(value session)
  [ -n "$until" ] && [ "$until" -gt "$(($(date +%s) + 60))" ] || return 1
  [ -n "$private" ] || {
    # Only the account can read what mktemp makes.
    private=$(mktemp -d /dev/shm/slipway.XXXXXXXX 2>/dev/null || mktemp -d "$access/tool.XXXXXXXX") || return 1
    trap 'rm -rf "$private"' EXIT
    trap 'exit 143' TERM INT HUP
  }
  # One piece up to 5 GB, so that the store's ETag is the MD5 and proves it.
  speaker=$speaker awk -F '\t' '
    { said[$1] = $2 }
    $1 == "session" { id = $3; secret = $4; token = $5 }
    END {
      if (ENVIRON["speaker"] == "aws") {
        printf "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\naws_session_token = %s\nregion = %s\n", id, secret, token, said["region"]
        print "request_checksum_calculation = when_required\nresponse_checksum_validation = when_required"
        printf "s3 =\n  multipart_threshold = 5GB\n  addressing_style = %s\n", said["style"] == "path" ? "path" : "virtual"
      } else {
        printf "[store]\ntype = s3\nprovider = Other\naccess_key_id = %s\nsecret_access_key = %s\nsession_token = %s\nregion = %s\n", id, secret, token, said["region"]
        printf "endpoint = %s\nforce_path_style = %s\n", said["endpoint"], said["style"] == "path" ? "true" : "false"
        print "upload_cutoff = 5G\nno_check_bucket = true\nno_head = true"
      }
    }' "$access/grant" >"$private/config"
}

run_aws() {
  (
    unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_ROLE_ARN AWS_DEFAULT_REGION AWS_REGION
    AWS_CONFIG_FILE=$private/config AWS_SHARED_CREDENTIALS_FILE=/dev/null
    export AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
    exec aws --endpoint-url "$(value endpoint)" s3 cp --only-show-errors "$@"
  ) </dev/null
}

run_rclone() {
  (
    # Old versions stumble over the variable, and have an option for it.
    [ -z "\${AWS_CA_BUNDLE:-}" ] || set -- --ca-cert "$AWS_CA_BUNDLE" "$@"
    unset AWS_CA_BUNDLE
    exec rclone --config "$private/config" -q "$@"
  ) </dev/null
}

# --- fetching ---------------------------------------------------------------------------------------------------------

# about KEY: bytes and ETag of an object, from the grant.
about() { key=$1 awk -F '\t' '$1 == "get" && $2 == ENVIRON["key"] { print $3, $4; exit }' "$access/grant"; }

# get KEY: brings an object to .slipway/incoming and proves it. Sets $size.
get() {
  tries=0
  rm -f .slipway/incoming
  while :; do
    tries=$((tries + 1))
    await_grant
    issued=$(value issued)
    set -- "$1" $(about "$1")
    size=$2 etag=$3
    [ -n "$etag" ] || fail "$1 is not among what this run may read."
    if [ "$tries" = 1 ] && prepare_speaker; then
      case $speaker in
        aws) run_aws "s3://$(value bucket)/$1" .slipway/incoming ;;
        rclone) run_rclone copyto "store:$(value bucket)/$1" .slipway/incoming ;;
      esac && [ -f .slipway/incoming ] && break
      rm -f .slipway/incoming
    fi
    has curl || fail "Neither curl nor aws nor rclone could be used on $(uname -n)."
    # A part of an earlier try is gone on with; the store sees to it that it is the same object.
    code=$(
      key=$1 awk -F '\t' '$1 == "get" && $2 == ENVIRON["key"] { printf "url = \"%s\"\nheader = \"If-Match: \\\"%s\\\"\"\n", $5, $4; exit }' "$access/grant" |
        curl -q -K - -sS -f --connect-timeout 30 --speed-limit 1 --speed-time 120 \
          $([ ! -s .slipway/incoming ] || echo '-C -') -o .slipway/incoming -w '%{http_code}' 2>.slipway/curl.err
    )
    result=$?
    [ "$result" != 23 ] || fail "$1 could not be written: $(tail -n 1 .slipway/curl.err)"
    if [ "$result" = 0 ]; then
      # Of an empty object curl makes no file.
      [ -e .slipway/incoming ] || : >.slipway/incoming
      break
    fi
    # A part that the store does not go on with.
    if [ "$code" = 416 ] || [ "$result" = 33 ]; then rm -f .slipway/incoming; fi
    judge "$code" "$1"
  done
  here_are=$(size_of .slipway/incoming)
  [ "$here_are" = "$size" ] || fail "$1 has $here_are bytes here and $size when the job was submitted."
  if is_md5 "$etag"; then
    sum=$(md5_of .slipway/incoming)
    [ "$sum" = - ] || [ "$sum" = "$etag" ] || fail "$1 has another MD5 here than when the job was submitted."
  fi
  say "$1: $size bytes"
}

# unseal KEY: makes of the age file .slipway/incoming what was encrypted. The job's own key is in memory meanwhile.
unseal() {
  sealed=$1
  awk -F '\t' '$1 == "identity" { print $2; exit }' "$access/grant" | {
    slipway_take_identity || exit
    slipway_guard_identity
    key=$sealed awk -F '\t' '$1 == "seal" && $2 == ENVIRON["key"] { print $4; exit }' "$access/grant" |
      if has base64; then base64 -d; else openssl base64 -d -A; fi >"$slipway_memory/header" || exit
    skip=$(key=$sealed awk -F '\t' '$1 == "seal" && $2 == ENVIRON["key"] { print $3; exit }' "$access/grant")
    slipway_decrypt .slipway/incoming .slipway/opened "$slipway_memory/header" "\${skip:-0}"
  } && mv -f .slipway/opened .slipway/incoming
}

# unpack KIND: the archive .slipway/incoming into .slipway/unpacked.
unpack() {
  case $1 in
    zip)
      if has unzip; then unzip -q -o .slipway/incoming -d .slipway/unpacked || [ $? = 1 ]
      elif has python3; then python3 -m zipfile -e .slipway/incoming .slipway/unpacked
      elif has bsdtar; then bsdtar -xf .slipway/incoming -C .slipway/unpacked
      else fail "A zip archive needs unzip or python3, and $(uname -n) has neither."
      fi
      ;;
    tar)
      if gzip -t .slipway/incoming 2>/dev/null; then gzip -dc .slipway/incoming | tar -xf - -C .slipway/unpacked
      else tar -xf .slipway/incoming -C .slipway/unpacked
      fi
      ;;
  esac
}

# What the job itself brings is there already, and stays; the folders of the run's own files are nobody else's.
lay_out() {
  (
    cd .slipway/unpacked || exit
    rm -rf ./.slipway ./stdout ./stderr ./start.json ./end.json ./before.out ./after.out ./after.err ./fetch.out ./deliver.out
    find . -type d -exec sh -c 'for d; do mkdir -p "$0/$d" || exit; done' "$here" {} + &&
      find . ! -type d -exec sh -c 'for f; do [ -e "$0/$f" ] || [ -L "$0/$f" ] || mv "$f" "$0/$f" || exit; done' "$here" {} +
  )
}

# The files of the run with size and time, to tell later what is new or changed.
listing() {
  if stat -c %s . >/dev/null 2>&1; then set -- -c '%s|%y|%n'; else set -- -f '%z|%Fm|%N'; fi
  echo '#'
  find . -type f ! -path './.slipway/*' ! -name "*$newline*" -exec stat "$@" {} +
}

fetch() {
  [ ! -e .slipway/fetched ] || exit 0
  if [ -e .slipway/deliver.recipient ]; then slipway_need_age || exit 1; fi
  while IFS=$tab read -r key seal kind target <&3; do
    get "$key"
    # A grant that is renewed at this moment may have given half of the old and half of the new one.
    [ "$seal" != age ] || unseal "$key" || { sleep 1 && unseal "$key"; } || fail "$key could not be decrypted."
    if [ "$kind" = - ]; then
      case $target in */*) mkdir -p "\${target%/*}" || fail "The folder of $target could not be made." ;; esac
      [ -e "$target" ] || mv .slipway/incoming "$target" || fail "$target could not be written."
      continue
    fi
    rm -rf .slipway/unpacked
    mkdir .slipway/unpacked || fail 'The run has no room for its inputs.'
    unpack "$kind" || fail "$key could not be unpacked; it is damaged, or there is no room."
    lay_out || fail "The files of $key could not be written."
    rm -rf .slipway/unpacked
  done 3<.slipway/fetch.list
  rm -f .slipway/incoming .slipway/curl.err
  listing >.slipway/inputs.list
  : >.slipway/fetched
}

# --- delivering -------------------------------------------------------------------------------------------------------

# The paths that go to the bucket, a line each.
outputs() {
  listing >.slipway/outputs.list
  if [ -e .slipway/deliver.keep ]; then cat .slipway/outputs.list; else
    [ -e .slipway/inputs.list ] || echo '#' >.slipway/inputs.list
    awk 'NR == FNR { there[$0]; next } !($0 in there)' .slipway/inputs.list .slipway/outputs.list
  fi |
    awk '
      $0 == "#" { next }
      { sub(/^[^|]*[|][^|]*[|]\.\//, "") }
      $0 == "start.json" || $0 == "end.json" || $0 == "fetch.out" || $0 == "deliver.out" { next }
      { print }
    ' | if [ -e .slipway/deliver.keep ]; then grep -E -e '^std(out|err)$' -f .slipway/deliver.keep; else cat; fi
  rm -f .slipway/outputs.list
}

quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# post PATH: puts one file by the form, and proves it where the store says its MD5.
post() {
  tries=0
  # By a link, so that no name has to be written into what curl reads.
  ln -sf "$here/$base/$1" .slipway/outgoing
  while :; do
    tries=$((tries + 1))
    await_grant
    issued=$(value issued)
    code=$(
      {
        printf 'url = "%s"\n' "$(value upload)"
        printf 'form-string = "key=%s"\n' "$(quoted "$prefix$1")"
        awk -F '\t' '$1 == "field" { gsub(/[\\"]/, "\\\\&", $3); printf "form-string = \"%s=%s\"\n", $2, $3 }' "$access/grant"
        printf 'form = "file=@.slipway/outgoing;type=application/octet-stream;filename=file"\n'
      } | curl -q -K - -sS -H 'Expect:' --connect-timeout 30 --speed-limit 1 --speed-time 120 -o .slipway/answer -w '%{http_code}' 2>.slipway/curl.err
    )
    case $code in 200 | 201 | 204) break ;; esac
    judge "$code" "$1"
  done
  etag=$(sed -n 's/.*<ETag>[^0-9a-f]*\([0-9a-f]*\).*<\/ETag>.*/\1/p' .slipway/answer)
  ! is_md5 "$etag" || [ "$sum" = - ] || [ "$etag" = "$sum" ] || fail "$1 has another MD5 in the bucket than here."
}

# Links to all files of a list in .slipway/outbox: aws sends folders.
fill_outbox() {
  rm -rf .slipway/outbox
  while IFS= read -r path; do
    case $path in */*) mkdir -p ".slipway/outbox/\${path%/*}" ;; *) mkdir -p .slipway/outbox ;; esac &&
      ln -s "$here/$base/$path" ".slipway/outbox/$path" || return
  done <.slipway/deliver.list
}

# Sends the whole list with a program that speaks S3; fails when curl has to do it.
send_all() {
  prepare_speaker || return
  case $speaker in
    aws) fill_outbox && run_aws --recursive .slipway/outbox "s3://$(value bucket)/$prefix" ;;
    rclone) run_rclone copy --no-check-dest --no-traverse --files-from-raw .slipway/deliver.list "$base" "store:$(value bucket)/$prefix" ;;
  esac
}

# Encrypts what is on the list to the project's public key, aside; the list then holds the names of the age files.
seal_outputs() {
  slipway_need_age || exit 1
  IFS= read -r recipient <.slipway/deliver.recipient
  base=.slipway/sealed
  rm -rf "$base" && mkdir "$base" || fail 'There is no room to encrypt the outputs.'
  while IFS= read -r path <&3; do
    case $path in */*) mkdir -p "$base/\${path%/*}" ;; esac &&
      slipway_encrypt "$recipient" "$path" "$base/$path.age" || fail "$path could not be encrypted."
  done 3<.slipway/deliver.list
  sed 's/$/.age/' .slipway/deliver.list >.slipway/deliver.sealed && mv -f .slipway/deliver.sealed .slipway/deliver.list
}

deliver() {
  IFS= read -r prefix <.slipway/deliver.prefix
  outputs >.slipway/deliver.list
  base=.
  [ ! -e .slipway/deliver.recipient ] || seal_outputs
  : >.slipway/delivered.new
  while IFS= read -r path; do
    sum=$(md5_of "$base/$path")
    printf '%s\t%s\t%s\n' "$(size_of "$base/$path")" "$sum" "$path" >>.slipway/delivered.new || fail 'There is no room for the list of the outputs.'
  done <.slipway/deliver.list
  await_grant
  if [ -s .slipway/deliver.list ] && ! send_all; then
    has curl || fail "Neither curl nor aws nor rclone could be used on $(uname -n)."
    while IFS=$tab read -r size sum path <&3; do
      [ "$size" -le 5368709120 ] || fail "$path is larger than 5 GB, which needs aws or rclone on the node."
      post "$path"
    done 3<.slipway/delivered.new
  fi
  rm -rf .slipway/sealed .slipway/outbox .slipway/outgoing .slipway/answer .slipway/curl.err .slipway/deliver.list
  mv -f .slipway/delivered.new .slipway/delivered
  say "$(wc -l <.slipway/delivered | tr -d ' ') files are in the bucket below $prefix"
}

leave() {
  rm -f "$access/open/\${here##*/}"
  if rmdir "$access/open" 2>/dev/null; then rm -f "$access/grant"; fi
}

case $mode in
  fetch) fetch ;;
  deliver) deliver ;;
  leave) leave ;;
esac
`.replaceAll('\\${', '${');

/**
 * Fetches a run's inputs from the bucket, delivers its outputs to it, and takes leave; the run wrapper starts it in the run's folder as
 * `sh storage.sh fetch|deliver|leave ACCESS`.
 *
 * ACCESS is a folder that only the account can read. Its file `grant` says, one word and value a line with tabs between, what may be done and until when:
 * - `issued`, `expires`: epoch seconds,
 * - `get KEY BYTES ETAG URL`: an address from which the object may be had,
 * - `upload URL`, `field NAME VALUE`: the form that takes the outputs,
 * - `identity SECRET`, `seal KEY SKIP HEADER`: the job's own age key, and for an encrypted object the header (base64) that it opens and that takes the place of
 *   the first SKIP bytes,
 * - `endpoint`, `region`, `bucket`, `style path|host`, `session EXPIRES ID SECRET TOKEN`: for the programs `aws` and `rclone`, used where they are.
 * It is read again for every object, because Slipway renews it; when it has expired the script waits for that. `open/RUN` is there until the run takes leave;
 * the last one removes the grant.
 *
 * Nothing of the grant becomes an argument or a variable of another program: `curl` reads it from its standard input, `aws` and `rclone` from a file that only
 * the account can read, in memory where there is /dev/shm.
 *
 * In the run's folder it reads `.slipway/fetch.list` (`KEY age|- zip|tar|- PATH`), `.slipway/deliver.prefix`, `.slipway/deliver.recipient` when
 * files are encrypted, and with `keep:` `.slipway/deliver.keep` (regular
 * expressions of paths), and writes `.slipway/inputs.list` (what was there before the command) and `.slipway/delivered` (`BYTES MD5 PATH`).
 */
export const STORAGE_SH = `# Slipway storage: sh storage.sh fetch|deliver|leave ACCESS
${NODE_AGE_FUNCTIONS}${BODY}`;
