import type { TerraformStack } from "cdktf";
import { Namespace } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually } from "./support/run";
import { acknowledged, lost, moreRows, writer } from "./support/writer";

describe("an app that takes 6 s to stop and writes until its end, on ephemeral storage", () => {
  const cluster = new Cluster("e2e-slow-stop");
  const deployment = new Deployment("e2e-slow-stop");

  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    const storage = onS3(`slow-stop-${Date.now()}`);
    await deployment.apply(
      (stack) => void writer(stack, namespace(stack), "slow", { ...storage, last: 60 }),
    );
    await cluster.ready("slow-0");
  });

  afterAll(() => deployment.clean());

  test("every row it wrote is there after 5 restarts", async () => {
    for (let restart = 0; restart < 5; restart++) {
      const before = (await acknowledged(cluster, "slow-0")).length;
      await cluster.restart("slow-0");
      const noted = await acknowledged(cluster, "slow-0");
      expect(noted.length).toBeGreaterThanOrEqual(before + 60);
      expect(await lost(cluster, "slow-0")).toBe(0);
    }
  });
});

describe("an app that keeps Litestream out of its database until it stops, on ephemeral storage", () => {
  const cluster = new Cluster("e2e-locked");
  const deployment = new Deployment("e2e-locked");
  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    const storage = onS3(`locked-${Date.now()}`);
    await deployment.apply(
      (stack) => void writer(stack, namespace(stack), "locked", { ...storage, locks: true }),
    );
  });

  afterAll(() => deployment.clean());

  test("every row it wrote is there after 3 restarts, although Litestream never had a look at it", async () => {
    const runs = async () => (await cluster.status("locked-0", "app"))?.state.running !== undefined;
    await eventually("the app runs", 60, runs);
    for (let restart = 0; restart < 3; restart++) {
      // Both want the lock. Once this took longer than a minute after a restart; why isn't known.
      await moreRows(cluster, "locked-0", 2, 180);
      const before = await cluster.uid("locked-0");
      // It is never ready: that Litestream is kept out is said there.
      await cluster.kubectl("delete", "pod", "locked-0");
      await eventually(
        "the next one runs",
        60,
        async () =>
          (await cluster.uid("locked-0").catch(() => before)) !== before && (await runs()),
      );
      expect(await lost(cluster, "locked-0")).toBe(0);
    }
  });
});
