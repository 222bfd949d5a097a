import {
  BackupVerification,
  LitefsCluster,
  LitestreamApp,
  Namespace,
  Probe,
  Replica,
  Schedule,
  summary,
} from "../../src";
import { clusterObjects, GOOD_CLUSTER } from "../support/litefs";
import { failure, GOOD, newApp, ownStack, synthesized } from "../support/synth";

const pod = (objects: Record<string, any>) => objects["StatefulSet/notes"].spec.template.spec;
const container = (spec: any, name: string) =>
  [...spec.initContainers, ...spec.containers].find((one: any) => one.name === name);

describe("a cluster", () => {
  const objects = clusterObjects();
  const spec = pod(objects);

  test("is made of these objects", () => {
    expect(Object.keys(objects).sort()).toEqual([
      "ConfigMap/notes-litefs",
      "ConfigMap/notes-recovery",
      "ConfigMap/notes-router",
      "Deployment/notes-router",
      "NetworkPolicy/notes",
      "NetworkPolicy/notes-primary",
      "NetworkPolicy/notes-router",
      "PodDisruptionBudget/notes",
      "PodDisruptionBudget/notes-router",
      "Service/notes",
      "Service/notes-headless",
      "Service/notes-primary",
      "Service/notes-read",
      "ServiceAccount/notes",
      "StatefulSet/notes",
    ]);
  });

  test("runs LiteFS before the app and for as long, the backup between them", () => {
    expect(
      spec.initContainers.map(({ name, restartPolicy }: any) => [name, restartPolicy]),
    ).toEqual([
      ["litestream-restore-snapshot", "Always"],
      ["litefs", "Always"],
      ["litefs-backup", "Always"],
    ]);
    // Until it holds this port, the kubelet starts nothing after it, and LiteFS's container starts no LiteFS.
    const guard = container(spec, "litestream-restore-snapshot");
    expect(guard.args[0]).toBe("20204");
    expect(guard.startupProbe.exec.command[2]).toMatch(/^sh \/etc\/litefs\/may-start\.sh 20204 /);
    expect(container(spec, "litefs").args[2]).toBe("20204");
    expect(spec.containers.map(({ name }: any) => name)).toEqual(["app"]);
    expect(spec.terminationGracePeriodSeconds).toBe(105);
  });

  test("mounts its file system into the app's container, which is restricted", () => {
    expect(container(spec, "litefs")).toMatchObject({
      securityContext: { privileged: true, runAsUser: 0 },
      volumeMounts: expect.arrayContaining([
        { name: "litefs", mountPath: "/data", mountPropagation: "Bidirectional" },
      ]),
    });
    for (const name of ["app", "litefs-backup", "litestream-restore-snapshot"])
      expect(container(spec, name).securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        runAsNonRoot: true,
      });
    expect(spec.securityContext).toMatchObject({
      runAsUser: 1000,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container(spec, "app").volumeMounts).toEqual([
      { name: "litefs", mountPath: "/data", mountPropagation: "HostToContainer" },
    ]);
  });

  test("may be started again while a mount that is left is there: the volume is the folder above", () => {
    expect(container(spec, "litefs").args.slice(0, 2)).toEqual(["/data/db", "8080"]);
  });

  test("knows its primary by a variable that no environment can change", () => {
    const { env } = container(spec, "litefs");
    expect(env).toContainEqual({
      name: "LITEFS_POD",
      valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } },
    });
    expect(JSON.stringify(spec)).not.toContain('"HOSTNAME"');
  });

  test("has its app restarted with LiteFS, by asking LiteFS whether it lives", () => {
    expect(container(spec, "app").livenessProbe).toMatchObject({
      httpGet: { path: "/info", port: 20202 },
    });
    const own = clusterObjects({ probes: { liveness: Probe.httpGet("/health") } });
    expect(container(pod(own), "app").livenessProbe).toMatchObject({
      httpGet: { path: "/health", port: 20203 },
    });
  });

  test("isn't taken for dead while LiteFS must not start yet, or what was restored is put in", () => {
    expect(container(spec, "litefs").livenessProbe.exec.command[2]).toBe(
      "grep -q gate.sh /proc/1/cmdline || timeout 5 wget -q -O /dev/null http://127.0.0.1:20202/info",
    );
  });

  test("starts all pods at once, so that an empty primary can ask the others", () => {
    expect(objects["StatefulSet/notes"].spec).toMatchObject({
      replicas: 3,
      serviceName: "notes-headless",
      podManagementPolicy: "Parallel",
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    expect(objects["Service/notes-headless"].spec).toMatchObject({
      clusterIP: "None",
      publishNotReadyAddresses: true,
    });
  });

  test("has an empty primary told what to do, and whom to ask, without another template of its pods", () => {
    const told = clusterObjects({ whenPrimaryIsEmpty: "take-replica", replicas: 5 });
    expect(told["ConfigMap/notes-recovery"].data).toEqual({
      "when-primary-is-empty": "take-replica",
      pods: "5",
    });
    expect(told["StatefulSet/notes"].spec.template).toEqual(
      objects["StatefulSet/notes"].spec.template,
    );
    expect(told["ConfigMap/notes-litefs"].data).toEqual(objects["ConfigMap/notes-litefs"].data);
  });

  test("tells guard and backup the databases", () => {
    expect(container(spec, "litestream-restore-snapshot").args).toEqual([
      "20204",
      "notes",
      "notes.db",
    ]);
    expect(container(spec, "litefs-backup").args).toEqual(["120", "notes", "notes.db"]);
  });

  test("no Service leads to LiteFS's API but the one without an address", () => {
    const ports = Object.entries(objects)
      .filter(([key]) => key.startsWith("Service/"))
      .map(([key, { spec: service }]: any) => [
        key,
        service.ports.map((one: any) => one.targetPort),
      ]);
    expect(Object.fromEntries(ports)).toEqual({
      "Service/notes": ["http"],
      "Service/notes-headless": ["litefs"],
      "Service/notes-primary": ["litefs-proxy"],
      // A write to a replica's proxy would get an empty 200.
      "Service/notes-read": ["http"],
    });
    expect(objects["Service/notes"].spec.selector).toEqual({
      "app.kubernetes.io/name": "notes-router",
    });
    expect(objects["Service/notes-primary"].spec.selector).toEqual({
      "app.kubernetes.io/name": "notes",
      "statefulset.kubernetes.io/pod-name": "notes-0",
    });
  });

  test("lets only its own pods and the proof of its backup to the API", () => {
    const { ingress, podSelector } = objects["NetworkPolicy/notes"].spec;
    expect(podSelector.matchLabels).toEqual({ "app.kubernetes.io/name": "notes" });
    expect(ingress[0]).toEqual({
      from: [
        { podSelector: { matchLabels: { "app.kubernetes.io/name": "notes" } } },
        {
          podSelector: {
            matchLabels: {
              "app.kubernetes.io/component": "backup-verification",
              "app.kubernetes.io/part-of": "notes",
            },
          },
        },
      ],
      ports: [{ port: 20202, protocol: "TCP" }],
    });
    expect(ingress.slice(1).flatMap(({ ports }: any) => ports.map((one: any) => one.port))).toEqual(
      [20203, 8080],
    );
    expect(Object.keys(clusterObjects({ networkPolicy: false }))).not.toContain(
      "NetworkPolicy/notes",
    );
  });

  test("has a router that is restricted, and whose replicas go one after another", () => {
    const { spec: router } = objects["Deployment/notes-router"];
    expect(router.replicas).toBe(2);
    expect(router.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(router.template.spec.containers[0].securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
    expect(router.template.spec.securityContext.runAsUser).toBe(99);
    for (const name of ["notes", "notes-router"])
      expect(objects[`PodDisruptionBudget/${name}`].spec.maxUnavailable).toBe(1);
  });

  test("spreads over nodes, as far as there are any", () => {
    expect(spec.topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": "notes" } },
      },
    ]);
  });
});

