import { readLitestreamFiles } from "../../../scripts/cluster/litestream-file";
import {
  asksAgain,
  judge,
  longestSyncInterval,
  patience,
  type Seen,
} from "../../../scripts/status/judge";
import { isVersion03, readMetrics } from "../../../scripts/status/metrics";
import { complaint, endOfLtx, endOfWals } from "../../../scripts/status/positions";

test("metrics are numbers by database", () => {
  const text = `# HELP litestream_txid …
litestream_txid{db="/data/app.db"} 34
litestream_sync_count{db="/data/app.db"} 1.5e+06
litestream_txid{db="/data/a \\"b\\"\\\\.db"} 2
litestream_l0_retention_files_total{db="app.db",status="eligible"} 0
litestream_replica_operation_total{operation="PUT",replica_type="s3"} 36
go_threads 8`;
  const metrics = readMetrics(text);
  expect([...metrics]).toEqual([
    ["/data/app.db", { txid: 34, sync_count: 1_500_000 }],
    ['/data/a "b"\\.db', { txid: 2 }],
  ]);
  expect(isVersion03(metrics)).toBe(false);
  const old = readMetrics(
    'litestream_shadow_wal_index{db="/a.db"} 0\nlitestream_replica_wal_index{db="/a.db",name="s3"} 0',
  );
  expect(isVersion03(old)).toBe(true);
  expect(old.get("/a.db")).toEqual({ shadow_wal_index: 0, replica_wal_index: 0 });
});

test("a replica ends at its newest transaction, which arrived when its first file did", () => {
  const file = (level: number, max_txid: string, timestamp: string) => ({
    level,
    min_txid: max_txid,
    max_txid,
    size: 1,
    timestamp,
  });
  const files = [
    file(0, "00000000000000ff", "2026-01-01T00:00:05Z"),
    file(1, "00000000000000ff", "2026-01-01T00:00:30Z"),
    file(9, "0000000000000001", "2026-01-01T00:00:00Z"),
  ];
  expect(endOfLtx(JSON.stringify(files))).toEqual({
    transaction: 255,
    at: new Date("2026-01-01T00:00:05Z"),
  });
  expect(endOfLtx("[]")).toEqual({ transaction: 0, at: undefined });
});

test("0.3's replica has only a time", () => {
  const wals = `replica  generation        index  offset  size  created
file     9afcb2398a34bd82  0      0       3487  2026-11-21T21:07:01Z
file     9afcb2398a34bd82  1      0       3487  2026-11-21T21:06:59Z
`;
  expect(endOfWals(wals)).toEqual({ at: new Date("2026-11-21T21:07:01Z") });
  expect(endOfWals("replica  generation  index  offset  size  created\n")).toEqual({
    at: undefined,
  });
});

test.each([
  ["Error: operation error S3: no such host\n", "operation error S3: no such host"],
  ["one\nError: two\nthree", "two"],
  ['2026/11/21 ERROR failed to run error="access \\"denied\\""', 'access \\"denied\\"'],
  ["just this", "just this"],
  ["", "it said nothing"],
  [`Error: ${"x".repeat(400)}`, `${"x".repeat(300)}…`],
])("of %j a person is told %s", (output, text) => expect(complaint(output)).toBe(text));

test("of an app's sync intervals the longest counts, which is 1 s where none is written", () => {
  const longest = (text: string) =>
    longestSyncInterval(readLitestreamFiles({ "litestream.yml": text }));
  expect(longest("dbs: [{ replica: {} }, { replica: { sync-interval: 1m } }]")).toBe(60);
  expect(longest("dbs: [{ path: /a.db, replica: {} }]")).toBe(1);
  // 0.3.
  expect(longest("dbs: [{ path: /a.db, replicas: [{ sync-interval: 2s }] }]")).toBe(2);
  expect(longest("")).toBe(0);
});

test.each([
  [1, 7],
  [24, 30],
  [25, 0],
])("with a sync interval of %d s a lag is watched for %d s", (interval, seconds) =>
  expect(patience(interval)).toBe(seconds),
);

const AT = new Date("2026-01-01T00:00:00Z");
const SEEN: Seen = {
  path: "/data/app.db",
  metrics: { txid: 34, sync_error_count: 0 },
  version03: false,
  optional: false,
  startedSeconds: 600,
  syncInterval: 1,
  end: { transaction: 34, at: AT },
  waited: 0,
};
const lastSync = AT.toISOString();
const NEVER = "Litestream hasn't synced it since it started";

