/**
 * Takes the URLs of the receivers apart, as Fluent Bit wants host, port and path each by itself, and they are known to
 * Secrets only. It runs in any image with sh and sed, before Fluent Bit starts.
 */
export const endpointsScript = `#!/bin/sh
# usage: endpoints.sh FOLDER {NAME SUFFIX SOURCE TOKEN_SOURCE}...
# The URL of the nth is in URL_n, its token in TOKEN_n; SOURCE says where they come from. Writes FOLDER/NAME.host, .port, .path,
# .tls and .token. All that is wrong is said; no value is.
set -u
umask 022
folder=$1
shift
failed=0 n=0

wrong() { # SOURCE MESSAGE
  echo "$1: $2" >&2
  [ ! -w /dev/termination-log ] || echo "$1: $2" >> /dev/termination-log
  failed=1
}

while [ $# -gt 0 ]; do
  name=$1 suffix=$2 source=$3 token_source=$4
  shift 4
  url='' token=''
  eval "url=\\\${URL_$n-} token=\\\${TOKEN_$n-}"
  n=$((n + 1))
  # A Secret made of a file ends with its last line's break.
  url=$(printf '%s' "$url" | sed "s/{node}/$NODE_NAME/g") token=$(printf '%s' "$token")
  tls=on port=443
  case $url in
    *[!!-~]*) wrong "$source" "holds no URL: there is a blank or a special character in it"; continue ;;
    https://*) ;;
    http://*) tls=off port=80 ;;
    *) wrong "$source" 'holds no URL: it has to begin with "https://" or "http://"'; continue ;;
  esac
  rest=\${url#*://} rest=\${rest%%#*}
  host=\${rest%%[/?]*}
  path=\${rest#"$host"}
  case $host in
    *@*) wrong "$source" "holds a user or a password before the host, which can't be sent"; continue ;;
    \\[*\\]:*) port=\${host##*:} host=\${host%:*} ;;
    \\[*\\]) ;;
    *:*) port=\${host#*:} host=\${host%%:*} ;;
  esac
  host=\${host#\\[} host=\${host%\\]}
  [ -n "$host" ] || { wrong "$source" "holds a URL without a host"; continue; }
  case $host in *[!A-Za-z0-9._:-]*) wrong "$source" "holds a URL with a host that is none"; continue ;; esac
  case $port in '' | *[!0-9]* | 0* | ??????*) port=65536 ;; esac
  [ "$port" -le 65535 ] || { wrong "$source" "holds a URL with a port that is none"; continue; }
  if [ -n "$token_source" ] && [ -z "$token" ]; then wrong "$token_source" "is empty"; continue; fi
  case $token in *[!\\ -~]*) wrong "$token_source" "holds no token: there is a line break or a special character in it"; continue ;; esac
  query=''
  case $path in *\\?*) query="?\${path#*\\?}" path=\${path%%\\?*} ;; esac
  [ -z "$suffix" ] || path=\${path%/}$suffix
  printf '%s\\n' "$host" > "$folder/$name.host"
  printf '%s\\n' "$port" > "$folder/$name.port"
  printf '%s\\n' "\${path:-/}$query" > "$folder/$name.path"
  printf '%s\\n' "$tls" > "$folder/$name.tls"
  [ -z "$token_source" ] || printf '%s\\n' "$token" > "$folder/$name.token"
done
exit "$failed"
`;
