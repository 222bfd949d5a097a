import { parse } from "yaml";
import { Replica, Secret, variable } from "../../src";
import { version03Problems } from "../../src/litestream/version-03-problems";
import { GOOD, newApp, objectsOf, ownStack, problemsOf } from "../support/synth";

const V03 = { version: "0.3", whenVolumeIsOlder: "keep", restoreIntegrityCheck: "none" } as const;
const S3 = { bucket: "backups", path: "notes", credentials: Secret.existing("keys") };
const config = (objects: Record<string, any>) => parse(objects.ConfigMap.data["litestream.yml"]);
const podOf = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;

test("version 0.3 renders litestream.yml for 0.3.13", () => {
  const objects = objectsOf(V03);
  expect(config(objects)).toEqual({
    addr: ":9090",
    logging: { type: "json" },
    dbs: [
      {
        path: "/data/notes.db",
        replicas: [
          {
            type: "file",
            path: "/replica/notes.db",
            "snapshot-interval": "24h",
            retention: "336h",
          },
        ],
      },
    ],
  });
  expect(Object.keys(objects.ConfigMap.data)).toEqual(["litestream.yml"]);
});

test("every setting that 0.3.13 has comes from the same prop", () => {
  const settings = {
    metaPath: "/data/meta",
    monitorInterval: "2s",
    checkpointInterval: "5m",
    minCheckpointPageCount: 500,
    truncatePageN: 9000,
  };
  const replica = Replica.s3({
    ...S3,
    ...{ region: "eu-central-1", endpoint: "https://s3.example.com", forcePathStyle: false },
    ...{ skipVerify: true, syncInterval: "5s" },
  });
  const objects = objectsOf({
    ...V03,
    replica,
    databases: [{ path: "/data/notes.db", settings }],
    litestream: {
      snapshot: { interval: "12h", retention: "400h" },
      logging: { level: "debug", type: "text", stderr: true },
    },
  });
  expect(config(objects)).toEqual({
    addr: ":9090",
    logging: { level: "debug", type: "text", stderr: true },
    dbs: [
      {
        path: "/data/notes.db",
        "meta-path": "/data/meta",
        "monitor-interval": "2s",
        "checkpoint-interval": "5m",
        "min-checkpoint-page-count": 500,
        "max-checkpoint-page-count": 9000,
        replicas: [
          {
            ...{ type: "s3", bucket: "backups", path: "notes/notes.db", region: "eu-central-1" },
            ...{ endpoint: "https://s3.example.com", "force-path-style": false },
            ...{ "skip-verify": true, "sync-interval": "5s" },
            ...{ "snapshot-interval": "12h", retention: "400h" },
          },
        ],
      },
    ],
  });
});

test("a dollar and an expression arrive as they are, through 0.3.13's own expansion", () => {
  const text = objectsOf({ ...V03, replica: Replica.s3({ ...S3, path: "a$b" }) }).ConfigMap.data;
  expect(text["litestream.yml"]).toContain("path: a${LITESTREAM_DOLLAR}b/notes.db");
});

test("its pod is the plain one, without a check of what it restores", () => {
  const pod = podOf(objectsOf({ ...V03, whenNoBackup: "refuse" }));
  expect(pod.initContainers.map(({ image, args }: any) => [image, args])).toEqual([
    ["litestream/litestream:0.3.13", ["restore", "-if-db-not-exists", "/data/notes.db"]],
    ["litestream/litestream:0.3.13", ["replicate"]],
  ]);
});

test("the grace period covers one last sync of each database, as it knows no timeout", () => {
  expect(podOf(objectsOf(V03)).terminationGracePeriodSeconds).toBe(30 + 30 + 10);
});

test("version 0.5 is the default", () => {
  expect(objectsOf({ version: "0.5" })).toEqual(objectsOf());
});

const without = (field: string, wrong = "is unknown to Litestream 0.3.13") =>
  `${field}: ${wrong}. Leave it out, or take version "0.5".`;
const validation =
  "means another thing to Litestream 0.3.13, which restores into /tmp, and its container has none";
const heartbeatUrl = { secret: Secret.existing("heartbeat"), key: "url" };

