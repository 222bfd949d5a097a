/**
 * Begins a script that a container runs as its command: process 1 ignores SIGTERM unless it has a handler, which runs only
 * between two commands.
 */
export const endsOnSigterm = `if [ $$ = 1 ]; then
  sh "$0" "$@" &
  trap 'exit 143' TERM
  wait $!
  exit $?
fi`;

/** A function that prints a text as it stands in JSON between quotes, and in curl's configuration. */
export const quotedText = `json() { printf '%s' "$1" | sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g' | tr '\\n' ' '; }`;
