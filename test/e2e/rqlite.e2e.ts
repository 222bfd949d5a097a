import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TerraformStack } from "cdktf";
import {
  BackupVerification,
  Namespace,
  type RqliteClusterProps,
  type RqliteSettings,
  Schedule,
  Storage,
} from "../../src";
import { CDC_FLAG, has, SETTINGS } from "../../src/rqlite/flags";
import { sqliteFile } from "../support/proof";
import { EVERY_SETTING } from "../support/rqlite";
import { S3 } from "./support/apps";
import { Authority, makeSecret } from "./support/certificates";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { hasImage } from "./support/image";
import { killContainers, onNode } from "./support/node";
import { Client, cluster as declared, NAME, PASSWORDS, Writers } from "./support/rqlite";
import { eventually, run } from "./support/run";
import { S3Client } from "./support/s3";
import { prove } from "./support/verification";

const NEXT = "10.2.7";

/** The steps build on each other: one cluster from its first start to its last. */
describe("a cluster of rqlite", () => {
  const cluster = new Cluster("e2e-rqlite");
  const deployment = new Deployment("e2e-rqlite");
  const folder = `rqlite-${Date.now()}`;
  const authority = new Authority();
  const bucket = new S3Client(S3.endpointHere, S3, S3.region);
  let client: Client;
  let rows = 0;

  const apply = (props: Partial<RqliteClusterProps> = {}) =>
    deployment.apply((stack: TerraformStack) => {
      const of = declared(stack, cluster.namespace, folder, props);
      new BackupVerification(stack, "verify", {
        of,
        schedule: Schedule.cron("0 0 1 1 *"),
        maxLag: "10s",
        deadline: "3m",
        assertions: [{ sql: "SELECT count(*) > 0 FROM rows" }],
      });
    });

  const allReady = (count: number, set = NAME, seconds = 180) =>
    eventually(`${count} of ${set} ready`, seconds, async () => {
      const { status } = await cluster.get<any>("statefulset", set);
      return (
        status.readyReplicas === count &&
        status.replicas === count &&
        status.updatedReplicas === count
      );
    });

  const nodesAre = (count: number, seconds = 60) =>
    eventually(`${count} nodes with a leader`, seconds, async () => {
      const nodes = await client.nodes();
      const whole = nodes.length === count && nodes.every(({ reachable }) => reachable);
      return whole && nodes.some(({ leader }) => leader) && nodes;
    });

  /** Writes while something happens and a little after; nothing acknowledged may be lost. */
  async function writingDuring(
    event: (writers: Writers) => Promise<void>,
    atLeast = 0,
  ): Promise<Writers> {
    const writers = new Writers(client, rows + 1);
    try {
      await eventually("50 rows before", 60, async () => writers.acknowledged.length >= 50);
      await event(writers);
      const before = writers.acknowledged.length;
      const enough = () => writers.acknowledged.length >= Math.max(before + 50, atLeast);
      await eventually("rows after", 180, async () => enough());
    } finally {
      await writers.stop();
    }
    rows = Math.max(...writers.acknowledged.map(({ number }) => number)) + 8;
    expect(await writers.missing()).toEqual([]);
    return writers;
  }

  const backups = async () => (await bucket.list(S3.bucket, `${folder}/`)).sort();

  /** Waits until a backup has all that was written before. */
  const backedUp = () =>
    eventually("a backup of the last change", 60, async () => {
      const { text } = await client.ask("/status", { user: "rqlite-nodes" });
      const index = /"db_applied_index":(\d+)/.exec(text)?.[1];
      const newest = (await backups()).at(-1);
      if (newest === undefined) return false;
      const { body } = await bucket.request("HEAD", `${S3.bucket}/${newest}`);
      return new RegExp(`auto-backup-id: ${index}\\r?\\n`, "i").test(body);
    });

  beforeAll(async () => {
    await deployment.apply(
      (stack) =>
        void new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
    );
    const { namespace } = cluster;
    const of = (service: string) => `${service}.${namespace}.svc`;
    await authority.secret(namespace, "http", [of(NAME), of(`${NAME}-readers`)]);
    await authority.secret(namespace, "nodes", [of(`${NAME}-nodes`)]);
    await makeSecret(namespace, "users", PASSWORDS);
    await makeSecret(namespace, "s3", {
      AWS_ACCESS_KEY_ID: S3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: S3.secretAccessKey,
    });
  });

  afterAll(() => deployment.clean());

  test("forms within 30 s, with certificates for clients and for nodes", async () => {
    await apply();
    const began = Date.now();
    await allReady(3);
    const seconds = (Date.now() - began) / 1000;
    console.log(`3 nodes were ready after ${seconds} s`);
    expect(seconds).toBeLessThan(30);
    client = await Client.open(cluster, authority.certificate);
    await nodesAre(3);
    await client.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY)");
  });

  /** Whether rqlited itself knows the flags of all settings that this project gives it, and none of the others. */
  async function flagsAreRight(version: string): Promise<void> {
    const pod = `${NAME}-0`;
    for (const [name, { flags }] of Object.entries(SETTINGS)) {
      const value = String(EVERY_SETTING[name as keyof RqliteSettings]);
      for (const flag of [...flags, ...(name === "foreignKeys" ? [CDC_FLAG] : [])]) {
        const command = ["rqlited", `-${flag.name}=${flag === CDC_FLAG ? "http://c" : value}`];
        const args = ["exec", pod, "-c", "rqlite", "--", ...command, "-version"];
        const { code, stderr } = await cluster.tryKubectl(...args);
        expect([flag.name, code, /flag provided but not defined/.test(stderr)]).toEqual(
          has(version, flag) ? [flag.name, 0, false] : [flag.name, 2, true],
        );
      }
    }
  }

  test("has the flags that its version is declared to have, and no others", () =>
    flagsAreRight("8.26.8"));

  test("lets nobody in with a wrong password, and a reader read only", async () => {
    expect((await client.ask("/db/query?q=SELECT+1", { secret: "wrong" })).status).toBe(401);
    expect((await client.ask("/db/query?q=SELECT+1", { user: "nobody" })).status).toBe(401);
    expect((await client.ask("/nodes")).status).toBe(401);
    const reader = { user: "report" };
    expect((await client.ask("/db/query?q=SELECT+1", reader)).status).toBe(200);
    const write = { ...reader, body: ["INSERT INTO rows VALUES (-1)"] };
    expect((await client.ask("/db/execute", write)).status).toBe(401);
    expect((await client.ask("/readyz", { user: "nobody" })).status).toBe(200);
  });

  test("loses no write of 2,000 while each pod in turn is deleted, and goes on within 5 s", async () => {
    const gaps: number[] = [];
    const writers = await writingDuring(async (during) => {
      const others = [0, 1, 2].map((n) => `${NAME}-${n}`);
      const first = await client.leader();
      for (const pod of [first, ...others.filter((one) => one !== first)]) {
        const leads = (await client.leader()) === pod;
        const since = Date.now();
        await cluster.restart(pod);
        await nodesAre(3);
        if (leads) gaps.push(during.longestGap(since));
      }
    }, 2000);
    console.log(
      `${writers.acknowledged.length} rows; longest gaps at a leader's end: ${gaps.join(", ")} ms`,
    );
    expect(gaps.length).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBeLessThan(5000);
  });

  onNode("goes on within 5 s of the leader's death by SIGKILL", async () => {
    let died = 0;
    const writers = await writingDuring(async () => {
      const leader = await client.leader();
      const uid = await cluster.uid(leader);
      const restarts = (await cluster.status(leader, "rqlite"))?.restartCount ?? 0;
      died = Date.now();
      killContainers(uid, ["rqlited"]);
      await eventually("the node starts again", 60, async () => {
        const status = await cluster.status(leader, "rqlite");
        return status !== undefined && status.restartCount > restarts && status.ready;
      });
      await nodesAre(3, 120);
    });
    console.log(`${writers.longestGap(died)} ms without a write after SIGKILL of the leader`);
    expect(writers.longestGap(died)).toBeLessThan(5000);
  });

  test("gives a node whose volume is lost its data again, and no old backup", async () => {
    await backedUp();
    await client.execute(["INSERT INTO rows VALUES (?)", -7]);
    const pod = await client.leader();
    await cluster.kubectl("delete", "pvc", `data-${pod}`, "--wait=false");
    await cluster.restart(pod);
    await nodesAre(3);
    const log = await cluster.kubectl("logs", pod, "-c", "rqlite-prepare");
    expect(log).toMatch(/the volume is empty, and rq-\d\.\S+ is in a cluster: this node joins it/);
    expect(await client.query("SELECT count(*) FROM rows WHERE number = -7")).toEqual([[1]]);
    expect(await cluster.kubectl("logs", pod, "-c", "rqlite")).not.toContain("auto-restor");
  });

  test("doesn't begin anew when two of three volumes are lost, and is recovered from the third", async () => {
    const before = await client.query("SELECT count(*) FROM rows");
    const [lost, kept] = [[`${NAME}-1`, `${NAME}-2`], `${NAME}-0`];
    const uids = await Promise.all(lost.map((pod) => cluster.uid(pod)));
    await cluster.kubectl("delete", "pvc", ...lost.map((pod) => `data-${pod}`), "--wait=false");
    await cluster.kubectl("delete", "pod", ...lost);
    for (const [index, pod] of lost.entries())
      await eventually(`${pod} waits`, 120, async () => {
        if ((await cluster.uid(pod)) === uids[index]) return false;
        return (await cluster.kubectl("logs", pod, "-c", "rqlite-prepare")).includes(
          "this node waits",
        );
      });
    // docs/rqlite.md, "Recover from a lost majority".
    const address = `${kept}.${NAME}-nodes.${cluster.namespace}.svc:4002`;
    const peers = JSON.stringify([{ id: kept, address, non_voter: false }]);
    const place = "/rqlite/file/data/raft/peers.json";
    await cluster.exec(kept, "rqlite", "sh", "-c", `echo '${peers}' > ${place}`);
    await cluster.kubectl("delete", "pod", kept);
    await allReady(3);
    await nodesAre(3);
    expect(await client.query("SELECT count(*) FROM rows")).toEqual(before);
  });

  test("grows to 5 under load, without a restart of those that are there", async () => {
    const uids = await Promise.all([0, 1, 2].map((n) => cluster.uid(`${NAME}-${n}`)));
    await writingDuring(async () => {
      await apply({ voters: 5 });
      await allReady(5);
      await nodesAre(5);
    });
    expect(await Promise.all([0, 1, 2].map((n) => cluster.uid(`${NAME}-${n}`)))).toEqual(uids);
  });

  test("shrinks back to 3 by its Job, and looks for no node any more", async () => {
    await writingDuring(async () => {
      await apply({ voters: 3, previousVoters: 5 });
      await cluster.kubectl(
        "wait",
        "--for=condition=Complete",
        "--timeout=300s",
        `job/${NAME}-remove-5-to-3`,
      );
    });
    const nodes = await nodesAre(3);
    expect(nodes.map(({ id }) => id).sort()).toEqual([0, 1, 2].map((n) => `${NAME}-${n}`));
    const leader = await client.leader();
    // It looks for a follower every half second and less; a connection that it tries already ends within 10 s.
    await eventually("the leader looks for none of those that are gone", 60, async () => {
      const said = await cluster.kubectl("logs", leader, "-c", "rqlite", "--since=5s");
      return !/rq-[34]/.test(said);
    });
    await client.execute(["INSERT INTO rows VALUES (?)", -8]);
    await apply({ voters: 3 });
  });

  test("has readers with all the data and no vote, who leave by themselves", async () => {
    const storage = Storage.ephemeral({ sizeLimit: "768Mi", expectedDatabaseSize: "256Mi" });
    await apply({ readers: { count: 1, storage } });
    await allReady(1, `${NAME}-readers`);
    expect((await nodesAre(4)).filter(({ voter }) => !voter).map(({ id }) => id)).toEqual([
      `${NAME}-readers-0`,
    ]);
    const reader = await Client.open(cluster, authority.certificate, `${NAME}-readers`);
    await eventually(
      "the reader has a row",
      30,
      async () =>
        (await reader.query("SELECT count(*) FROM rows WHERE number = -8", "none"))[0]?.[0] === 1,
    );
    await cluster.kubectl("scale", "statefulset", `${NAME}-readers`, "--replicas=0");
    await nodesAre(3);
  });

  test("has its backup proven, and a damaged one not", async () => {
    await backedUp();
    const passed = await prove(cluster, `${NAME}-verify`);
    expect(passed).toMatchObject({ condition: "Complete", exitCode: 0 });

    const whole = sqliteFile(
      "CREATE TABLE rows (number INTEGER, x); WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO rows SELECT i, hex(i) FROM n; CREATE INDEX i ON rows (x)",
    );
    whole.fill(0xff, 8192, 12_288);
    const file = join(mkdtempSync(join(tmpdir(), "cdktf-sqlite-damaged-")), "damaged.gz");
    writeFileSync(file, gzipSync(whole));
    const key = `${S3.bucket}/${folder}/20991231235959_db.sqlite.gz`;
    await bucket.done("PUT", key, { body: `@${file}` });
    const failed = await prove(cluster, `${NAME}-verify`);
    expect(failed.condition).toBe("Failed");
    expect(failed.message).toContain("integrity");
    await bucket.done("DELETE", key);
  });

  test("restores its newest backup when all is lost, and keeps what is written later", async () => {
    await backedUp();
    const before = await client.query("SELECT count(*) FROM rows");
    await cluster.kubectl(
      "delete",
      "statefulset",
      "--all",
      "--cascade=foreground",
      "--timeout=120s",
    );
    await cluster.kubectl("delete", "pvc", "--all", "--timeout=120s");
    await apply({ restore: { whenNoBackup: "refuse" } });
    await allReady(3);
    await nodesAre(3);
    expect(await client.query("SELECT count(*) FROM rows")).toEqual(before);

    await client.execute("DELETE FROM rows WHERE number > 10", ["INSERT INTO rows VALUES (?)", -9]);
    const later = await client.query("SELECT count(*), min(number) FROM rows");
    await cluster.kubectl("delete", "pods", "-l", `app.kubernetes.io/name=${NAME}`);
    await allReady(3);
    await nodesAre(3);
    expect(await client.query("SELECT count(*), min(number) FROM rows")).toEqual(later);
  });

  const upgrade = `goes from 8.26.8 to ${NEXT} pod by pod without losing a write`;
  const withNext = hasImage(`rqlite/rqlite:${NEXT}`)
    ? test
    : (name: string, body: () => Promise<void>) =>
        test.skip(`${name} (skipped: no node has the image rqlite/rqlite:${NEXT})`, body);
  withNext(upgrade, async () => {
    await writingDuring(async () => {
      await apply({ version: NEXT });
      await run("kubectl", [
        "-n",
        cluster.namespace,
        "rollout",
        "status",
        `statefulset/${NAME}`,
        "--timeout=300s",
      ]);
      await nodesAre(3);
    });
    const { text } = await client.ask("/status", { user: "rqlite-nodes" });
    expect(text).toContain(`"version":"v${NEXT}"`);
    await flagsAreRight(NEXT);
  });
});