test.each<[string, Partial<Seen>, object]>([
  ["has arrived", {}, { state: "synced", transaction: 34, replicated: 34, lag: 0, lastSync }],
  [
    "has gone on",
    { end: { transaction: 36, at: AT }, live: { txid: 36 } },
    { state: "synced", replicated: 36, lag: 0 },
  ],
  [
    "isn't alone in the replica",
    { end: { transaction: 50, at: AT }, live: { txid: 36 } },
    {
      state: "ahead",
      transaction: 34,
      replicated: 50,
      lastSync,
      reason:
        "the replica holds transaction 50, and the app is at 36 only: somebody else writes to it, or the volume is an old one",
    },
  ],
  ...[undefined, { txid: 0 }].map((live): [string, Partial<Seen>, object] => [
    `has gone on, and was restarted then: ${JSON.stringify(live)}`,
    { end: { transaction: 36, at: AT }, live },
    { state: "unknown", reason: "Litestream was restarted meanwhile: look again" },
  ]),
  [
    "has only just been started, over a replica",
    { metrics: { txid: 0 }, startedSeconds: 5, end: { transaction: 50, at: AT } },
    { state: "unknown", replicated: 50, reason: "Litestream has only just started" },
  ],
  [
    "hasn't arrived",
    { end: { transaction: 30, at: AT }, waited: 7.2 },
    {
      state: "behind",
      replicated: 30,
      lag: 4,
      reason: "what it had written 7 s ago isn't in the replica",
    },
  ],
  [
    "hasn't arrived, and needn't have",
    { end: { transaction: 30, at: AT }, syncInterval: 300 },
    { state: "unknown", lag: 4, reason: "Litestream uploads every 300 s only: look again later" },
  ],
  [
    "can't be known",
    { end: { unreachable: "no answer" } },
    { state: "unreachable", transaction: 34, reason: "no answer" },
  ],
  [
    "had errors",
    { metrics: { txid: 34, sync_error_count: 3 } },
    { state: "synced", syncErrors: 3 },
  ],
  ["isn't followed", { metrics: undefined }, { state: "never", reason: NEVER, replicated: 34 }],
  ["isn't followed yet", { metrics: undefined, startedSeconds: 5 }, { state: "unknown" }],
  [
    "isn't there, and needn't be",
    { metrics: { txid: 0 }, optional: true, end: { transaction: 0 } },
    { state: "absent", reason: "the app doesn't have it" },
  ],
  [
    "needn't be there, and can't be synced",
    { metrics: { txid: 0, sync_error_count: 1 }, optional: true, end: { transaction: 0 } },
    { state: "never", reason: NEVER, syncErrors: 1 },
  ],
])("what %s", (_, seen, state) => expect(judge({ ...SEEN, ...seen })).toMatchObject(state));

test("nobody knows the lag of an app that the replica is ahead of", () => {
  const seen = { ...SEEN, end: { transaction: 50 } };
  expect(judge({ ...seen, live: { txid: 36 } })).not.toHaveProperty("lag");
  expect(judge(seen)).not.toHaveProperty("lag");
});

test.each<[string, Partial<Seen>, boolean]>([
  ["holds more than the app had written", { end: { transaction: 35 } }, true],
  ["holds what the app had written", {}, false],
  ["holds less", { end: { transaction: 30 } }, false],
  ["holds something, and Litestream has only just started", { metrics: { txid: 0 } }, false],
  ["holds something, and Litestream doesn't know the database", { metrics: undefined }, false],
  ["can't be reached", { end: { unreachable: "no answer" } }, false],
  ["is one of 0.3", { version03: true, end: { at: AT } }, true],
])("where the replica %s, Litestream is asked again or not", (_, seen, again) =>
  expect(asksAgain({ ...SEEN, ...seen })).toBe(again),
);

const WAL = {
  db_size: 4096,
  shadow_wal_index: 2,
  shadow_wal_size: 100,
  replica_wal_index: 2,
  replica_wal_offset: 100,
};

test.each<[string, Partial<Seen>, object]>([
  ["all is uploaded", {}, { state: "synced", lag: 0, lastSync }],
  [
    "a later WAL is",
    { metrics: { ...WAL, replica_wal_index: 3, replica_wal_offset: 0 } },
    { state: "synced" },
  ],
  ["some isn't", { metrics: { ...WAL, replica_wal_offset: 99 }, waited: 7 }, { state: "behind" }],
  [
    "it was, meanwhile",
    { metrics: { ...WAL, replica_wal_offset: 99 }, live: WAL, waited: 3 },
    { state: "synced" },
  ],
  [
    "nothing was, since the start",
    { metrics: { ...WAL, replica_wal_index: undefined as unknown as number } },
    { state: "unknown" },
  ],
  [
    "nothing ever was",
    { metrics: { db_size: 1 }, end: { at: undefined } },
    { state: "never", reason: "the replica holds nothing" },
  ],
  ["there is no database", { metrics: {} }, { state: "never", reason: NEVER }],
  ["there needn't be one", { metrics: {}, optional: true }, { state: "absent" }],
])("of 0.3, where %s", (_, seen, state) => {
  const found = judge({ ...SEEN, version03: true, metrics: WAL, end: { at: AT }, ...seen });
  expect(found).toMatchObject(state);
  expect(found.transaction).toBeUndefined();
});
