import { RUN_FOLDER } from "../folders";
import { follow, identity, lists, say } from "./common";
import { positions } from "./positions";
import { restoreNowFunctions } from "./restore-now-functions";
import { restoreNowRollback } from "./restore-now-rollback";
import { unfinished } from "./unfinished";

/**
 * Takes databases back to an older state while their app is stopped (`npm run restore`). It does what restore.sh does
 * for `restoreTo`, and besides keeps the present files, proves what the replica gives back afterwards, and
 * undoes everything when a step fails or it is told to stop.
 *
 * The order is such that what can fail comes first: the older state lies complete and checked beside the present
 * one before anything is moved.
 */
export const restoreNowScript = `#!/bin/sh
# usage: restore-now.sh {-timestamp TIME | -txid TRANSACTION | newest - | undo -} INTEGRITY_CHECK QUIET
#          {DATABASE META_FOLDER FOLDER_FOR_THE_PRESENT_FILE volume|ephemeral}...
# exits 0: done (of undo: it had been done to its end); 1: failed, and everything is as it was; 3: failed, and
# something isn't, as said
set -u
config=\${0%/*}
run=\${RUN_FOLDER:-${RUN_FOLDER}}
flag=$1 value=$2 integrity=$3 quiet=$4
shift 4
export LITESTREAM_CONFIG="$config/litestream.yml"
${lists}
${identity}

${say}

${follow}

${positions}

${unfinished}

${restoreNowFunctions}

${restoreNowRollback}

stopped=no job='' reason='' db='' beside='' kept='' lies='' file='' damaged='' lost='' placed='' sent='' other=''
# As process 1 it gets only the signals that it has a handler for; and a handler runs only between two commands, or in wait.
trap 'stopped=yes; [ -z "$job" ] || kill -TERM "$job" 2>/dev/null' TERM INT

count=0 all=''
while [ $# -ge 4 ]; do
  count=$((count + 1))
  all="$all$1$NL"
  eval "db_$count=\\$1 beside_$count=\\$2 kept_$count=\\$3 lies_$count=\\$4"
  eval "damaged_$count=no lost_$count=no placed_$count=no sent_$count=no before_$count='' target_$count='' now_$count=''"
  shift 4
done
if [ $# -gt 0 ] || [ $count = 0 ]; then say ERROR "" "the arguments don't fit this script"; exit 1; fi

if [ "$flag" = undo ]; then
  # A signal in between would end each of the steps, and nothing would be put back.
  trap '' TERM INT
  stopped=no finished=no
  each find_finished
  if [ $finished = yes ]; then
    each finish_rest
    say INFO "$(words "$all")" "it was done to its end, and isn't undone"
    exit 0
  fi
  each find_unfinished
  roll_back
  exit $?
fi

each clear_leftovers
say INFO "$(words "$all")" "looking at the replica, for some minutes if it is unreachable"
patiently settled "$all" > "$run/settled"
case $? in
  0) ;;
  2) fail "$(words "$all")" "another writer is using this replica" || give_up ;;
  *) fail "$(words "$all")" "can't list the replica: see the line before" || give_up ;;
esac
each refuse_older || give_up
# What is brought in next would be the newest.
[ "$flag" != newest ] || each fetch || give_up
each look_at_present || give_up
each bring_in || give_up
[ "$flag" = newest ] || each fetch || give_up
each has_room || give_up
each keep || give_up
each put_in_place || give_up
each send || give_up
each prove || give_up
trap '' TERM INT
stopped=no
each finish
say INFO "$(words "$all")" "done"
`;
