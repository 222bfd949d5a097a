import type { TerraformStack } from "cdktf";
import { Namespace } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { acknowledged, lost, moreRows, writer } from "./support/writer";

/** Five for the figures in the documentation. */
const RESTARTS = Number(process.env.E2E_CLASSIC_RESTARTS ?? 1);
/** What the app writes after it is told to stop, in 6 s. */
const LAST = 60;
const POD = "classic-0";

describe("Litestream as an ordinary container, an app that writes until its end, ephemeral storage", () => {
  const cluster = new Cluster("e2e-classic");
  const deployment = new Deployment("e2e-classic");

  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    const props = {
      ...onS3(`classic-${Date.now()}`),
      sidecar: "classic",
      stopTimeout: "8s",
      last: LAST,
    } as const;
    await deployment.apply((stack) => void writer(stack, namespace(stack), "classic", props));
    await cluster.ready(POD);
  });

  afterAll(() => deployment.clean());

  /** Rows lost in some restarts; each adds rows while the pod runs and while it ends. */
  async function lostInRestarts(): Promise<number> {
    const before = await lost(cluster, POD);
    for (let restart = 0; restart < RESTARTS; restart++) {
      await moreRows(cluster, POD, 20);
      const noted = (await acknowledged(cluster, POD)).length;
      await cluster.restart(POD);
      expect((await acknowledged(cluster, POD)).length).toBeGreaterThanOrEqual(noted + LAST);
    }
    return (await lost(cluster, POD)) - before;
  }

  test("no row is lost when Litestream's end is held back until the app's", async () => {
    expect(await lostInRestarts()).toBe(0);
  });

  test("nearly all of the last rows are lost without that", async () => {
    const patch = [{ op: "remove", path: "/spec/template/spec/containers/1/lifecycle" }];
    const uid = await cluster.uid(POD);
    await cluster.kubectl(
      "patch",
      "statefulset/classic",
      "--type=json",
      `--patch=${JSON.stringify(patch)}`,
    );
    await cluster.ready(POD, { otherThan: uid });
    const gone = await lostInRestarts();
    console.log(`${gone} of ${RESTARTS * LAST} rows written after SIGTERM lost without preStop`);
    expect(gone).toBeGreaterThan(RESTARTS * LAST * 0.8);
  });
});
