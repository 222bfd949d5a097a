/**
 * Finds and gets a backup. Timestamped objects are listed in the order of their names, a page after the other; the newest is the
 * last. Which object it is stands in $key, and stays empty where there is none.
 */
export const s3Functions = `# s3 OPTION... URL: a signed request; what curl says of an error is in $RUN/s3.err
s3() {
  printf 'user = "%s:%s"\\n' "$(json "$S3_ACCESS_KEY_ID")" "$(json "$S3_SECRET_ACCESS_KEY")" |
    curl -sS -K - --aws-sigv4 "aws:amz:$S3_REGION:s3" -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --connect-timeout 10 "$@" 2> "$RUN/s3.err"
}

# bucket_url: the bucket's address, without "/" at its end
bucket_url() {
  endpoint=\${S3_ENDPOINT:-https://s3.$S3_REGION.amazonaws.com}
  if [ "$S3_PATH_STYLE" = yes ]; then
    echo "$endpoint/$S3_BUCKET"
  else
    echo "\${endpoint%%://*}://$S3_BUCKET.\${endpoint#*://}"
  fi
}

# look KEY: the object's headers in $RUN/head, and its status in $code
look() {
  code=$(s3 --head -o "$RUN/head" -w '%{http_code}' "$(bucket_url)/$1") || code="curl $?"
}

# header NAME: one of them
header() { tr -d '\\r' < "$RUN/head" | sed -n "s/^$1: *//Ip" | tail -n 1; }

# find_backup: $key; fails when S3 doesn't say, and leaves the reason in $problem
find_backup() {
  key='' problem=''
  if [ "$S3_TIMESTAMPED" != yes ]; then
    look "$S3_PATH"
    case $code in
      200) key=$S3_PATH ;;
      404) ;;
      *) problem="$code for object $S3_PATH in bucket $S3_BUCKET $(cat "$RUN/s3.err")"; return 1 ;;
    esac
    return 0
  fi
  folder='' after=''
  case $S3_PATH in */*) folder=\${S3_PATH%/*}/ ;; esac
  name=\${S3_PATH##*/}
  while :; do
    rm -f "$RUN/list"
    # In the order and the writing that are signed.
    query="list-type=2&prefix=$(encoded "$folder")"
    [ -z "$after" ] || query="$query&start-after=$(encoded "$after")"
    code=$(s3 -o "$RUN/list" -w '%{http_code}' "$(bucket_url)?$query") || code="curl $?"
    if [ "$code" != 200 ]; then
      problem="$code for the list of bucket $S3_BUCKET $(cat "$RUN/s3.err" | tr '\\n' ' ')$(sed -n 's/.*<Code>\\([^<]*\\).*/\\1/p' "$RUN/list" 2> /dev/null)"
      return 1
    fi
    # One key a line, whatever the page's line breaks.
    sed 's/<Key>/\\n<Key>/g' "$RUN/list" | sed -n 's/^<Key>\\([^<]*\\)<.*/\\1/p' |
      sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\\&/g' > "$RUN/keys"
    last=$(tail -n 1 "$RUN/keys")
    [ -n "$last" ] && [ "$last" != "$after" ] || break
    after=$last
    found=$(grep -E "^$(quoted "$folder")[0-9]{14}_$(quoted "$name")$" "$RUN/keys" | tail -n 1) || true
    [ -z "$found" ] || key=$found
  done
}

# encoded TEXT: for a query
encoded() {
  printf '%s' "$1" | od -An -v -tx1 | tr -s ' ' '\\n' | awk '
    BEGIN { for (n = 33; n < 127; n++) letter[sprintf("%02x", n)] = sprintf("%c", n) }
    NF { printf "%s", (letter[$1] ~ /^[A-Za-z0-9._~-]$/ ? letter[$1] : "%" toupper($1)) }'
}

# quoted TEXT: for a regular expression
quoted() { printf '%s' "$1" | sed 's/[.]/\\\\./g'; }`;
