import { BackupVerification, manifests, RqliteCluster, Secret, Storage, variable } from "../../src";
import { CLUSTER, clusterObjects, flagsOf, nodeOf, S3, USERS } from "../support/rqlite";
import { newApp, ownStack, synthesized } from "../support/synth";

test("what a cluster is made of", () => {
  expect(Object.keys(clusterObjects()).sort()).toEqual([
    "ConfigMap/notes-rqlite",
    "ConfigMap/notes-size",
    "NetworkPolicy/notes",
    "PodDisruptionBudget/notes",
    "Service/notes",
    "Service/notes-nodes",
    "ServiceAccount/notes",
    "StatefulSet/notes",
  ]);
});

test("nodes find each other before they are ready, clients find ready voters only", () => {
  const objects = clusterObjects();
  expect(objects["Service/notes-nodes"].spec).toMatchObject({
    clusterIP: "None",
    publishNotReadyAddresses: true,
    ports: [{ port: 4001 }, { port: 4002 }],
  });
  const { spec } = objects["Service/notes"];
  expect(spec.publishNotReadyAddresses).toBeUndefined();
  expect(spec.ports.map(({ port }: { port: number }) => port)).toEqual([4001]);
});

test("voters start in parallel, each with a claim that stays", () => {
  const { spec } = clusterObjects()["StatefulSet/notes"];
  expect(spec).toMatchObject({
    replicas: 3,
    serviceName: "notes-nodes",
    podManagementPolicy: "Parallel",
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    volumeClaimTemplates: [
      { spec: { accessModes: ["ReadWriteOncePod"], resources: { requests: { storage: "1Gi" } } } },
    ],
  });
  const disposable = clusterObjects({ disposable: true })["StatefulSet/notes"].spec;
  expect(disposable.persistentVolumeClaimRetentionPolicy.whenDeleted).toBe("Delete");
});

test("another size changes no pod: the nodes that are there stay as they are", () => {
  const three = clusterObjects({ voters: 3 });
  const five = clusterObjects({ voters: 5 });
  expect(five["StatefulSet/notes"].spec.template).toEqual(three["StatefulSet/notes"].spec.template);
  expect(five["ConfigMap/notes-rqlite"]).toEqual(three["ConfigMap/notes-rqlite"]);
  expect(five["ConfigMap/notes-size"].data).toEqual({ voters: "5" });
  expect(five["StatefulSet/notes"].spec.replicas).toBe(5);
});

test("each node is known by its pod's name", () => {
  expect(flagsOf(clusterObjects())).toEqual([
    "-node-id=$(POD_NAME)",
    "-http-addr=0.0.0.0:4001",
    "-http-adv-addr=$(POD_NAME).notes-nodes.notes.svc:4001",
    "-raft-addr=0.0.0.0:4002",
    "-raft-adv-addr=$(POD_NAME).notes-nodes.notes.svc:4002",
  ]);
});

test("a node without a leader isn't ready, and isn't killed for it", () => {
  const [node] = nodeOf(clusterObjects()).containers;
  expect(node.readinessProbe.httpGet).toEqual({ path: "/readyz", port: "http", scheme: "HTTP" });
  expect(node.livenessProbe.httpGet.path).toBe("/readyz?noleader");
  expect(node.startupProbe).toMatchObject({ periodSeconds: 2, failureThreshold: 300 });
});

test("a restore's download counts into how long a node may take to start", () => {
  const restore = { from: S3, whenNoBackup: "refuse", timeout: "1h" } as const;
  const [node] = nodeOf(clusterObjects({ restore })).containers;
  expect(node.startupProbe.failureThreshold).toBe((600 + 3600) / 2);
});

test.each([
  [{}, 11],
  [{ storage: Storage.claim({ size: "100Gi" }) }, 110],
  [{ terminationGracePeriodSeconds: 60 }, 60],
])("the grace period grows with the data: %j", (props, seconds) => {
  expect(nodeOf(clusterObjects(props)).terminationGracePeriodSeconds).toBe(seconds);
});

