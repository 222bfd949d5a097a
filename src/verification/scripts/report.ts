import { endsOnSigterm, quotedText } from "../../kubernetes/shell";

/**
 * Waits for the proof, tells every receiver, and carries the Job's exit status: 1 when the proof failed, 2 when a report
 * could not be delivered, 3 for both. It runs in curl's image (Alpine).
 */
export const reportScript = `#!/bin/sh
# usage: report.sh APP NAMESPACE PROOF_SECONDS SEND_SECONDS {KIND always|failure}...
# The URL of the nth receiver is in REPORT_n_URL, its token in REPORT_n_TOKEN.
set -u
${endsOnSigterm}
report=$REPORT_FOLDER
app=$1 namespace=$2 proof_seconds=$3 send_seconds=$4
shift 4

${quotedText}
say() { # LEVEL MESSAGE
  printf '{"time":"%s","level":"%s","msg":"%s","app":"%s","namespace":"%s"}\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$(json "$2")" "$app" "$namespace"
}

# send URL TOKEN_HEADER [OPTION...]: a POST, tried again for SEND_SECONDS. URL and token are secrets: they go by standard input,
# where no list of processes shows them.
send() {
  url=$1 header=$2
  shift 2
  said=$({ printf 'url = "%s"\\n' "$(json "$url")"; [ -z "$header" ] || printf 'header = "%s"\\n' "$(json "$header")"; } |
    curl --config - --globoff --silent --show-error --fail --output /dev/null --write-out 'HTTP %{http_code}' --request POST \\
      --connect-timeout 10 --max-time 30 --retry 20 --retry-all-errors --retry-max-time "$send_seconds" "$@" 2>&1)
  # A redirection is no error to curl, and nothing arrived.
  case $said in *'HTTP 2'??) return 0 ;; esac
  printf '%s' "$said" | grep -v '^Warning:' | tail -n 2 | tr '\\n' ' '
  return 1
}

# ping URL PATH [OPTION...]: what healthchecks.io takes; a query stays behind the path.
ping() {
  base=\${1%%\\?*} query='' path=$2
  [ "$base" = "$1" ] || query="?\${1#*\\?}"
  shift 2
  send "\${base%/}/$path$query" '' "$@"
}

# deliver KIND URL TOKEN
deliver() {
  json='Content-Type: application/json' plain='Content-Type: text/plain; charset=utf-8'
  case $1 in
    healthchecks) ping "$2" "$status" --header "$plain" --data-binary @"$report/log" ;;
    webhook) send "$2" "\${3:+Authorization: $3}" --header "$json" --data-binary @"$report/webhook.json" ;;
    slack) send "$2" '' --header "$json" --data-binary @"$report/slack.json" ;;
    gotify) send "\${2%/}/message" "X-Gotify-Key: $3" --header "$json" --data-binary @"$report/gotify.json" ;;
    ntfy) send "$2" "\${3:+Authorization: Bearer $3}" --header "Title: $(cat "$report/title")" --header "Priority: $urgency" \\
        --header "Tags: $tag" --header "$plain" --data-binary @"$report/text" ;;
    *) echo "no receiver is called $1"; return 1 ;;
  esac
}

# each ACTION KIND WHEN...: runs ACTION KIND URL TOKEN for every receiver at once; what was said stands in sent/n, and
# once it was delivered in sent/n.done
each() {
  action=$1 n=0
  shift
  rm -rf "$report/sent"
  mkdir "$report/sent"
  while [ $# -gt 0 ]; do
    url='' token=''
    eval "url=\\\${REPORT_\${n}_URL-} token=\\\${REPORT_\${n}_TOKEN-}"
    # A Secret made of a file ends with its last line's break.
    url=$(printf '%s' "$url") token=$(printf '%s' "$token")
    { "$action" "$1" "$2" "$url" "$token" > "$report/sent/$n" && mv "$report/sent/$n" "$report/sent/$n.done"; } &
    n=$((n + 1))
    shift 2
  done
  wait
}

start() { # KIND WHEN URL TOKEN
  [ "$1" != healthchecks ] || ping "$3" start
}

finish() { # KIND WHEN URL TOKEN
  [ "$2" = failure ] && [ "$status" = 0 ] || deliver "$1" "$3" "$4"
}

# failures KIND WHEN...: the receivers of the last round that were not reached, and why
failures() {
  n=0
  while [ $# -gt 0 ]; do
    [ -e "$report/sent/$n.done" ] || printf '%s: %s\\n' "$1" "$(cat "$report/sent/$n")"
    n=$((n + 1))
    shift 2
  done
}

# 0 would be no limit at all to curl.
keep=$send_seconds send_seconds=$((send_seconds / 7 + 1))
each start "$@"
missed=$(failures "$@")
[ -z "$missed" ] || say WARN "the start was not reported: $missed"
send_seconds=$keep

waited=0
until [ -e "$report/done" ] || [ "$waited" -ge "$proof_seconds" ]; do
  sleep 1
  waited=$((waited + 1))
done
status=1 urgency=high tag=rotating_light
if [ "$(cat "$report/done" 2>/dev/null)" = passed ]; then status=0 urgency=default tag=white_check_mark; fi
if [ ! -e "$report/title" ]; then
  # Nothing ran in the other container.
  message="$app in namespace $namespace: the proof did not start"
  echo "$app: BACKUP NOT PROVEN" > "$report/title"
  echo "$message" | tee "$report/text" > "$report/log"
  printf '{"app":"%s","namespace":"%s","outcome":"failed","step":"start","message":"%s"}' "$app" "$namespace" "$message" > "$report/webhook.json"
  printf '{"text":"%s"}' "$message" > "$report/slack.json"
  printf '{"title":"%s: BACKUP NOT PROVEN","message":"%s","priority":8}' "$app" "$message" > "$report/gotify.json"
fi
each finish "$@"
missed=$(failures "$@")

ended=/dev/termination-log
[ -w "$ended" ] || ended=/dev/null
if [ "$status" = 0 ]; then say INFO "the backup was proven"; else
  found=$(head -n 1 "$report/text")
  say ERROR "verification failed: $found"
  printf 'The proof failed. %s\\n' "$found" >> "$ended"
fi
[ -n "$missed" ] || exit "$status"
say ERROR "report failed: not delivered to $missed"
printf 'The report was not delivered to %s\\n' "$missed" >> "$ended"
exit $((status + 2))
`;
