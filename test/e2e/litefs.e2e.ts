import { setTimeout as sleep } from "node:timers/promises";
import { Alert, BackupVerification, LogAlerts, Namespace, Secret } from "../../src";
import type { LitefsClusterProps } from "../../src";
import { ALERTS_DEFAULTS } from "../../src/alerting/config";
import { textsModule } from "../../src/alerting/lua/texts";
import { LITEFS_DEFAULTS } from "../../src/litefs/defaults";
import { makeS3Secret } from "./support/apps";
import { Cluster } from "./support/cluster";
import { DEVICE_MANAGER, FUSE_RESOURCE, startDevicePlugin } from "./support/device-plugin";
import { Deployment } from "./support/deploy";
import { hasImage, withImage } from "./support/image";
import {
  Clients,
  comments,
  isso,
  ISSO,
  ISSO_WITH_LITEFS,
  type Load,
  missing,
  transaction,
} from "./support/isso";
import { onClaim } from "./support/on-claim";
import { Receiver } from "./support/receiver";
import { eventually, run } from "./support/run";
import { prove } from "./support/verification";

const PODS = ["isso-0", "isso-1", "isso-2"];

withImage(LITEFS_DEFAULTS.litefsImage, "LiteFS", () =>
  withImage(LITEFS_DEFAULTS.routerImage, "behind the router", () => {
    withImage(ISSO, "a comment server on three pods", suite);
    withImage(ISSO_WITH_LITEFS, "a comment server with LiteFS in its image", () => {
      execSuite("e2e-litefs-exec");
      withImage(DEVICE_MANAGER, "and /dev/fuse by a device plugin", deviceSuite);
    });
  }),
);

