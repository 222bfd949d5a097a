import { endsOnSigterm } from "../../kubernetes/shell";
import { RUN_FOLDER } from "../folders";
import { databasesIn, follow, identity, lists, say } from "./common";
import { RESTORED_MARKER } from "./marker";
import { restoreFunctions } from "./restore-functions";
import { restoreToPart } from "./restore-to";
import { unfinished } from "./unfinished";

/**
 * Brings back every database that is missing from the volume, or none of them.
 *
 * Each is restored beside its place and put there only when all were restored and checked: a start
 * that ends half-way leaves nothing that the next one would take for the app's data. Litestream's
 * own `restore` puts the file in place before it checks it, and takes an empty file for a database.
 *
 * Litestream can't restore a directory: the databases in it are those that the replica holds, listed by
 * the container before this one, or found in the replica's volume. Each gets an entry of its own.
 */
export const restoreScript = `#!/bin/sh
# usage: restore.sh WHEN_NO_BACKUP WHEN_VOLUME_OLDER INTEGRITY_CHECK RESTORE_FROM QUIET
#          {PATH | --optional PATH | --directory DIR PATTERN RECURSIVE INDEX FOLDER FOLDER_OF_RESTORE_FROM}...
#          [--to ID FLAG VALUE PATH...]
# WHEN_NO_BACKUP is start-empty or refuse; WHEN_VOLUME_OLDER is keep or refuse; RESTORE_FROM is "yes"
# when restore-from.yml names another replica; QUIET is for how many seconds nobody may have written
# to the replica; RECURSIVE is yes or no; the FOLDERs are where a file replica keeps the directory, or empty;
# FLAG is -timestamp or -txid.
set -u
${endsOnSigterm}
config=\${0%/*}
run=\${RUN_FOLDER:-${RUN_FOLDER}}
when_no_backup=$1 when_older=$2 integrity=$3 restore_from=$4 quiet=$5
shift 5
${lists}
${identity}

${say}

${databasesIn}

${follow}

${restoreFunctions}

${unfinished}

all='' required='' present='' missing='' restored='' directories='' in_use=no elsewhere='' targets='' to=''
# A pod that still has older arguments than this file must not start as if it had no database.
case $quiet in '' | *[!0-9]*) refuse "" "the arguments don't fit this script; apply again" ;; esac
[ $# -gt 0 ] || refuse "" "no database is declared"
# Litestream has no entries for the databases of a directory: a copy of its file gets them.
cp "$LITESTREAM_CONFIG" "$run/litestream.yml" || refuse "" "can't write $run"
[ "$restore_from" = no ] || sed 's/^dbs: \\[\\]$/dbs:/' "$config/restore-from.yml" > "$run/restore-from.yml" ||
  refuse "" "can't write $run"
chmod u+w "$run"/*.yml
export LITESTREAM_CONFIG="$run/litestream.yml"

first=''
while [ $# -gt 0 ]; do
  case $1 in
    --optional | /*)
      optional=no
      if [ "$1" = --optional ]; then optional=yes; shift; fi
      keeps_locks "$(dirname "$1")"
      all="$all$1$NL" first=\${first:-$(dirname "$1")}
      [ $optional = yes ] || required="$required$1$NL"
      # SQLite makes a file of no bytes when it opens a new database: there is nothing in it to keep.
      if [ -s "$1" ]; then present="$present$1$NL"; else missing="$missing$1$NL"; fi
      shift ;;
    --directory)
      first=\${first:-$2}
      directory "$2" "$3" "$4" "$5" "$6" "$7"
      shift 7 ;;
    --to)
      to=$2 flag=$3 value=$4
      shift 4
      while [ $# -gt 0 ]; do targets="$targets$1$NL"; shift; done ;;
    *) refuse "$1" "the arguments don't fit this script; apply again" ;;
  esac
done

# What lies there then is a state that nobody has chosen, or only some databases are back.
while IFS= read -r db; do
  [ -n "$db" ] || continue
  mark=$(unfinished "$db" | head -n 1)
  [ -n "$mark" ] || continue
  # Nothing is cleared away: that restore may be at work just now.
  say ERROR "$db" "restore failed: npm run restore has moved this database, and has not ended; with --resume it does. When you have put right by hand what lies there, delete $mark"
  exit 1
done <<EOF
$all
EOF

# The moves into place are done again when the last start ended between two of them.
complete=$first/.litestream-restore-complete
if [ -e "$complete" ]; then
  still=''
  while IFS= read -r db; do
    [ -n "$db" ] || continue
    if [ -s "$db.restoring" ] && put_in_place "$db"; then present="$present$db$NL"
    elif has "$missing" "$db"; then still="$still$db$NL"; fi
  done <<EOF
$missing$elsewhere
EOF
  missing=$still
  rm -f "$complete"
fi
leave_nothing

# A volume that lay unused while the app wrote elsewhere would be taken for the truth.
noted=''
while IFS= read -r db; do
  [ -n "$db" ] && [ "$(cat "$(note "$db")" 2>/dev/null)" = "$(identity "$db")" ] && noted="$noted$db$NL"
done <<EOF
$present
EOF
if [ -n "$noted" ] && ! there=$(positions "$noted" 20); then
  say WARN "$(words "$noted")" "can't reach the replica: not known whether it is ahead of the volume"
  noted=''
fi
while IFS= read -r db; do
  [ -n "$db" ] || continue
  here=$(last_here "$(meta "$db")")
  begins=$(find "$(meta "$db")/ltx/0" -name '*.ltx' 2>/dev/null | sed -n 's|.*/\\([0-9a-f]*\\)-[0-9a-f]*\\.ltx$|\\1|p' | sort | head -n 1)
  ahead=$(printf '%s\\n' "$there" | DB=$db awk 'substr($0, index($0, " ") + 1) == ENVIRON["DB"] { print substr($0, 1, index($0, " ") - 1) }')
  if [ -n "$here" ] && [ "$ahead" != "$here" ] && [ "$(printf '%s\\n' "$here" "$ahead" | sort | tail -n 1)" = "$ahead" ]; then
    [ "$when_older" = keep ] ||
      refuse "$db" "the volume holds transaction $here, the replica $ahead: the app has written elsewhere since; delete the claim to restore from the replica, or declare whenVolumeIsOlder: keep to go on with the volume"
    say WARN "$db" "the volume is older than the replica, and is kept as declared"
  fi
  # Another bucket or folder, or one that was emptied: Litestream would wait for ever for files it doesn't have any more.
  if [ -n "$begins" ] && [ $((0x$begins)) -gt $((0x\${ahead:-0} + 1)) ]; then
    say WARN "$db" "the replica ends at transaction \${ahead:-none}, and Litestream's files beside the database begin with $begins: a full snapshot comes next"
    rm -rf "$(meta "$db")/ltx"
  fi
done <<EOF
$noted
EOF

rounds=0
while [ -n "$missing" ]; do
  say INFO "$(words "$missing")" "not on the volume: looking at the replica, for some minutes if it is unreachable"
  before=$(settled "$missing")
  case $? in
    0) ;;
    2) refuse "$(words "$missing")" "another writer is using this replica" ;;
    *) refuse "$(words "$missing")" "can't list the replica: see the line before" ;;
  esac
  restored=''
  fetch_all "$LITESTREAM_CONFIG" "$missing"
  after=$(positions "$missing" 300) || refuse "$(words "$missing")" "can't list the replica: see the line before"
  [ "$before" = "$after" ] && break
  say WARN "$(words "$missing")" "the replica changed while it was restored: restoring again"
  leave_nothing
  rounds=$((rounds + 1))
  [ $rounds -lt 5 ] || refuse "$(words "$missing")" "another writer is using this replica"
done
if [ "$restore_from" = yes ] && [ -z "$present$restored" ] && [ $in_use = no ]; then
  missing="$missing$elsewhere"
  say WARN "$(words "$missing")" "the replica holds nothing: starting from restoreFrom; take it out of the declaration after this start"
  (
    # Its way in stands beside the replica's, under names of its own; an empty one is not to be used.
    for name in $(env | sed -n 's/^RESTORE_FROM_\\([A-Za-z0-9_]*\\)=.*/\\1/p'); do
      eval "value=\\\${RESTORE_FROM_$name-}"
      if [ -n "$value" ]; then export "$name=$value"; else unset "$name"; fi
    done
    fetch_all "$run/restore-from.yml" "$missing"
    printf '%s' "$restored" > "$run/restored"
  ) || exit 1
  while IFS= read -r db; do restored="$restored$db$NL"; done < "$run/restored"
  [ -n "$restored" ] || refuse "$(words "$missing")" "restoreFrom holds no backup of any database"
fi

while IFS= read -r db; do
  [ -n "$db" ] || continue
  has "$present$restored" "$db" && continue
  if [ -n "$present$restored" ]; then
    refuse "$db" "it is neither on the volume nor in the replica, but other databases of the app are; if it is new, declare it with optional: true"
  elif [ "$when_no_backup" = refuse ]; then
    refuse "$db" "the replica holds no backup; if the app is new, declare whenNoBackup: start-empty for its first start"
  fi
  say WARN "$db" "no backup found: the app starts with an empty database"
done <<EOF
$required
EOF
if [ "$when_no_backup" = refuse ] && [ -z "$present$restored" ] && [ $in_use = no ]; then
  refuse "$(words "$all$directories")" "the replica holds no backup of any database"
fi

# The WAL of a database that is gone would be applied to the one that comes, or thrown away.
while IFS= read -r db; do
  [ -n "$db" ] || continue
  for left in "$db-wal" "$db-journal"; do
    [ -s "$left" ] || continue
    aside=$left.orphan-$(date -u +%Y%m%dT%H%M%SZ)
    say WARN "$db" "moving $left, left over without its database, to $aside"
    mv "$left" "$aside" || refuse "$db" "can't move $left"
  done
done <<EOF
$missing
EOF
if [ -n "$restored" ]; then
  : > "$complete" || refuse "$(words "$restored")" "can't write $complete"
  while IFS= read -r db; do
    [ -z "$db" ] || put_in_place "$db" || refuse "$db" "can't move the restored file into its place"
  done <<EOF
$restored
EOF
  rm -f "$complete"
fi
while IFS= read -r dir; do
  [ -n "$dir" ] || continue
  case "$NL$present$restored" in *"$NL$dir/"*) ;; *) continue ;; esac
  : > "$dir/${RESTORED_MARKER}" || refuse "$dir" "can't write ${RESTORED_MARKER}"
done <<EOF
$directories
EOF
while IFS= read -r db; do
  [ -z "$db" ] || say INFO "$db" "on the volume already, nothing to restore"
done <<EOF
$(printf '%s' "$present" | head -n 20)
EOF

${restoreToPart}
`;
