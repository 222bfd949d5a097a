import { parse } from "yaml";
import {
  LitestreamApp,
  type LitestreamAppProps,
  LitestreamReaders,
  type LitestreamReadersProps,
  type Manifest,
  manifests,
  Namespace,
  Probe,
  Replica,
  Secret,
  SqliteStack,
  Storage,
  summary,
  variable,
  WorkloadIdentity,
  WriteOnlySecret,
} from "../../src";
import { READERS_DEFAULTS } from "../../src/litestream/readers/config";
import { GOOD, newApp, ownStack, synthesized } from "../support/synth";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const S3 = Replica.s3({ bucket: "backups", path: "notes", credentials: Secret.existing("keys") });

/** The Kubernetes objects of some readers, by kind. */
function readersOf(
  props: Partial<LitestreamReadersProps> = {},
  app: Partial<LitestreamAppProps> = {},
): Record<string, any> {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = new LitestreamApp(stack, "notes", { ...GOOD, replica: S3, ...app });
  new LitestreamReaders(stack, "readers", { of, ...props });
  const objects: Manifest[] = manifests(synthesized(tree));
  const own = objects.filter(({ metadata }) => /^notes-readers/.test(metadata.name));
  return Object.fromEntries(own.map((object) => [object.kind, object]));
}

const podOf = (objects: Record<string, any>) => objects.StatefulSet.spec.template.spec;
const followerOf = (objects: Record<string, any>) => podOf(objects).initContainers[0];

test("readers are pods of a StatefulSet of their own, with a Service of their own", () => {
  const { StatefulSet, Service, ServiceAccount } = readersOf({ replicas: 2 });
  expect(StatefulSet.spec).toMatchObject({
    replicas: 2,
    serviceName: "notes-readers",
    podManagementPolicy: "Parallel",
    selector: { matchLabels: { "app.kubernetes.io/name": "notes-readers" } },
  });
  expect(StatefulSet.metadata.namespace).toBe("notes");
  expect(StatefulSet.spec.volumeClaimTemplates).toBeUndefined();
  expect(Service.spec).toEqual({
    selector: { "app.kubernetes.io/name": "notes-readers" },
    ports: [
      { name: "http", port: 8080, targetPort: "http" },
      { name: "metrics", port: 9090, targetPort: "metrics" },
    ],
  });
  expect(ServiceAccount.automountServiceAccountToken).toBe(false);
});

test("the follower is a native sidecar that starts first; the app's databases are read-only", () => {
  const pod = podOf(readersOf());
  expect(pod.initContainers).toMatchObject([
    {
      name: "litestream-follower",
      restartPolicy: "Always",
      image: "litestream/litestream:0.5.16",
      command: ["perl", "/etc/litestream/follow.pl"],
      args: [
        "/litestream-follower",
        "/run/litestream-readers",
        "notes:9090",
        "9090",
        "10",
        "1",
        "/data/notes.db",
      ],
      volumeMounts: [
        { name: "litestream-config", mountPath: "/etc/litestream", readOnly: true },
        { name: "litestream-follower", mountPath: "/litestream-follower" },
        { name: "data", mountPath: "/data" },
        { name: "litestream-status", mountPath: "/run/litestream-readers" },
      ],
    },
  ]);
  expect(pod.containers).toMatchObject([
    {
      name: "app",
      image: GOOD.image,
      ports: [{ name: "http", containerPort: 8080 }],
      volumeMounts: [
        { name: "data", mountPath: "/data", readOnly: true },
        { name: "litestream-status", mountPath: "/run/litestream-readers", readOnly: true },
      ],
    },
  ]);
});

test("the app starts when the databases are there, and is ready while none lags by more than maxLag", () => {
  const follower = followerOf(
    readersOf(
      { maxLag: "90s" },
      { databases: ["/data/a.db", { path: "/data/b.db", optional: true }] },
    ),
  );
  const ask = (question: string) => ({
    command: [
      "perl",
      "/etc/litestream/ready.pl",
      question,
      "/run/litestream-readers",
      "90",
      "/data/a.db",
      "--optional",
      "/data/b.db",
    ],
  });
  expect(follower.startupProbe).toMatchObject({ exec: ask("started"), failureThreshold: 2e7 });
  expect(follower.readinessProbe).toMatchObject({ exec: ask("ready"), failureThreshold: 1 });
});

test("the follower has the files of the app's replica and its cloud identity", () => {
  const role = "arn:aws:iam::111122223333:role/notes";
  const objects = readersOf(
    {},
    {
      replica: Replica.s3({
        ...S3,
        region: "eu-central-1",
        credentials: WorkloadIdentity.aws({ roleArn: role }),
      }),
    },
  );
  expect(objects.ServiceAccount.metadata.annotations).toEqual({
    "eks.amazonaws.com/role-arn": role,
  });
  expect(followerOf(objects).volumeMounts).toContainEqual({
    name: "replica-secrets",
    mountPath: "/run/secrets/litestream/replica",
    readOnly: true,
  });
  expect(podOf(objects).volumes.map(({ name }: any) => name)).toContain("replica-secrets");
  expect(podOf(objects).containers[0].volumeMounts.map(({ name }: any) => name)).not.toContain(
    "replica-secrets",
  );
});

