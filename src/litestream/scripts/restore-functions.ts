import { DATABASE_MARKER } from "../folders";
import { RESTORED_MARKER } from "./marker";
import { positions } from "./positions";

/** What restore.sh does, step by step; restore.ts has the order. */
export const restoreFunctions = `leave_nothing() {
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

${positions}

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
}`;
