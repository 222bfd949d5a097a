import { BEFORE_SUFFIX } from "../before-restore";

/**
 * The steps of restore-now.sh, each for one database: $db, its Litestream folder $beside, $kept for the present file, $lies
 * on a volume or in ephemeral storage; $i counts them. Each database has a configuration of its own: a damaged
 * one isn't brought into the replica with the others.
 */
export const restoreNowFunctions = `# each FUNCTION: for every database; ends at the first that fails
each() {
  i=0
  while [ $i -lt $count ]; do
    i=$((i + 1))
    [ $stopped = no ] || return 1
    eval "db=\\$db_$i beside=\\$beside_$i kept=\\$kept_$i lies=\\$lies_$i damaged=\\$damaged_$i lost=\\$lost_$i"
    file=$kept/\${db##*/}${BEFORE_SUFFIX} yml=$config/database-$i.yml
    "$1" || return 1
  done
}

# patiently COMMAND...: runs it so that SIGTERM reaches it and this script at once
patiently() {
  "$@" &
  job=$!
  wait "$job"
  status=$?
  while kill -0 "$job" 2>/dev/null; do wait "$job"; status=$?; done
  job=''
  [ $stopped = no ] || return 143
  return $status
}

fail() { # DATABASE MESSAGE
  reason=$2
  [ $stopped = yes ] || say ERROR "$1" "$2"
  return 1
}

clear_leftovers() {
  rm -f "$db.restoring" "$db.restoring.tmp" "$db.restoring-wal" "$db.restoring-shm"
}

# newest_in_replica: the last transaction of $db, or nothing
newest_in_replica() {
  last_transaction 300 "$db" > "$run/last" && [ -s "$run/last" ] && cat "$run/last"
}

# refuse_older: a volume that lay unused while the app wrote elsewhere isn't the present state. Brought in, it would
# bury what the replica has; restore.sh, which refuses it at the app's start, would then take it for the truth.
refuse_older() {
  [ "$lies" = volume ] && [ -s "$db" ] && [ "$(cat "$(note "$db")" 2>/dev/null)" = "$(identity "$db")" ] || return 0
  here=$(last_here "$beside")
  [ -n "$here" ] || return 0
  ahead=$(last_transaction 300 "$db") || { fail "$db" "can't list the replica: see the line before"; return 1; }
  [ "$(printf '%s\\n' "$here" "$ahead" | sort | tail -n 1)" = "$here" ] ||
    fail "$db" "the volume holds transaction $here, the replica $ahead: the app has written elsewhere since; delete the claim to restore from the replica, or declare whenVolumeIsOlder: keep and start the app once to go on with the volume"
}

# checkpointed: nothing of the database is left in its WAL
checkpointed() {
  case $(sqlite3 -cmd '.timeout 10000' "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' 2>/dev/null) in 0*) return 0 ;; esac
  return 1
}

# fetch: the state to go back to, beside its place
fetch() {
  say INFO "$db" "restoring \${flag#-}\${value:+ $value} beside its place"
  set -- "$flag" "$value"
  [ "$flag" != newest ] || shift 2
  litestream restore -config "$yml" "$@" -dry-run -json -o "$db.restoring" "$db" > "$run/plan" ||
    { fail "$db" "the replica can't give that state: see the line before"; return 1; }
  target=$(sed -n 's/^  "max_txid": "\\([0-9a-f]*\\)".*/\\1/p' "$run/plan")
  eval "target_$i=\\$target"
  mkdir -p "\${db%/*}" && patiently litestream restore -config "$yml" "$@" -integrity-check "$integrity" -o "$db.restoring" "$db" &&
    [ -s "$db.restoring" ] || { fail "$db" "the state wasn't restored: see the line before"; return 1; }
  rm -f "$db.restoring-wal" "$db.restoring-shm"
}

# look_at_present: whether the database that is there is sound
look_at_present() {
  if [ ! -s "$db" ]; then
    [ "$lies" = ephemeral ] || say WARN "$db" "isn't on the volume: its present state is the newest in the replica"
    eval "lies_$i=ephemeral"
    # As at the app's start: it would be applied to the database that comes, or thrown away.
    for left in "$db-wal" "$db-journal"; do
      [ ! -s "$left" ] || mv "$left" "$left.orphan-$(date -u +%Y%m%dT%H%M%SZ)" || { fail "$db" "can't move $left"; return 1; }
    done
    return 0
  fi
  [ "$integrity" != none ] || return 0
  say INFO "$db" "checking the present database"
  # Without its checkpoint at the end, which would write the WAL into a file that is to be kept as it is.
  patiently sqlite3 -cmd '.timeout 10000' -cmd '.dbconfig no_ckpt_on_close on' "$db" 'PRAGMA integrity_check(1)' > "$run/checked" 2>&1
  sed '/^ *no_ckpt_on_close on$/d' "$run/checked" > "$run/check"
  [ "$(cat "$run/check")" = ok ] && return 0
  [ $stopped = no ] || return 1
  say WARN "$db" "the present database is damaged, and is kept as a file only: $(head -c 300 "$run/check")"
  eval "damaged_$i=yes"
}

# bring_in: the present state becomes the newest in the replica; where no file can stay, a copy is fetched from there.
bring_in() {
  if [ "$lies" = ephemeral ]; then
    say INFO "$db" "fetching the present state from the replica, to be able to go back"
    mkdir -p "$kept" || { fail "$db" "can't make $kept"; return 1; }
    tries=0
    until patiently litestream restore -config "$yml" -o "$file" "$db" && [ -s "$file" ]; do
      [ $stopped = no ] || return 1
      rm -f "$file" "$file.tmp"
      tries=$((tries + 1))
      if [ $tries -ge 3 ]; then
        say WARN "$db" "the newest state can't be restored: going on, as the app couldn't start with it either"
        eval "lost_$i=yes"
        break
      fi
      patiently sleep "\${RESTORE_PAUSE:-15}"
    done
  elif [ "$damaged" = no ]; then
    say INFO "$db" "bringing the present state into the replica"
    { follow "$db" && patiently litestream replicate -once -config "$yml"; } || {
      [ $stopped = no ] || return 1
      say WARN "$db" "the present state can't be brought into the replica, and is kept as a file only"
      eval "damaged_$i=unsent"
    }
  fi
  before=$(newest_in_replica) || { fail "$db" "can't list the replica: see the line before"; return 1; }
  eval "before_$i=\\$before"
}

# has_room: for Litestream's own copy and for the proof; full volumes break databases
has_room() {
  device=$(stat -c %d "\${db%/*}") needed=0 n=0
  while [ $n -lt $count ]; do
    n=$((n + 1))
    eval "other=\\$db_$n"
    [ "$(stat -c %d "$other.restoring")" != "$device" ] || needed=$((needed + 2 * $(stat -c %s "$other.restoring") / 1024))
  done
  needed=$((needed + 4096)) free=$(df -Pk "\${db%/*}" | awk 'NR == 2 { print $4 }')
  [ "\${free:-0}" -ge $needed ] ||
    fail "$db" "not enough room: $((needed / 1024)) MiB are needed beside it, $((\${free:-0} / 1024)) MiB are free"
}

# keep: the present file by a second name, which needs no room; a copy where the file system has no second names
keep() {
  [ "$lies" = volume ] || return 0
  mkdir -p "$kept" || { fail "$db" "can't make $kept"; return 1; }
  [ "$damaged" = yes ] || checkpointed || say WARN "$db" "its WAL can't be emptied, and is kept as it is"
  eval "before=\\$before_$i"
  echo "$damaged $before" > "$file-unfinished" && for part in wal journal; do
    [ ! -s "$db-$part" ] || cp -p "$db-$part" "$file-$part" || { fail "$db" "can't keep $db-$part"; return 1; }
  done && { ln "$db" "$file" 2>/dev/null || { patiently cp -p "$db" "$file.tmp" && mv "$file.tmp" "$file"; }; } && cmp -s "$db" "$file" ||
    { fail "$db" "can't keep the present file in $kept"; return 1; }
  say INFO "$db" "the present file is kept as $file"
}

put_in_place() {
  eval "placed_$i=yes"
  # Without its own files Litestream goes on after the replica's last transaction, with a full snapshot.
  rm -rf "$beside" && rm -f "$db-wal" "$db-shm" "$db-journal" && mv -f "$db.restoring" "$db" && sync "$db" ||
    fail "$db" "can't move the restored file into its place"
}

# send: with a snapshot, from which a restore begins: a broken file among those before doesn't matter then
send() {
  say INFO "$db" "making it the newest state in the replica"
  eval "sent_$i=yes"
  patiently litestream replicate -once -force-snapshot -config "$yml" || fail "$db" "can't bring it into the replica: see the line before"
}

# prove: what the replica gives back now is, byte by byte, what lies in the database's place
prove() {
  say INFO "$db" "proving that the replica gives back the same"
  given_back && now=$(newest_in_replica) && eval "now_$i=\\$now"
}

given_back() {
  rm -f "$db.restoring"
  patiently litestream restore -config "$yml" -o "$db.restoring" "$db" ||
    { fail "$db" "the replica doesn't give it back: see the line before"; return 1; }
  checkpointed || { fail "$db" "its WAL can't be emptied"; return 1; }
  patiently cmp "$db" "$db.restoring" || { fail "$db" "the replica gives back something else"; return 1; }
  clear_leftovers
}

finish() {
  # Also those of earlier ones that failed: this is the state that was chosen.
  unfinished "$db" | while IFS= read -r mark; do rm -f "$mark"; done
  rm -f "$db-shm"
  # Where no file can stay the replica has the state before.
  if [ "$lies" = ephemeral ]; then rm -f "$file"; rmdir -p "$kept" 2>/dev/null; file=''; fi
  eval "target=\\$target_$i now=\\$now_$i before=\\$before_$i"
  [ "$damaged$lost" = nono ] || before=''
  printf '{"time":"%s","level":"INFO","msg":"restored","db":"%s","state":"%s","now":"%s","before":"%s","kept":"%s"}\\n' \\
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(json "$db")" "$target" "$now" "$before" "$(json "$file")"
}`;