function suite(): void {
  const cluster = new Cluster("e2e-litefs");
  const deployment = new Deployment("e2e-litefs");
  const clients = new Clients(cluster);
  let receiver: Receiver;

  const declare = (props: Partial<LitefsClusterProps> = {}) =>
    deployment.apply((stack) => {
      const namespace = new Namespace(stack, cluster.namespace, {
        podSecurity: "privileged",
        disposable: true,
      });
      const of = isso(stack, namespace, props);
      new BackupVerification(stack, "verify", { of, maxLag: "30s", deadline: "3m" });
      if (!hasImage(ALERTS_DEFAULTS.image)) return;
      const url = { secret: Secret.existing("receivers"), key: "webhook" };
      const receivers = [Alert.webhook({ url, port: receiver.port })];
      new LogAlerts(stack, "alerts", { namespace, receivers });
    });

  beforeAll(async () => {
    receiver = await Receiver.start();
    await declare();
    await makeS3Secret(cluster.namespace);
    const url = `--from-literal=webhook=${receiver.url("alerts")}`;
    await cluster.kubectl("create", "secret", "generic", "receivers", url);
    await clients.start();
    for (const pod of PODS) await cluster.ready(pod, { seconds: 300 });
    await routed();
  });
  afterAll(async () => {
    await receiver?.stop();
    await deployment.clean();
  });

  /** Waits until the router has somewhere to send reads and writes. */
  const routed = () =>
    eventually("the router answers", 120, async () => {
      const { status } = await clients.ask("GET", "/info");
      return status === 200 && (await clients.ask("POST", "/count")).status !== 503;
    });

  /** Waits until every pod has all of some comments. */
  const everywhere = (texts: readonly string[], seconds: number) =>
    Promise.all(
      PODS.map((pod) =>
        eventually(
          `${pod} has ${texts.length} comments`,
          seconds,
          async () => (await missing(cluster, pod, texts)) === 0,
        ),
      ),
    );

  test("1,000 writes of 8 clients: all on every pod, none lost, each client reads its own", async () => {
    const load = await clients.write(8, 125);
    await everywhere(load.acknowledged, 2);
    expect(load).toMatchObject({ refused: [], unknown: {}, empty: 0, reads: 1000, stale: 0 });
    expect(load.acknowledged).toHaveLength(1000);
  });

  /** What is true of every load, whatever happened meanwhile. */
  const nothingLost = async (load: Load) => {
    await everywhere(load.acknowledged, 60);
    const found = await comments(cluster, "isso-0");
    expect(load).toMatchObject({ empty: 0, stale: 0, withoutRetryAfter: 0 });
    // What got 503 was never sent.
    expect(load.refused.filter((text) => found.has(text))).toEqual([]);
    expect(load.acknowledged.length).toBeGreaterThan(20);
  };

  const restarts = async (pod: string) => ({
    litefs: (await cluster.status(pod, "litefs"))?.restartCount ?? 0,
    app: (await cluster.status(pod, "app"))?.restartCount ?? 0,
  });

  test.each(["isso-0", "isso-1"])(
    "LiteFS killed on %s under load: mended by itself, and the app restarted with it",
    async (pod) => {
      const before = await restarts(pod);
      const load = await clients.during(4, async () => {
        await sleep(2000);
        await cluster.exec(pod, "litefs", "sh", "-c", "kill -9 $(pidof litefs)");
        await eventually(`LiteFS and app of ${pod} started again`, 120, async () => {
          const now = await restarts(pod);
          return now.litefs > before.litefs && now.app > before.app;
        });
        await cluster.ready(pod, { seconds: 120 });
        await routed();
      });
      await nothingLost(load);
    },
  );

  test("pod 0 deleted under load", async () => {
    const load = await clients.during(4, async () => {
      await sleep(2000);
      await cluster.restart("isso-0");
      await routed();
    });
    await nothingLost(load);
    expect(load.refused.length).toBeGreaterThan(0);
  });

  test("a replica deleted by force", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    await cluster.restart("isso-2", "--grace-period=0", "--force");
    await everywhere(all, 30);
  });

  test("a replica rebuilt from nothing", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    await withoutClaim(cluster, "isso-2");
    await cluster.ready("isso-2", { seconds: 180 });
    await everywhere(all, 30);
  });

  test("a cluster id that doesn't match is told in words, and mended as described", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    const id = "echo LFSC0123456789ABCDEF > /var/lib/litefs/clusterid";
    await cluster.exec("isso-2", "litefs", "sh", "-c", id);
    const uid = await cluster.uid("isso-2");
    await cluster.kubectl("delete", "pod", "isso-2", "--wait=false");
    const log = await eventually("LiteFS tells of it", 120, async () => {
      if ((await cluster.uid("isso-2")) === uid) return undefined;
      const text = await cluster.kubectl("logs", "isso-2", "-c", "litefs");
      return text.includes("different cluster id") && text;
    });
    // The alert pipeline knows the line.
    expect(log).toMatch(/"msg":"[^"]*different cluster id/);
    expect(textsModule).toContain('"different cluster id", kind = "cluster id mismatch"');
    await eventually("the pod says why it isn't ready", 60, async () =>
      (await cluster.kubectl("get", "events")).includes("not connected to the primary isso-0"),
    );
    await withoutClaim(cluster, "isso-2");
    await cluster.ready("isso-2", { seconds: 180 });
    await everywhere(all, 30);
  });

  withImage(ALERTS_DEFAULTS.image, "with LogAlerts", () => {
    test("the cluster id that didn't match has reached a person", async () => {
      const told = await eventually("an alert of it", 60, () =>
        Promise.resolve(
          receiver
            .of("alerts")
            .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
            .find(({ problem }) => problem === "cluster id mismatch"),
        ),
      );
      expect(told).toMatchObject({
        level: "error",
        app: "isso",
        namespace: cluster.namespace,
        message: expect.stringContaining("different cluster id"),
        logs: `kubectl -n ${cluster.namespace} logs isso-2 -c litefs --since=1h`,
      });
    });
  });

  test("growing and shrinking leaves the pods that are there as they are", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    const before = await Promise.all(PODS.map((pod) => cluster.uid(pod)));
    await declare({ replicas: 4 });
    await cluster.ready("isso-3", { seconds: 180 });
    expect(await missing(cluster, "isso-3", all)).toBe(0);
    await declare();
    await eventually(
      "isso-3 is gone",
      120,
      async () => (await cluster.tryKubectl("get", "pod", "isso-3")).code !== 0,
    );
    expect(await Promise.all(PODS.map((pod) => cluster.uid(pod)))).toEqual(before);
    await routed();
  });

  test("the backup is proven", async () => {
    await clients.write(1, 5);
    const { name, condition } = await prove(cluster, "isso-verify");
    const why = () => cluster.kubectl("logs", `job/${name}`, "--all-containers", "--tail=30");
    expect({ condition, why: condition === "Complete" ? "" : await why() }).toEqual({
      condition: "Complete",
      why: "",
    });
  });

  test("the app's container is restricted", async () => {
    const { spec } = await cluster.get<PodSpec>("pod", "isso-0");
    const { securityContext, containers } = spec;
    const restricted = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "alone", namespace: "e2e-litefs-restricted" },
      spec: {
        securityContext,
        containers: containers.map(({ name, image, securityContext: own }) => ({
          name,
          image,
          securityContext: own,
        })),
      },
    };
    await run("kubectl", ["create", "namespace", "e2e-litefs-restricted"]);
    try {
      const label = "pod-security.kubernetes.io/enforce=restricted";
      await run("kubectl", ["label", "namespace", "e2e-litefs-restricted", label]);
      // Refused where it doesn't meet the standard.
      const args = ["apply", "--dry-run=server", "-f", "-"];
      expect(await run("kubectl", args, { input: JSON.stringify(restricted) })).toContain("alone");
      expect(await cluster.exec("isso-0", "app", "id", "-u")).toBe("1000\n");
    } finally {
      await run("kubectl", ["delete", "namespace", "e2e-litefs-restricted", "--wait=false"]);
    }
  });

  /** Starts all pods at once, after something was done to pod 0's volume. */
  const startedAgain = async (script: string) => {
    await cluster.kubectl("scale", "statefulset/isso", "--replicas=0");
    await eventually(
      "all pods are gone",
      180,
      async () => (await cluster.tryKubectl("get", "pod", ...PODS)).stdout === "",
    );
    // LiteFS's files belong to root.
    await onClaim(cluster, "data-isso-0", `cd /data && ${script}`, 0);
    await cluster.kubectl("scale", "statefulset/isso", "--replicas=3");
  };

  const nothingServed = async () => {
    expect((await clients.ask("POST", "/count")).status).toBe(503);
    expect((await clients.ask("GET", "/info")).status).toBe(503);
  };

  test("an older volume under pod 0, all pods starting at once: nothing newer is overwritten, nothing served", async () => {
    const copy = "cp -a /var/lib/litefs/dbs /var/lib/litefs/older";
    await cluster.exec("isso-0", "litefs", "sh", "-c", copy);
    await nothingLost(await clients.write(2, 15));
    const all = [...(await comments(cluster, "isso-0"))];
    await startedAgain("mv dbs newer && mv older dbs");
    await refused("its volume is an older one, and what is newer would be thrown away");
    await nothingServed();
    for (const pod of ["isso-1", "isso-2"]) expect(await missing(cluster, pod, all)).toBe(0);
    await startedAgain("rm -r dbs && mv newer dbs");
    for (const pod of PODS) await cluster.ready(pod, { seconds: 300 });
    await everywhere(all, 30);
  });

  test("pod 0 without its claim: nothing is overwritten, nothing served empty, and a replica's data taken when told", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    await withoutClaim(cluster, "isso-0");
    await refused("data is in isso-1 (comments.db up to transaction");
    expect((await clients.ask("POST", "/count")).status).toBe(503);
    expect(await missing(cluster, "isso-1", all)).toBe(0);
    await taken(all);
  });

  /** Has pod 0 take what the others have, and these begin anew, as described. */
  const taken = async (all: readonly string[]) => {
    await declare({ whenPrimaryIsEmpty: "take-replica" });
    await cluster.ready("isso-0", { seconds: 300 });
    expect(await missing(cluster, "isso-0", all)).toBe(0);
    await declare();
    // The others belong to the cluster that was, and keep what they have until somebody says otherwise.
    expect(await missing(cluster, "isso-2", all)).toBe(0);
    for (const pod of ["isso-1", "isso-2"]) await withoutClaim(cluster, pod);
    for (const pod of ["isso-1", "isso-2"]) await cluster.ready(pod, { seconds: 300 });
    await everywhere(all, 30);
    await nothingLost(await clients.write(2, 15));
  };

  test("all pods and pod 0's claim gone: the others are asked before anything is served, and start to be taken from", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    const before = await transaction(cluster, "isso-1");
    for (const pod of ["isso-1", "isso-2"])
      await cluster.kubectl("delete", "pod", pod, "--wait=false");
    await withoutClaim(cluster, "isso-0");
    await refused("data is in isso-1 (comments.db up to transaction");
    await nothingServed();
    await eventually("a replica says what it waits for", 60, async () =>
      (await cluster.kubectl("get", "events")).includes(
        "Startup probe failed: waiting for the primary isso-0, which doesn't answer",
      ),
    );
    expect(before).toBeGreaterThan(0);
    for (const pod of ["isso-1", "isso-2"]) expect(await transaction(cluster, pod)).toBe(before);
    await taken(all);
  });

  test("all claims gone: the backup is restored when told", async () => {
    for (const pod of PODS) await withoutClaim(cluster, pod);
    await refused("the backup holds comments.db");
    await declare({ whenPrimaryIsEmpty: "restore" });
    for (const pod of PODS) await cluster.ready(pod, { seconds: 300 });
    await routed();
    const found = await comments(cluster, "isso-0");
    expect(found.size).toBeGreaterThan(1000);
    await everywhere([...found], 30);
    await nothingLost(await clients.write(2, 15));
  });

  /** Waits until pod 0 refuses to start, and says why. */
  const refused = (why: string) =>
    eventually(`isso-0 refuses: ${why}`, 240, async () =>
      (await cluster.kubectl("logs", "isso-0", "-c", "litestream-restore-snapshot")).includes(why),
    );
}

