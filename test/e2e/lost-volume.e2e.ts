import type { TerraformStack } from "cdktf";
import { type LitestreamAppProps, Namespace, Storage } from "../../src";
import { makeS3Secret, onS3, pocketbase } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { onClaim } from "./support/on-claim";
import { POD, PocketBase, Writer } from "./support/pocketbase";
import { eventually } from "./support/run";

describe.each([
  { replica: "file", namespace: "e2e-lost-file", props: {} as Partial<LitestreamAppProps> },
  {
    replica: "S3",
    namespace: "e2e-lost-s3",
    props: { ...onS3(`lost-${Date.now()}`), storage: Storage.claim({ size: "1Gi" }) },
  },
])("pod and volume lost, $replica replica", ({ namespace, props }) => {
  const cluster = new Cluster(namespace);
  const deployment = new Deployment(namespace);
  let app: PocketBase;

  const declare = (stack: TerraformStack) =>
    pocketbase(
      stack,
      new Namespace(stack, "namespace", { name: namespace, disposable: true }),
      props,
    );

  beforeAll(async () => {
    await deployment.apply(
      (stack) => void new Namespace(stack, "namespace", { name: namespace, disposable: true }),
    );
    await makeS3Secret(namespace);
    await deployment.apply(declare);
    await cluster.ready(POD);
    app = await PocketBase.open(cluster);
  });

  afterAll(async () => {
    app?.close();
    await deployment.clean();
  });

  test("the database comes back with all but the last 2 s of rows", async () => {
    const writer = new Writer(app, 1);
    await eventually("100 rows", 60, async () => writer.acknowledged.size >= 100);
    const uid = await cluster.uid(POD);
    const claim = await cluster.get("pvc", `data-${POD}`);
    const lostAt = Date.now();
    await cluster.kubectl("delete", "pvc", `data-${POD}`, "--wait=false");
    await cluster.kubectl("delete", "pod", POD, "--grace-period=0", "--force");
    await cluster.ready(POD, { otherThan: uid, seconds: 180 });
    await writer.stop();
    expect((await cluster.get("pvc", `data-${POD}`)).metadata.uid).not.toBe(claim.metadata.uid);
    const missing = writer.missing(await app.rows());
    const oldest = Math.max(
      0,
      ...missing.map((row) => lostAt - (writer.acknowledged.get(row) ?? 0)),
    );
    console.log(
      `${namespace}: ${missing.length} of ${writer.acknowledged.size} rows lost, the oldest ${oldest} ms before`,
    );
    expect(oldest).toBeLessThan(2000);
    expect(writer.acknowledged.size - missing.length).toBeGreaterThanOrEqual(90);
  });

  test("a volume that is older than the replica is refused, or kept when that is declared", async () => {
    const before = await cluster.uid(POD);
    // What a claim left behind looks like: Litestream's files on it end before those in the replica.
    const files = "/pb_data/.data.db-litestream/ltx/0";
    await app.addEventually(100_001);
    await cluster.kubectl("scale", "statefulset", "pocketbase", "--replicas=0");
    await eventually(
      "the pod gone",
      60,
      async () => (await cluster.tryKubectl("get", "pod", POD)).code !== 0,
    );
    const rewind = `cd /data/.data.db-litestream/ltx/0 && ls | sort | tail -n 1 | xargs rm`;
    await onClaim(cluster, `data-${POD}`, rewind);
    await cluster.kubectl("scale", "statefulset", "pocketbase", "--replicas=1");
    await eventually("the volume refused", 90, async () => {
      const status = await cluster.status(POD, "litestream-restore-snapshot");
      return status?.lastState.terminated?.message?.includes("the app has written elsewhere since");
    });
    await deployment.apply(
      (stack) =>
        void pocketbase(
          stack,
          new Namespace(stack, "namespace", { name: namespace, disposable: true }),
          {
            ...props,
            whenVolumeIsOlder: "keep",
          },
        ),
    );
    await cluster.ready(POD, { otherThan: before });
    expect(await cluster.exec(POD, "litestream-sidecar", "ls", files)).not.toBe("");
    expect((await app.rows()).has(100_001)).toBe(true);
  });
});
