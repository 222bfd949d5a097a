import type { TerraformStack } from "cdktf";
import { type LitestreamAppProps, Namespace, Replica, Storage } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually } from "./support/run";
import { acknowledged, lost, moreRows, rows, writer } from "./support/writer";

describe("Litestream in its hardened image", () => {
  const cluster = new Cluster("e2e-hardened");
  const deployment = new Deployment("e2e-hardened");
  const folder = `hardened-${Date.now()}`;
  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  /** One app on a claim with a file replica, one on ephemeral storage with S3. */
  const apply = (whenNoBackup: LitestreamAppProps["whenNoBackup"]) =>
    deployment.apply((stack) => {
      const made = namespace(stack);
      const hardened = { hardened: true, whenNoBackup } as const;
      writer(stack, made, "claim", {
        ...hardened,
        storage: Storage.claim({ size: "100Mi" }),
        replica: Replica.file({ claim: { size: "100Mi" } }),
        whenVolumeIsOlder: "keep",
      });
      writer(stack, made, "ephemeral", { ...onS3(folder), ...hardened });
    });

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
  });

  afterAll(() => deployment.clean());

  test("a start without a backup is refused, and mended by apply alone", async () => {
    await apply("refuse");
    for (const pod of ["claim-0", "ephemeral-0"])
      await eventually(`${pod} refused`, 60, async () => {
        const status = await cluster.status(pod, "litestream-restore-snapshot");
        return status?.lastState.terminated?.message?.includes("no matching backup files");
      });
    await apply("start-empty");
    for (const pod of ["claim-0", "ephemeral-0"]) await cluster.ready(pod);
  });

  test("no row is lost when the pods are replaced, and refuse starts then", async () => {
    const pods = ["claim-0", "ephemeral-0"];
    for (const pod of pods) await moreRows(cluster, pod, 20);
    const uids = await Promise.all(pods.map((pod) => cluster.uid(pod)));
    await apply("refuse");
    for (const [index, pod] of pods.entries()) {
      await cluster.ready(pod, { otherThan: uids[index] });
      expect(await lost(cluster, pod)).toBe(0);
    }
  });

  test("pod and volume lost, the rows come back but for the last 2 s", async () => {
    await moreRows(cluster, "claim-0", 50);
    const before = (await acknowledged(cluster, "claim-0")).length;
    const uid = await cluster.uid("claim-0");
    await cluster.kubectl("delete", "pvc", "data-claim-0", "--wait=false");
    await cluster.kubectl("delete", "pod", "claim-0", "--grace-period=0", "--force");
    await cluster.ready("claim-0", { otherThan: uid, seconds: 180 });
    const found = await rows(cluster, "claim-0");
    console.log(`${before} rows acknowledged before the loss, ${found.size} there after it`);
    // Ten a second, for 2 s.
    expect(found.size).toBeGreaterThanOrEqual(before - 20);
    expect(before).toBeGreaterThan(50);
  });
});
