import type { TerraformStack } from "cdktf";
import { type LitestreamAppProps, Namespace } from "../../src";
import { makeS3Secret, onS3, pocketbase } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { POD, PocketBase, Writer } from "./support/pocketbase";
import { eventually } from "./support/run";
import { Storage } from "../../src";

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
});
