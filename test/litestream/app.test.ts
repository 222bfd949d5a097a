import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { Construct } from "constructs";
import { parse } from "yaml";
import {
  LitestreamApp,
  manifests,
  Namespace,
  Probe,
  Replica,
  Secret,
  SqliteStack,
  Storage,
  variable,
  WriteOnlySecret,
} from "../../src";
import { GOOD, newApp, objectsOf, ownStack, synthesized } from "../support/synth";

const config = (objects: Record<string, any>) => parse(objects.ConfigMap.data["litestream.yml"]);
const podOf = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;
const S3 = Replica.s3({ bucket: "backups", path: "notes", credentials: Secret.existing("keys") });

test("an app is one pod of a StatefulSet that a failed start doesn't block", () => {
  const { StatefulSet } = objectsOf();
  expect(StatefulSet.spec).toMatchObject({
    replicas: 1,
    serviceName: "notes",
    podManagementPolicy: "Parallel",
    updateStrategy: { type: "RollingUpdate" },
    selector: { matchLabels: { "app.kubernetes.io/name": "notes" } },
  });
});

test("Litestream restores before the app, runs beside it, and is told to stop after it", () => {
  const pod = podOf(objectsOf());
  expect(pod.initContainers.map(({ name, restartPolicy }: any) => [name, restartPolicy])).toEqual([
    ["litestream-restore-snapshot", undefined],
    ["litestream-sidecar", "Always"],
  ]);
  expect(pod.containers.map(({ name }: any) => name)).toEqual(["app"]);
  expect(pod.initContainers[0].args).toEqual([
    "start-empty",
    "refuse",
    "quick",
    "no",
    "3",
    "/data/notes.db",
  ]);
  expect(pod.initContainers[1].command).toEqual(["sh", "/etc/litestream/replicate.sh"]);
});

test("litestream.yml holds the defaults, and what the props say", () => {
  expect(config(objectsOf())).toEqual({
    addr: ":9090",
    snapshot: { interval: "24h", retention: "336h" },
    "shutdown-sync-timeout": "30s",
    logging: { type: "json" },
    dbs: [{ path: "/data/notes.db", replica: { type: "file", path: "/replica/notes.db" } }],
  });
  const changed = objectsOf({
    replica: { ...S3, region: "eu-central-1", partSize: "5MiB", syncInterval: "2s" },
    databases: [
      {
        path: "/data/notes.db",
        replicaPath: "main",
        settings: { busyTimeout: "5s", truncatePageN: 0 },
      },
    ],
    litestream: {
      snapshot: { interval: "12h" },
      l0Retention: "10m",
      verifyCompaction: true,
      logging: { level: "debug" },
    },
    metricsPort: 9191,
  });
  expect(config(changed)).toEqual({
    addr: ":9191",
    snapshot: { interval: "12h", retention: "336h" },
    "l0-retention": "10m",
    "verify-compaction": true,
    "shutdown-sync-timeout": "30s",
    logging: { level: "debug", type: "json" },
    dbs: [
      {
        path: "/data/notes.db",
        "busy-timeout": "5s",
        "truncate-page-n": 0,
        replica: {
          type: "s3",
          bucket: "backups",
          path: "notes/main",
          region: "eu-central-1",
          "part-size": "5MiB",
          "sync-interval": "2s",
        },
      },
    ],
  });
});

test.each([
  ["one database on a claim", {}, 30 + 30 + 10],
  ["two databases", { databases: ["/data/a.db", "/data/b.db"] }, 30 + 60 + 10],
  [
    "ephemeral storage",
    {
      storage: Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" }),
      whenNoBackup: "refuse" as const,
    },
    30 + 300 + 10,
  ],
  ["an app slow to stop", { stopTimeout: "2m" }, 120 + 30 + 10],
  ["a shorter last sync", { litestream: { shutdownSyncTimeout: "500ms" } }, 30 + 1 + 10],
])("the grace period covers stop and last sync: %s", (_, props, seconds) => {
  expect(podOf(objectsOf(props)).terminationGracePeriodSeconds).toBe(seconds);
});

