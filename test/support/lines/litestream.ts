import { type Attributes, type Expected, json, type Telling, text } from "./format";

/** Levels and texts of Litestream 0.5.16 and 0.3.13, and what they come to. */
const LITESTREAM: [level: string, msg: string, more: Attributes, expected: Expected][] = [
  ...of05("ERROR", "error", [
    "sync error",
    "monitor error",
    "compaction failed",
    "retention enforcement failed",
    "l0 retention enforcement failed",
    "auto-recovery failed",
    "shutdown sync failed after timeout",
    "failed to close database",
    "no databases specified in configuration",
    "validation check failed",
    "heartbeat ping failed",
  ]),
  ...of05("WARN", "warning", [
    "attempting temp file cleanup due to persistent disk errors",
    "auto-recovery enabled, resetting local state",
    "failed to start control server",
  ]),
  ...of05("WARN", "error", [
    "timeout waiting for db initialization",
    "post-compaction verification failed",
    "validation error detected",
  ]),
  [
    "ERROR",
    "disk full while staging ltx file, replication paused until space is freed",
    [
      ["db", "a.db"],
      ["error", "sync: stage-write ltx file: no space left on device"],
    ],
    {
      kind: "disk full while staging ltx file, replication paused until space is freed",
      message:
        "disk full while staging ltx file, replication paused until space is freed: sync: stage-write ltx file: no space left on device",
    },
  ],
  [
    "ERROR",
    "sync error",
    [
      ["db", "/data/with a blank.db"],
      ["error", 'cannot verify wal state: open "/data/a.db-wal": db="b"'],
    ],
    {
      kind: "sync error",
      database: "/data/with a blank.db",
      message: 'sync error: cannot verify wal state: open "/data/a.db-wal": db="b"',
    },
  ],
  [
    "ERROR",
    "follow: error applying updates",
    [["err", "EOF"]],
    { kind: "follow", message: "follow: error applying updates: EOF" },
  ],
  [
    "WARN",
    "shutdown sync failed, retrying (press Ctrl+C again to skip)",
    [["attempts", 3]],
    { kind: "shutdown sync failed, retrying", level: "warning", lasting: 10 },
  ],
  [
    "WARN",
    "shutdown sync skipped, interrupted by signal",
    [],
    { kind: "shutdown sync failed", level: "error" },
  ],
  [
    "WARN",
    "shutdown sync interrupted by signal",
    [],
    { kind: "shutdown sync failed", level: "error" },
  ],
  [
    "INFO",
    "shutdown sync succeeded after retry",
    [],
    {
      kind: "shutdown sync succeeded",
      level: "recovery",
      ends: { "shutdown sync failed, retrying": true },
    },
  ],
  [
    "INFO",
    "detected database behind replica",
    [
      ["db", "a.db"],
      ["db_txid", "0000000000000019"],
      ["replica_txid", "000000000000001a"],
    ],
    { kind: "database behind replica", level: "warning", database: "a.db" },
  ],
  ...["sync recovered", "replica sync recovered"].map(
    (msg): [string, string, Attributes, Expected] => [
      "INFO",
      msg,
      [
        ["db", "a.db"],
        ["previous_errors", 4],
      ],
      { kind: msg, level: "recovery", database: "a.db", message: msg },
    ],
  ),
  [
    "INFO",
    "auto-recovery complete, resuming replication",
    [],
    { kind: "auto-recovery complete", level: "recovery" },
  ],
  // 0.3
  ["WARN", "init: cannot determine last wal position, clearing generation", [], { kind: "init" }],
  ["ERROR", "failed to run", [["error", "no such bucket"]], { kind: "failed to run" }],
];

/** Lines with a second level. */
function of05(
  level: string,
  becomes: string,
  texts: readonly string[],
): [string, string, Attributes, Expected][] {
  return texts.map((msg) => [
    level,
    msg,
    [
      ["system", "store"],
      ["db", "a.db"],
      ["level", 1],
      ["error", "write ltx: EOF"],
    ],
    {
      kind: msg,
      level: becomes,
      database: "a.db",
      message: `${msg}: write ltx: EOF`,
      app: "notes",
    },
  ]);
}

/** Each of them in both formats. */
export const LITESTREAM_LINES: Telling[] = LITESTREAM.flatMap(
  ([level, msg, more, expected]): Telling[] => [
    ["litestream-sidecar", json(level, msg, more), expected],
    ["litestream-sidecar", text(level, msg, more), expected],
  ],
);
