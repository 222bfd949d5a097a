import {
  BackupVerification,
  LitestreamApp,
  Namespace,
  Probe,
  Replica,
  Schedule,
  Secret,
  Storage,
  variable,
  WorkloadIdentity,
} from "../../src";
import {
  failure,
  GOOD,
  newApp,
  objectsOf,
  ownStack,
  problemsOf,
  synthesized,
} from "../support/synth";
import { appProblems } from "../../src/litestream/app-problems";

const S3 = { bucket: "backups", path: "notes", credentials: Secret.existing("keys") };
const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, object, string][] = [
  // Annotations of the pod.
  [
    "an annotation that is a flag",
    { podAnnotations: { "prometheus.io/scrape": true } },
    'podAnnotations["prometheus.io/scrape"]: true is not text. Write "true".',
  ],
  [
    "an annotation of the app's own",
    { podAnnotations: { "cdktf-sqlite/config-checksum": "a" } },
    'podAnnotations["cdktf-sqlite/config-checksum"]: is set by the app already. Leave one of the two out.',
  ],
  [
    "an annotation by which the app would get Litestream's identity",
    {
      podAnnotations: { "eks.amazonaws.com/skip-containers": "none" },
      replica: Replica.s3({
        ...S3,
        region: "eu-central-1",
        credentials: WorkloadIdentity.aws({ roleArn: "arn:aws:iam::111122223333:role/notes" }),
      }),
    },
    'podAnnotations["eks.amazonaws.com/skip-containers"]: is set by the replica\'s credentials already. Leave one of the two out.',
  ],

  // Databases.
  [
    "no databases",
    { databases: [] },
    'databases: [] names no database, so nothing would be backed up. Write the absolute path of each, for example ["/data/app.db"], or { dir: "/data/tenants", pattern: "*.db", atMost: 100 }.',
  ],
  [
    "databases forgotten",
    { databases: undefined },
    'databases: names no database, so nothing would be backed up. Write the absolute path of each, for example ["/data/app.db"], or { dir: "/data/tenants", pattern: "*.db", atMost: 100 }.',
  ],
  [
    "a relative path",
    { databases: ["data/app.db"], mountPath: "/data" },
    'databases[0].path: "data/app.db" is not an absolute path. Write the path in the app\'s container, for example "/data/app.db".',
  ],
  [
    "a path with a space",
    { databases: ["/data/my app.db"] },
    'databases[0].path: "/data/my app.db" has a "..", an empty part, or a character other than letters, digits and . _ @ + = , -. Write the plain path of the database\'s file.',
  ],
  [
    "a path with ..",
    { databases: ["/data/../app.db"], mountPath: "/data" },
    'databases[0].path: "/data/../app.db" has a "..", an empty part, or a character other than letters, digits and . _ @ + = , -. Write the plain path of the database\'s file.',
  ],
  [
    "one path twice",
    { databases: ["/data/a.db", "/data/a.db"] },
    'databases[1]: "/data/a.db" is databases[0] again. Name each database once.',
  ],
  [
    "two databases of one name",
    { databases: ["/data/x/a.db", "/data/y/a.db"] },
    'databases[1]: "/data/y/a.db" would share a folder of the replica with databases[0]. Give it a replicaPath of its own: { path: "…", replicaPath: "…" }.',
  ],
  [
    "a replicaPath that is none",
    { databases: [{ path: "/data/a.db", replicaPath: "/a" }] },
    'databases[0].replicaPath: "/a" is not a folder. Write a name, for example "app.db".',
  ],
  [
    "a path known at apply",
    { databases: [{ path: expression }], mountPath: "/data" },
    'databases[0].replicaPath: is missing, and can\'t be derived from a path that is known only at apply. Write the folder of this database in the replica, for example "app.db".',
  ],
  [
    "a database on no volume",
    { databases: ["/srv/a.db"], mountPath: "/data" },
    'databases[0]: "/srv/a.db" lies on no volume of the app (/data), and would be gone with the container. Correct the path, or mountPath, or add its folder to volumes.',
  ],
  [
    "databases with nothing in common",
    { databases: ["/one/a.db", "/two/b.db"] },
    "mountPath: can't be derived: the databases have no folder in common. Write the folder that holds them all, or give the others a volume of their own in volumes.",
  ],
  [
    "a database in /",
    { databases: ["/a.db"] },
    'mountPath: "/" is not the absolute path of a folder below "/". Write for example "/data".',
  ],
  [
    "a database's unknown setting",
    { databases: [{ path: "/data/a.db", settings: { busyTimout: "1s" } }] },
    'databases[0].settings.busyTimout: "1s" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of metaPath, monitorInterval, checkpointInterval, busyTimeout, minCheckpointPageCount, truncatePageN, maxSyncWalBytes.',
  ],

  // Names, image, ports.
  [
    "a name with capitals",
    { name: "My Notes" },
    'name: "My Notes" is not a DNS label. Write at most 52 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "my-notes".',
  ],
  [
    "a name of 53 characters",
    { name: "a".repeat(53) },
    `name: "${"a".repeat(53)}" is not a DNS label. Write at most 52 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "${"a".repeat(52)}".`,
  ],
  [
    "a namespace that is none",
    { namespace: "no_tes" },
    'namespace: "no_tes" is not a DNS label. Write at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "no-tes".',
  ],
  [
    "an image without a tag",
    { image: "ghcr.io/example/notes" },
    'image: "ghcr.io/example/notes" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "Litestream's image without a tag",
    { litestreamImage: "litestream" },
    'litestreamImage: "litestream" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "a port out of range",
    { port: 70000 },
    "port: 70000 is not a port. Write a whole number from 1 to 65535.",
  ],
  [
    "a metrics port that is none",
    { metricsPort: 0.5 },
    "metricsPort: 0.5 is not a port. Write a whole number from 1 to 65535.",
  ],
  [
    "the app on Litestream's port",
    { port: 9090 },
    "port: 9090 is the port of Litestream's metrics. Move those: metricsPort: 9091.",
  ],

  // Environment, probes, resources, user.
  [
    "HOSTNAME",
    { env: { HOSTNAME: "x" } },
    "env.HOSTNAME: would hide the pod's name, which Kubernetes sets and other parts rely on. Give the variable another name.",
  ],
  [
    "a variable's name that is none",
    { env: { "A-B": "x" } },
    'env.A-B: is not the name of an environment variable. Write letters, digits and "_", not beginning with a digit.',
  ],
  ["a variable that is a number", { env: { A: 5 } }, 'env.A: 5 is not text. Write "5".'],
  [
    "a variable without a key",
    { env: { A: { secret: "s", key: "" } } },
    'env.A.key: "" is empty. Name the key.',
  ],
  [
    "a Secret's name that is none",
    { env: { A: { secret: "S s", key: "k" } } },
    'env.A.secret: "S s" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "s-s".',
  ],
  [
    "a ConfigMap's name that is none",
    { envFrom: [{ configMap: "_" }] },
    'envFrom[0].configMap: "_" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit.',
  ],
  [
    "a probe's relative path",
    { probes: { readiness: Probe.httpGet("health") } },
    'probes.readiness.path: "health" is not a path. Write "/health".',
  ],
  [
    "a probe without a command",
    { probes: { startup: Probe.exec([]) } },
    "probes.startup.command: is empty. Write the command and its arguments.",
  ],
  [
    "a probe's period of 0",
    { probes: { liveness: Probe.tcpSocket({ periodSeconds: 0 }) } },
    "probes.liveness.periodSeconds: 0 is out of range. Write a whole number from 1.",
  ],
  [
    "memory that is none",
    { resources: { limits: { memory: "lots" } } },
    'resources.limits.memory: "lots" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "CPU that is none",
    { litestreamResources: { requests: { cpu: "half" } } },
    'litestreamResources.requests.cpu: "half" is not a quantity. Write cores or thousandths of one, for example "1" or "250m".',
  ],
  [
    "a request above its limit",
    { resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } },
    'resources.requests.memory: "2Gi" is more than the limit "1Gi". Raise the limit or lower the request.',
  ],
  [
    "root",
    { user: 0 },
    "user: 0 is root, which Pod Security `restricted` refuses. Write the id of an ordinary user, for example 1000, or say allowRoot: true.",
  ],
  [
    "a user that is none",
    { user: -1 },
    "user: -1 is not a user or group id. Write a whole number, for example 1000.",
  ],

  // Storage and volumes.
  [
    "no storage",
    { storage: undefined },
    'storage: is not a storage. Write Storage.claim({ size: "10Gi" }), Storage.ephemeral({…}) or Storage.existingClaim("name").',
  ],
  [
    "a size that is none",
    { storage: Storage.claim({ size: "10 GB" }) },
    'storage.size: "10 GB" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "a size in bytes by mistake",
    { storage: Storage.claim({ size: "10" }) },
    'storage.size: "10" is less than a mebibyte. Did you mean "10Gi"?',
  ],
  [
    "many writers",
    { storage: Storage.claim({ size: "1Gi", accessMode: "ReadWriteMany" as never }) },
    'storage.accessMode: "ReadWriteMany" lets more than one node write, and SQLite\'s locks don\'t work there. Write "ReadWriteOncePod", or "ReadWriteOnce" where the storage driver lacks it.',
  ],
  [
    "an existing claim that is none",
    { storage: Storage.existingClaim("") },
    'storage.claimName: "" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit.',
  ],
  [
    "ephemeral storage too small",
    {
      storage: Storage.ephemeral({ sizeLimit: "2Gi", expectedDatabaseSize: "1Gi" }),
      whenNoBackup: "refuse",
    },
    'storage.sizeLimit: "2Gi" is less than three times expectedDatabaseSize "1Gi"; database, WAL, Litestream\'s and the app\'s files share it, and going over it kills the pod without its last sync. Write at least "3072Mi".',
  ],
  [
    "ephemeral storage without a word on a missing backup",
    { storage: Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" }) },
    'whenNoBackup: must be said on ephemeral storage, where a wiped bucket or a mistyped folder looks like a first start. Write "start-empty" for the first start, then "refuse".',
  ],
  [
    "an unknown whenNoBackup",
    { whenNoBackup: "ignore" },
    'whenNoBackup: "ignore" is unknown. Write "start-empty" or "refuse".',
  ],
  [
    "an unknown integrity check",
    { restoreIntegrityCheck: "fast" },
    'restoreIntegrityCheck: "fast" is unknown. Write "quick", "full" or "none".',
  ],
  [
    "a mount path that is none",
    { mountPath: "/", databases: ["/data/a.db"] },
    'mountPath: "/" is not the absolute path of a folder below "/". Write for example "/data".',
  ],
  [
    "a volume's mount path that is none",
    { volumes: [{ mountPath: "up", storage: Storage.existingClaim("c") }] },
    'volumes[0].mountPath: "up" is not the absolute path of a folder below "/". Write for example "/data".',
  ],
  [
    "a folder mounted twice",
    { volumes: [{ mountPath: "/data", storage: Storage.existingClaim("c") }], mountPath: "/data" },
    'volumes[0].mountPath: "/data" is mounted twice. Give each volume a folder of its own.',
  ],
  [
    "a volume's size that is none",
    { volumes: [{ mountPath: "/up", storage: Storage.claim({ size: "x" }) }] },
    'volumes[0].storage.size: "x" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],

  [
    "a volume where Litestream has its own",
    { volumes: [{ mountPath: "/replica", storage: Storage.existingClaim("c") }] },
    'volumes[0].mountPath: "/replica" meets a folder of Litestream\'s containers (/etc/litestream, /run/litestream, /replica, /restore-from, /run/secrets). Mount it elsewhere, for example at "/data".',
  ],
  [
    "databases above Litestream's own folder",
    { databases: ["/etc/app.db"] },
    'mountPath: "/etc" meets a folder of Litestream\'s containers (/etc/litestream, /run/litestream, /replica, /restore-from, /run/secrets). Mount it elsewhere, for example at "/data".',
  ],
  [
    "a volume known at apply",
    { volumes: [{ mountPath: expression, storage: Storage.existingClaim("c") }] },
    'volumes[0].mountPath: is known only at apply, but the volume is named after it. Write the path itself, for example "/uploads".',
  ],
  [
    "a flag known at apply",
    { disposable: expression },
    "disposable: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "an optional that is a text",
    { databases: [{ path: "/data/a.db", optional: "yes" }] },
    "databases[0].optional: is neither true nor false at synth. Write true or false itself.",
  ],

  // Replicas.
  [
    "no replica",
    { replica: undefined },
    'replica: is not a replica. Write Replica.s3({ bucket: "…", path: "…", credentials: … }), Replica.file({ claim: { size: "10Gi" } }), or another of Replica.s3, gs, abs, oss, sftp, nats, webdav, file.',
  ],
  [
    "a bucket with a URL",
    { replica: Replica.s3({ ...S3, bucket: "s3://backups/notes" }) },
    'replica.bucket: "s3://backups/notes" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "." and "-". The folder belongs into path: did you mean bucket "backups"?',
  ],
  [
    "a bucket with capitals",
    { replica: Replica.s3({ ...S3, bucket: "Backups" }) },
    'replica.bucket: "Backups" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "." and "-".',
  ],
  [
    "a bucket that is an address",
    { replica: Replica.s3({ ...S3, bucket: "10.0.0.1" }) },
    'replica.bucket: "10.0.0.1" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "." and "-".',
  ],
  [
    "a path with a slash in front",
    { replica: Replica.s3({ ...S3, path: "/notes" }) },
    'replica.path: "/notes" is not a folder: names joined by "/", with none at its ends. Write for example "notes".',
  ],
  [
    "no path",
    { replica: Replica.s3({ ...S3, path: undefined as never }) },
    'replica.path: is not a folder: names joined by "/", with none at its ends. Write for example "notes".',
  ],
  [
    "no credentials",
    { replica: Replica.s3({ ...S3, credentials: undefined as never }) },
    'replica.credentials: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "credentials that are no name",
    { replica: Replica.s3({ ...S3, credentials: Secret.existing("K") }) },
    'replica.credentials.name: "K" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "k".',
  ],
  [
    "an endpoint without a scheme",
    { replica: Replica.s3({ ...S3, endpoint: "minio:9000" }) },
    'replica.endpoint: "minio:9000" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "an unknown setting of a replica",
    { replica: { ...Replica.s3(S3), regoin: "x" } },
    'replica.regoin: "x" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of region, endpoint, forcePathStyle, signPayload, requireContentMd5, skipVerify, storageClass, partSize, concurrency, sseKmsKeyId, syncInterval, validationInterval, maxSyncLtxFiles, autoRecover.',
  ],
  [
    "a part size that is none",
    { replica: Replica.s3({ ...S3, partSize: "five" }) },
    'replica.partSize: "five" is not a size. Write bytes with MiB or MB, for example "5MiB".',
  ],
  [
    "a concurrency of 0",
    { replica: Replica.s3({ ...S3, concurrency: 0 }) },
    "replica.concurrency: 0 is out of range. Write a whole number from 1.",
  ],
  [
    "a region that is no text",
    { replica: Replica.s3({ ...S3, region: "" }) },
    'replica.region: "" is not a text. Write one, or leave the key out.',
  ],
  [
    "a flag that is no boolean",
    { replica: Replica.s3({ ...S3, skipVerify: "yes" as never }) },
    'replica.skipVerify: "yes" is neither true nor false. Write true or false.',
  ],
  [
    "a file replica without a volume",
    { replica: Replica.file({}) },
    'replica.claim: is missing. Write either claim: { size: "10Gi" } or existingClaim: "name".',
  ],
  [
    "a file replica with two volumes",
    { replica: Replica.file({ claim: { size: "1Gi" }, existingClaim: "c" }) },
    'replica.claim: stands beside existingClaim. Write either claim: { size: "10Gi" } or existingClaim: "name".',
  ],
  [
    "a file replica's size that is none",
    { replica: Replica.file({ claim: { size: "big" } }) },
    'replica.claim.size: "big" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  [
    "a restore from a new claim",
    { restoreFrom: Replica.file({ claim: { size: "1Gi" } }) },
    'restoreFrom.claim: would be a new claim, with nothing in it to restore. Name the claim that holds the backup: existingClaim: "replica-notes-0".',
  ],
  [
    "a restore from a bucket that is none",
    { restoreFrom: Replica.s3({ ...S3, bucket: "B" }) },
    'restoreFrom.bucket: "B" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "." and "-".',
  ],

  [
    "a password in the endpoint",
    { replica: Replica.s3({ ...S3, endpoint: "https://key:secret@minio:9000" }) },
    'replica.endpoint: "https://key:secret@minio:9000" is not a URL, or has a password in it, which would be readable in the ConfigMap. Begin with "https://" or "http://", and leave user and password out.',
  ],
  [
    "credentials that are a text",
    { replica: Replica.s3({ ...S3, credentials: "keys" as never }) },
    'replica.credentials: "keys" names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "a Secret elsewhere",
    { replica: Replica.s3({ ...S3, credentials: { name: "keys", namespace: "other" } }) },
    "replica.credentials: \"keys\" is a Secret in namespace other, which pods of notes can't read. Make it in the app's namespace.",
  ],
  [
    "a name left out beside a claim with the backup",
    { name: undefined },
    'name: is missing; the claim with the backup is called after it, and renaming the construct would leave it behind. Write the name out, for example name: "notes".',
  ],
  [
    "a replicaPath that leaves its folder",
    { databases: [{ path: "/data/a.db", replicaPath: "x/../b" }] },
    'databases[0].replicaPath: "x/../b" is not a folder. Write a name, for example "app.db".',
  ],
  [
    "a relative metaPath",
    {
      databases: [{ path: "/data/a.db", settings: { metaPath: "meta" } }],
      hardened: true,
      whenVolumeIsOlder: "keep",
    },
    'databases[0].settings.metaPath: "meta" is not an absolute path. Write a folder of the app\'s storage, or leave it out.',
  ],
  [
    "one metaPath twice",
    {
      databases: ["a", "b"].map((name) => ({
        path: `/data/${name}.db`,
        settings: { metaPath: "/data/meta" },
      })),
      hardened: true,
      whenVolumeIsOlder: "keep",
      whenNoBackup: "refuse",
    },
    'databases[1].settings.metaPath: "/data/meta" is that of databases[0] already. Give each database a folder of its own, or leave it out.',
  ],
  [
    "a metaPath where the scripts look beside the database",
    { databases: [{ path: "/data/a.db", settings: { metaPath: "/data/meta" } }] },
    "databases: \"/data/a.db\" has a settings.metaPath, and the pod's checks look for Litestream's files beside the database: a volume that is older than the replica would not be noticed. Leave metaPath out.",
  ],
  [
    "a path known at apply without a mount path",
    { databases: [{ path: expression, replicaPath: "a" }] },
    "mountPath: can't be derived from paths that are known only at apply. Write the folder that holds them all, or give the others a volume of their own in volumes.",
  ],
  [
    "an unknown whenVolumeIsOlder",
    { whenVolumeIsOlder: "ask" },
    'whenVolumeIsOlder: "ask" is unknown. Write "refuse" or "keep".',
  ],

  // Typos, and values of another type.
  [
    "a mistyped key of a database",
    { databases: [{ path: "/data/a.db", optinal: true }] },
    "databases[0].optinal: is unknown. Take one of path, replicaPath, optional, settings.",
  ],
  [
    "a mistyped probe",
    { probes: { ready: Probe.tcpSocket() } },
    "probes.ready: is unknown. Take one of startup, readiness, liveness.",
  ],
  [
    "a probe that is a text",
    { probes: { readiness: "/health" } },
    'probes.readiness: "/health" is not a probe. Write Probe.httpGet("/health"), Probe.tcpSocket() or Probe.exec(["command"]).',
  ],
  [
    "a mistyped key of resources",
    { resources: { limit: { cpu: "1" } } },
    "resources.limit: is unknown. Take one of requests, limits.",
  ],
  [
    "a mistyped resource",
    { resources: { limits: { mem: "1Gi" } } },
    "resources.limits.mem: is unknown. Take one of cpu, memory.",
  ],
  [
    "a variable that is null",
    { env: { A: null } },
    'env.A: null is not text. Write a text, or { secret: "name", key: "key" }, or leave it out.',
  ],
  [
    "a value that can't be read",
    { envFrom: ["all"] },
    "props: can't be read: Cannot use 'in' operator to search for 'secret' in all. A value has another type than its prop: npx tsc --noEmit says which.",
  ],

  // Litestream's settings, durations, retention.
  [
    "an unknown setting",
    { litestream: { snapshots: {} } },
    "litestream.snapshots: {} is unknown to Litestream 0.5.16, which would ignore it silently. Take one of snapshot, levels, validation, l0Retention, l0RetentionCheckInterval, verifyCompaction, retention, heartbeatUrl, heartbeatInterval, shutdownSyncTimeout, shutdownSyncInterval, socket, logging.",
  ],
  [
    "an unknown setting further in",
    { litestream: { snapshot: { keep: "1h" } } },
    'litestream.snapshot.keep: "1h" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of interval, retention.',
  ],
  [
    "days",
    { litestream: { snapshot: { retention: "14d" } } },
    'litestream.snapshot.retention: "14d" is not a duration. Go durations have no days: write "336h".',
  ],
  [
    "a duration that is none",
    { stopTimeout: "30" },
    'stopTimeout: "30" is not a duration. Write a number with ms, s, m or h, for example "30s" or "24h".',
  ],
  [
    "a duration of 0",
    { litestream: { l0Retention: "0s" } },
    'litestream.l0Retention: "0s" is no time at all. Write a duration above 0, for example "1s".',
  ],
  [
    "a heartbeat under a minute",
    {
      litestream: {
        heartbeatInterval: "30s",
        heartbeatUrl: { secret: Secret.existing("heartbeat"), key: "url" },
      },
    },
    'litestream.heartbeatInterval: "30s" is less than 1m. Write "1m" or more.',
  ],
  [
    "a log level that is none",
    { litestream: { logging: { level: "loud" } } },
    'litestream.logging.level: "loud" is unknown. Write one of trace, debug, info, warn, error.',
  ],
  [
    "levels that are no list",
    { litestream: { levels: "30s" } },
    'litestream.levels: "30s" is not a list. Write […].',
  ],
  [
    "a section that is no object",
    { litestream: { snapshot: "24h" } },
    'litestream.snapshot: "24h" is not an object. Write { interval: … }.',
  ],
  [
    "a level's interval",
    { litestream: { levels: [{ interval: "x" }] } },
    'litestream.levels[0].interval: "x" is not a duration. Write a number with ms, s, m or h, for example "30s" or "24h".',
  ],
  [
    "a stop time known at apply",
    { stopTimeout: expression },
    'stopTimeout: is known only at apply, but the pod\'s grace period is computed from it. Write the duration itself, for example "30s".',
  ],
  [
    "retention below a week",
    { litestream: { snapshot: { retention: "24h" } } },
    'litestream.snapshot.retention: "24h" is less than the time between two proofs and two days more: what a proof finds could no longer be undone. Write "216h" or more.',
  ],
  [
    "retention below the interval",
    { litestream: { snapshot: { retention: "220h", interval: "240h" } } },
    'litestream.snapshot.retention: "220h" is less than snapshot.interval "240h". Write "240h" or more.',
  ],
  [
    "a grace period too short for the last sync",
    { terminationGracePeriodSeconds: 60 },
    "terminationGracePeriodSeconds: 60 is less than stopTimeout, shutdownSyncTimeout for each database and 10 s together need: the pod would be killed before its last sync. Write 70 or more, or leave it out.",
  ],
  [
    "a grace period in words",
    { terminationGracePeriodSeconds: "2m" as never },
    'terminationGracePeriodSeconds: "2m" is not a number of seconds. Write 70 or more, or leave it out.',
  ],
  [
    "a heartbeat without a URL",
    { litestream: { heartbeatInterval: "5m" } },
    'litestream.heartbeatInterval: "5m" has no effect without heartbeatUrl. Write heartbeatUrl: { secret: Secret.existing("name"), key: "url" } too.',
  ],
  [
    "too many levels",
    { litestream: { levels: Array(9).fill({ interval: "1h" }) } },
    "litestream.levels: 9 are more than the 8 levels between the first and the snapshots. Leave some out.",
  ],
  [
    "a socket on the read-only file system",
    { litestream: { socket: { enabled: true, path: "/var/run/litestream.sock" } } },
    'litestream.socket.path: "/var/run/litestream.sock" is in a folder that Litestream may not write. Leave it out, or write a file in /run/litestream.',
  ],
];

test.each(CASES)("%s", (_, props, message) => {
  expect(problemsOf(props)).toEqual([message]);
});

test("a mistyped prop", () => {
  expect(problemsOf({ whenNoBackups: "refuse" })[0]).toMatch(
    /^whenNoBackups: is unknown\. Take one of user, group, allowRoot, name, /,
  );
});

test("root in a namespace that refuses it", () => {
  const app = newApp();
  const stack = ownStack(app);
  new LitestreamApp(stack, "notes", {
    ...GOOD,
    user: 0,
    allowRoot: true,
    namespace: new Namespace(stack, "strict"),
  });
  expect(failure(app)).toContain(
    'user: 0 is root, which the namespace refuses. Make the namespace with podSecurity: "baseline", or write another user.',
  );
});

test("two volumes that would have one name", () => {
  const at = (mountPath: string) => ({ mountPath, storage: Storage.existingClaim("c") });
  expect(problemsOf({ volumes: [at("/up_loads"), at("/up-loads")] })).toEqual([
    'volumes[0].mountPath: "/up_loads" gives the volume the name volume-up-loads, as another one does. Mount one of the two elsewhere.',
    'volumes[1].mountPath: "/up-loads" gives the volume the name volume-up-loads, as another one does. Mount one of the two elsewhere.',
  ]);
});

test("the construct's id is its name, and is checked as one", () => {
  expect(problemsOf({ name: undefined, replica: Replica.s3(S3) }, "My_Notes")).toEqual([
    'name: "My_Notes" is not a DNS label. Write at most 52 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "my-notes".',
  ]);
});

test("everything wrong with one app is said at once", () => {
  expect(
    problemsOf({ port: 0, image: "x", databases: ["a", "a"], user: 0 }).length,
  ).toBeGreaterThanOrEqual(5);
});

test.each([
  ["a name in an annotation of a Secret", { env: { A: { secret: "a.b.c", key: "k" } } }],
  ["an image by digest", { image: `ghcr.io/example/notes@sha256:${"a".repeat(64)}` }],
  ["a registry with a port", { image: "localhost:5000/notes:1" }],
  [
    "a database in a volume of its own",
    {
      databases: ["/data/a.db", "/more/b.db"],
      volumes: [{ mountPath: "/more", storage: Storage.claim({ size: "1Gi" }) }],
    },
  ],
])("%s is fine", (_, props) => {
  expect(() => objectsOf(props)).not.toThrow();
});

test.each([
  ["every month", Schedule.cron("0 2 1 * *"), "792h", "791h"],
  ["every week", Schedule.weekly(), "216h", "215h"],
  ["every day", Schedule.daily(), "72h", "71h"],
])("a proof %s asks for snapshots of so long, and no longer", (_, schedule, enough, tooLittle) => {
  const declare = (retention: string) => {
    const app = newApp();
    const stack = ownStack(app);
    const of = new LitestreamApp(stack, "notes", {
      ...GOOD,
      litestream: { snapshot: { retention } },
    });
    new BackupVerification(stack, "verify", { of, schedule });
    return app;
  };
  expect(() => synthesized(declare(enough))).not.toThrow();
  expect(failure(declare(tooLittle))).toContain(
    `litestream.snapshot.retention: "${tooLittle}" is less than the time between two proofs and two days more: what a proof finds could no longer be undone. Write "${enough}" or more.`,
  );
});

test("values known only at apply are left to Terraform", () => {
  const props = {
    ...GOOD,
    namespace: expression,
    image: expression,
    env: { A: expression, B: { secret: expression, key: "k" } },
    storage: Storage.claim({ size: expression, storageClass: expression }),
    replica: Replica.s3({
      bucket: expression,
      path: expression,
      region: expression,
      endpoint: expression,
      credentials: Secret.existing(expression),
    }),
    resources: { limits: { memory: expression, cpu: expression } },
    litestream: {
      snapshot: { interval: expression },
      heartbeatUrl: { secret: Secret.existing(expression), key: "url" },
    },
    databases: [{ path: expression, replicaPath: "app.db" }],
    mountPath: "/data",
  };
  expect(appProblems("notes", props)).toEqual([]);
});
