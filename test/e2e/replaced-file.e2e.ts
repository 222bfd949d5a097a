import { LitestreamApp, Namespace, Replica, Storage } from "../../src";
import { pocketbase } from "./support/apps";
import { Cluster, type Pod } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { DATA, POD, PocketBase } from "./support/pocketbase";
import { eventually } from "./support/run";

const RESTORED = "/pb_data/restored-for-test.db";

const shell = (cluster: Cluster, script: string) =>
  cluster.exec(POD, "litestream-sidecar", "sh", "-c", script);

/** Whether a fresh restore of the replica is sound and holds just what the live database holds. */
async function replicaEqualsLive(cluster: Cluster): Promise<boolean> {
  const dump = (path: string) =>
    shell(cluster, `sqlite3 -cmd '.timeout 5000' ${path} .dump | grep -v _litestream_`);
  const restore = `litestream restore -integrity-check full -o ${RESTORED} ${DATA}`;
  await shell(cluster, `rm -f ${RESTORED}*; ${restore}`);
  const [restored, live] = [await dump(RESTORED), await dump(DATA)];
  await shell(cluster, `rm -f ${RESTORED}*`);
  return restored === live;
}

describe("an app that replaces its database under Litestream", () => {
  const cluster = new Cluster("e2e-replaced");
  const deployment = new Deployment("e2e-replaced");
  let app: PocketBase;

  beforeAll(async () => {
    await deployment.apply((stack) => {
      pocketbase(
        stack,
        new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
      );
    });
    await cluster.ready(POD);
    app = await PocketBase.open(cluster);
  });

  afterAll(async () => {
    app?.close();
    await deployment.clean();
  });

  const restarts = async () => (await cluster.status(POD, "litestream-sidecar"))?.restartCount ?? 0;

  test("PocketBase's own restore: rows written afterwards are in the replica within 60 s", async () => {
    await app.addEventually(1);
    await app.post("/api/backups", { name: "before.zip" });
    await app.addEventually(2);
    const before = await restarts();
    await app.post("/api/backups/before.zip/restore", {});
    await eventually("the restored database", 60, async () => {
      const rows = await app.rows();
      return rows.has(1) && !rows.has(2);
    });
    const replacedAt = Date.now();
    await app.addEventually(3);
    await eventually(
      "row 3 in the replica",
      60,
      async () => (await restarts()) > before && (await replicaEqualsLive(cluster)),
    );
    console.log(`after PocketBase's restore: in the replica after ${Date.now() - replacedAt} ms`);
    const rows = await app.rows();
    expect([rows.has(1), rows.has(2), rows.has(3)]).toEqual([true, false, true]);
  });

  test("mv of another file: rows written afterwards are in the replica within 60 s", async () => {
    await cluster.ready(POD);
    const before = await restarts();
    await shell(
      cluster,
      `sqlite3 ${DATA} ".backup /pb_data/new.db" && sqlite3 /pb_data/new.db "UPDATE rows SET number = 40 WHERE number = 3" && mv /pb_data/new.db ${DATA} && rm -f ${DATA}-wal ${DATA}-shm`,
    );
    const replacedAt = Date.now();
    // PocketBase itself goes on with the old file until it is restarted.
    const appRestarts = (await cluster.status(POD, "app"))?.restartCount ?? 0;
    await cluster.tryKubectl("exec", POD, "-c", "app", "--", "sh", "-c", "kill -TERM 1");
    await eventually("PocketBase restarted", 60, async () => {
      const status = await cluster.status(POD, "app");
      return status !== undefined && status.restartCount > appRestarts && status.ready;
    });
    await app.addEventually(5);
    await eventually(
      "row 5 in the replica",
      60,
      async () => (await restarts()) > before && (await replicaEqualsLive(cluster)),
    );
    console.log(`after mv: in the replica after ${Date.now() - replacedAt} ms`);
    const rows = await app.rows();
    expect([rows.has(3), rows.has(40), rows.has(5)]).toEqual([false, true, true]);
  });
});

describe("an app that never lets Litestream in", () => {
  const cluster = new Cluster("e2e-exclusive");
  const deployment = new Deployment("e2e-exclusive");

  afterAll(() => deployment.clean());

  test("is not ready, and the reason can be read", async () => {
    const exclusive = `
      echo "PRAGMA locking_mode=EXCLUSIVE; CREATE TABLE t (x); INSERT INTO t VALUES (1);" > /tmp/sql
      (cat /tmp/sql; while :; do sleep 3600; done) | sqlite3 /data/app.db`;
    await deployment.apply((stack) => {
      new LitestreamApp(stack, "exclusive", {
        name: "exclusive",
        namespace: new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
        image: "litestream/litestream:0.5.16",
        port: 8080,
        command: ["sh", "-c", exclusive],
        databases: ["/data/app.db"],
        storage: Storage.claim({ size: "10Mi" }),
        replica: Replica.file({ claim: { size: "10Mi" } }),
        // It doesn't hear SIGTERM.
        stopTimeout: "1s",
        litestream: { shutdownSyncTimeout: "1s" },
        disposable: true,
      });
    });
    await eventually("the reason among the events", 120, async () => {
      const events = await cluster.kubectl("get", "events", "-o", "jsonpath={.items[*].message}");
      return events.includes("/data/app.db is closed to Litestream");
    });
    expect((await cluster.status("exclusive-0", "litestream-sidecar"))?.ready).toBe(false);
    const { status } = await cluster.get<Pod>("pod", "exclusive-0");
    expect(status.conditions?.find(({ type }) => type === "Ready")?.status).toBe("False");
  });
});
