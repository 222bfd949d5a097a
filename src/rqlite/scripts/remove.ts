import { endsOnSigterm, quotedText } from "../../kubernetes/shell";
import { askFunction } from "./ask";

/**
 * Removes nodes from a cluster that was made smaller: waits until their pods are gone and all others are there, removes one after
 * the other, and looks whether they are. A node may be gone already, so that the Job can be run again.
 */
export const removeScript = `#!/bin/sh
# usage: remove.sh SECONDS VOTERS NODE...   removes the NODEs; VOTERS stay
set -u
${endsOnSigterm}
RUN=/run/remove
${quotedText}
${askFunction}
end=$(($(date +%s) + $1))
voters=$2
shift 2

say() { echo "remove: $*"; }
late() {
  [ "$(date +%s)" -lt $end ] && return 1
  # As LogAlerts knows it.
  echo "Error: time is up: $*" >&2
  exit 1
}

# A pod's name is known for as long as there is the pod, ready or not.
for node in "$@"; do
  while ask "$node.$RQLITE_NODES" /readyz; [ "$code" != 'curl 6' ]; do
    late "pod $node is still there: is replicas of the StatefulSet lower?"
    sleep 2
  done
  say "pod $node is gone"
done

# nodes: what the cluster says of its voters, one a line
nodes() {
  ask "$RQLITE_SERVICE" '/nodes?timeout=5s&ver=2'
  [ "$code" = 200 ] && printf '%s\\n' "$answer" | sed 's/{"id":/\\n&/g' | grep '^{"id":'
}
reached() { nodes > $RUN/nodes; }

while :; do
  if reached; then
    there=$(grep -c '"reachable":true' $RUN/nodes)
    grep -q '"leader":true' $RUN/nodes && [ "$there" -ge "$voters" ] && break
    say "$there of $voters voters answer"
  else
    say "the cluster doesn't answer: $code $(cat $RUN/ask.err)"
  fi
  late "not all of the $voters voters that stay answer; nothing was removed"
  sleep 2
done

for node in "$@"; do
  while :; do
    reached && ! grep -q "\\"id\\":\\"$node\\"" $RUN/nodes && break
    ask "$RQLITE_SERVICE" /remove -X DELETE -H 'Content-Type: application/json' -d "{\\"id\\":\\"$node\\"}"
    say "removing $node: $code $answer"
    late "$node is still a node of the cluster"
    sleep 1
  done
  say "$node is no node of the cluster any more"
done
say "the cluster has $(grep -c . $RUN/nodes) voters"
`;