test("the pod's own annotations stand beside those that replace it", () => {
  const podAnnotations = { "linkerd.io/inject": "enabled", "example.com/a": "${b}" };
  const { annotations } = objectsOf({ podAnnotations }).StatefulSet.spec.template.metadata;
  expect(annotations).toEqual({
    ...podAnnotations,
    "cdktf-sqlite/config-checksum": expect.any(String),
  });
});

describe("storage", () => {
  test("a claim is ReadWriteOncePod, made by the StatefulSet and kept when that goes", () => {
    const { spec } = objectsOf({
      storage: Storage.claim({ size: "1Gi", storageClass: "fast" }),
    }).StatefulSet;
    expect(spec.volumeClaimTemplates[0]).toEqual({
      metadata: { name: "data", namespace: "notes" },
      spec: {
        accessModes: ["ReadWriteOncePod"],
        storageClassName: "fast",
        resources: { requests: { storage: "1Gi" } },
      },
    });
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: "Retain",
      whenScaled: "Retain",
    });
  });

  test("a disposable app takes its claims with it", () => {
    const { spec } = objectsOf({ disposable: true }).StatefulSet;
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: "Delete",
      whenScaled: "Retain",
    });
  });

  test("a file replica's claim is ReadWriteOnce, and the app doesn't see it", () => {
    const objects = objectsOf();
    expect(objects.StatefulSet.spec.volumeClaimTemplates[1]).toMatchObject({
      metadata: { name: "replica" },
      spec: { accessModes: ["ReadWriteOnce"] },
    });
    const [restore, sidecar] = podOf(objects).initContainers;
    const [app] = podOf(objects).containers;
    const mounts = (container: any) =>
      container.volumeMounts.map(({ mountPath }: any) => mountPath);
    expect(mounts(app)).toEqual(["/data"]);
    expect(mounts(restore)).toEqual(["/etc/litestream", "/run/litestream", "/data", "/replica"]);
    expect(mounts(sidecar)).toEqual(["/etc/litestream", "/run/litestream", "/data", "/replica"]);
  });

  test("ephemeral storage has a limit and no claim", () => {
    const objects = objectsOf({
      storage: Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" }),
      whenNoBackup: "refuse",
      replica: S3,
    });
    expect(podOf(objects).volumes).toContainEqual({ name: "data", emptyDir: { sizeLimit: "3Gi" } });
    expect(objects.StatefulSet.spec.volumeClaimTemplates).toBeUndefined();
    expect(objects.StatefulSet.spec.persistentVolumeClaimRetentionPolicy).toBeUndefined();
    expect(config(objects)["shutdown-sync-timeout"]).toBe("5m");
    expect(podOf(objects).initContainers[0].args[0]).toBe("refuse");
  });

  test("an existing claim is only named", () => {
    const objects = objectsOf({
      storage: Storage.existingClaim("mine"),
      replica: Replica.file({ existingClaim: "theirs", path: "a/b" }),
    });
    expect(podOf(objects).volumes).toEqual([
      { name: "litestream-config", configMap: { name: "notes-litestream" } },
      { name: "litestream-run", emptyDir: { sizeLimit: "16Mi" } },
      { name: "data", persistentVolumeClaim: { claimName: "mine" } },
      { name: "replica", persistentVolumeClaim: { claimName: "theirs" } },
    ]);
    expect(config(objects).dbs[0].replica.path).toBe("/replica/a/b/notes.db");
  });

  test("more volumes are the app's; Litestream sees those that hold a database", () => {
    const objects = objectsOf({
      databases: ["/data/notes.db", "/more/other.db"],
      volumes: [
        { mountPath: "/uploads", storage: Storage.claim({ size: "9Gi" }) },
        { mountPath: "/more", storage: Storage.claim({ size: "1Gi" }) },
      ],
    });
    const mounts = (container: any) =>
      container.volumeMounts.map(({ mountPath }: any) => mountPath);
    expect(mounts(podOf(objects).containers[0])).toEqual(["/data", "/uploads", "/more"]);
    expect(mounts(podOf(objects).initContainers[1])).toEqual([
      "/etc/litestream",
      "/run/litestream",
      "/data",
      "/more",
      "/replica",
    ]);
    expect(
      objects.StatefulSet.spec.volumeClaimTemplates.map((claim: any) => claim.metadata.name),
    ).toEqual(["data", "volume-uploads", "volume-more", "replica"]);
  });

  test.each([
    [["/data/a.db", "/data/b.db"], "/data"],
    [["/data/one/a.db", "/data/two/b.db"], "/data"],
    [["/srv/app/db/a.db"], "/srv/app/db"],
  ])("databases %j are mounted at %s", (databases, mountPath) => {
    const [app] = podOf(objectsOf({ databases })).containers;
    expect(app.volumeMounts).toEqual([{ mountPath, name: "data" }]);
  });
});

