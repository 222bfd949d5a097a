/** The last part of restore.sh: going back to a point in time. It has the functions and lists of what stands before it. */
export const restoreToPart = `# An older state, once. That it was done stands in the replica, for each database as one of its own: neither a
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
say WARN "$(words "$undone")" "restore $to is done; restoreTo can be taken out"`;