interface PodSpec {
  readonly spec: {
    readonly securityContext: object;
    readonly containers: readonly { name: string; image: string; securityContext: object }[];
  };
}

/** Deletes a pod together with its claim. */
async function withoutClaim(cluster: Cluster, pod: string): Promise<void> {
  const uid = await cluster.uid(pod);
  await cluster.kubectl("delete", "pvc", `data-${pod}`, "--wait=false");
  await cluster.kubectl("delete", "pod", pod, "--wait=false");
  await eventually(`${pod} is another one`, 120, async () => (await cluster.uid(pod)) !== uid);
}

/** A cluster whose app's container is not privileged: the device and SYS_ADMIN are enough. */
function deviceSuite(): void {
  let stopDevicePlugin: () => Promise<void>;
  beforeAll(async () => void (stopDevicePlugin = await startDevicePlugin()));
  afterAll(() => stopDevicePlugin?.());

  const cluster = execSuite("e2e-litefs-device", { fuse: { resource: FUSE_RESOURCE } });

  test("its container has nothing but the device and SYS_ADMIN", async () => {
    const { spec } = await cluster.get<PodSpec>("pod", "isso-0");
    expect(spec.containers[0]?.securityContext).toMatchObject({
      privileged: false,
      capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] },
      // As Kubernetes reads the annotation.
      appArmorProfile: { type: "Unconfined" },
    });
    const devices = await cluster.exec("isso-0", "app", "ls", "/dev");
    expect(devices.split("\n")).toContain("fuse");
    expect(devices).not.toContain("kmsg");
    const status = await cluster.exec("isso-0", "app", "grep", "CapEff", "/proc/1/status");
    // Bit 21 alone.
    expect(status).toBe("CapEff:\t0000000000200000\n");
  });
}