test("the pod meets Pod Security restricted, and has no token", () => {
  const pod = nodeOf(clusterObjects());
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      fsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
  });
  for (const container of [...pod.initContainers, ...pod.containers])
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
});

test("voters are apart from each other", () => {
  const pod = nodeOf(clusterObjects());
  const { podAntiAffinity } = pod.affinity;
  expect(podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution).toMatchObject([
    { topologyKey: "kubernetes.io/hostname" },
  ]);
  expect(pod.topologySpreadConstraints).toMatchObject([
    { topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway", maxSkew: 1 },
  ]);
  const loose = nodeOf(clusterObjects({ spread: "prefer" })).affinity.podAntiAffinity;
  expect(Object.keys(loose)).toEqual(["preferredDuringSchedulingIgnoredDuringExecution"]);
});

test("a drain takes one voter at a time, of one voter the only one", () => {
  expect(clusterObjects({ voters: 5 })["PodDisruptionBudget/notes"].spec).toMatchObject({
    maxUnavailable: 1,
    selector: { matchLabels: { "app.kubernetes.io/name": "notes" } },
  });
  expect(clusterObjects({ voters: 1 })["PodDisruptionBudget/notes"]).toBeUndefined();
});

test("Raft's port is for nodes, the HTTP port for them and for whom is named", () => {
  const clients = [{ pods: { app: "web" } }, { namespace: "reports" }];
  const { spec } = clusterObjects({ clients, readers: { count: 1 } })["NetworkPolicy/notes"];
  const nodes = ["notes", "notes-readers"].map((name) => ({
    podSelector: { matchLabels: { "app.kubernetes.io/name": name } },
  }));
  const own = (component: string) => ({
    podSelector: {
      matchLabels: {
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "notes",
      },
    },
  });
  const tcp = (port: number) => [{ port, protocol: "TCP" }];
  expect(spec.ingress).toEqual([
    { from: nodes, ports: tcp(4002) },
    {
      from: [
        ...nodes,
        own("rqlite-remove"),
        own("backup-verification"),
        { podSelector: { matchLabels: { app: "web" } } },
        {
          podSelector: {},
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "reports" } },
        },
      ],
      ports: tcp(4001),
    },
  ]);
  expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
  expect(JSON.stringify(spec.egress)).not.toContain('"443"');
  expect(clusterObjects({ networkPolicy: false })["NetworkPolicy/notes"]).toBeUndefined();
});

test("a node reaches the backup's place and where changes go", () => {
  const endpoint = "http://minio.storage.svc:9000";
  const cdc = "https://changes.example.com/rqlite";
  const { egress } = clusterObjects({ backup: { ...S3, endpoint }, cdc })["NetworkPolicy/notes"]
    .spec;
  const there = JSON.stringify(egress);
  expect(there).toContain('{"kubernetes.io/metadata.name":"storage"}');
  expect(there).toContain('{"ports":[{"port":443,"protocol":"TCP"}]}');
});

test("readers have no vote, leave by themselves, and are a set and a Service of their own", () => {
  const storage = Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" });
  const objects = clusterObjects({ readers: { count: 2, storage }, backup: S3 });
  expect(objects["StatefulSet/notes-readers"].spec).toMatchObject({
    replicas: 2,
    serviceName: "notes-readers-nodes",
  });
  expect(objects["StatefulSet/notes-readers"].spec.volumeClaimTemplates).toBeUndefined();
  const flags = flagsOf(objects, "notes-readers");
  expect(flags).toContain("-raft-non-voter=true");
  expect(flags).toContain("-raft-cluster-remove-shutdown=true");
  expect(flags.join()).not.toContain("auto-backup");
  expect(objects["Service/notes-readers"].spec.selector).toEqual({
    "app.kubernetes.io/name": "notes-readers",
  });
  expect(flagsOf(objects)).not.toContain("-raft-non-voter=true");
});

