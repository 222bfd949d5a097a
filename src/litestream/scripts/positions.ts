/** Asks the replica how far it is. It takes databases from $LITESTREAM_CONFIG. */
export const positions = `# last_here FOLDER: the last transaction that Litestream's files beside a database hold
last_here() { find "$1/ltx/0" -name '*.ltx' 2>/dev/null | sed -n 's/.*-\\([0-9a-f]*\\)\\.ltx$/\\1/p' | sort | tail -n 1; }

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
}`;
