import { DATABASE_MARKER, RUN_FOLDER } from "../folders";
import { databasesIn, follow, identity, lists, say } from "./common";

/**
 * In a directory: its databases were restored, or the app has made some. Not written for an empty one: when a
 * folder of the replica was mistyped at the first start, and is corrected, what it holds must still come.
 */
export const RESTORED_MARKER = ".litestream-restored";

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
# Process 1 ignores SIGTERM unless it has a handler, and dash runs one only between two commands.
if [ $$ = 1 ]; then
  sh "$0" "$@" &
  trap 'exit 143' TERM
  wait $!
  exit $?
fi
config=\${0%/*}
run=\${RUN_FOLDER:-${RUN_FOLDER}}
when_no_backup=$1 when_older=$2 integrity=$3 restore_from=$4 quiet=$5
shift 5
${lists}
${identity}

${say}

${databasesIn}

${follow}

leave_nothing() {
  while IFS= read -r db; do
    [ -n "$db" ] || continue
    rm -f "$db.restoring" "$db.restoring.tmp" "$db.restoring-wal" "$db.restoring-shm"
  done <<EOF
$all$missing$elsewhere$targets
EOF
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

# fetch CONFIG DATABASE [FLAG VALUE]: restores it beside its place; 1 when the replica holds nothing of it, 2 when
# that failed, as said.
fetch() {
  say INFO "$2" "restoring by \${1##*/}\${3+ $3 $4}"
  mkdir -p "$(dirname "$2")"
  litestream restore -config "$1" \${3+"$3" "$4"} -if-replica-exists -integrity-check "$integrity" \\
    -o "$2.restoring" "$2" || { say ERROR "$2" "restore failed: see the line before"; return 2; }
  [ -s "$2.restoring" ] && return 0
  files=$(litestream ltx -config "$1" -level all -json "$2") || { say ERROR "$2" "restore failed: can't list the replica"; return 2; }
  [ "$files" = "[]" ] || [ $# -gt 2 ] ||
    { say ERROR "$2" "restore failed: the replica holds files, but no complete backup: its first snapshot is gone"; return 2; }
  return 1
}

# fetch_all CONFIG LIST [FLAG VALUE]: fetches four at a time; puts those the replica holds into $restored.
fetch_all() {
  work=$run/fetch n=0 list=$2 from=$1
  shift 2
  rm -rf "$work" && mkdir -p "$work"
  while IFS= read -r db; do
    [ -n "$db" ] || continue
    n=$((n + 1))
    { fetch "$from" "$db" "$@"; echo $? > "$work/$n"; } &
    [ $((n % 4)) -ne 0 ] || wait
  done <<EOF
$list
EOF
  wait
  n=0
  while IFS= read -r db; do
    [ -n "$db" ] || continue
    n=$((n + 1))
    case $(cat "$work/$n" 2>/dev/null) in
      0) restored="$restored$db$NL" ;;
      1) ;;
      *) leave_nothing; exit 1 ;;
    esac
  done <<EOF
$list
EOF
  rm -rf "$work"
}

# last_transaction SECONDS DATABASE: the last one in the replica, or 1 when it can't be listed in time
last_transaction() {
  files=$(timeout "$1" litestream ltx -level all -json "$2") || return 1
  printf '%s' "$files" | sed -n 's/.*"max_txid": "\\([0-9a-f]*\\)".*/\\1/p' | sort | tail -n 1
}

