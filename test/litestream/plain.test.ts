import { Storage, variable } from "../../src";
import { newApp, objectsOf, ownStack, problemsOf } from "../support/synth";

const KEEP = { hardened: true, whenVolumeIsOlder: "keep" } as const;
const podOf = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;
const EPHEMERAL = Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" });

test("the hardened image runs nothing but its binary", () => {
  const objects = objectsOf(KEEP);
  const { initContainers } = podOf(objects);
  expect(initContainers.map(({ image }: any) => image)).toEqual(
    Array(2).fill("litestream/litestream:0.5.16-scratch"),
  );
  expect(initContainers.map(({ command }: any) => command)).toEqual(
    Array(2).fill(["/usr/local/bin/litestream"]),
  );
  expect(Object.keys(objects.ConfigMap.data)).toEqual(["litestream.yml"]);
  const [restore, sidecar] = initContainers;
  expect(restore.env).toContainEqual({
    name: "LITESTREAM_CONFIG",
    value: "/etc/litestream/litestream.yml",
  });
  expect(sidecar).toMatchObject({
    name: "litestream-sidecar",
    restartPolicy: "Always",
    args: ["replicate"],
    startupProbe: { httpGet: { path: "/metrics", port: "metrics" } },
    readinessProbe: { httpGet: { path: "/metrics", port: "metrics" } },
  });
  expect(sidecar.livenessProbe).toBeUndefined();
});

test("its containers meet Pod Security restricted", () => {
  for (const { securityContext } of podOf(objectsOf(KEEP)).initContainers)
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
});

test("each database is restored by a container of its own, before Litestream starts", () => {
  const { initContainers } = podOf(
    objectsOf({
      ...KEEP,
      whenNoBackup: "refuse",
      databases: ["/data/a.db", { path: "/data/b.db", optional: true }],
    }),
  );
  expect(initContainers.map(({ name, args }: any) => [name, args])).toEqual([
    [
      "litestream-restore-snapshot",
      ["restore", "-if-db-not-exists", "-integrity-check", "quick", "/data/a.db"],
    ],
    [
      "litestream-restore-snapshot-1",
      [
        ...["restore", "-if-db-not-exists", "-if-replica-exists", "-integrity-check", "quick"],
        "/data/b.db",
      ],
    ],
    ["litestream-sidecar", ["replicate"]],
  ]);
});

test.each([
  ["a claim", KEEP],
  ["ephemeral storage", { hardened: true, storage: EPHEMERAL, whenNoBackup: "start-empty" }],
] as const)("start-empty lets a replica without a backup pass on %s", (_, props) => {
  expect(podOf(objectsOf(props)).initContainers[0].args).toContain("-if-replica-exists");
});

test("an image of one's own", () => {
  const litestreamImage = "registry.example.com/litestream:latest";
  expect(podOf(objectsOf({ ...KEEP, litestreamImage })).initContainers[0].image).toBe(
    litestreamImage,
  );
});

test.each([
  [
    "a volume that may be older",
    { hardened: true },
    'whenVolumeIsOlder: can\'t be found out in the hardened image: a volume that was left behind is taken for the truth. Say so: whenVolumeIsOlder: "keep".',
  ],
  [
    "a volume that is to be refused when it is older",
    { hardened: true, whenVolumeIsOlder: "refuse" },
    'whenVolumeIsOlder: "refuse" can\'t be found out in the hardened image: a volume that was left behind is taken for the truth. Say so: whenVolumeIsOlder: "keep".',
  ],
  [
    "a database on a claim beside ephemeral storage",
    {
      hardened: true,
      storage: EPHEMERAL,
      mountPath: "/data",
      whenNoBackup: "refuse",
      databases: ["/data/a.db", "/more/b.db"],
      volumes: [{ mountPath: "/more", storage: Storage.claim({ size: "1Gi" }) }],
    },
    'whenVolumeIsOlder: can\'t be found out in the hardened image: a volume that was left behind is taken for the truth. Say so: whenVolumeIsOlder: "keep".',
  ],
  [
    "several databases, and nothing said of their backup",
    { ...KEEP, databases: ["/data/a.db", "/data/b.db"] },
    'whenNoBackup: must be said in the hardened image, where each database is restored for itself: one whose backup is gone would start empty beside the others. Write "start-empty" for the first start, then "refuse".',
  ],
  [
    "another replica to start from",
    { ...KEEP, restoreFrom: { kind: "file", existingClaim: "old" } },
    "restoreFrom: can't be read in the hardened image, where no script can choose between two replicas. Start once with the default image and restoreFrom, then change.",
  ],
  [
    "a point in time",
    { ...KEEP, restoreTo: { id: "undo", timestamp: "2026-01-31T12:00:00Z" } },
    "restoreTo: can't be done in the hardened image, where no script can see to it that it is done once. Go back with the default image, then change.",
  ],
  [
    "a directory",
    { ...KEEP, databases: [{ dir: "/data/tenants", pattern: "*.db", atMost: 5 }] },
    'databases: "/data/tenants" is a directory, whose databases no script can list and restore in the hardened image. Take the default image, or declare each database by its path.',
  ],
  [
    "a choice that is known too late",
    {
      ...KEEP,
      whenNoBackup: variable(ownStack(newApp()), "first", { type: "string" }).stringValue,
    },
    'whenNoBackup: is known only at apply, but decides in the hardened image how each database is restored. Write "start-empty" or "refuse" itself.',
  ],
  [
    "a word for hardened",
    { hardened: "yes" },
    "hardened: is neither true nor false at synth. Write true or false itself.",
  ],
  [
    "the hardened image without saying so",
    { litestreamImage: "litestream/litestream:0.5.16-scratch" },
    'litestreamImage: "litestream/litestream:0.5.16-scratch" has no shell, which the pod\'s scripts need. Write hardened: true.',
  ],
] as [string, object, string][])("%s is refused", (_, props, line) => {
  expect(problemsOf(props)).toEqual([line]);
});
