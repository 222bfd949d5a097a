import type { TerraformStack } from "cdktf";
import { Namespace } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { acknowledged, lost, writer } from "./support/writer";

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