test("users come to the nodes without their passwords", () => {
  const objects = clusterObjects({ users: USERS as never });
  expect(flagsOf(objects)).toEqual(
    expect.arrayContaining(["-auth=/run/rqlite/users.json", "-join-as=rqlite-nodes"]),
  );
  expect(objects["ConfigMap/notes-rqlite"].data.users).toBe(
    [
      "- ready *",
      "1 join,join-read-only,remove,status rqlite-nodes",
      "2 status rqlite-verification",
      "3 query,execute app",
      "",
    ].join("\n"),
  );
  const [prepare] = nodeOf(objects).initContainers;
  expect(prepare.env).toContainEqual({
    name: "RQLITE_PASSWORD_3",
    valueFrom: { secretKeyRef: { name: "users", key: "app" } },
  });
  expect(nodeOf(objects).volumes).toContainEqual({
    name: "run",
    emptyDir: { medium: "Memory", sizeLimit: "4Mi" },
  });
});

test("nodes show each other certificates, and clients get one", () => {
  const tls = {
    http: { secret: Secret.existing("http") },
    nodes: { secret: Secret.existing("n") },
  };
  const objects = clusterObjects({ tls });
  expect(flagsOf(objects)).toEqual(
    expect.arrayContaining([
      "-http-cert=/etc/rqlite-http-tls/tls.crt",
      "-http-key=/etc/rqlite-http-tls/tls.key",
      "-node-cert=/etc/rqlite-node-tls/tls.crt",
      "-node-key=/etc/rqlite-node-tls/tls.key",
      "-node-ca-cert=/etc/rqlite-node-tls/ca.crt",
      "-node-verify-client=true",
      "-node-verify-server-name=notes-nodes.notes.svc",
    ]),
  );
  const [node] = nodeOf(objects).containers;
  expect(node.readinessProbe.httpGet.scheme).toBe("HTTPS");
  expect(nodeOf(objects).volumes).toContainEqual({
    name: "node-tls",
    secret: { secretName: "n", defaultMode: 0o440 },
  });
});

test("the backup's file holds no key", () => {
  const objects = clusterObjects({
    backup: { ...S3, endpoint: "http://minio:9000", compress: false },
  });
  expect(JSON.parse(objects["ConfigMap/notes-rqlite"].data["backup.json"])).toEqual({
    version: 1,
    type: "s3",
    interval: "1h",
    timestamp: true,
    vacuum: false,
    no_compress: true,
    sub: {
      endpoint: "http://minio:9000",
      region: "us-east-1",
      bucket: "backups",
      path: "notes/db.sqlite.gz",
      force_path_style: true,
    },
  });
  const [node] = nodeOf(objects).containers;
  expect(node.env).toContainEqual({
    name: "AWS_SECRET_ACCESS_KEY",
    valueFrom: { secretKeyRef: { name: "s3", key: "AWS_SECRET_ACCESS_KEY" } },
  });
});

test("what is known only at apply stands in the backup's file as rqlite reads it", () => {
  const app = newApp();
  const stack = ownStack(app);
  const bucket = variable(stack, "bucket", { type: "string" }).stringValue;
  new RqliteCluster(stack, "notes", { ...CLUSTER, backup: { ...S3, bucket: `my-${bucket}` } });
  const nasty = 'a"b\\c$HOME${X}%{y}';
  const objects = manifests(synthesized(app), { bucket: nasty }) as any[];
  const map = objects.find(({ metadata }) => metadata.name === "notes-rqlite");
  const file: string = map.data["backup.json"];
  // rqlite expands every "$" of the file before it reads it.
  expect(file).not.toContain("$");
  expect(JSON.parse(file).sub.bucket).toBe(`my-${nasty}`);
});

