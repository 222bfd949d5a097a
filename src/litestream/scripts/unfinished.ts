import { BEFORE_FOLDER, BEFORE_SUFFIX } from "../before-restore";

/**
 * Prints the marks by which restore-now.sh knows that a restore of a database has moved files and wasn't ended. They lie in a folder
 * above the database, under the way that leads back to it.
 */
export const unfinished = `unfinished() { # DATABASE
  above=\${1%/*} way=''
  while [ -n "$above" ]; do
    for id in "$above/${BEFORE_FOLDER}"/*; do
      [ ! -e "$id$way/\${1##*/}${BEFORE_SUFFIX}-unfinished" ] || echo "$id$way/\${1##*/}${BEFORE_SUFFIX}-unfinished"
    done
    way="/\${above##*/}$way" above=\${above%/*}
  done
}`;
