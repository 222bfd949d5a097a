import { endsOnSigterm } from "../../kubernetes/shell";
import { RUN_FOLDER } from "../folders";
import { RESTORED_MARKER } from "./marker";
import { say } from "./common";

/**
 * Lists the databases of each directory in a replica, for restore.sh. It runs in rclone's image (Alpine).
 *
 * An empty list is believed only when the bucket or
 * server itself answers: a mistyped bucket must not look like an app without tenants.
 */
export const listScript = `#!/bin/sh
# usage: list.sh NAME ROOT PATH [--obscured VARIABLE]... [--file NAME TEXT]... {DIR INDEX RECURSIVE FOLDER}...
# Writes the list of each directory to NAME-directory-INDEX.list, or directory-INDEX.list when NAME is "replica".
set -u
${endsOnSigterm}
run=\${RUN_FOLDER:-${RUN_FOLDER}}
name=$1 root=$2 path=$3
shift 3

${say}

refuse() { # DIR MESSAGE
  say ERROR "$1" "restore failed: $2"
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --obscured)
      eval "value=\\$$2"
      value=$(printf '%s' "$value" | rclone obscure -) || refuse "" "rclone can't take $2"
      export "$2=$value"
      shift 2 ;;
    --file)
      mkdir -p "$run/$name" && printf '%s' "$3" > "$run/$name/$2"
      shift 3 ;;
    *) break ;;
  esac
done

# folders FOLDER: the folders in it, one a line; none when it isn't there
folders() {
  found=$(rclone lsf --config "" --dirs-only "replica:$1")
  case $? in
    0) printf '%s' "\${found:+$found
}" | sed 's|/$||' ;;
    3) rclone lsf --config "" --dirs-only "replica:$root" >/dev/null ;;
    *) return 1 ;;
  esac
}

# holds_levels FOLDER FOLDERS: whether it is a database's; 2 when that can't be told. Litestream keeps its levels in ltx/0 to ltx/9, in S3 and OSS
# in 0000 to 0009; an app may call a folder of tenants so, too.
holds_levels() {
  level=$(printf '%s\\n' "$2" | grep -xE 'ltx|000[0-9]' | head -n 1)
  case $level in
    '') return 1 ;;
    ltx) inner=$(folders "$1/ltx") || return 2 ;;
    *) inner=$(rclone lsf --config "" --files-only "replica:$1/$level") || return 2 ;;
  esac
  printf '%s\\n' "$inner" | grep -qxE '[0-9]|.*[.]ltx'
}

# databases FOLDER PREFIX: those in it and in the folders below it
databases() {
  inside=$(folders "$1") || return 1
  holds_levels "$1" "$inside"
  case $? in
    0) echo "$2"; return 0 ;;
    1) ;;
    *) return 1 ;;
  esac
  printf '%s\\n' "$inside" | while IFS= read -r one; do
    [ -z "$one" ] || databases "$1/$one" "\${2:+$2/}$one" || exit 1
  done
}

while [ $# -gt 0 ]; do
  # On a volume in use nothing is restored, and a replica that doesn't answer must not keep the app from starting.
  if [ ! -e "$1/${RESTORED_MARKER}" ]; then
    list=$run/directory-$2.list
    [ "$name" = replica ] || list=$run/$name-directory-$2.list
    if [ "$3" = yes ]; then names=$(databases "$path/$4" ""); else names=$(folders "$path/$4"); fi ||
      refuse "$1" "can't list the databases in the replica: see the lines before"
    printf '%s' "\${names:+$names
}" > "$list.new" && mv "$list.new" "$list" || refuse "$1" "can't write $list"
  fi
  shift 4
done
`;
