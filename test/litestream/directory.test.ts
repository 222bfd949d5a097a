import { parse } from "yaml";
import {
  LitestreamApp,
  type LitestreamAppProps,
  Replica,
  Secret,
  Storage,
  variable,
} from "../../src";
import { failure, GOOD, newApp, objectsOf, ownStack, problemsOf } from "../support/synth";
import { HOST_KEY } from "../support/replicas";

const TENANTS = { dir: "/data/tenants", pattern: "*.db", atMost: 50 };
const S3 = Replica.s3({ bucket: "backups", path: "prod", credentials: Secret.existing("keys") });

const pod = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;
const file = (objects: Record<string, any>, name: string) =>
  parse(objects.ConfigMap.data[name], { version: "1.1" });

describe("a directory of databases", () => {
  const objects = objectsOf({ databases: ["/data/main.db", TENANTS] });
  const [restore, sidecar] = pod(objects).initContainers;

  test("is watched", () => {
    expect(file(objects, "litestream.yml").dbs[1]).toEqual({
      dir: "/data/tenants",
      pattern: "*.db",
      recursive: false,
      watch: true,
      replica: { type: "file", path: "/replica/tenants" },
    });
  });

  test("has an entry for restore.sh to make one for each database of", () => {
    expect(file(objects, "directory-0.yml")).toEqual({
      dbs: [
        {
          path: "/data/tenants/@LITESTREAM_DATABASE@",
          replica: { type: "file", path: "/replica/tenants/@LITESTREAM_DATABASE@" },
        },
      ],
    });
    // The name stands in quotes, so that it can hold what YAML would trip over.
    expect(objects.ConfigMap.data["directory-0.yml"]).toMatch(
      /path: "\/replica\/tenants\/@LITESTREAM_DATABASE@"/,
    );
  });

  test("reaches the scripts", () => {
    expect(restore.args.slice(5)).toEqual([
      "/data/main.db",
      ...["--directory", "/data/tenants", "*.db", "no", "0", "/replica/tenants", ""],
    ]);
    expect(sidecar.args).toEqual(["/data/main.db", "--directory", "/data/tenants", "*.db", "no"]);
    expect(sidecar.livenessProbe.exec.command.slice(3)).toEqual(sidecar.args);
  });

  test("has room for what restoring so many takes", () => {
    const run = (atMost: number) =>
      pod(objectsOf({ databases: [{ ...TENANTS, atMost }] })).volumes.find(
        ({ name }: any) => name === "litestream-run",
      ).emptyDir.sizeLimit;
    expect([run(1), run(2000)]).toEqual(["17Mi", "32Mi"]);
  });

  test("counts for as many databases as it may hold in the grace period", () => {
    expect(pod(objects).terminationGracePeriodSeconds).toBe(30 + 51 * 30 + 10);
  });

  test("lets the mount path be derived", () => {
    expect(sidecar.volumeMounts).toContainEqual({ name: "data", mountPath: "/data" });
    const alone = objectsOf({ databases: [TENANTS] });
    expect(pod(alone).containers[0].volumeMounts).toEqual([
      { name: "data", mountPath: "/data/tenants" },
    ]);
  });
});

describe("a directory in a bucket", () => {
  const other = Replica.sftp({
    host: "backup.example.com",
    user: "notes",
    path: "old",
    credentials: { secret: Secret.existing("ssh"), passwordKey: "password" },
    hostKey: HOST_KEY,
  });
  const objects = objectsOf({ databases: [TENANTS], replica: S3, restoreFrom: other });
  const [list, listOther, restore] = pod(objects).initContainers;

  test("is listed before it is restored, also that of restoreFrom", () => {
    expect([list.name, listOther.name, restore.name]).toEqual([
      "litestream-list-databases",
      "litestream-list-restore-from",
      "litestream-restore-snapshot",
    ]);
    expect(list).toMatchObject({
      image: "rclone/rclone:1.71.0",
      command: ["sh", "/etc/litestream/list.sh"],
      args: ["replica", "backups", "backups/prod", "/data/tenants", "0", "no", "tenants"],
      securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    });
    expect(listOther.args).toEqual([
      ...["restore-from", "", "old", "--obscured", "RCLONE_CONFIG_REPLICA_PASS"],
      ...["--file", "known_hosts", `backup.example.com ${HOST_KEY}\n`],
      ...["/data/tenants", "0", "no", "tenants"],
    ]);
    expect(restore.args.slice(-2)).toEqual(["", ""]);
    expect(objects.ConfigMap.data["list.sh"]).toContain("rclone lsf");
  });

  test("keeps the keys out of the ConfigMap and of the app", () => {
    const key = { secretKeyRef: { name: "keys", key: "LITESTREAM_SECRET_ACCESS_KEY" } };
    expect(list.env).toContainEqual({
      name: "RCLONE_CONFIG_REPLICA_SECRET_ACCESS_KEY",
      valueFrom: key,
    });
    expect(pod(objects).containers[0].env).toBeUndefined();
  });

  test("needs no list when the replica is a volume", () => {
    const names = pod(objectsOf({ databases: [TENANTS] })).initContainers.map(
      ({ name }: any) => name,
    );
    expect(names).toEqual(["litestream-restore-snapshot", "litestream-sidecar"]);
  });
});