test("readers of a hardened app have an image with Perl", () => {
  const objects = readersOf({}, { hardened: true, whenVolumeIsOlder: "keep" });
  expect(followerOf(objects).image).toBe("litestream/litestream:0.5.16");
});

test("litestream.yml names the app's replica, and the follower has its keys; the app in the pod doesn't", () => {
  const objects = readersOf({}, { replica: { ...S3, syncInterval: "5s" } });
  expect(parse(objects.ConfigMap.data["litestream.yml"])).toEqual({
    dbs: [
      {
        path: "/data/notes.db",
        replica: { type: "s3", bucket: "backups", path: "notes/notes.db", "sync-interval": "5s" },
      },
    ],
  });
  expect(followerOf(objects).args.slice(4, 6)).toEqual(["10", "5"]);
  expect(followerOf(objects).env.map(({ name }: any) => name)).toEqual([
    "LITESTREAM_DOLLAR",
    "LITESTREAM_ACCESS_KEY_ID",
    "LITESTREAM_SECRET_ACCESS_KEY",
  ]);
  expect(podOf(objects).containers[0].env).toBeUndefined();
});

test("what is the app's own is not taken over, but user, Litestream's image and the way to the images are", () => {
  const objects = readersOf(
    {},
    {
      command: ["serve"],
      args: ["--write"],
      env: { A: "1" },
      envFrom: [{ secret: "all" }],
      probes: { readiness: Probe.httpGet("/up") },
      user: 33,
      litestreamImage: "registry.example/litestream:0.5.16",
      imagePullSecrets: ["registry"],
      metricsPort: 9191,
    },
  );
  const pod = podOf(objects);
  for (const field of ["command", "args", "env", "envFrom", "readinessProbe"])
    expect(pod.containers[0]).not.toHaveProperty(field);
  expect(pod.securityContext).toMatchObject({ runAsUser: 33, fsGroup: 33 });
  expect(pod.imagePullSecrets).toEqual([{ name: "registry" }]);
  expect(followerOf(objects).image).toBe("registry.example/litestream:0.5.16");
  expect(followerOf(objects).args[2]).toBe("notes:9191");
});

test("the readers' own settings arrive", () => {
  const objects = readersOf({
    image: "ghcr.io/example/search:2.0.0",
    port: 9000,
    command: ["search"],
    args: ["--read-only", "${literal}"],
    env: { MODE: "ro" },
    envFrom: [{ configMap: "more" }],
    probes: { readiness: Probe.httpGet("/up") },
    resources: { limits: { memory: "1Gi" } },
    followerResources: { limits: { memory: "2Gi" } },
    metricsPort: 9001,
    stopTimeout: "5s",
    sizeLimit: "3Gi",
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "readers", operator: "Exists" }],
    priorityClassName: "low",
  });
  const pod = podOf(objects);
  expect(pod.containers[0]).toMatchObject({
    image: "ghcr.io/example/search:2.0.0",
    command: ["search"],
    args: ["--read-only", "${literal}"],
    env: [{ name: "MODE", value: "ro" }],
    envFrom: [{ configMapRef: { name: "more" } }],
    ports: [{ containerPort: 9000 }],
    readinessProbe: { httpGet: { path: "/up", port: "http" } },
    resources: { limits: { memory: "1Gi" } },
  });
  expect(followerOf(objects)).toMatchObject({
    ports: [{ name: "metrics", containerPort: 9001 }],
    resources: { limits: { memory: "2Gi" } },
  });
  expect(followerOf(objects).args[3]).toBe("9001");
  expect(pod).toMatchObject({
    terminationGracePeriodSeconds: 15,
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "readers", operator: "Exists" }],
    priorityClassName: "low",
  });
  expect(objects.Service.spec.ports[0].port).toBe(9000);
});

test.each<[string, Partial<LitestreamAppProps>, Partial<LitestreamReadersProps>, string]>([
  ["of the claim", {}, {}, "1Gi"],
  [
    "of ephemeral storage",
    {
      storage: Storage.ephemeral({ sizeLimit: "3Gi", expectedDatabaseSize: "1Gi" }),
      whenNoBackup: "refuse",
    },
    {},
    "3Gi",
  ],
  ["that is written", { storage: Storage.existingClaim("mine") }, { sizeLimit: "7Gi" }, "7Gi"],
])("the databases lie in a folder of the pod, of the size %s", (_, app, props, sizeLimit) => {
  const { volumes } = podOf(readersOf(props, app));
  expect(volumes).toContainEqual({ name: "data", emptyDir: { sizeLimit } });
  expect(volumes).toContainEqual({ name: "litestream-follower", emptyDir: { sizeLimit } });
});

test("a volume of the app is there if it holds a database", () => {
  const objects = readersOf(
    {},
    {
      databases: ["/more/a.db", "/data/b.db"],
      mountPath: "/data",
      volumes: [
        { mountPath: "/more", storage: Storage.claim({ size: "1Gi" }) },
        { mountPath: "/uploads", storage: Storage.claim({ size: "9Gi" }) },
      ],
    },
  );
  const [app] = podOf(objects).containers;
  expect(app.volumeMounts.map(({ mountPath }: any) => mountPath)).toEqual([
    "/data",
    "/more",
    "/run/litestream-readers",
  ]);
});

