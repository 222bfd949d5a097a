import { HTTP_PORT, HTTP_TLS_FOLDER } from "../names";

/**
 * Asks a node by HTTP. A certificate is checked for the name of the client Service, whichever node shows it. The password goes
 * by a pipe, which neither a disk nor a list of processes shows.
 */
export const askFunction = `account() {
  [ -z "\${RQLITE_USER:-}" ] || printf 'user = "%s:%s"\\n' "$RQLITE_USER" "$(json "$RQLITE_PASSWORD")"
  [ ! -s ${HTTP_TLS_FOLDER}/ca.crt ] || echo 'cacert = "${HTTP_TLS_FOLDER}/ca.crt"'
}

# ask HOST PATH [OPTION...]: its answer in $answer, and in $code the status, or "curl" with curl's exit status
ask() {
  host=$1 path=$2
  shift 2
  if said=$(account | curl -sS -K - --connect-timeout 3 --max-time 15 -w '\\n%{http_code}' \\
    --connect-to "$RQLITE_SERVICE:${HTTP_PORT}:$host:${HTTP_PORT}" "$@" \\
    "$RQLITE_SCHEME://$RQLITE_SERVICE:${HTTP_PORT}$path" 2> "$RUN/ask.err"); then
    code=$(printf '%s' "$said" | tail -n 1)
    answer=$(printf '%s' "$said" | sed '$d')
  else
    code="curl $?" answer=
  fi
}`;
