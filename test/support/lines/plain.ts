import { json, type Telling } from "./format";

/** What the scripts of restores, readers and verifications say. */
export const SCRIPT_LINES: Telling[] = [
  [
    "litestream-list-databases",
    json("ERROR", "restore failed: can't list the replica", [["db", "/data"]]),
    { kind: "restore failed", level: "error", database: "/data" },
  ],
  [
    "litestream-list-restore-from",
    json("ERROR", "restore failed: can't list the replica", [["db", "/data"]]),
    { kind: "restore failed" },
  ],
  [
    "litestream-restore-snapshot",
    json("ERROR", "restore failed: see the line before", [["db", "/data/a.db"]]),
    { kind: "restore failed", message: "restore failed: see the line before" },
  ],
  [
    "litestream-restore-snapshot",
    json("WARN", "no backup found: the app starts with an empty database", [["db", "/data/a.db"]]),
    { kind: "no backup found", level: "warning" },
  ],
  [
    "litestream-restore-snapshot",
    json("WARN", "moving /data/a.db-wal, left over without its database, to /data/a.db-wal.1", [
      ["db", "/data/a.db"],
    ]),
    { kind: "moving # left over without its database, to #" },
  ],
  [
    "litestream-restore-snapshot",
    json("WARN", "restore 2026-01-01T00:00:00Z is done; restoreTo can be taken out", [
      ["db", "/data/a.db /data/b.db"],
    ]),
    { kind: "restore # is done; restoreTo can be taken out", database: "/data/a.db /data/b.db" },
  ],
  [
    "litestream-restore-snapshot",
    json("WARN", "the replica ends at transaction 00000000000000ab, and the volume at 7", [
      ["db", "/data/a.db"],
    ]),
    { kind: "the replica ends at transaction #, and the volume at #" },
  ],
  [
    "litestream-sidecar",
    json("ERROR", "closed to Litestream: locked exclusively, busy, or not writable for its user"),
    { kind: "closed to Litestream" },
  ],
  [
    "litestream-follower",
    json("ERROR", "sync error: no such file", [["db", "/data/a.db"]]),
    { kind: "sync error", database: "/data/a.db" },
  ],
  [
    "backup-verification-fetch",
    "Error: no matching backup files available",
    { kind: "fatal error", message: "Error: no matching backup files available" },
  ],
  [
    "backup-verification",
    '{"time":"2026-01-01T00:00:00Z","level":"ERROR","msg":"verification failed: restore of /data/a.db: no backup","app":"tasks","db":"/data/a.db","namespace":"apps","outcome":"failed","step":"restore"}',
    { kind: "verification failed", level: "error", app: "tasks", database: "/data/a.db" },
  ],
  [
    "backup-verification-report",
    json("ERROR", "report failed: not delivered to slack: HTTP 404", [["app", "tasks"]]),
    {
      kind: "report failed",
      app: "tasks",
      message: "report failed: not delivered to slack: HTTP 404",
    },
  ],
  [
    "backup-verification-report",
    json("WARN", "the start was not reported: healthchecks: HTTP 500", [["app", "tasks"]]),
    { kind: "the start was not reported", level: "warning", app: "tasks" },
  ],
];

/** Lines that have no structure. */
export const PLAIN_LINES: Telling[] = [
  [
    "litestream-sidecar",
    "Error: cannot open store: access denied",
    {
      kind: "fatal error",
      level: "error",
      message: "Error: cannot open store: access denied",
      database: "",
    },
  ],
  [
    "litestream-sidecar",
    '2026/01/01 00:00:00 ERROR failed to run error="config file not found"',
    { kind: "fatal error" },
  ],
  [
    "litestream-sidecar",
    "panic: runtime error: index out of range [3] with length 3",
    { kind: "crash", level: "error" },
  ],
  [
    "litestream-sidecar",
    '{"level":"ERROR","db":"/data/\\u00e4.db","error":"gone"}',
    {
      level: "error",
      database: "/data/ä.db",
      message: '{"level":"ERROR","db":"/data/\\u00e4.db","error":"gone"}',
    },
  ],
  [
    "litestream-sidecar",
    String.raw`level=ERROR msg="sync error" error="a\nb\t\"c\" \\ \u00e4"`,
    { kind: "sync error", message: String.raw`sync error: a b "c" \ \u00e4` },
  ],
  [
    "litestream-sidecar",
    "exec /usr/local/bin/litestream: exec format error",
    { kind: "can't be started", level: "error" },
  ],
  ["rqlite", "fatal error: all goroutines are asleep - deadlock!", { kind: "crash" }],
  [
    "litefs",
    'ERROR: cannot init file system: cannot open file system: fusermount: exec: "fusermount3": executable file not found in $PATH',
    { kind: "fatal error", level: "error" },
  ],
  [
    "litefs",
    "subprocess exited with error code 1, litefs shutting down",
    { kind: "app ended", level: "error" },
  ],
];
