import { CONFIG_FOLDER } from "./folders";

/** The shell scripts of Litestream's containers; they run in its default image (Debian, dash). */

/** One JSON object a line, as Litestream itself writes. */
const say = `say() { # LEVEL DATABASE MESSAGE
  printf '{"time":"%s","level":"%s","msg":"%s","db":"%s"}\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$3" "$2"
}`;

/** Prints what tells a database file from one that took its place, and where that is noted. */
const identity = `identity() { stat -c '%i %W' "$1"; }
meta() { echo "\${1%/*}/.\${1##*/}-litestream"; }
note() { echo "$(meta "$1")/followed"; }`;

/**
 * Brings back every database that is missing from the volume, or none of them.
 *
 * Each is restored beside its place and put there only when all were restored and checked: a start
 * that ends half-way leaves nothing that the next one would take for the app's data. Litestream's
 * own `restore` puts the file in place before it checks it, and takes an empty file for a database.
 */
export const restoreScript = `#!/bin/sh
# usage: restore.sh WHEN_NO_BACKUP WHEN_VOLUME_OLDER INTEGRITY_CHECK RESTORE_FROM QUIET {PATH | --optional PATH}...
# WHEN_NO_BACKUP is start-empty or refuse; WHEN_VOLUME_OLDER is keep or refuse; RESTORE_FROM is "yes"
# when restore-from.yml names another replica; QUIET is for how many seconds nobody may have written
# to the replica.
set -u
# Process 1 ignores SIGTERM unless it has a handler, and dash runs one only between two commands.
if [ $$ = 1 ]; then
  sh "$0" "$@" &
  trap 'exit 143' TERM
  wait $!
  exit $?
fi
when_no_backup=$1 when_older=$2 integrity=$3 restore_from=$4 quiet=$5
shift 5
${identity}

${say}

leave_nothing() {
  for db in $all; do rm -f "$db.restoring" "$db.restoring.tmp" "$db.restoring-wal" "$db.restoring-shm"; done
}

refuse() { # DATABASE MESSAGE
  say ERROR "$1" "restore failed: $2"
  leave_nothing
  exit 1
}

put_in_place() { # DATABASE
  rm -f "$1" "$1-wal" "$1-shm" "$1-journal" "$1.restoring-wal" "$1.restoring-shm"
  mv "$1.restoring" "$1" && say INFO "$1" "restored"
}

# fetch CONFIG DATABASE: restores it beside its place; 1 when the replica holds nothing of it.
fetch() {
  say INFO "$2" "restoring by $1"
  litestream restore -config "$1" -if-replica-exists -integrity-check "$integrity" \\
    -o "$2.restoring" "$2" || refuse "$2" "see the line before"
  [ -s "$2.restoring" ] && return 0
  files=$(litestream ltx -config "$1" -level all -json "$2") || refuse "$2" "can't list the replica"
  [ "$files" = "[]" ] || refuse "$2" "the replica holds files, but no complete backup: its first snapshot is gone"
  return 1
}

# last_transaction SECONDS DATABASE: the last one in the replica, or 1 when it can't be listed in time
last_transaction() {
  files=$(timeout "$1" litestream ltx -level all -json "$2") || return 1
  printf '%s' "$files" | sed -n 's/.*"max_txid": "\\([0-9a-f]*\\)".*/\\1/p' | sort | tail -n 1
}

# positions: the last transaction of each missing database in the replica
positions() {
  for db in $missing; do
    position=$(last_transaction 300 "$db") || return 1
    printf '%s %s\\n' "$db" "$position"
  done
}

# settled: the positions, once nobody has changed them for QUIET seconds. The pod before this one may
# not have ended yet when it was deleted by force, and another cluster may use the same replica.
settled() {
  tries=0 last=$(positions) || return 1
  while sleep "$quiet"; do
    now=$(positions) || return 1
    [ "$now" = "$last" ] && printf '%s' "$now" && return 0
    last=$now tries=$((tries + 1))
    [ $tries -lt 10 ] || return 2
  done
}

all='' first='' required='' present='' missing=''
optional=no
for argument in "$@"; do
  if [ "$argument" = --optional ]; then optional=yes; continue; fi
  all="$all $argument" first=\${first:-$argument}
  [ $optional = yes ] || required="$required $argument"
  # SQLite makes a file of no bytes when it opens a new database: there is nothing in it to keep.
  if [ -s "$argument" ]; then present="$present $argument"; else missing="$missing $argument"; fi
  optional=no
done
# A pod that still has older arguments than this file must not start as if it had no database.
case $quiet in '' | *[!0-9]*) refuse "\${all# }" "the arguments don't fit this script; apply again" ;; esac
[ -n "$all" ] || refuse "" "no database is declared"

# The moves into place are done again when the last start ended between two of them.
complete=$(dirname "$first")/.litestream-restore-complete
if [ -e "$complete" ]; then
  still=''
  for db in $missing; do
    if [ -s "$db.restoring" ] && put_in_place "$db"; then present="$present $db"; else still="$still $db"; fi
  done
  missing=$still
  rm -f "$complete"
fi
leave_nothing

# A volume that lay unused while the app wrote elsewhere would be taken for the truth.
for db in $present; do
  [ "$(cat "$(note "$db")" 2>/dev/null)" = "$(identity "$db")" ] || continue
  here=$(find "$(meta "$db")/ltx/0" -name '*.ltx' 2>/dev/null | sed -n 's/.*-\\([0-9a-f]*\\)\\.ltx$/\\1/p' | sort | tail -n 1)
  [ -n "$here" ] || continue
  if ! there=$(last_transaction 20 "$db"); then
    say WARN "$db" "can't reach the replica: not known whether it is ahead of the volume"
  elif [ "$there" != "$here" ] && [ "$(printf '%s\\n' "$here" "$there" | sort | tail -n 1)" = "$there" ]; then
    [ "$when_older" = keep ] ||
      refuse "$db" "the volume holds transaction $here, the replica $there: the app has written elsewhere since; delete the claim to restore from the replica, or declare whenVolumeIsOlder: keep to go on with the volume"
    say WARN "$db" "the volume is older than the replica, and is kept as declared"
  fi
done

restored='' rounds=0
while [ -n "$missing" ]; do
  say INFO "\${missing# }" "not on the volume: looking at the replica, for some minutes if it is unreachable"
  before=$(settled)
  case $? in
    0) ;;
    2) refuse "\${missing# }" "another writer is using this replica" ;;
    *) refuse "\${missing# }" "can't list the replica: see the line before" ;;
  esac
  restored=''
  for db in $missing; do
    if fetch "$LITESTREAM_CONFIG" "$db"; then restored="$restored $db"; fi
  done
  after=$(positions) || refuse "\${missing# }" "can't list the replica: see the line before"
  [ "$before" = "$after" ] && break
  say WARN "\${missing# }" "the replica changed while it was restored: restoring again"
  leave_nothing
  rounds=$((rounds + 1))
  [ $rounds -lt 5 ] || refuse "\${missing# }" "another writer is using this replica"
done
if [ "$restore_from" = yes ] && [ -z "$present$restored" ]; then
  # Its way in stands beside the replica's, under names of its own; an empty one is not to be used.
  for name in $(env | sed -n 's/^RESTORE_FROM_\\([A-Za-z0-9_]*\\)=.*/\\1/p'); do
    eval "value=\\\${RESTORE_FROM_$name-}"
    if [ -n "$value" ]; then export "$name=$value"; else unset "$name"; fi
  done
  say WARN "\${missing# }" "the replica holds nothing: starting from restoreFrom; take it out of the declaration after this start"
  for db in $missing; do
    if fetch ${CONFIG_FOLDER}/restore-from.yml "$db"; then restored="$restored $db"; fi
  done
  [ -n "$restored" ] || refuse "\${missing# }" "restoreFrom holds no backup of any database"
fi

for db in $required; do
  case " $present$restored " in *" $db "*) continue ;; esac
  if [ -n "$present$restored" ]; then
    refuse "$db" "it is neither on the volume nor in the replica, but other databases of the app are; if it is new, declare it with optional: true"
  elif [ "$when_no_backup" = refuse ]; then
    refuse "$db" "the replica holds no backup; if the app is new, declare whenNoBackup: start-empty for its first start"
  fi
  say WARN "$db" "no backup found: the app starts with an empty database"
done
if [ "$when_no_backup" = refuse ] && [ -z "$present$restored" ]; then
  refuse "\${all# }" "the replica holds no backup of any database"
fi

# The WAL of a database that is gone would be applied to the one that comes, or thrown away.
for db in $missing; do
  for left in "$db-wal" "$db-journal"; do
    [ -s "$left" ] || continue
    aside=$left.orphan-$(date -u +%Y%m%dT%H%M%SZ)
    say WARN "$db" "moving $left, left over without its database, to $aside"
    mv "$left" "$aside" || refuse "$db" "can't move $left"
  done
done
if [ -n "$restored" ]; then
  { mkdir -p "$(dirname "$complete")" && : > "$complete"; } || refuse "\${restored# }" "can't write $complete"
  for db in $restored; do put_in_place "$db" || refuse "$db" "can't move the restored file into its place"; done
  rm -f "$complete"
fi
for db in $present; do say INFO "$db" "on the volume already, nothing to restore"; done
`;