describe("exec", () => {
  const exec = { command: "/notes serve" };

  test("one container, with LiteFS as its command, and no mount that leaves it", () => {
    const spec = pod(clusterObjects({ exec }));
    expect(spec.initContainers.map(({ name }: any) => name)).toEqual([
      "litestream-restore-snapshot",
      "litefs-backup",
    ]);
    const app = container(spec, "app");
    expect(app).toMatchObject({
      command: ["sh", "/etc/litefs/gate.sh", "20204"],
      args: ["litefs", "mount", "-config", "/etc/litefs/litefs.yml"],
      securityContext: { privileged: true, runAsUser: 0 },
      readinessProbe: { httpGet: { path: "/litefs/health", port: 20203 } },
    });
    expect(JSON.stringify(spec)).not.toContain("mountPropagation");
  });

  test("its own variable stands before the app's", () => {
    const { env } = container(pod(clusterObjects({ exec, env: { A: "b" } })), "app");
    expect(env.map(({ name }: any) => name)).toEqual(["LITEFS_POD", "LITEFS_DOLLAR", "PEERS", "A"]);
  });

  test("a FUSE device instead of privilege", () => {
    const app = container(
      pod(clusterObjects({ exec, fuse: { resource: "smarter-devices/fuse" } })),
      "app",
    );
    expect(app.securityContext).toMatchObject({
      privileged: false,
      capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] },
    });
    expect(app.resources.limits).toEqual({ "smarter-devices/fuse": "1" });
    const annotations = (props: object) =>
      clusterObjects(props)["StatefulSet/notes"].spec.template.metadata.annotations;
    const appArmor = "container.apparmor.security.beta.kubernetes.io/app";
    expect(annotations({ exec, fuse: { resource: "smarter-devices/fuse" } })).toMatchObject({
      [appArmor]: "unconfined",
    });
    expect(annotations({ exec })).not.toHaveProperty([appArmor]);
  });
});

