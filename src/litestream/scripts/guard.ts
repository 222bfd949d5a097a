import { PID_FILE, RUN_FOLDER } from "../folders";
import { RESTORED_MARKER } from "./marker";
import { databasesIn, identity, lists } from "./common";

/**
 * Asks whether Litestream really replicates the app's databases.
 *
 * It keeps following a file that the app has replaced (its own restore, `mv new.db app.db`) without
 * a word, and never gets hold of one the app has opened exclusively.
 */
export const guardScript = `#!/bin/sh
# usage: guard.sh live|ready|followed {PATH | --optional PATH | --directory DIR PATTERN RECURSIVE}...
# live:  Litestream follows no database file that is no longer in its place
# ready: besides, every database is there and Litestream holds it, or could if its replica answered
# followed: Litestream holds every database that is there
set -u
${lists}
${identity}

${databasesIn}

question=$1
shift

fail() { echo "$1"; exit 1; }

required='' optional='' strangers=''
while [ $# -gt 0 ]; do
  case $1 in
    --optional) optional="$optional$2$NL"; shift 2 ;;
    --directory)
      found=$(databases_in "$2" "$3" "$4")
      optional="$optional\${found:+$found$NL}"
      # From now on a database that isn't there was deleted by the app.
      [ -z "$found" ] || [ -e "$2/${RESTORED_MARKER}" ] || : > "$2/${RESTORED_MARKER}"
      shift 4 ;;
    *) required="$required$1$NL"; shift ;;
  esac
done

# Files as "device:inode path". There may be hundreds of databases, so all are asked for at once.
files() { tr '\\n' '\\0' | xargs -0 -r stat -L -c '%d:%i %n' 2>/dev/null; }
litestream=/proc/$(cat "\${RUN_FOLDER:-${RUN_FOLDER}}/${PID_FILE}")/fd
open=$(stat -L -c '%d:%i %n' "$litestream"/* 2>/dev/null)
declared=$(printf '%s' "$required$optional" | files)

[ "$question" = followed ] || strangers=$(printf '%s\\n' "$declared" -- "$open" | awk '
  $0 == "--" { part = 1; next }
  !part { known[$1] = 1; next }
  !($1 in known) { print $2 }')
for fd in $strangers; do
  [ -f "$fd" ] || continue
  [ "$(head -c 15 "$fd" 2>/dev/null)" = "SQLite format 3" ] || continue
  fail "Litestream follows $(readlink "$fd"), which the app has replaced"
done
[ "$question" != live ] || exit 0

# Litestream also opens a database it is kept out of, for as long as each try lasts; but not its -shm.
shm=$(printf '%s' "$required$optional" | sed 's/$/-shm/' | files)
held=$(printf '%s\\n' "$open" -- "$shm" -- "$declared" | awk '
  $0 == "--" { part++; next }
  { path = substr($0, index($0, " ") + 1) }
  part == 0 { open[$1] = 1 }
  part == 1 && $1 in open { ready[path] = 1 }
  part == 2 && $1 in open && (path "-shm") in ready { print path }')$NL

while IFS= read -r db; do
  [ -n "$db" ] || continue
  if [ "$question" = followed ]; then
    [ ! -s "$db" ] || has "$held" "$db" || exit 1
  elif [ ! -s "$db" ]; then
    has "$optional" "$db" || fail "$db does not exist: the app has not made it, or its path is declared wrongly"
  elif ! has "$held" "$db"; then
    sqlite3 -cmd '.timeout 2000' "$db" 'BEGIN IMMEDIATE; ROLLBACK;' >/dev/null ||
      fail "$db is closed to Litestream: locked exclusively, or not writable for its user"
    echo "$db is not replicated yet: Litestream can't reach the replica"
  fi
done <<EOF
$required$optional
EOF

# Which file Litestream follows is noted where that has changed.
changed=$(printf '%s' "$held" | tr '\\n' '\\0' | xargs -0 -r stat -c '%i %W %n' 2>/dev/null | awk '{
  path = $0; sub(/^[0-9-]+ [0-9-]+ /, "", path)
  folder = path; sub(/[^\\/]*$/, "", folder)
  note = folder "." substr(path, length(folder) + 1) "-litestream/followed"
  noted = ""; getline noted < note; close(note)
  if (noted != $1 " " $2) print path
}')
while IFS= read -r db; do
  [ -z "$db" ] || identity "$db" > "$(note "$db")"
done <<EOF
$changed
EOF
`;
