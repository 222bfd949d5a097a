import { DATA_FOLDER, RAFT_PORT } from "../names";

/**
 * Whether a volume is one of a cluster's node. rqlited makes its files before it has joined or begun anything, so that their
 * being there says nothing: what does is a snapshot, or an address of a node in Raft's log. Tried with 8.26.8 and 10.2.7.
 */
export const stateFunction = `has_state() {
  for meta in ${DATA_FOLDER}/*snapshots/*/meta.json; do
    [ ! -e "$meta" ] || return 0
  done
  [ -e ${DATA_FOLDER}/raft.db ] && grep -q ':${RAFT_PORT}' ${DATA_FOLDER}/raft.db
}`;

/** The other voters, of which \`SIZE\` is how many there are with this one. */
export const othersFunction = `# others SIZE ORDINAL: the hosts of the voters but that of ORDINAL
others() {
  n=0
  while [ "$n" -lt "$1" ]; do
    [ "$n" = "$2" ] || echo "$RQLITE_SET-$n.$RQLITE_NODES"
    n=$((n + 1))
  done
}`;