/**
 * Starts Litestream. It remembers how far it has read a WAL, and takes a WAL of the same lineage for
 * the one it knows: when an app puts back a copy of its database together with the copy's WAL (as
 * PocketBase's restore does), 0.5.16 uploads snapshots without the WAL's first frames, again and
 * again, and a restore gives an old state. So a file other than the one followed last time is
 * checkpointed first: then there is no WAL to be mistaken about, and Litestream takes a full snapshot.
 */
export const replicateScript = `#!/bin/sh
# usage: replicate.sh {PATH | --optional PATH}...
set -u
${identity}

${say}

for db in "$@"; do
  [ -s "$db" ] || continue
  [ "$(cat "$(note "$db")" 2>/dev/null)" = "$(identity "$db")" ] && continue
  say INFO "$db" "not the file that was followed last: a full snapshot comes next"
  case $(sqlite3 -cmd '.timeout 10000' "$db" 'PRAGMA wal_checkpoint(TRUNCATE)') in
    0*) ;;
    *) say ERROR "$db" "closed to Litestream: locked exclusively, busy, or not writable for its user"; exit 1 ;;
  esac
  mkdir -p "$(dirname "$(note "$db")")" && identity "$db" > "$(note "$db")"
done
exec litestream replicate
`;

/**
 * Asks whether Litestream, process 1 of its container, really replicates the app's databases.
 *
 * It keeps following a file that the app has replaced (its own restore, `mv new.db app.db`) without
 * a word, and never gets hold of one the app has opened exclusively.
 */
