import { quotedText } from "../../kubernetes/shell";

/** What the scripts share. They run in Litestream's default image (Debian: dash, find, sqlite3). */

/** One JSON object a line, as Litestream itself writes. The names of tenants' files are the app's. */
export const say = `${quotedText}
say() { # LEVEL DATABASE MESSAGE
  printf '{"time":"%s","level":"%s","msg":"%s","db":"%s"}\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" "$(json "$3")" "$(json "$2")"
}`;

/** Prints what tells a database file from one that took its place, and where that is noted. */
export const identity = `identity() { stat -c '%i %W' "$1"; }
meta() { echo "\${1%/*}/.\${1##*/}-litestream"; }
note() { echo "$(meta "$1")/followed"; }`;

/** Lists the databases of a directory as Litestream finds them: by name, and by what the file begins with. */
export const databasesIn = `databases_in() { # DIR PATTERN RECURSIVE
  if [ "$3" = yes ]; then depth=64; else depth=1; fi
  find "$1" -maxdepth "$depth" -name '.*-litestream' -prune -o -type f -name "$2" \\
    ! -name '*.restoring' ! -name '*.restoring.tmp' -print | while IFS= read -r file; do
    [ "$(head -c 15 "$file" 2>/dev/null)" = "SQLite format 3" ] && echo "$file"
  done
  return 0
}`;

/** Lists of lines in variables, as names may have spaces in them. */
export const lists = `NL='
'
has() { # LIST LINE
  case "$NL$1" in *"$NL$2$NL"*) return 0 ;; esac
  return 1
}
words() { # LIST: the first ten
  printf '%s' "$1" | head -n 10 | tr '\\n' ' ' | sed 's/ *$//'
  more=$(($(printf '%s' "$1" | wc -l) - 10))
  [ $more -le 0 ] || printf ' and %d more' "$more"
}`;

/**
 * Checkpoints a file that isn't the one followed last; see replicate.sh. Fails when it is closed to
 * Litestream.
 */
export const follow = `follow() { # DATABASE
  [ -s "$1" ] || return 0
  [ "$(cat "$(note "$1")" 2>/dev/null)" = "$(identity "$1")" ] && return 0
  say INFO "$1" "not the file that was followed last: a full snapshot comes next"
  case $(sqlite3 -cmd '.timeout 10000' "$1" 'PRAGMA wal_checkpoint(TRUNCATE)') in
    0*) ;;
    *) say ERROR "$1" "closed to Litestream: locked exclusively, busy, or not writable for its user"; return 1 ;;
  esac
  mkdir -p "$(dirname "$(note "$1")")" && identity "$1" > "$(note "$1")"
}`;