test("a rotated Secret replaces the pods, its revision being known", () => {
  const secret = { name: "s3", revision: "7" };
  const { template } = clusterObjects({ backup: { ...S3, credentials: secret } })[
    "StatefulSet/notes"
  ].spec;
  expect(template.metadata.annotations["cdktf-sqlite/secret-revision"]).toBe("7");
});

test("a smaller cluster has its nodes removed by a Job without rights", () => {
  const objects = clusterObjects({ voters: 3, previousVoters: 5, users: USERS as never });
  const { spec, metadata } = objects["Job/notes-remove-5-to-3"];
  expect(metadata.namespace).toBe("notes");
  const pod = spec.template.spec;
  expect(pod.automountServiceAccountToken).toBe(false);
  expect(pod.containers[0].args).toEqual(["191", "3", "notes-3", "notes-4"]);
  expect(pod.containers[0].env).toContainEqual({ name: "RQLITE_USER", value: "rqlite-nodes" });
  expect(spec.template.metadata.labels).toMatchObject({
    "app.kubernetes.io/component": "rqlite-remove",
    "app.kubernetes.io/part-of": "notes",
  });
  expect(Object.keys(clusterObjects()).filter((name) => name.startsWith("Job/"))).toEqual([]);
});

test("changes are captured by an endpoint, or by a file from a Secret", () => {
  expect(flagsOf(clusterObjects({ cdc: "https://changes.example.com" }))).toContain(
    "-cdc-config=https://changes.example.com",
  );
  const objects = clusterObjects({ cdc: { secret: Secret.existing("cdc"), key: "config" } });
  expect(flagsOf(objects)).toContain("-cdc-config=/etc/rqlite-cdc/cdc.json");
  expect(nodeOf(objects).volumes).toContainEqual({
    name: "cdc",
    secret: {
      secretName: "cdc",
      defaultMode: 0o440,
      items: [{ key: "config", path: "cdc.json" }],
    },
  });
});

test("its backup is proven like any other", () => {
  const app = newApp();
  const stack = ownStack(app);
  const tls = { http: { secret: Secret.existing("http") } };
  const cluster = new RqliteCluster(stack, "notes", {
    ...CLUSTER,
    backup: { ...S3, interval: "5m" },
    users: USERS as never,
    tls,
  });
  new BackupVerification(stack, "verify", { of: cluster });
  const objects = manifests(synthesized(app)) as any[];
  const { spec } = objects.find(({ kind }) => kind === "CronJob").spec.jobTemplate.spec.template;
  const [fetch, proof] = spec.initContainers;
  expect([fetch.image, proof.image]).toEqual([
    "curlimages/curl:8.16.0",
    "litestream/litestream:0.5.16",
  ]);
  expect(fetch.args.slice(1)).toEqual(["300"]);
  expect(fetch.env).toContainEqual({ name: "RQLITE_USER", value: "rqlite-verification" });
  // The key of the certificate stays with the nodes.
  expect(spec.volumes).toContainEqual({
    name: "http-tls",
    secret: {
      secretName: "http",
      defaultMode: 0o440,
      optional: true,
      items: [{ key: "ca.crt", path: "ca.crt" }],
    },
  });
});

test("the summary says what is at stake", () => {
  const app = newApp();
  const cluster = new RqliteCluster(ownStack(app), "notes", {
    ...CLUSTER,
    restore: { from: S3, whenNoBackup: "refuse" },
  });
  expect(cluster.summary()).toEqual([
    ["image", "rqlite/rqlite:10.2.7"],
    ["reached at", "http://notes.notes.svc:4001"],
    ["voters", "3: it goes on while 1 is lost"],
    ["lies on", "a volume claim of 1Gi each, kept when the cluster is destroyed"],
    ["backed up to", "nothing: what all volumes lose is lost"],
    [
      "begins with",
      "the newest backup of S3 bucket backups, notes/db.sqlite.gz, only while no volume holds anything",
    ],
    ["users", "none: whoever reaches it may do everything"],
    ["encrypted", "nothing"],
  ]);
});