describe("security", () => {
  test("every container meets Pod Security restricted", () => {
    const pod = podOf(objectsOf());
    expect(pod.securityContext).toEqual({
      runAsUser: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
      fsGroup: 1000,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    for (const container of [...pod.initContainers, ...pod.containers])
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        runAsNonRoot: true,
      });
  });

  test("another user, also root when it is said", () => {
    expect(podOf(objectsOf({ user: 33, group: 44 })).securityContext).toMatchObject({
      runAsUser: 33,
      runAsGroup: 44,
      fsGroup: 44,
    });
    const root = podOf(objectsOf({ user: 0, allowRoot: true }));
    expect(root.securityContext.runAsNonRoot).toBe(false);
    expect(root.containers[0].securityContext.runAsNonRoot).toBe(false);
  });

  test("no service-account token", () => {
    const objects = objectsOf();
    expect(objects.ServiceAccount.automountServiceAccountToken).toBe(false);
    expect(podOf(objects)).toMatchObject({
      serviceAccountName: "notes",
      automountServiceAccountToken: false,
    });
  });

  test("keys come from the Secret, for restore and sidecar, not for the app", () => {
    const objects = objectsOf({ replica: S3 });
    const key = (name: string) => ({
      name,
      valueFrom: { secretKeyRef: { name: "keys", key: name } },
    });
    const env = [
      { name: "LITESTREAM_CONFIG", value: "/etc/litestream/litestream.yml" },
      { name: "LITESTREAM_DOLLAR", value: "$" },
      key("LITESTREAM_ACCESS_KEY_ID"),
      key("LITESTREAM_SECRET_ACCESS_KEY"),
    ];
    const [restore, sidecar] = podOf(objects).initContainers;
    expect(restore.env).toEqual(env);
    expect(sidecar.env).toEqual(env);
    expect(podOf(objects).containers[0].env).toBeUndefined();
    expect(JSON.stringify(objects.ConfigMap)).not.toContain("keys");
  });
});

test("the app's own settings arrive", () => {
  const [app] = podOf(
    objectsOf({
      command: ["serve"],
      args: ["--verbose"],
      env: { PLAIN: "1", KEY: { secret: "s", key: "k" }, FILE: { configMap: "c", key: "k" } },
      envFrom: [{ secret: "all" }, { configMap: "more", prefix: "P_" }],
      probes: {
        startup: Probe.tcpSocket({ port: 1 }),
        readiness: Probe.httpGet("/up", { periodSeconds: 2 }),
        liveness: Probe.exec(["true"]),
      },
      resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
    }),
  ).containers;
  expect(app).toMatchObject({
    command: ["serve"],
    args: ["--verbose"],
    env: [
      { name: "PLAIN", value: "1" },
      { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      { name: "FILE", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } },
    ],
    envFrom: [{ secretRef: { name: "all" } }, { configMapRef: { name: "more" }, prefix: "P_" }],
    ports: [{ name: "http", containerPort: 8080 }],
    startupProbe: { tcpSocket: { port: 1 } },
    readinessProbe: { httpGet: { path: "/up", port: "http" }, periodSeconds: 2 },
    livenessProbe: { exec: { command: ["true"] } },
    resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } },
  });
});

