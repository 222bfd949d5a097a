import { BackupVerification, RqliteCluster, Secret, Storage, WriteOnlySecret } from "../../src";
import { CLUSTER, clusterProblems, reported, S3, USERS } from "../support/rqlite";
import { failure, newApp, ownStack } from "../support/synth";

const password = { secret: Secret.existing("users"), key: "app" };
const client = { name: "app", password, permissions: ["query"] };
const withClient = (change: object) => ({
  users: { ...USERS, clients: [{ ...client, ...change }] },
});

test.each<[string, object, string]>([
  [
    "a name",
    { name: "Notes" },
    'name: "Notes" is not a DNS label. Write at most 40 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "notes".',
  ],
  [
    "a long name",
    { name: "n".repeat(41) },
    `name: "${"n".repeat(41)}" is not a DNS label. Write at most 40 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "${"n".repeat(40)}".`,
  ],
  [
    "a namespace",
    { namespace: "my notes" },
    'namespace: "my notes" is not a DNS label. Write at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "my-notes".',
  ],
  [
    "a prop",
    { voter: 3 },
    expect.stringMatching(/^voter: is unknown\. Take one of user, group, name, /) as never,
  ],
  [
    "a version",
    { version: "10" },
    'version: "10" is not a version of rqlite. Write all three numbers, for example "10.2.7".',
  ],
  [
    "an old version",
    { version: "8.26.7" },
    'version: "8.26.7" is older than 8.26.8, the oldest whose flags are known. Write "8.26.8" or a later one.',
  ],
  [
    "an image",
    { image: "rqlite/rqlite" },
    'image: "rqlite/rqlite" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "curl's image",
    { curlImage: "curl" },
    'curlImage: "curl" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "ephemeral storage",
    { storage: Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" }) },
    'storage: "ephemeral" goes with the pod, and a write that a majority has is lost with a majority of the pods. Write Storage.claim({ size: "10Gi" }).',
  ],
  [
    "one claim for all",
    { storage: Storage.existingClaim("data") },
    'storage: "existingClaim" is one claim, and each node needs its own. Write Storage.claim({ size: "10Gi" }).',
  ],
  [
    "no storage",
    { storage: undefined },
    'storage: is not a storage. Write Storage.claim({ size: "10Gi" }), Storage.ephemeral({…}) or Storage.existingClaim("name").',
  ],
  [
    "a size",
    { storage: Storage.claim({ size: "ten" }) },
    'storage.size: "ten" is not a size. Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
  ],
  ["a spread", { spread: "zones" }, 'spread: "zones" is unknown. Write "require" or "prefer".'],
  [
    "a flag",
    { disposable: "yes" },
    "disposable: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "root",
    { user: 0 },
    "user: 0 is root, which Pod Security `restricted` refuses. Write the id of an ordinary user, for example 1000, or say allowRoot: true.",
  ],
  [
    "a grace period",
    { terminationGracePeriodSeconds: 5 },
    "terminationGracePeriodSeconds: 5 is too little for a leader to hand over and a node to close its data. Write a whole number from 10.",
  ],
  [
    "a startup timeout",
    { startupTimeout: "1s" },
    'startupTimeout: "1s" is less than 10s. Write "10s" or more.',
  ],
  [
    "resources",
    { resources: { requests: { cpu: "many" } } },
    'resources.requests.cpu: "many" is not a quantity. Write cores or thousandths of one, for example "1" or "250m".',
  ],
  [
    "readers",
    { readers: { count: 0 } },
    "readers.count: 0 is no number of nodes. Write a whole number from 1, or leave readers out.",
  ],
  [
    "a reader's storage",
    { readers: { count: 1, storage: Storage.claim({ size: "1" }) } },
    'readers.storage.size: "1" is less than a mebibyte. Did you mean "10Gi"?',
  ],
  [
    "clients",
    { clients: {} },
    'clients: {} is not a list. Write [{ pods: { "app.kubernetes.io/name": "web" } }].',
  ],
  [
    "a client that is nobody",
    { clients: [{}] },
    "clients[0].pods: is missing, and so is namespace: nobody is named. Write the labels of pods, a namespace, or both.",
  ],
  [
    "a client's labels",
    { clients: [{ pods: "web" }] },
    'clients[0].pods: "web" is not a map of labels. Write { "app.kubernetes.io/name": "web" }.',
  ],
  [
    "a user's name",
    withClient({ name: "a b" }),
    'users.clients[0].name: "a b" is not a user\'s name. Write letters, digits, ".", "_", "@" and "-", beginning with a letter or digit.',
  ],
  [
    "a user of the cluster's own",
    withClient({ name: "rqlite-nodes" }),
    'users.clients[0].name: "rqlite-nodes" is a user of the cluster\'s own. Write another name.',
  ],
  [
    "a user twice",
    { users: { ...USERS, clients: [client, client] } },
    'users.clients[1].name: "app" is there already. Write another name.',
  ],
  [
    "no user",
    { users: { ...USERS, clients: [] } },
    'users.clients: [] has nobody who could read or write. Write [{ name: "app", password: { secret, key }, permissions: ["query", "execute"] }].',
  ],
  [
    "no permission",
    withClient({ permissions: [] }),
    'users.clients[0].permissions: is empty: the user may do nothing. Write for example ["query"].',
  ],
  [
    "permissions that are none",
    withClient({ permissions: "all" }),
    "users.clients[0].permissions: is not a list of permissions. Take some of all, execute, query, load, backup, snapshot, status, ready, join, join-read-only, remove.",
  ],
  [
    "a permission",
    withClient({ permissions: ["write"] }),
    'users.clients[0].permissions[0]: "write" is unknown. Take some of all, execute, query, load, backup, snapshot, status, ready, join, join-read-only, remove.',
  ],
  [
    "a password in the declaration",
    withClient({ password: "secret" }),
    'users.clients[0].password: is a secret, and would stand in the ConfigMap. Write { secret: Secret.existing("name"), key: "key" }.',
  ],
  [
    "the nodes' password in the declaration",
    { users: { ...USERS, nodes: "secret" } },
    'users.nodes: is a secret, and would stand in the ConfigMap. Write { secret: Secret.existing("name"), key: "key" }.',
  ],
  [
    "a certificate without a Secret",
    { tls: { nodes: {} } },
    'tls.nodes.secret: names no Secret. Write Secret.existing("name") or a WriteOnlySecret.',
  ],
  [
    "an unknown certificate",
    { tls: { raft: {} } },
    "tls.raft: is unknown. Take one of http, nodes.",
  ],
  [
    "a bucket",
    { backup: { ...S3, bucket: "My Bucket" } },
    'backup.bucket: "My Bucket" is not a bucket\'s name. Write 3 to 63 lower-case letters, digits, "." and "-".',
  ],
  [
    "no bucket",
    { backup: { ...S3, bucket: undefined } },
    'backup.bucket: is missing. Write 3 to 63 lower-case letters, digits, "." and "-".',
  ],
  [
    "a path",
    { backup: { ...S3, path: "/notes/" } },
    'backup.path: "/notes/" is not the key of an object. Write letters, digits, ".", "_" and "-", with "/" between folders, for example "notes/db.sqlite.gz".',
  ],
  [
    "an endpoint",
    { backup: { ...S3, endpoint: "minio.example.com" } },
    'backup.endpoint: "minio.example.com" is not the address of a service. Write for example "https://minio.example.com", without the bucket.',
  ],
  [
    "a region",
    { backup: { ...S3, region: "EU West" } },
    'backup.region: "EU West" is not a region. Write for example "eu-central-1".',
  ],
  [
    "keys in the declaration",
    { backup: { ...S3, credentials: { accessKeyId: "AKIA" } } },
    "credentials.name",
  ],
  [
    "an interval",
    { backup: { ...S3, interval: "1d" } },
    'backup.interval: "1d" is not a duration. Go durations have no days: write "24h".',
  ],
  [
    "a backup's flag",
    { backup: { ...S3, timestamp: 1 } },
    "backup.timestamp: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "an unknown option",
    { backup: { ...S3, sse: true } },
    expect.stringMatching(/^backup\.sse: is unknown\. Take one of bucket, path, /) as never,
  ],
  [
    "a restore from nowhere",
    { restore: { whenNoBackup: "refuse" } },
    'restore.from: is missing, and there is no backup whose place it could be. Write { bucket: "…", path: "…", credentials: … }.',
  ],
  [
    "a restore without a word on a missing backup",
    { restore: { from: S3 } },
    'restore.whenNoBackup: is unknown. Write "start-empty" for the first start, or "refuse" where there is a backup.',
  ],
  [
    "a restore's timeout",
    { restore: { from: S3, whenNoBackup: "refuse", timeout: "0s" } },
    'restore.timeout: "0s" is less than 1s. Write "1s" or more.',
  ],
  [
    "a restore's place",
    { restore: { from: { ...S3, path: "a b" }, whenNoBackup: "refuse" } },
    'restore.from.path: "a b" is not the key of an object. Write letters, digits, ".", "_" and "-", with "/" between folders, for example "notes/db.sqlite.gz".',
  ],
  [
    "changes captured too early",
    { version: "8.29.5", cdc: "https://changes.example.com" },
    "cdc: is nothing that rqlite 8.29.5 has: it is there from 9.0.0. Leave it out, or declare another version.",
  ],
  [
    "a password in a URL",
    { cdc: "https://user:secret@changes.example.com" },
    "cdc: is not an endpoint's URL without a password in it. Write for example \"https://changes.example.com/rqlite\", or a key of a Secret with rqlite's file.",
  ],
])("%s is refused", (_, props, message) => {
  const problems = clusterProblems(props);
  if (message === "credentials.name") expect(problems[0]).toMatch(/^backup\.credentials\.name: is/);
  else expect(problems).toEqual([message]);
});

test("props that can't be read are a problem like any other", () => {
  expect(clusterProblems({ users: null })).toEqual([
    expect.stringMatching(
      /^props: can't be read: .* A value has another type than its prop: npx tsc --noEmit says which\.$/,
    ),
  ]);
});

test("a Secret of another namespace can't be read by the pods", () => {
  const app = newApp();
  const stack = ownStack(app);
  const secret = new WriteOnlySecret(stack, "s3", { namespace: "other", data: {}, revision: 1 });
  new RqliteCluster(stack, "notes", { ...CLUSTER, backup: { ...S3, credentials: secret } });
  expect(reported(failure(app))).toEqual([
    "secrets: \"s3\" is a Secret in namespace other, which pods of notes can't read. Make it in the cluster's namespace.",
  ]);
});

test("two clusters can't write one backup", () => {
  const app = newApp();
  const stack = ownStack(app);
  for (const name of ["one", "two"])
    new RqliteCluster(stack, name, { ...CLUSTER, name, backup: S3 });
  expect(reported(failure(app))).toEqual([
    'backup.path: "notes/db.sqlite.gz" is the place of the backup of own/one (backup.path) already. Give one of the two another path.',
  ]);
});

test("a proof needs a backup", () => {
  const app = newApp();
  const stack = ownStack(app);
  new BackupVerification(stack, "verify", { of: new RqliteCluster(stack, "notes", CLUSTER) });
  expect(reported(failure(app))).toEqual([
    "backup: is missing, and a BackupVerification is to prove it. Write backup: { bucket, path, credentials }, or leave the verification out.",
  ]);
});

test("a proof needs a user that may ask", () => {
  const app = newApp();
  const stack = ownStack(app);
  const users = { ...USERS, verification: undefined } as never;
  new BackupVerification(stack, "verify", {
    of: new RqliteCluster(stack, "notes", { ...CLUSTER, backup: S3, users }),
  });
  expect(reported(failure(app))).toEqual([
    'users.verification: is missing, without which a proof can\'t ask how far the cluster is. Write { secret: Secret.existing("name"), key: "key" }.',
  ]);
});