# positions LIST SECONDS: the last transaction of each database in the replica
positions() {
  work=$run/positions n=0
  rm -rf "$work" && mkdir -p "$work"
  while IFS= read -r db; do
    [ -n "$db" ] || continue
    n=$((n + 1))
    { position=$(last_transaction "$2" "$db") && printf '%s %s\\n' "$position" "$db" > "$work/$n" || : > "$work/failed"; } &
    [ $((n % 8)) -ne 0 ] || wait
    [ ! -e "$work/failed" ] || break
  done <<EOF
$1
EOF
  wait
  [ ! -e "$work/failed" ] || return 1
  [ $n = 0 ] || sort -k 2 "$work"/*
  rm -rf "$work"
}

# settled LIST: the positions, once nobody has changed them for QUIET seconds. The pod before this one may
# not have ended yet when it was deleted by force, and another cluster may use the same replica.
settled() {
  tries=0 last=$(positions "$1" 300) || return 1
  while sleep "$quiet"; do
    now=$(positions "$1" 300) || return 1
    [ "$now" = "$last" ] && printf '%s' "$now" && return 0
    last=$now tries=$((tries + 1))
    [ $tries -lt 10 ] || return 2
  done
}

# listed FILE FOLDER RECURSIVE: the names of a directory's databases in a replica. What can't be read must not look
# like what the app has deleted.
listed() {
  if [ -z "$2" ]; then cat "$1"; return; fi
  above=$2
  while [ -n "$above" ] && [ ! -d "$above" ]; do above=\${above%/*}; done
  [ -r "\${above:-/}" ] && [ -x "\${above:-/}" ] || return 1
  [ "$above" = "$2" ] || return 0
  if [ "$3" = yes ]; then depth=64; else depth=3; fi
  found=$(find "$2" -mindepth 3 -maxdepth $depth -type d -path '*/ltx/[0-9]' -printf '%P\\n') || return 1
  printf '%s\\n' "$found" | sed -n 's|/ltx/[0-9]$||p' | sort -u
}

# entry TEMPLATE NAME: the database's entry for a configuration. The name stands in quotes, and where
# Litestream expands variables.
entry() {
  inserted=$(printf '%s' "$2" | sed -e 's/\\\\/\\\\\\\\/g' -e 's/"/\\\\"/g' -e 's/[$]/\${LITESTREAM_DOLLAR}/g' | sed -e 's/[\\\\&|]/\\\\&/g')
  sed -e 1d -e "s|${DATABASE_MARKER}|$inserted|g" "$1"
}

# directory DIR PATTERN RECURSIVE INDEX FOLDER FOLDER_OF_RESTORE_FROM
directory() {
  keeps_locks "$1"
  here=$(databases_in "$1" "$2" "$3")
  present="$present\${here:+$here$NL}" all="$all\${here:+$here$NL}" directories="$directories$1$NL"
  while IFS= read -r db; do
    [ -z "$db" ] || entry "$config/directory-$4.yml" "\${db#"$1"/}" >> "$run/litestream.yml"
  done <<EOF
$here
EOF
  # On a volume in use a database that isn't there was deleted by the app.
  if [ -e "$1/${RESTORED_MARKER}" ]; then
    in_use=yes
    say INFO "$1" "$(printf '%s' "\${here:+$here$NL}" | wc -l) databases on the volume already; those that aren't there were deleted by the app"
    return
  fi
  names=$(listed "$run/directory-$4.list" "$5" "$3") || refuse "$1" "the databases in the replica were not listed"
  say INFO "$1" "$(printf '%s' "\${names:+$names$NL}" | wc -l) databases in the replica"
  while IFS= read -r name; do
    [ -n "$name" ] || continue
    has "$present" "$1/$name" && continue
    entry "$config/directory-$4.yml" "$name" >> "$run/litestream.yml"
    missing="$missing$1/$name$NL"
  done <<EOF
$names
EOF
  [ "$restore_from" = yes ] || return 0
  names=$(listed "$run/restore-from-directory-$4.list" "$6" "$3") || refuse "$1" "the databases in restoreFrom were not listed"
  while IFS= read -r name; do
    [ -n "$name" ] || continue
    entry "$config/restore-from-directory-$4.yml" "$name" >> "$run/restore-from.yml"
    has "$present" "$1/$name" || elsewhere="$elsewhere$1/$name$NL"
  done <<EOF
$names
EOF
}