test("where the pod may run", () => {
  const pod = podOf(
    objectsOf({
      imagePullSecrets: ["registry"],
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
      priorityClassName: "high",
    }),
  );
  expect(pod).toMatchObject({
    imagePullSecrets: [{ name: "registry" }],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "dedicated", operator: "Exists", effect: "NoSchedule" }],
    priorityClassName: "high",
  });
});

test("the Service has the app's port and the metrics", () => {
  expect(objectsOf({ metricsPort: 9191 }).Service.spec.ports).toEqual([
    { name: "http", port: 8080, targetPort: "http" },
    { name: "metrics", port: 9191, targetPort: "metrics" },
  ]);
});

test("a setting that is undefined leaves the default", () => {
  const litestream = {
    snapshot: { retention: undefined },
    shutdownSyncTimeout: undefined,
    logging: { type: undefined },
  };
  expect(config(objectsOf({ litestream }))).toEqual(config(objectsOf()));
});

test.each([
  ["1s", "3"],
  ["10s", "12"],
  ["10m", "30"],
])(
  "a restore waits until nobody has written for longer than a sync interval of %s",
  (syncInterval, seconds) => {
    const { initContainers } = podOf(objectsOf({ replica: { ...S3, syncInterval } }));
    expect(initContainers[0].args[4]).toBe(seconds);
  },
);

test("numbers known only at apply arrive", () => {
  const app = newApp();
  const stack = ownStack(app);
  const number = variable(stack, "number", { type: "number", default: 9191 }).numberValue;
  const probes = { readiness: Probe.httpGet("/", { port: number }) };
  new LitestreamApp(stack, "notes", {
    ...GOOD,
    port: number,
    metricsPort: number,
    user: number,
    probes,
  });
  const objects = Object.fromEntries(
    manifests(synthesized(app)).map((object) => [object.kind, object]),
  );
  expect(config(objects).addr).toBe(":9191");
  expect(podOf(objects).securityContext).toMatchObject({ runAsUser: 9191, fsGroup: 9191 });
  expect(podOf(objects).containers[0]).toMatchObject({
    ports: [{ containerPort: 9191 }],
    readinessProbe: { httpGet: { port: 9191 } },
  });
});

test("restoreFrom has a configuration, a volume and keys of its own", () => {
  const objects = objectsOf({
    replica: S3,
    restoreFrom: Replica.file({ existingClaim: "replica-old-0" }),
  });
  expect(parse(objects.ConfigMap.data["restore-from.yml"])).toEqual({
    dbs: [{ path: "/data/notes.db", replica: { type: "file", path: "/restore-from/notes.db" } }],
  });
  const [restore, sidecar] = podOf(objects).initContainers;
  expect(restore.args.slice(0, 5)).toEqual(["start-empty", "refuse", "quick", "yes", "3"]);
  expect(restore.volumeMounts).toContainEqual({
    name: "restore-from",
    mountPath: "/restore-from",
    readOnly: true,
  });
  expect(JSON.stringify(sidecar.volumeMounts)).not.toContain("restore-from");

  const other = Replica.s3({
    bucket: "old-backups",
    path: "old",
    credentials: {
      secret: Secret.existing("old"),
      accessKeyIdKey: "id",
      secretAccessKeyKey: "key",
    },
  });
  const [copying] = podOf(objectsOf({ replica: S3, restoreFrom: other })).initContainers;
  expect(copying.env).toContainEqual({
    name: "RESTORE_FROM_LITESTREAM_ACCESS_KEY_ID",
    valueFrom: { secretKeyRef: { name: "old", key: "id" } },
  });
});

test("a change of the configuration changes the pod", () => {
  const checksum = (props: object) =>
    objectsOf(props).StatefulSet.spec.template.metadata.annotations["cdktf-sqlite/config-checksum"];
  expect(checksum({})).toMatch(/^[0-9a-f]{64}$/);
  expect(checksum({})).toBe(checksum({ port: 8081 }));
  expect(checksum({})).not.toBe(checksum({ litestream: { verifyCompaction: true } }));
});

