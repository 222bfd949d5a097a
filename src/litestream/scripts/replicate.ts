import { PID_FILE, RUN_FOLDER } from "../folders";
import { databasesIn, follow, identity, say } from "./common";

/**
 * Starts Litestream. It remembers how far it has read a WAL, and takes a WAL of the same lineage for
 * the one it knows: when an app puts back a copy of its database together with the copy's WAL (as
 * PocketBase's restore does), 0.5.16 uploads snapshots without the WAL's first frames, again and
 * again, and a restore gives an old state. So a file other than the one followed last time is
 * checkpointed first: then there is no WAL to be mistaken about, and Litestream takes a full snapshot.
 *
 * At its end 0.5.16 syncs only the databases that it has opened, which it does a second or more after it found
 * them. So it is told to end when it holds every database: one that the app made in its last second would
 * otherwise never be uploaded.
 *
 * Nor does it sync a database that it is just opening when it is told to end, or that the app kept it out of until then: of an app
 * that was stopped some seconds after its start, 38 acknowledged rows were lost on ephemeral storage, once in about 150 such stops.
 * So a second Litestream looks after the first one, when nobody writes any more, and what it says is the container's exit code.
 */
export const replicateScript = `#!/bin/sh
# usage: replicate.sh {PATH | --optional PATH | --directory DIR PATTERN RECURSIVE}...
set -u
${identity}

${say}

${databasesIn}

${follow}

follow_all() {
  while [ $# -gt 0 ]; do
    case $1 in
      --optional) shift ;;
      --directory)
        found=$(databases_in "$2" "$3" "$4")
        while IFS= read -r db; do
          [ -z "$db" ] || follow "$db" || exit 1
        done <<EOF
$found
EOF
        shift 4 ;;
      *) follow "$1" || exit 1; shift ;;
    esac
  done
}

# last_configuration: what Litestream was started with, but for databases that aren't there, for which it would wait, and for
# its metrics. The arguments have the databases in the order of the file.
last_configuration() {
  n=0 gone=' '
  while [ $# -gt 0 ]; do
    case $1 in
      --optional) shift; continue ;;
      --directory) shift 4; continue ;;
    esac
    n=$((n + 1))
    [ -s "$1" ] || gone="$gone$n "
    shift
  done
  awk -v gone="$gone" '
    /^[^ ]/ { keep = !/^addr:/; inside = /^dbs:/ }
    inside && /^  - / { n++; keep = !index(gone, " " n " ") }
    keep' "$run/started.yml"
}

# sync_last: what the first Litestream has not synced
sync_last() {
  tries=0
  (follow_all "$@")
  last_configuration "$@" > "$run/last.yml" || return 1
  grep -Eq '^  - (path|dir): ' "$run/last.yml" || return 0
  until litestream replicate -once -config "$run/last.yml"; do
    tries=$((tries + 1))
    [ $tries -lt 5 ] || return 1
    sleep 1
  done
}

# The ConfigMap is that of the next pod when this one ends: another replica, perhaps.
run=\${RUN_FOLDER:-${RUN_FOLDER}}
cp "$LITESTREAM_CONFIG" "$run/started.yml" || { say ERROR "" "can't write $run"; exit 1; }

stopping=no litestream=''
# Process 1 gets only the signals that it has a handler for.
stop() {
  stopping=yes
  [ -n "$litestream" ] || return 0
  # For some seconds: one that is closed to Litestream must not use up the time of the others.
  tries=0
  until sh "\${0%/*}/guard.sh" followed "$@" || [ $tries -ge 25 ]; do
    kill -0 "$litestream" 2>/dev/null || return 0
    tries=$((tries + 1))
    sleep 0.2
  done
  kill -TERM "$litestream" 2>/dev/null
}
trap 'stop "$@"' TERM

follow_all "$@"
litestream replicate -config "$run/started.yml" &
litestream=$!
echo "$litestream" > "$run/${PID_FILE}"
# A stop that came before there was anything to stop.
[ $stopping = no ] || stop "$@"
status=0
while kill -0 "$litestream" 2>/dev/null; do
  wait "$litestream"
  status=$?
done
[ $stopping = yes ] || exit $status
trap '' TERM
sync_last "$@" || { say ERROR "" "the last sync failed: what was written last may not be in the replica; see the lines before"; exit 1; }
`;