function execSuite(name: string, props: Partial<LitefsClusterProps> = {}): Cluster {
  const cluster = new Cluster(name);
  const deployment = new Deployment(name);
  const clients = new Clients(cluster);
  const pods = ["isso-0", "isso-1"];

  const declare = (more: Partial<LitefsClusterProps> = {}) =>
    deployment.apply((stack) => {
      const namespace = new Namespace(stack, cluster.namespace, {
        podSecurity: "privileged",
        disposable: true,
      });
      isso(stack, namespace, {
        image: ISSO_WITH_LITEFS,
        replicas: 2,
        probes: {},
        exec: {
          command: "isso -c /config/isso.cfg run",
          migrations: ["sh -c 'echo migrated on $LITEFS_POD'"],
        },
        ...props,
        ...more,
      });
    });

  beforeAll(async () => {
    await declare();
    await makeS3Secret(cluster.namespace);
    await clients.start();
    for (const pod of pods) await cluster.ready(pod, { seconds: 300 });
  });
  afterAll(() => deployment.clean());

  const everywhere = (texts: readonly string[]) =>
    Promise.all(
      pods.map((pod) =>
        eventually(
          `${pod} has all comments`,
          30,
          async () => (await missing(cluster, pod, texts)) === 0,
        ),
      ),
    );

  test("migrations run on the primary alone, writes reach every pod", async () => {
    const load = await eventually("writes are answered", 120, async () => {
      const some = await clients.write(2, 10);
      return some.acknowledged.length === 20 && some;
    });
    expect(load).toMatchObject({ empty: 0, stale: 0 });
    await everywhere(load.acknowledged);
    expect(await cluster.kubectl("logs", "isso-0", "-c", "app")).toContain("migrated on isso-0");
    expect(await cluster.kubectl("logs", "isso-1", "-c", "app")).not.toMatch(/^migrated on/m);
  });

  test.each(pods)("an app that ends on %s takes LiteFS along, and both come back", async (pod) => {
    const before = (await cluster.status(pod, "app"))?.restartCount ?? 0;
    await cluster.exec(pod, "app", "sh", "-c", "kill -9 $(busybox pidof isso python3)");
    await eventually(
      `${pod} is started again`,
      60,
      async () => ((await cluster.status(pod, "app"))?.restartCount ?? 0) > before,
    );
    await cluster.ready(pod, { seconds: 120 });
    const load = await eventually("writes are answered", 60, async () => {
      const some = await clients.write(1, 5);
      return some.acknowledged.length === 5 && some;
    });
    await everywhere(load.acknowledged);
  });

  test("pod 0 without its claim: a replica's data taken when told", async () => {
    const all = [...(await comments(cluster, "isso-0"))];
    await withoutClaim(cluster, "isso-0");
    await declare({ whenPrimaryIsEmpty: "take-replica" });
    await cluster.ready("isso-0", { seconds: 300 });
    expect(await missing(cluster, "isso-0", all)).toBe(0);
    // Otherwise it would be put into LiteFS once more at every start.
    const left = await cluster.exec("isso-0", "app", "ls", "/var/lib/litefs");
    expect(left.split("\n")).not.toContain("restored");
  });

  return cluster;
}