test("a rotated Secret changes the pod, and is made before it", () => {
  const app = newApp();
  const stack = ownStack(app);
  const revision = variable(stack, "revision", { type: "number", default: 1 });
  const secret = variable(stack, "secret", { type: "string", sensitive: true, ephemeral: true });
  const credentials = new WriteOnlySecret(stack, "keys", {
    namespace: "notes",
    data: { A: secret.stringValue },
    revision: revision.numberValue,
  });
  new LitestreamApp(stack, "notes", {
    ...GOOD,
    replica: Replica.s3({ bucket: "backups", path: "notes", credentials }),
  });
  const { resource = {}, variable: variables } = synthesized(app);
  const workload = resource.kubernetes_stateful_set_v1?.notes_notes as any;
  expect(workload.spec.template.metadata.annotations["cdktf-sqlite/secret-revision"]).toBe(
    "${var.revision}",
  );
  expect(workload.depends_on).toContain("kubernetes_secret_v1.notes_keys");
  expect(resource.kubernetes_secret_v1?.notes_keys).toMatchObject({
    data_wo: { A: "${var.secret}" },
    data_wo_revision: "${var.revision}",
  });
  expect(variables).toMatchObject({ secret: { sensitive: true, ephemeral: true } });
});

test("Terraform neither waits for the rollout nor lets a namespace go", () => {
  const app = newApp();
  const stack = new SqliteStack(app, "own");
  new LitestreamApp(stack, "notes", { ...GOOD, namespace: new Namespace(stack, "kept") });
  new Namespace(stack, "gone", { disposable: true });
  const { resource = {} } = synthesized(app);
  expect(resource.kubernetes_stateful_set_v1?.kept_notes).toMatchObject({
    wait_for_rollout: false,
    depends_on: expect.arrayContaining(["kubernetes_config_map_v1.kept_notes-litestream"]),
  });
  expect(resource.kubernetes_config_map_v1?.["kept_notes-litestream"]).toMatchObject({
    depends_on: ["kubernetes_namespace_v1.kept"],
  });
  expect(resource.kubernetes_namespace_v1?.kept).toMatchObject({
    lifecycle: { prevent_destroy: true },
  });
  expect(resource.kubernetes_namespace_v1?.gone).not.toHaveProperty("lifecycle");
});

test("two clusters in one stack", () => {
  const app = newApp();
  const stack = ownStack(app);
  const provider = new KubernetesProvider(stack, "second", {
    alias: "second",
    configPath: "~/.kube/second",
  });
  new LitestreamApp(stack, "notes", GOOD);
  const elsewhere = new Namespace(stack, "elsewhere", { name: "notes", provider });
  new LitestreamApp(stack, "copy", { ...GOOD, name: "notes", namespace: elsewhere, provider });
  const { resource = {} } = synthesized(app);
  for (const [type, instances] of Object.entries(resource)) {
    if (type === "kubernetes_namespace_v1") continue;
    const [first, second] = Object.entries(instances);
    expect(first?.[0]).toMatch(/^notes_/);
    expect(first?.[1]).not.toHaveProperty("provider");
    expect(second?.[0]).toMatch(/^second_notes_/);
    expect(second?.[1]).toMatchObject({ provider: "kubernetes.second" });
  }
});

test("moving a construct in the tree changes no address", () => {
  const addresses = (nest: boolean) => {
    const app = newApp();
    const stack = ownStack(app);
    const scope = nest ? new Construct(new Construct(stack, "group"), "inner") : stack;
    new LitestreamApp(scope, "notes", {
      ...GOOD,
      namespace: new Namespace(scope, "namespace", { name: "notes" }),
    });
    return Object.entries(synthesized(app).resource ?? {}).map(([type, instances]) => [
      type,
      Object.keys(instances),
    ]);
  };
  expect(addresses(true)).toEqual(addresses(false));
});

test("the control socket is where Litestream may make it", () => {
  expect(config(objectsOf({ litestream: { socket: { enabled: true } } })).socket).toEqual({
    enabled: true,
    path: "/run/litestream/litestream.sock",
  });
});

test("a longer grace period than needed is the user's choice", () => {
  const objects = objectsOf({ terminationGracePeriodSeconds: 600 });
  expect(podOf(objects).terminationGracePeriodSeconds).toBe(600);
});
