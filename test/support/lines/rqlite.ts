import { type Expected, type Telling, timed } from "./format";

const AWAY = { kind: "node doesn't answer", level: "warning", lasting: 60 };
const JOIN = { kind: "node can't join", level: "warning", lasting: 60 };
const FATAL = { kind: "fatal error", level: "error" };
const LEADER = { kind: "has a leader again", level: "recovery", ends: { "lost quorum": true } };
/** Lines of rqlite 8.26.8 and 10.2.7, without the time behind the module. */
const RQLITE: (readonly [line: string, expected: Expected])[] = [
  [
    "[raft] [WARN]  failed to contact quorum of nodes, stepping down",
    {
      kind: "lost quorum",
      level: "error",
      message: "failed to contact quorum of nodes, stepping down",
      database: "",
    },
  ],
  [
    "[raft] [WARN]  Election timeout reached, restarting election",
    { kind: "lost quorum", level: "error", lasting: 15 },
  ],
  [
    '[raft] [ERROR] failed to make requestVote RPC: target="{Voter n2 10.0.0.2:4002}" error="dial tcp 10.0.0.2:4002: connect: connection refused" term=4',
    { kind: "lost quorum", level: "error", lasting: 30 },
  ],
  [
    '[raft] [ERROR] failed to heartbeat to: peer=10.0.0.2:4002 backoff time=500ms error="dial tcp 10.0.0.2:4002: connect: connection refused"',
    AWAY,
  ],
  [
    '[raft] [ERROR] failed to appendEntries to: peer="{Voter n2 10.0.0.2:4002}" error=EOF',
    { ...AWAY, message: 'failed to appendEntries to: peer="{Voter n2 10.0.0.2:4002}" error=EOF' },
  ],
  ["[raft] [ERROR] failed to pipeline appendEntries: peer=n2 error=EOF", AWAY],
  ["[raft] [ERROR] failed to start pipeline replication to: peer=n2 error=EOF", AWAY],
  [
    "[raft] [WARN]  rejecting pre-vote request since we have a leader: from=10.0.0.2:4002 leader=10.0.0.1:4002",
    { kind: "node doesn't hear the leader", level: "warning", lasting: 60 },
  ],
  [
    "[raft] [WARN]  rejecting vote request since node is not in configuration: from=10.0.0.2:4002",
    { kind: "node was removed", level: "warning", lasting: 60 },
  ],
  [
    "[raft] [WARN]  not part of stable configuration, aborting election",
    { kind: "node was removed", level: "warning" },
  ],
  ["[store] successfully reaped node n2", { kind: "node was removed", level: "warning" }],
  ["[store] failed to reap node n2: EOF", { kind: "node can't be removed", level: "warning" }],
  ["[store] failed to remove node n2: EOF", { kind: "node can't be removed" }],
  [
    '[raft] [ERROR] failed to take snapshot: error="no space left on device"',
    { kind: "snapshot fails", level: "error" },
  ],
  [
    "[store] failed to generate user-requested snapshot: EOF",
    { kind: "snapshot fails", level: "error" },
  ],
  ["[store] failed to generate application-level snapshot: EOF", { kind: "snapshot fails" }],
  ["[store] failed to snapshot due to WAL threshold: EOF", { kind: "snapshot fails" }],
  ["[store] pre-close snapshot failed: no space left on device", { kind: "snapshot fails" }],
  [
    "[raft] [ERROR] failed to install snapshot: id=x error=EOF",
    { kind: "node can't be caught up", level: "error" },
  ],
  [
    "[raft] [WARN]  installSnapshot rejected to: peer=n2",
    { kind: "node can't be caught up", level: "error" },
  ],
  [
    '[raft] [ERROR] failed to commit logs: error="unable to store logs within log store, err: \\"write /data/raft.db: no space left on device\\""',
    { kind: "log can't be written", level: "error" },
  ],
  ["[raft] [ERROR] failed to append to logs: error=EOF", { kind: "log can't be written" }],
  ["[raft] [ERROR] failed to clear log suffix: error=EOF", { kind: "log can't be written" }],
  ["[raft] [ERROR] failed to persist vote: error=EOF", { kind: "log can't be written" }],
  ["[raft] [ERROR] failed to get log: index=7 error=EOF", { kind: "log can't be read" }],
  ["[raft] [ERROR] failed to get last vote term: error=EOF", { kind: "log can't be read" }],
  [
    '[raft] [ERROR] peer has newer term, stopping replication: peer="{Voter n2 10.0.0.2:4002}"',
    { kind: "peer has newer term, stopping replication", level: "error", lasting: 10 },
  ],
  [
    "[cluster-join] failed to join via node at 10.0.0.2:4002: no leader (did you forget to set -join-as?)",
    JOIN,
  ],
  ["[cluster-join] failed to join cluster at [10.0.0.1:4002], after 5 attempt(s)", JOIN],
  ["[rqlited] failed to join cluster at 10.0.0.1:4002: EOF", JOIN],
  ["[cluster-bootstrap] failed to notify all targets: [10.0.0.2:4002] (EOF, will retry)", JOIN],
  ["[cluster-bootstrap] provider lookup failed lookup nodes: no such host", JOIN],
  ["[rqlited] clustering failure: boot timeout", FATAL],
  ["[rqlited] failed to open store: new log store: new bbolt store: invalid database", FATAL],
  [
    "[snapshot-sink] failure during incremental snapshot, exiting process to avoid data corruption: EOF",
    FATAL,
  ],
  ["[store] failed to set full snapshot needed: EOF", FATAL],
  ["[store] failed to checkpoint and truncate database for incremental snapshot: EOF", FATAL],
  ["[store] removed clean snapshot marker file. Aborting now, but restarting may fix this", FATAL],
  [
    "[uploader] failed to upload to s3://http://minio:9000/b/p.gz: RequestError: send request failed",
    { kind: "backup fails", level: "error" },
  ],
  [
    "[uploader] completed auto upload of 2.1 kB to http://minio:9000/b/p.gz in 12ms",
    { kind: "backup works again", level: "recovery", ends: { "backup fails": true } },
  ],
  [
    "[store] failed to auto-restore from /tmp/restore: EOF",
    { kind: "restore failed", level: "error" },
  ],
  [
    "[rqlited] failed to download auto-restore file: EOF",
    { kind: "restore failed", level: "error" },
  ],
  ["[store] load failed during hot swap: EOF", { kind: "load failed", level: "error" }],
  [
    "[http] execute queue can't find leader for sequence number 7 on node n1",
    { kind: "queued writes fail", level: "warning", lasting: 30 },
  ],
  [
    "[http] execute queue write failed for sequence number 7 on node n1: EOF",
    { kind: "queued writes fail", lasting: 30 },
  ],
  ["[store] this node (ID=n1) is now Leader", LEADER],
  ["[store] this node (ID=n1, addr=10.0.0.1:4002) is now Leader", LEADER],
  ["[store] node n2 is now Leader", LEADER],
  ["[store] node n2 at 10.0.0.2:4002 is now Leader", LEADER],
];

/** What keeps a node from starting, or from being removed. */
const SCRIPTS: readonly Telling[] = [
  [
    "rqlite-prepare",
    "Error: the backup to begin with can't be looked for: 503 for the list of bucket backups SlowDown",
    FATAL,
  ],
  ["rqlite-remove", "Error: time is up: notes-3 is still a node of the cluster", FATAL],
];

export const RQLITE_LINES: Telling[] = [
  ...RQLITE.map(([line, expected]): Telling => ["rqlite", timed(line), expected]),
  ...SCRIPTS,
];