# keeps_locks FOLDER: refuses a file system on which SQLite's locks don't work
keeps_locks() {
  mkdir -p "$1" || refuse "$1" "can't make the folder"
  system=$(stat -f -c %T "$1" 2>/dev/null)
  case $system in
    nfs | cifs | smb | smb2)
      refuse "$1" "it lies on a network filesystem ($system), where SQLite's locks don't work; only a replica may lie there" ;;
  esac
}

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
  here=$(find "$(meta "$db")/ltx/0" -name '*.ltx' 2>/dev/null | sed -n 's/.*-\\([0-9a-f]*\\)\\.ltx$/\\1/p' | sort | tail -n 1)
  ahead=$(printf '%s\\n' "$there" | DB=$db awk 'substr($0, index($0, " ") + 1) == ENVIRON["DB"] { print $1 }')
  if [ -n "$here" ] && [ "$ahead" != "$here" ] && [ "$(printf '%s\\n' "$here" "$ahead" | sort | tail -n 1)" = "$ahead" ]; then
    [ "$when_older" = keep ] ||
      refuse "$db" "the volume holds transaction $here, the replica $ahead: the app has written elsewhere since; delete the claim to restore from the replica, or declare whenVolumeIsOlder: keep to go on with the volume"
    say WARN "$db" "the volume is older than the replica, and is kept as declared"
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

# An older state, once. That it was done stands in the replica, for each database as one of its own: neither a
# restart nor a lost volume does it again. It is noted last: a start that ends before, before the app has run, does
# everything again. The volume remembers too, so that a later start doesn't need the replica.
[ -n "$to" ] || exit 0
operations=$first/.litestream-operations
done_here() { grep -qxF "$to $1" "$operations" 2>/dev/null; }
done_before() { litestream ltx -config "$config/operation.yml" -level all -json "$run/operation-$1.db"; }
remember() { done_here "$1" || echo "$to $1" >> "$operations" || refuse "$1" "can't write $operations"; }
undone='' n=0
while IFS= read -r db; do
  [ -n "$db" ] || continue
  n=$((n + 1))
  done_here "$db" && continue
  noted=$(done_before $n) || refuse "$db" "can't list the replica: see the line before"
  if [ "$noted" != "[]" ]; then remember "$db"; else undone="$undone$db$NL"; fi
done <<EOF
$targets
EOF
if [ -z "$undone" ]; then
  say INFO "$(words "$targets")" "restore $to was done before, and isn't done again; restoreTo can be taken out"
  exit 0
fi
while IFS= read -r db; do
  [ -n "$db" ] || continue
  [ -s "$db" ] || refuse "$db" "restoreTo names a database that is not there"
  follow "$db" || refuse "$db" "see the line before"
done <<EOF
$targets
EOF
say WARN "$(words "$undone")" "restore $to: going back to \${flag#-} $value; what came later stays in the replica"
replicate_once() { # CONFIG WHAT
  litestream replicate -once -config "$1" || refuse "$(words "$undone")" "$2: see the line before"
}
replicate_once "$config/restore-to.yml" "can't bring the present state into the replica before going back"
restored=''
fetch_all "$config/restore-to.yml" "$undone" "$flag" "$value"
while IFS= read -r db; do
  [ -z "$db" ] || has "$restored" "$db" || refuse "$db" "the replica holds no state of it at or before $value"
done <<EOF
$undone
EOF
while IFS= read -r db; do
  [ -n "$db" ] || continue
  # Without its own files Litestream goes on after the replica's last transaction, with a full snapshot.
  rm -rf "$(meta "$db")"
  put_in_place "$db" || refuse "$db" "can't move the restored file into its place"
done <<EOF
$undone
EOF
replicate_once "$config/restore-to.yml" "can't bring the restored state into the replica"
n=0
while IFS= read -r db; do
  [ -n "$db" ] || continue
  n=$((n + 1))
  rm -rf "$run/operation-$n.db" "$run/.operation-$n.db-litestream"
  sqlite3 "$run/operation-$n.db" "CREATE TABLE operation (at TEXT); INSERT INTO operation VALUES (datetime());" ||
    refuse "$db" "can't write $run"
done <<EOF
$targets
EOF
replicate_once "$config/operation.yml" "can't note in the replica that restore $to was done"
n=0
while IFS= read -r db; do
  [ -n "$db" ] || continue
  n=$((n + 1))
  noted=$(done_before $n) && [ "$noted" != "[]" ] ||
    refuse "$db" "can't note in the replica that restore $to was done"
  remember "$db"
done <<EOF
$targets
EOF
say WARN "$(words "$undone")" "restore $to is done; restoreTo can be taken out"
`;
