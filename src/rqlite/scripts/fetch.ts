import { endsOnSigterm, quotedText } from "../../kubernetes/shell";
import { askFunction } from "./ask";
import { s3Functions } from "./s3";

/**
 * Gets the newest backup for a proof, and asks how far the cluster is, in the image of curl. It always succeeds: what went wrong
 * is written down, for Source.pm to say.
 */
export const fetchScript = `#!/bin/sh
# usage: fetch.sh SECONDS INTERVAL   INTERVAL is how often a backup is made, in seconds
# $PROOF_FOLDER/facts has a line for each thing that is known, the last one only when all is done; backup.db is the database.
set -u
${endsOnSigterm}
RUN=$PROOF_FOLDER
${quotedText}
${askFunction}
${s3Functions}
end=$(($(date +%s) + $1))
allowed=$(($2 + PROOF_LAG_SECONDS))
: > "$RUN/facts"
note() { printf '%s\\n' "$(printf '%s' "$*" | tr -s '\\r\\n' ' ')" >> "$RUN/facts"; }
left() { left=$((end - $(date +%s))); [ $left -gt 0 ] || left=0; }
done_with() { rm -f "$RUN/list" "$RUN/keys" "$RUN/head" "$RUN/ask.err" "$RUN/s3.err" "$RUN/backup"; note "end yes"; exit 0; }

# Seconds since the epoch of an HTTP date.
epoch() {
  printf '%s\\n' "$1" | awk '{
    month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", $3) + 2) / 3
    year = month <= 2 ? $4 - 1 : $4
    era = int(year / 400)
    split($5, time, ":")
    days = era * 146097 + (year - era * 400) * 365 + int((year - era * 400) / 4) - int((year - era * 400) / 100)
    days += int((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + $2 - 1 - 719468
    printf "%d\\n", days * 86400 + time[1] * 3600 + time[2] * 60 + time[3]
  }'
}

# Where the cluster is, before its backup is looked at: the index of the last change of the database.
tries=0
while :; do
  ask "$RQLITE_SERVICE" /status
  index=$(printf '%s' "$answer" | sed -n 's/.*"db_applied_index": *\\([0-9][0-9]*\\).*/\\1/p')
  if [ "$code" = 200 ] && [ -n "$index" ]; then note "index $index"; break; fi
  tries=$((tries + 1))
  left
  if [ $tries -ge 10 ] || [ "$code" = 401 ] || [ $left -lt 10 ]; then
    index=''
    note "unreachable $code $(cat "$RUN/ask.err")"
    break
  fi
  sleep 2
done
asked=$(date +%s)

# The newest backup that has it, or was made so lately that one without it is right.
while :; do
  if ! find_backup; then note "failed the backup's place can't be read: $problem"; done_with; fi
  if [ -z "$key" ]; then
    [ $(($(date +%s) - asked)) -gt $allowed ] && { note "failed there is no backup ($S3_PATH in bucket $S3_BUCKET)"; done_with; }
    age=none id=none
  else
    look "$key"
    [ "$code" = 200 ] || { note "failed $code for object $key"; done_with; }
    id=$(header x-amz-meta-x-rqlite-auto-backup-id)
    age=$(($(epoch "$(header Date)") - $(epoch "$(header Last-Modified)")))
    [ "$id" = "$index" ] && break
    [ $age -le $allowed ] && break
  fi
  left
  if [ $(($(date +%s) - asked)) -gt $allowed ] || [ $left -lt 60 ]; then
    [ -n "$key" ] || { note "failed there is no backup ($S3_PATH in bucket $S3_BUCKET)"; done_with; }
    break
  fi
  sleep 2
done
note "key $key"
note "id $id"
note "age $age"
note "allowed $allowed"

began=$(date +%s)
left
code=$(s3 --max-time $((left + 1)) -o "$RUN/backup" -w '%{http_code}' "$(bucket_url)/$key") || code="curl $?"
[ "$code" = 200 ] || { note "failed $code for object $key: $(cat "$RUN/s3.err")"; done_with; }
if [ "$(od -An -tx1 -N2 "$RUN/backup" | tr -d ' ')" = 1f8b ]; then
  gunzip -c < "$RUN/backup" > "$RUN/backup.db" 2> "$RUN/s3.err" || { note "failed the backup can't be uncompressed: $(cat "$RUN/s3.err")"; rm -f "$RUN/backup.db"; done_with; }
else
  mv "$RUN/backup" "$RUN/backup.db"
fi
note "seconds $(($(date +%s) - began))"
done_with
`;
