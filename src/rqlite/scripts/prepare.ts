import { endsOnSigterm, quotedText } from "../../kubernetes/shell";
import { CONFIG_FOLDER, RUN_FOLDER, SIZE_FOLDER } from "../names";
import { askFunction } from "./ask";
import { s3Functions } from "./s3";
import { othersFunction, stateFunction } from "./state";

/**
 * Says how a node starts, before rqlited does. Whether it may begin a cluster is decided here:
 *
 * - A node whose volume has state is a member. It only joins, and tells no new node of itself, so that it never counts among
 *   those that begin a cluster: rqlite's own discovery would count it.
 * - A node whose volume has none begins a cluster together with all other voters, and only when none of those that answer is
 *   a member of one already. A lost volume in a living cluster therefore never brings an old backup back.
 */
export const prepareScript = `#!/bin/sh
# usage: prepare.sh voter|reader
set -eu
${endsOnSigterm}
RUN=${RUN_FOLDER}
CONFIG=${CONFIG_FOLDER}
${quotedText}
${stateFunction}
${othersFunction}
${askFunction}
${s3Functions}

say() { echo "prepare: $*"; }
# As LogAlerts knows it.
fail() { echo "Error: $*" >&2; exit 1; }

# The users file: each line of users has an index or "-", permissions and a name; passwords come by the environment.
write_users() {
  [ -e "$CONFIG/users" ] || return 0
  awk '
    # One letter after the other: backslashes in gsub differ from awk to awk.
    function json(text, out, at, letter) {
      for (at = 1; at <= length(text); at++) {
        letter = substr(text, at, 1)
        out = out (letter == "\\\\" || letter == "\\"" ? "\\\\" : "") letter
      }
      return out
    }
    BEGIN { printf "[" }
    {
      permissions = $2
      gsub(/,/, "\\",\\"", permissions)
      printf "%s{\\"username\\":\\"%s\\",", (NR > 1 ? "," : ""), json($3)
      if ($1 != "-") {
        password = ENVIRON["RQLITE_PASSWORD_" $1]
        if (password == "" || password ~ /[\\001-\\037]/) { print "the password of " $3 " is empty, or has a control character" > "/dev/stderr"; exit 1 }
        printf "\\"password\\":\\"%s\\",", json(password)
      }
      printf "\\"perms\\":[\\"%s\\"]}", permissions
    }
    END { printf "]\\n" }' "$CONFIG/users" > "$RUN/users.json" || fail "the users can't be written"
}

# member HOST: whether it is one of a cluster already
member() {
  tries=0
  while :; do
    ask "$1" '/nodes?nonvoters&timeout=1s'
    case $code in
      200) case $answer in *'"id"'*) return 0 ;; *) return 1 ;; esac ;;
      # Not there, or not yet: nobody who could say that there is a cluster.
      'curl 6' | 'curl 7' | 'curl 28' | 'curl 52' | 'curl 56') return 1 ;;
      503) ;;
      401) fail "node $1 doesn't take the password of users.nodes: was it changed, and not all pods restarted since?" ;;
      *) fail "node $1 can't be asked whether there is a cluster: $code $(cat "$RUN/ask.err")" ;;
    esac
    tries=$((tries + 1))
    [ $tries -lt 30 ] || fail "node $1 starts for long and doesn't say whether it is in a cluster"
    sleep 1
  done
}

# The file of a restore, which has the keys of its place: it is in memory only.
write_restore() {
  find_backup || fail "the backup to begin with can't be looked for: $problem"
  if [ -z "$key" ]; then
    [ "$RESTORE_WHEN_NO_BACKUP" = start-empty ] || fail "there is no backup to begin with ($S3_PATH in bucket $S3_BUCKET), and restore.whenNoBackup is refuse"
    say "there is no backup to begin with: the cluster starts empty"
    return 0
  fi
  say "the cluster begins with $key"
  # rqlite expands $NAME in its file.
  value() { json "$1" | sed 's/\\$/\\\\u0024/g'; }
  style=false
  [ "$S3_PATH_STYLE" != yes ] || style=true
  (
    umask 077
    cat > "$RUN/restore.json" << END
{"version": 1, "type": "s3", "timeout": "$RESTORE_TIMEOUT", "continue_on_failure": false, "sub": {
 "endpoint": "$S3_ENDPOINT", "region": "$S3_REGION", "bucket": "$S3_BUCKET", "path": "$(value "$key")", "force_path_style": $style,
 "access_key_id": "$(value "$S3_ACCESS_KEY_ID")", "secret_access_key": "$(value "$S3_SECRET_ACCESS_KEY")"}}
END
  )
}

# led: whether one of the others has a leader
led() {
  for node in $(others "$size" "$ordinal"); do
    ask "$node" /readyz
    [ "$code" != 200 ] || return 0
  done
  return 1
}

# Raft's other nodes still count this one, and would take its vote, which was for what it has lost: a majority with it may have
# less than was acknowledged. So it isn't started before the others have a leader without it.
wait_for_leader() {
  led && return 0
  say "the others have no leader: without a majority of them nothing is sure, and this node waits (docs/rqlite.md)"
  until led; do sleep 2; done
}

# All voters begin together, or none: while the pod of one is missing, that one may be the member that is yet to answer.
begins() {
  # As upstream's image does: names asked for before they are there are taken for missing for up to 30 s.
  sleep "\${START_DELAY:-5}"
  settled=yes
  while :; do
    missing=''
    for other in $(others "$size" "$ordinal"); do
      if member "$other"; then
        say "the volume is empty, and $other is in a cluster: this node joins it"
        wait_for_leader
        return 1
      fi
      [ "$code" != 'curl 6' ] || missing=$other
    done
    [ "$settled$missing" != yes ] || return 0
    if [ -z "$missing" ]; then
      # A member answers as soon as it runs.
      sleep "\${START_DELAY:-5}"
      settled=yes
      continue
    fi
    [ $settled = no ] || say "the volume is empty, and this node waits for the pod of $missing: a cluster begins with all voters"
    settled=no
    sleep 2
  done
}

umask 027
rm -f "$RUN/mode" "$RUN/restore.json"
write_users
size=$(cat ${SIZE_FOLDER}/voters)
ordinal=\${POD_NAME##*-}
if [ "$1" = reader ]; then
  mode=join
elif has_state; then
  mode=member
elif begins; then
  mode=begin
  say "the volume is empty, and no other node is in a cluster: this node begins one with all $size voters"
  [ -z "\${RESTORE_WHEN_NO_BACKUP:-}" ] || write_restore
else
  mode=join
fi
echo $mode > "$RUN/mode"
`;