const CASES: [string, Partial<LitestreamAppProps>, string][] = [
  [
    "a relative folder",
    { databases: [{ ...TENANTS, dir: "tenants" }], mountPath: "/data" },
    'databases[0].dir: "tenants" is not the absolute path of a folder. Write for example "/data/tenants".',
  ],
  [
    "a pattern with folders",
    { databases: [{ ...TENANTS, pattern: "**/*.db" }] },
    'databases[0].pattern: "**/*.db" is not a pattern for the names of files. Write for example "*.db", without folders and braces; recursive: true looks into folders.',
  ],
  [
    "no number of databases",
    { databases: [{ dir: "/data/tenants", pattern: "*.db" } as never], stopTimeout: "1s" },
    "databases[0].atMost: is not a number of databases. Write how many databases there may be, for example 100.",
  ],
  [
    "a folder of the replica that isn't one",
    { databases: [{ ...TENANTS, replicaPath: "../up" }] },
    'databases[0].replicaPath: "../up" is not a folder. Write a name, for example "tenants".',
  ],
  [
    "a mistyped field",
    { databases: [{ ...TENANTS, patern: "*.db" } as never] },
    "databases[0].patern: is unknown. Take one of dir, pattern, atMost, recursive, watch, replicaPath, settings.",
  ],
  [
    "one folder for Litestream's files of all databases",
    { databases: [{ ...TENANTS, settings: { metaPath: "/data/meta" } as never }] },
    'databases[0].settings.metaPath: "/data/meta" is unknown to Litestream 0.5.16, which would ignore it silently. Take one of monitorInterval, checkpointInterval, busyTimeout, minCheckpointPageCount, truncatePageN, maxSyncWalBytes.',
  ],
  [
    "a database in it declared once more",
    { databases: [TENANTS, { path: "/data/tenants/one.db", replicaPath: "one" }] },
    'databases[1]: "/data/tenants/one.db" lies in the directory of databases[0], and would be replicated twice. Leave it out, or put it into another folder.',
  ],
  [
    "a database whose backup would lie among its",
    { databases: [TENANTS, { path: "/data/one.db", replicaPath: "tenants/one.db" }] },
    'databases[1]: "/data/one.db" would share a folder of the replica with databases[0]. Give it a replicaPath of its own: { path: "…", replicaPath: "…" }.',
  ],
  [
    "a replica that can't be listed",
    {
      databases: [TENANTS],
      replica: Replica.nats({ url: "nats://nats:4222", bucket: "notes", credentials: "none" }),
    },
    'replica: "nats" can\'t hold a directory: nothing can list its databases, so they could not be restored. Take a replica of another type (docs/replicas.md), or declare each database by its path.',
  ],
  [
    "a server that is known too late to list it",
    {
      databases: [TENANTS],
      replica: Replica.sftp({
        host: variable(ownStack(newApp()), "host", { type: "string" }).stringValue,
        user: "notes",
        path: "notes",
        credentials: Secret.existing("ssh"),
        hostKey: HOST_KEY,
      }),
    },
    "replica.host: is known only at apply, and the databases of a directory are listed there. Write the host itself.",
  ],
  [
    "an image for the list that is none",
    { databases: [TENANTS], rcloneImage: "rclone" },
    'rcloneImage: "rclone" is not an image with a tag. Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
  ],
  [
    "a folder on no volume",
    { databases: ["/data/main.db", { ...TENANTS, dir: "/tenants" }], mountPath: "/data" },
    'databases[1]: "/tenants" lies on no volume of the app (/data), and would be gone with the container. Correct the path, or mountPath, or add its folder to volumes.',
  ],
];

test.each(CASES)("%s", (_, props, message) => {
  expect(problemsOf(props)).toEqual([message]);
});

test("another app's database can't lie in its folder of the replica", () => {
  const app = newApp();
  const stack = ownStack(app);
  const props = { ...GOOD, replica: S3, storage: Storage.claim({ size: "1Gi" }) };
  new LitestreamApp(stack, "tenants", { ...props, name: "tenants", databases: [TENANTS] });
  new LitestreamApp(stack, "one", {
    ...props,
    name: "one",
    databases: [{ path: "/data/one.db", replicaPath: "tenants/one.db" }],
  });
  expect(failure(app)).toContain(
    'databases[0]: "/data/one.db" is the replica path of own/tenants (databases[0]) already.',
  );
});
