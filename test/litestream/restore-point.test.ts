import { parse } from "yaml";
import { type LitestreamAppProps, Replica, Secret } from "../../src";
import { objectsOf, problemsOf } from "../support/synth";

const UNDO = { id: "undo", timestamp: "2026-01-31T12:00:00Z" };
const TENANTS = { dir: "/data/tenants", pattern: "*.db", atMost: 50 };
const S3 = Replica.s3({ bucket: "backups", path: "prod", credentials: Secret.existing("keys") });

const args = (objects: Record<string, any>) =>
  objects.StatefulSet.spec.template.spec.initContainers[0].args;
const file = (objects: Record<string, any>, name: string) =>
  parse(objects.ConfigMap.data[name], { version: "1.1" });

test("all databases of the app go back, each by an entry of its own", () => {
  const objects = objectsOf({
    databases: ["/data/a.db", { path: "/data/b.db", settings: { busyTimeout: "2s" } }],
    replica: S3,
    restoreTo: UNDO,
  });
  expect(args(objects).slice(7)).toEqual([
    ...["--to", "undo", "-timestamp", "2026-01-31T12:00:00Z", "/data/a.db", "/data/b.db"],
  ]);
  expect(file(objects, "restore-to.yml")).toMatchObject({
    snapshot: { retention: "336h" },
    logging: { type: "json" },
    dbs: [
      { path: "/data/a.db", replica: { path: "prod/a.db" } },
      { path: "/data/b.db", "busy-timeout": "2s", replica: { path: "prod/b.db" } },
    ],
  });
});

test("that it was done stands in the replica, apart from other apps and operations", () => {
  const objects = objectsOf({ replica: S3, restoreTo: UNDO });
  expect(file(objects, "operation.yml").dbs).toEqual([
    {
      path: "/run/litestream/operation-1.db",
      replica: { type: "s3", bucket: "backups", path: "prod/.restored/notes.db/undo" },
    },
  ]);
});

test("one database of a directory goes back to a transaction", () => {
  const objects = objectsOf({
    databases: ["/data/main.db", TENANTS],
    restoreTo: {
      id: "undo",
      transaction: "00000000000000ff",
      databases: ["/data/tenants/one.db"],
    },
  });
  expect(args(objects).slice(-5)).toEqual([
    ...["--to", "undo", "-txid", "00000000000000ff", "/data/tenants/one.db"],
  ]);
  expect(file(objects, "restore-to.yml").dbs).toEqual([
    {
      path: "/data/tenants/one.db",
      replica: { type: "file", path: "/replica/tenants/one.db" },
    },
  ]);
});

test("without one there is nothing of it", () => {
  expect(Object.keys(objectsOf().ConfigMap.data)).toEqual([
    "guard.sh",
    "litestream.yml",
    "replicate.sh",
    "restore.sh",
  ]);
});

test.each<[string, Partial<LitestreamAppProps>, string]>([
  [
    "no name",
    { restoreTo: { timestamp: UNDO.timestamp } as never },
    'restoreTo.id: is not a name for the operation. Write letters, digits, ".", "_" and "-", for example "undo-2026-01-31".',
  ],
  [
    "no point in time",
    { restoreTo: { id: "undo" } },
    'restoreTo.timestamp: is missing. Write either timestamp: "2026-01-31T12:00:00Z" or transaction: "00000000000000ff".',
  ],
  [
    "two points in time",
    { restoreTo: { ...UNDO, transaction: "00000000000000ff" } },
    'restoreTo.timestamp: stands beside transaction. Write either timestamp: "2026-01-31T12:00:00Z" or transaction: "00000000000000ff".',
  ],
  [
    "a time without a zone",
    { restoreTo: { id: "undo", timestamp: "2026-01-31 12:00" } },
    'restoreTo.timestamp: "2026-01-31 12:00" is not a time with a time zone. Write it as RFC 3339, for example "2026-01-31T12:00:00Z".',
  ],
  [
    "a day that doesn't exist",
    { restoreTo: { id: "undo", timestamp: "2026-02-30T12:00:00Z" } },
    'restoreTo.timestamp: "2026-02-30T12:00:00Z" is not a time with a time zone. Write it as RFC 3339, for example "2026-01-31T12:00:00Z".',
  ],
  [
    "a transaction that isn't one",
    { restoreTo: { id: "undo", transaction: "255" } },
    'restoreTo.transaction: "255" is not a transaction. Write its 16 digits as `litestream ltx` prints them, for example "00000000000000ff".',
  ],
  [
    "a transaction for two databases",
    {
      databases: ["/data/a.db", "/data/b.db"],
      restoreTo: { id: "undo", transaction: "00000000000000ff" },
    },
    'restoreTo.transaction: "00000000000000ff" counts for one database, and here are 2. Name it: databases: ["/data/app.db"].',
  ],
  [
    "a directory as a whole",
    { databases: [TENANTS], restoreTo: UNDO },
    'restoreTo.databases: must be written out where a directory is declared. Name the databases that go back, for example ["/data/tenants/one.db"].',
  ],
  [
    "a database of another app",
    { restoreTo: { ...UNDO, databases: ["/data/other.db"] } },
    'restoreTo.databases[0]: "/data/other.db" is no database of the app. Write its path as in databases, or a file in a declared directory.',
  ],
  [
    "a mistyped field",
    { restoreTo: { ...UNDO, database: "x" } as never },
    "restoreTo.database: is unknown. Take one of id, timestamp, transaction, databases.",
  ],
])("%s", (_, props, message) => {
  expect(problemsOf(props)).toEqual([message]);
});