test("with a file replica they mount the app's claim read-only, on the app's node", () => {
  const objects = readersOf(
    { onNodeOfApp: true },
    { replica: Replica.file({ claim: { size: "5Gi" } }) },
  );
  const pod = podOf(objects);
  expect(pod.volumes).toContainEqual({
    name: "replica",
    persistentVolumeClaim: { claimName: "replica-notes-0" },
  });
  expect(followerOf(objects).volumeMounts).toContainEqual({
    name: "replica",
    mountPath: "/replica",
    readOnly: true,
  });
  expect(JSON.stringify(pod.containers)).not.toContain("replica");
  expect(pod.affinity).toEqual({
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: { matchLabels: { "app.kubernetes.io/name": "notes" } },
          topologyKey: "kubernetes.io/hostname",
        },
      ],
    },
  });
  const elsewhere = readersOf({}, { replica: Replica.file({ existingClaim: "nfs" }) });
  expect(podOf(elsewhere).affinity).toBeUndefined();
  expect(podOf(elsewhere).volumes).toContainEqual({
    name: "replica",
    persistentVolumeClaim: { claimName: "nfs" },
  });
});

test("every container meets Pod Security restricted", () => {
  const pod = podOf(readersOf());
  expect(pod).toMatchObject({
    serviceAccountName: "notes-readers",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  });
  for (const container of [...pod.initContainers, ...pod.containers])
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      runAsNonRoot: true,
    });
  expect(followerOf(readersOf()).securityContext.readOnlyRootFilesystem).toBe(true);
});

test("a rotated Secret rolls the readers too, and they are made after the app and its namespace", () => {
  const tree = newApp();
  const stack = new SqliteStack(tree, "own");
  const namespace = new Namespace(stack, "apps");
  const secret = variable(stack, "secret", { type: "string", sensitive: true, ephemeral: true });
  const revision = variable(stack, "revision", { type: "number", default: 1 });
  const credentials = new WriteOnlySecret(stack, "keys", {
    namespace,
    data: { A: secret.stringValue },
    revision: revision.numberValue,
  });
  const of = new LitestreamApp(stack, "notes", {
    ...GOOD,
    namespace,
    replica: Replica.s3({ bucket: "backups", path: "notes", credentials }),
  });
  const replicas = variable(stack, "count", { type: "number", default: 3 }).numberValue;
  const readers = new LitestreamReaders(stack, "readers", { of, replicas });
  const { resource = {} } = synthesized(tree);
  const workload = resource.kubernetes_stateful_set_v1?.["apps_notes-readers"] as any;
  expect(workload.spec.template.metadata.annotations["cdktf-sqlite/secret-revision"]).toBe(
    "${var.revision}",
  );
  expect(workload.spec.replicas).toBe("${var.count}");
  expect(workload.wait_for_rollout).toBe(false);
  expect(workload.depends_on).toEqual(
    expect.arrayContaining([
      "kubernetes_stateful_set_v1.apps_notes",
      "kubernetes_secret_v1.apps_keys",
      "kubernetes_service_v1.apps_notes-readers",
    ]),
  );
  expect(resource.kubernetes_config_map_v1?.["apps_notes-readers-litestream"]).toMatchObject({
    depends_on: ["kubernetes_namespace_v1.apps"],
  });
  expect(readers.summary()).toEqual([
    ["image", GOOD.image],
    ["read", "/data/notes.db of notes"],
    ["pods", "(known at apply); not ready when more than 10s behind"],
    ["lie on", "the node, gone with the pod; 1Gi twice at most"],
  ]);
});

test("the summary of a stack tells of them", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = new LitestreamApp(stack, "notes", { ...GOOD, replica: S3 });
  new LitestreamReaders(stack, "readers", { of });
  const text = summary(tree);
  expect(text).toContain("notes-readers, in namespace notes\n    image          ");
  expect(text).toContain("kubectl -n notes rollout status statefulset/notes-readers");
});

test("the documented defaults are those that hold", () => {
  const props = readFileSync(join(__dirname, "../../src/litestream/readers/props.ts"), "utf8");
  const before = (name: string) => props.slice(0, props.indexOf(`  readonly ${name}?:`));
  const documented = (name: string) => /@default (.*?)(?: \*\/)?\n[^@]*$/.exec(before(name))?.[1];
  expect(documented("replicas")).toBe(String(READERS_DEFAULTS.replicas));
  expect(documented("maxLag")).toBe(`"${READERS_DEFAULTS.maxLag}"`);
  const objects = readersOf();
  expect(objects.StatefulSet.spec.replicas).toBe(READERS_DEFAULTS.replicas);
  expect(podOf(objects).terminationGracePeriodSeconds).toBe(40);
  expect(documented("stopTimeout")).toBe('"30s"');
  expect(documented("metricsPort")).toBe("9090");
});
