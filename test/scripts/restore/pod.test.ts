import { Replica, Secret, Storage } from "../../../src";
import { restoreConfigMap, restorePod } from "../../../scripts/restore/pod";
import { HARDENED, planned } from "./deployed";

const S3 = Replica.s3({ bucket: "backups", path: "notes", credentials: Secret.existing("s3") });
const EPHEMERAL = Storage.ephemeral({ sizeLimit: "1Gi", expectedDatabaseSize: "100Mi" });

const podOf = (...given: Parameters<typeof planned>) => {
  const { app, plan } = planned(...given);
  const pod = restorePod(app, plan);
  return { app, plan, pod, container: pod.spec?.containers[0] };
};

test("the pod has what restores at the app's start, and runs the script that does it now", () => {
  const { app, pod, container } = podOf();
  const { restore, spec } = app;
  expect(pod.spec).toMatchObject({
    restartPolicy: "Never",
    serviceAccountName: "notes",
    automountServiceAccountToken: false,
    securityContext: spec.securityContext,
  });
  expect(pod.spec?.initContainers).toBeUndefined();
  expect(container).toMatchObject({
    image: restore.image,
    env: restore.env,
    resources: restore.resources,
    securityContext: restore.securityContext,
    volumeMounts: restore.volumeMounts,
    command: ["sh", "/etc/litestream/restore-now.sh"],
    args: [
      ...["newest", "", "full", "3"],
      "/data/notes.db",
      "/data/.notes.db-litestream",
      "/data/.litestream-before-restore/20260131T120000Z",
      "volume",
    ],
  });
});

test("it has the claims of the app's only pod, and the ConfigMap of the restore", () => {
  expect(podOf().pod.spec?.volumes).toEqual([
    { name: "litestream-config", configMap: { name: "notes-restore" } },
    { name: "litestream-run", emptyDir: {} },
    { name: "data", persistentVolumeClaim: { claimName: "data-notes-0" } },
    { name: "replica", persistentVolumeClaim: { claimName: "replica-notes-0" } },
  ]);
});

test("it has no limit that would have it evicted with two states on one disk", () => {
  const { pod } = podOf({ storage: EPHEMERAL, replica: S3, whenNoBackup: "refuse" });
  expect(pod.spec?.volumes).toContainEqual({ name: "data", emptyDir: {} });
});

test("volumes that only the app sees stay out", () => {
  const { pod } = podOf({
    mountPath: "/data",
    volumes: [{ mountPath: "/uploads", storage: Storage.claim({ size: "1Gi" }) }],
  });
  expect(pod.spec?.volumes?.map(({ name }) => name)).not.toContain("volume-uploads");
});

test("neither the StatefulSet nor the Service takes it for the app's", () => {
  const { app, pod } = podOf();
  expect(app.selector).toEqual({ "app.kubernetes.io/name": "notes" });
  expect(pod.metadata?.labels).toEqual({
    "app.kubernetes.io/name": "notes-restore",
    "app.kubernetes.io/managed-by": "cdktf-sqlite",
  });
  expect(Object.keys(pod.metadata?.annotations ?? {})).toEqual([]);
});

test("it lies where the app's pod may lie", () => {
  const nodeSelector = { disk: "ssd" };
  const { pod } = podOf({ nodeSelector } as never);
  expect(pod.spec?.nodeSelector).toEqual(nodeSelector);
});

test("an image without a shell gives way to one with it, or to the one that is asked for", () => {
  const { app, plan, container } = podOf(HARDENED);
  expect(container?.image).toBe("litestream/litestream:0.5.16");
  expect(container?.securityContext).toMatchObject({ runAsNonRoot: true });
  const own = restorePod(app, plan, { image: "registry.example.com/litestream:1" });
  expect(own.spec?.containers[0]?.image).toBe("registry.example.com/litestream:1");
});

test("undoing has its own first argument", () => {
  const { app, plan } = planned();
  const { args } = restorePod(app, plan, { undo: true }).spec?.containers[0] ?? {};
  expect(args?.slice(0, 3)).toEqual(["undo", "", "full"]);
});

test("the ConfigMap says what is done, for another run to carry on", () => {
  const { app, plan } = planned();
  const { metadata, data } = restoreConfigMap(app, plan);
  expect(metadata).toMatchObject({ name: "notes-restore", namespace: "notes" });
  expect(Object.keys(data ?? {})).toEqual([
    "litestream.yml",
    "database-1.yml",
    "restore-now.sh",
    "plan.json",
  ]);
  expect(JSON.parse(data?.["plan.json"] ?? "")).toEqual(plan);
});
