import { parse } from "yaml";
import { LitestreamApp, type LitestreamAppProps, Replica, Secret, Storage } from "../../src";
import { failure, GOOD, newApp, objectsOf, ownStack, problemsOf } from "../support/synth";

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