test.each([
  ...Object.entries({
    levels: [{ interval: "1m" }],
    l0Retention: "10m",
    l0RetentionCheckInterval: "1m",
    verifyCompaction: true,
    retention: { enabled: false },
    heartbeatUrl,
    shutdownSyncInterval: "1s",
    socket: { enabled: true },
  }).map(([key, value]): [string, object, string] => [
    `litestream.${key}`,
    { litestream: { [key]: value } },
    without(`litestream.${key}`),
  ]),
  [
    "a timeout of the last sync",
    { litestream: { shutdownSyncTimeout: "1m" } },
    without(
      "litestream.shutdownSyncTimeout",
      "is unknown to Litestream 0.3.13, which tries the last sync once and knows no timeout",
    ),
  ],
  [
    "validation",
    { litestream: { validation: { interval: "1h" } } },
    without("litestream.validation", validation),
  ],
  [
    "where a line of the log comes from",
    { litestream: { logging: { source: true } } },
    without("litestream.logging.source"),
  ],
  [
    "the log's level trace",
    { litestream: { logging: { level: "trace" } } },
    'litestream.logging.level: "trace" is unknown to Litestream 0.3.13. Write one of debug, info, warn, error.',
  ],
  ...Object.entries({ busyTimeout: "5s", maxSyncWalBytes: 1000 }).map(
    ([key, value]): [string, object, string] => [
      `a database's ${key}`,
      { databases: [{ path: "/data/notes.db", settings: { [key]: value } }] },
      without(`databases[0].settings.${key}`),
    ],
  ),
  ...Object.entries({
    signPayload: false,
    requireContentMd5: false,
    storageClass: "STANDARD_IA",
    partSize: "5MiB",
    concurrency: 2,
    sseKmsKeyId: "key",
    sseCustomerKey: Secret.existing("sse"),
    maxSyncLtxFiles: 8,
    autoRecover: true,
  }).map(([key, value]): [string, object, string] => [
    `an S3 replica's ${key}`,
    { replica: Replica.s3({ ...S3, [key]: value }) },
    without(`replica.${key}`),
  ]),
  [
    "a replica's validation",
    { replica: Replica.file({ claim: { size: "1Gi" }, validationInterval: "1h" }) },
    without("replica.validationInterval", validation),
  ],
  [
    "a check of what is restored",
    { restoreIntegrityCheck: undefined },
    'restoreIntegrityCheck: is nothing Litestream 0.3.13 can do: what it restores reaches the app unchecked. Say so: restoreIntegrityCheck: "none".',
  ],
  [
    "a volume that may be older",
    { whenVolumeIsOlder: undefined },
    'whenVolumeIsOlder: can\'t be found out with Litestream 0.3: a volume that was left behind is taken for the truth. Say so: whenVolumeIsOlder: "keep".',
  ],
  [
    "another replica to start from",
    { restoreFrom: Replica.file({ existingClaim: "old" }) },
    "restoreFrom: can't be read with Litestream 0.3, where no script can choose between two replicas. Start once with version 0.5 and restoreFrom, then change.",
  ],
  [
    "the hardened image",
    { hardened: true },
    "hardened: true stands beside version 0.3, which has no hardened image. Leave one of the two out.",
  ],
  [
    "an image of 0.5",
    { litestreamImage: "litestream/litestream:0.5.16" },
    'litestreamImage: "litestream/litestream:0.5.16" is not Litestream 0.3, for which its file is written. Write version: "0.5", or an image of 0.3.',
  ],
] as [string, object, string][])("with version 0.3, %s is refused", (_, props, line) => {
  expect(problemsOf({ ...V03, ...props })).toEqual([line]);
});

test.each([
  [
    "an image of 0.3",
    { litestreamImage: "litestream/litestream:0.3.13" },
    'litestreamImage: "litestream/litestream:0.3.13" is not Litestream 0.5, for which its file is written. Write version: "0.3", or an image of 0.5.',
  ],
  [
    "an image of neither",
    { litestreamImage: "litestream/litestream:0.4.0" },
    'litestreamImage: "litestream/litestream:0.4.0" is not Litestream 0.5, for which its file is written. Write an image of 0.5.',
  ],
  ["another version", { version: "0.4" }, 'version: "0.4" is unknown. Write "0.3" or "0.5".'],
  [
    "a version that is known only at apply",
    { version: variable(ownStack(newApp()), "any", { type: "string" }).stringValue },
    'version: is known only at apply, but decides what is synthesized. Write "0.3" or "0.5".',
  ],
] as [string, object, string][])("without it, %s is refused", (_, props, line) => {
  expect(problemsOf(props)).toEqual([line]);
});

describe("types of replicas", () => {
  const lines = (replica: object) =>
    version03Problems({ ...GOOD, ...V03, replica: replica as never }).map(
      ({ field, wrong }) => `${field} ${wrong}`,
    );

  test.each(["nats", "webdav", "oss"])("%s is refused", (kind) => {
    expect(lines({ kind, path: "notes" })).toEqual([
      "replica is a type that Litestream 0.3.13 doesn't have",
    ]);
  });

  test.each([
    { kind: "gs", bucket: "b", path: "notes", credentials: Secret.existing("keys") },
    { kind: "abs", accountName: "a", bucket: "b", path: "notes", endpoint: "https://a.example" },
    { kind: "sftp", host: "h", user: "u", path: "notes", skipHostKeyCheck: true },
  ])("$kind is taken", (replica) => {
    expect(lines(replica)).toEqual([]);
  });

  test("the host's key is nothing 0.3.13 looks at", () => {
    expect(lines({ kind: "sftp", host: "h", user: "u", path: "notes", hostKey: "k" })).toEqual([
      "replica.hostKey is unknown to Litestream 0.3.13, which sends the backup, and the password, to whoever answers",
    ]);
  });

  test("a token of shared access is no way in", () => {
    const credentials = { secret: Secret.existing("keys"), sasTokenKey: "token" };
    expect(lines({ kind: "abs", bucket: "b", path: "notes", credentials })).toEqual([
      "replica.credentials is a way into Azure that Litestream 0.3.13 doesn't know",
    ]);
  });
});
