import { Namespace } from "../../src";
import { makeS3Secret, onS3, pocketbase } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { killContainers, onNode } from "./support/node";
import { DATA, POD, PocketBase, Writer } from "./support/pocketbase";
import { eventually } from "./support/run";

const RESTARTS = 10;

/** A fresh restore of the replica, beside the live database, and its rows. */
async function restoredRows(cluster: Cluster): Promise<string[]> {
  const target = "/pb_data/restored-for-test.db";
  const shell = (script: string) => cluster.exec(POD, "litestream-sidecar", "sh", "-c", script);
  await shell(`litestream restore -integrity-check full -o ${target} ${DATA}`);
  const rows = await cluster.sqlite(POD, target, "SELECT number FROM rows ORDER BY number");
  await shell(`rm -f ${target}*`);
  return rows;
}

describe.each([
  { storage: "claim, file replica", namespace: "e2e-claim", props: {}, ephemeral: false },
  {
    storage: "ephemeral, S3 replica",
    namespace: "e2e-ephemeral",
    props: onS3(`restarts-${Date.now()}`),
    ephemeral: true,
  },
])("PocketBase under load on $storage", ({ namespace, props, ephemeral }) => {
  const cluster = new Cluster(namespace);
  const deployment = new Deployment(namespace);
  let app: PocketBase;
  let next = 1;

  const declare = (name: string) => (stack: ConstructorParameters<typeof Namespace>[0]) => {
    const made = new Namespace(stack, "namespace", { name, disposable: true });
    return pocketbase(stack as never, made, props);
  };

  beforeAll(async () => {
    if (ephemeral)
      await deployment.apply(
        (stack) => void new Namespace(stack, "namespace", { name: namespace, disposable: true }),
      );
    if (ephemeral) await makeS3Secret(namespace);
    await deployment.apply(declare(namespace));
    await cluster.ready(POD);
    app = await PocketBase.open(cluster);
  });

  afterAll(async () => {
    app?.close();
    await deployment.clean();
  });

  /** Writes while `event` happens, and a little after; gives the writer once the app answers again. */
  async function writingDuring(event: () => Promise<void>): Promise<Writer> {
    const writer = new Writer(app, next);
    await eventually("20 rows before the event", 60, async () => writer.acknowledged.size >= 20);
    await event();
    const before = writer.acknowledged.size;
    await eventually(
      "rows after the event",
      60,
      async () => writer.acknowledged.size >= before + 5,
    );
    await writer.stop();
    next = Math.max(...writer.acknowledged.keys()) + 1;
    return writer;
  }

  test(`${RESTARTS} graceful deletions lose no acknowledged row`, async () => {
    for (let restart = 0; restart < RESTARTS; restart++) {
      const writer = await writingDuring(() => cluster.restart(POD));
      expect(writer.missing(await app.rows())).toEqual([]);
    }
    expect(await cluster.sqlite(POD, DATA, "PRAGMA integrity_check")).toEqual(["ok"]);
  });

  onNode("SIGKILL of app and Litestream at once loses no acknowledged row", async () => {
    const writer = await writingDuring(async () => {
      const uid = await cluster.uid(POD);
      const restarts = (await cluster.status(POD, "app"))?.restartCount ?? 0;
      killContainers(uid, ["app", "litestream-sidecar"]);
      await eventually("the app restarted", 120, async () => {
        const status = await cluster.status(POD, "app");
        return status !== undefined && status.restartCount > restarts && status.ready;
      });
    });
    expect(writer.missing(await app.rows())).toEqual([]);
  });

  test("deletion by force loses 3 s of rows at most, and the replica is whole again", async () => {
    let deletedAt = 0;
    const writer = await writingDuring(async () => {
      deletedAt = Date.now();
      await cluster.restart(POD, "--grace-period=0", "--force");
    });
    const missing = writer.missing(await app.rows());
    const lostFor = missing.map((number) => deletedAt - (writer.acknowledged.get(number) ?? 0));
    console.log(
      `${namespace}: ${missing.length} rows lost by force, the oldest ${Math.max(0, ...lostFor)} ms before`,
    );
    if (!ephemeral) expect(missing).toEqual([]);
    expect(Math.max(0, ...lostFor)).toBeLessThan(3000);
    await eventually("a fresh restore equals the live database", 60, async () => {
      const live = await cluster.sqlite(POD, DATA, "SELECT number FROM rows ORDER BY number");
      return JSON.stringify(await restoredRows(cluster)) === JSON.stringify(live);
    });
  });
});