export const guardScript = `#!/bin/sh
# usage: guard.sh live|ready {PATH | --optional PATH}...
# live:  Litestream follows no database file that is no longer in its place
# ready: besides, every database is there and Litestream holds it, or could if its replica answered
set -u
${identity}
question=$1
shift

fail() { echo "$1"; exit 1; }

open() { # FILE
  for fd in /proc/1/fd/*; do [ "$fd" -ef "$1" ] && return 0; done
  return 1
}

# Litestream also opens a database it is kept out of, for as long as each try lasts; but not its -shm.
held() { open "$1" && open "$1-shm"; } # DATABASE

declared() { # FD
  for path in "$@"; do [ "$fd" -ef "$path" ] && return 0; done
  return 1
}

for fd in /proc/1/fd/*; do
  [ -f "$fd" ] || continue
  declared "$@" && continue
  [ "$(head -c 15 "$fd" 2>/dev/null)" = "SQLite format 3" ] || continue
  fail "Litestream follows $(readlink "$fd"), which the app has replaced"
done
[ "$question" = ready ] || exit 0

optional=no
for db in "$@"; do
  if [ "$db" = --optional ]; then optional=yes; continue; fi
  if [ ! -s "$db" ]; then
    [ $optional = yes ] || fail "$db does not exist: the app has not made it, or its path is declared wrongly"
  elif held "$db"; then
    [ "$(cat "$(note "$db")" 2>/dev/null)" = "$(identity "$db")" ] || identity "$db" > "$(note "$db")"
  else
    sqlite3 -cmd '.timeout 2000' "$db" 'BEGIN IMMEDIATE; ROLLBACK;' >/dev/null ||
      fail "$db is closed to Litestream: locked exclusively, or not writable for its user"
    echo "$db is not replicated yet: Litestream can't reach the replica"
  fi
  optional=no
done
`;
