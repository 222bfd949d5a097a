import type { TerraformStack } from "cdktf";
import { LitestreamApp, Namespace, Storage } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually } from "./support/run";

/** Writes ten rows a second, and goes on for 6 s after it is told to stop. */
const APP = `
db=/data/app.db
sqlite3 $db 'PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY)' >/dev/null
left=-1
trap 'left=60' TERM
while [ $left -ne 0 ]; do
  number=$(sqlite3 -cmd '.timeout 5000' $db 'INSERT INTO rows DEFAULT VALUES RETURNING number') && echo $number >> /acknowledged/rows
  [ $left -lt 0 ] || left=$((left - 1))
  sleep 0.1 & wait $!
done`;

describe("an app that takes 6 s to stop and writes until its end, on ephemeral storage", () => {
  const cluster = new Cluster("e2e-slow-stop");
  const deployment = new Deployment("e2e-slow-stop");

  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    await deployment.apply((stack) => {
      new LitestreamApp(stack, "slow", {
        ...(onS3(`slow-stop-${Date.now()}`) as Pick<
          ConstructorParameters<typeof LitestreamApp>[2],
          "storage" | "replica" | "whenNoBackup"
        >),
        namespace: namespace(stack),
        image: "litestream/litestream:0.5.16",
        port: 8080,
        command: ["sh", "-c", APP],
        databases: ["/data/app.db"],
        // What was acknowledged is noted where the pod's end doesn't reach.
        volumes: [{ mountPath: "/acknowledged", storage: Storage.claim({ size: "10Mi" }) }],
        disposable: true,
      });
    });
    await cluster.ready("slow-0");
  });

  afterAll(() => deployment.clean());

  test("every row it wrote is there after 5 restarts", async () => {
    const acknowledged = async () =>
      (await cluster.exec("slow-0", "app", "cat", "/acknowledged/rows")).trim().split("\n");
    for (let restart = 0; restart < 5; restart++) {
      const before = (await acknowledged()).length;
      await cluster.restart("slow-0");
      const noted = await acknowledged();
      expect(noted.length).toBeGreaterThanOrEqual(before + 60);
      const rows = new Set(
        await eventually("rows", 30, () =>
          cluster.sqlite("slow-0", "/data/app.db", "SELECT number FROM rows"),
        ),
      );
      expect(noted.filter((number) => !rows.has(number))).toEqual([]);
      expect(new Set(noted).size).toBe(noted.length);
    }
  });
});
