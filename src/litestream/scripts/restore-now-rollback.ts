/** How restore-now.sh undoes what it did. What each database came to stands in the variables of its steps. */
export const restoreNowRollback = `give_up() {
  trap '' TERM INT
  [ $stopped = no ] || reason='it was told to stop'
  stopped=no
  say ERROR "$(words "$all")" "restore failed: $reason"
  roll_back
  exit $?
}

# roll_back: 1 when everything is as it was, 3 when something isn't
roll_back() {
  whole=yes
  each put_back
  each send_back
  each forget
  if [ "$whole" = yes ]; then say INFO "$(words "$all")" "everything is as it was"; return 1; fi
  return 3
}

not_whole() { # MESSAGE
  whole=no
  say ERROR "$db" "$1"
}

# put_back: the present file in its place again. Without its own files Litestream makes it the newest state in the
# replica at its next start, by a full snapshot.
put_back() {
  clear_leftovers
  eval "placed=\\$placed_$i"
  [ "$lies" = volume ] && [ "$placed" = yes ] && [ -e "$file" ] || return 0
  [ "$damaged" != yes ] || send_before
  rm -rf "$beside" && rm -f "$db-wal" "$db-shm" "$db-journal" &&
    # One that wasn't moved yet has both names.
    if [ "$file" -ef "$db" ]; then rm -f "$file"; else mv -f "$file" "$db"; fi ||
    { not_whole "can't put $file back into its place"; return 0; }
  for part in wal journal; do
    [ ! -e "$file-$part" ] || mv -f "$file-$part" "$db-$part" || not_whole "can't put $file-$part back into its place"
  done
  say WARN "$db" "the present file is in its place again"
}

# send_before: a damaged file isn't made the newest state in the replica; what was that before is it again. It goes
# there before the damaged one is in its place, as Litestream takes what lies there.
send_before() {
  eval "sent=\\$sent_$i before=\\$before_$i"
  [ "$sent" = yes ] && [ -n "$before" ] && [ "$(newest_in_replica)" != "$before" ] || return 0
  timeout 300 litestream restore -config "$yml" -txid "$before" -o "$db.restoring" "$db" &&
    rm -rf "$beside" && rm -f "$db-wal" "$db-shm" "$db-journal" && mv -f "$db.restoring" "$db" &&
    timeout 300 litestream replicate -once -force-snapshot -config "$yml" ||
    not_whole "the newest state in the replica may be the restored one, and transaction $before is the state before"
  clear_leftovers
}

# send_back: the present state as the newest in the replica again, where that may have changed
send_back() {
  eval "sent=\\$sent_$i before=\\$before_$i"
  [ "$sent" = yes ] || return 0
  if [ "$lies" = volume ]; then
    [ "$damaged" = yes ] || timeout 120 litestream replicate -once -config "$yml" ||
      say WARN "$db" "can't make it the newest state in the replica now: Litestream does that when the app starts"
    return 0
  fi
  [ "$(newest_in_replica)" != "$before" ] || return 0
  if [ "$lost" = yes ]; then not_whole "there is no state to go back to: the newest one couldn't be restored before"; return 0; fi
  until=$(($(date +%s) + \${RESTORE_SECONDS:-600}))
  until send_once; do
    if [ "$(date +%s)" -ge $until ]; then
      not_whole "the replica can't be reached: its newest state may be the restored one, and transaction $before is the state before"
      return 0
    fi
    say WARN "$db" "can't make the present state the newest in the replica: trying again"
    sleep "\${RESTORE_PAUSE:-15}"
  done
  say WARN "$db" "the present state is the newest in the replica again"
}

send_once() {
  rm -rf "$beside" && rm -f "$db-wal" "$db-shm" "$db-journal" && cp "$file" "$db" &&
    timeout 300 litestream replicate -once -config "$yml" && given_back
}

# forget: what was kept for this only. On ephemeral storage, and where nothing was on the volume, nothing may stay.
forget() {
  if [ "$lies" = volume ]; then [ "$whole" = yes ] && [ -e "$file-unfinished" ] || return 0; fi
  [ "$lies" = volume ] || { rm -rf "$beside"; rm -f "$db" "$db-wal" "$db-shm" "$db-journal"; }
  rm -f "$file" "$file.tmp" "$file-wal" "$file-shm" "$file-journal" "$file-unfinished"
  rmdir -p "$kept" 2>/dev/null
  return 0
}

# find_finished: the mark is taken away from the first when all are proven. Then nothing is undone.
find_finished() {
  [ "$lies" = volume ] && [ -e "$file" ] && [ ! -e "$file-unfinished" ] || return 0
  finished=yes
}

finish_rest() {
  rm -f "$file-unfinished"
}

# find_unfinished: what a restore that was killed has left
find_unfinished() {
  [ "$lies" = volume ] && [ -e "$file-unfinished" ] && [ -s "$file" ] || return 0
  read -r damaged before < "$file-unfinished"
  eval "placed_$i=yes sent_$i=yes damaged_$i=\\$damaged before_$i=\\$before"
}`;