describe("the tree", () => {
  test("two on one folder of a replica", () => {
    const app = newApp();
    const stack = ownStack(app);
    new LitefsCluster(stack, "one", { ...GOOD_CLUSTER, name: "one" });
    new LitestreamApp(stack, "two", { ...GOOD, name: "two", replica: GOOD_CLUSTER.replica });
    expect(failure(app)).toContain(
      'databases[0]: "/data/notes.db" is the replica path of own/one (databases[0]) already. Give one of the two another path in its replica, or its database another replicaPath.',
    );
  });

  test("a backup that is kept for less than the time between two proofs", () => {
    const app = newApp();
    const stack = ownStack(app);
    const of = new LitefsCluster(stack, "notes", { ...GOOD_CLUSTER, backup: { retention: "24h" } });
    new BackupVerification(stack, "verify", { of });
    expect(failure(app)).toContain(
      'backup.retention: "24h" is less than the 168 h between two proofs: what one finds too late couldn\'t be undone any more. Write "168h" or more, or have the backup proven more often.',
    );
  });

  test("a proof asks the primary, and Litestream's replica", () => {
    const app = newApp();
    const stack = ownStack(app);
    const of = new LitefsCluster(stack, "notes", GOOD_CLUSTER);
    new BackupVerification(stack, "verify", { of, schedule: Schedule.daily() });
    const text = JSON.stringify(synthesized(app));
    expect(of.backupSource()).toMatchObject({
      databases: ["/data/db/notes.db"],
      app: { port: 20202 },
      environment: {
        SOURCE_PRIMARY: "notes-0.notes-headless.notes.svc.cluster.local",
        SOURCE_INTERVAL: "120",
      },
    });
    expect(text).toContain("notes-verify");
  });

  test("the summary", () => {
    const app = newApp();
    const namespace = new Namespace(ownStack(app), "notes", { podSecurity: "privileged" });
    new LitefsCluster(namespace, "cluster", {
      ...GOOD_CLUSTER,
      namespace,
      ingress: { host: "notes.example.com" },
      disposable: true,
    });
    app.synth();
    const text = summary(app);
    expect(text).toContain(`    reached at     http://notes.example.com/
    requests       service notes: GET and HEAD to any pod, everything else to notes-0, 503 while that is away
    databases      /data/db/notes.db
    lie on         3 pods, each a claim data-notes-N of 1Gi, deleted with the cluster
    backed up to   S3 bucket backups, folder notes, every 2m as a whole where something changed
    not backed up  everything outside /data/db, which isn't on other pods either
    primary        notes-0.notes-headless.notes.svc.cluster.local:20202; no other pod takes over while it is down
    primary empty  doesn't start where another pod or the backup has data
    privileged     LiteFS's container, which mounts a file system; the app's is not`);
  });

  test("a claim elsewhere as the replica", () => {
    const objects = clusterObjects({ replica: Replica.file({ existingClaim: "backups" }) });
    const spec = pod(objects);
    expect(spec.volumes).toContainEqual({
      name: "replica",
      persistentVolumeClaim: { claimName: "backups" },
    });
    expect(container(spec, "litefs").volumeMounts.map(({ name }: any) => name)).not.toContain(
      "replica",
    );
  });
});
