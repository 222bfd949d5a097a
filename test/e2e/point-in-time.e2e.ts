import type { TerraformStack } from "cdktf";
import { Namespace, type RestorePoint } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually } from "./support/run";
import { inApp, now, SHELL_POD, shellApp, write, writeThrough } from "./support/shell-app";

const DATA = "/data/app.db";

describe("point in time, on ephemeral storage", () => {
  const cluster = new Cluster("e2e-point-in-time");
  const deployment = new Deployment("e2e-point-in-time");
  const replica = onS3(`point-in-time-${Date.now()}`);

  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });
  const declare = (restoreTo?: RestorePoint) => (stack: TerraformStack) =>
    void shellApp(stack, namespace(stack), { databases: [DATA], ...replica, restoreTo });
  const rows = async () =>
    (await cluster.sqlite(SHELL_POD, DATA, "SELECT group_concat(number) FROM rows")).join();
  const applied = async (restoreTo: RestorePoint) => {
    const uid = await cluster.uid(SHELL_POD);
    await deployment.apply(declare(restoreTo));
    await cluster.ready(SHELL_POD, { otherThan: uid });
  };

  let timestamp = "";
  let transaction = "";

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    await deployment.apply(declare());
    // The pod isn't ready before the app has made its database.
    const make = `sqlite3 ${DATA} 'CREATE TABLE rows (number INTEGER)'`;
    await eventually("the app runs", 60, async () => (await inApp(cluster, make)) === "");
    await cluster.ready(SHELL_POD);
  });

  afterAll(() => deployment.clean());

  test("a row deleted by mistake is back", async () => {
    transaction = await writeThrough(cluster, DATA, "INSERT INTO rows VALUES (1), (2), (3)");
    timestamp = await now();
    await write(cluster, DATA, "DELETE FROM rows WHERE number = 2");
    await applied({ id: "undo", timestamp });
    expect(await rows()).toBe("1,2,3");
  });

  test("a restart after that doesn't undo later writes", async () => {
    await write(cluster, DATA, "INSERT INTO rows VALUES (4)");
    await cluster.restart(SHELL_POD);
    expect(await rows()).toBe("1,2,3,4");
    const log = await cluster.kubectl("logs", SHELL_POD, "-c", "litestream-restore-snapshot");
    expect(log).toContain(
      "restore undo was done before, and isn't done again; restoreTo can be taken out",
    );
  });

  test("nor does a pod that is killed right after", async () => {
    await writeThrough(cluster, DATA, "INSERT INTO rows VALUES (5)");
    await cluster.restart(SHELL_POD, "--grace-period=0", "--force");
    expect(await rows()).toBe("1,2,3,4,5");
  });

  test("a transaction can be gone back to as well, under an id of its own", async () => {
    await applied({ id: "again", transaction });
    expect(await rows()).toBe("1,2,3");
    await cluster.restart(SHELL_POD);
    expect(await rows()).toBe("1,2,3");
  });

  test("a time before the first backup is refused, and the present state stays", async () => {
    await deployment.apply(declare({ id: "too-early", timestamp: "2001-01-01T00:00:00Z" }));
    const message = async () =>
      (await cluster.status(SHELL_POD, "litestream-restore-snapshot"))?.lastState.terminated
        ?.message;
    await eventually("refused", 60, async () =>
      (await message())?.includes(
        "the replica holds no state of it at or before 2001-01-01T00:00:00Z",
      ),
    );
    await deployment.apply(declare());
    await cluster.ready(SHELL_POD);
    expect(await rows()).toBe("1,2,3");
  });
});
