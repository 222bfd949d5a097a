import { JOIN } from "../defaults";
import { DATA_FOLDER, RAFT_PORT, RUN_FOLDER, SIZE_FOLDER, TEMPORARY_FOLDER } from "../names";
import { othersFunction, stateFunction } from "./state";

/**
 * Starts rqlited as prepare.sh has said, in rqlite's own image. How many voters there are stands in a file rather than in
 * an argument: making the cluster larger must not restart the nodes that are there.
 */
export const startScript = `#!/bin/sh
# usage: start.sh voter|reader FLAG...
set -eu
${stateFunction}
${othersFunction}
role=$1
shift
size=$(cat ${SIZE_FOLDER}/voters)
mode=$(cat ${RUN_FOLDER}/mode)
# A container that starts again in its pod isn't prepared again.
if [ "$role" = voter ] && has_state; then mode=member; fi
# What a copy for a backup or a restore has left behind.
rm -rf ${TEMPORARY_FOLDER}
mkdir -p ${TEMPORARY_FOLDER}

ordinal=none
[ "$role" = reader ] || ordinal=\${POD_NAME##*-}
RQLITE_SET=$RQLITE_VOTERS
addresses=$(others "$size" "$ordinal" | sed 's/$/:${RAFT_PORT}/' | tr '\\n' ',')
addresses=\${addresses%,}
case $mode in
  member | join)
    # A member waits for the others for as long as it takes.
    attempts=${JOIN.attempts}
    [ $mode = join ] || attempts=1000000
    [ -z "$addresses" ] || set -- "$@" "-join=$addresses" -join-interval=${JOIN.interval} -join-attempts=$attempts
    ;;
  begin)
    if [ -n "$addresses" ]; then
      set -- "$@" -disco-mode=dns "-disco-config={\\"name\\":\\"$RQLITE_NODES\\"}" "-bootstrap-expect=$size" -bootstrap-expect-timeout=10m
    fi
    [ ! -e ${RUN_FOLDER}/restore.json ] || set -- "$@" -auto-restore=${RUN_FOLDER}/restore.json
    ;;
esac
echo "start: $mode, $size voters"
exec rqlited "$@" ${DATA_FOLDER}
`;
