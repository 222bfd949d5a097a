import { endsOnSigterm } from "../../kubernetes/shell";

/**
 * Restores every database by Litestream 0.3, in its own image (Alpine without sqlite3), for a proof that goes on in another
 * one. It always succeeds: what went wrong is written down.
 */
export const fetch03Script = `#!/bin/sh
# usage: fetch-03.sh SECONDS PATH...
# Of the nth database: n.db is the database, n.log what Litestream said, n.status its exit status and how many seconds it took.
set -u
${endsOnSigterm}
end=$(($(date +%s) + $1))
shift
# Where the app is before anything is restored; without an answer the proof asks by itself, and says what is wrong.
tries=0
until wget -q -T 5 -O "$PROOF_FOLDER/metrics" "http://$SOURCE_METRICS/metrics" || [ $tries -ge 5 ]; do
  sleep 1
  tries=$((tries + 1))
done
n=0
for db in "$@"; do
  began=$(date +%s)
  left=$((end - began))
  if [ "$left" -gt 0 ]; then
    timeout "$left" litestream restore -o "$PROOF_FOLDER/$n.db" -config "$LITESTREAM_CONFIG" "$db" > "$PROOF_FOLDER/$n.log" 2>&1
    status=$?
  else
    status=143
  fi
  # 143 by BusyBox, 124 by others
  case $status in 124 | 143) echo "Error: took longer than the time that was left: raise the verification's deadline" >> "$PROOF_FOLDER/$n.log" ;; esac
  echo "$status $(($(date +%s) - began))" > "$PROOF_FOLDER/$n.status"
  n=$((n + 1))
done
`;
