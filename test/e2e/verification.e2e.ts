import type { TerraformStack } from "cdktf";
import { Namespace, Replica } from "../../src";
import { makeS3Secret, onS3, S3 } from "./support/apps";
import { Cluster, type Pod } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { DATA, makeReportSecret, ProvenApps } from "./support/proven-apps";
import { killContainers, onNode } from "./support/node";
import { Proxy } from "./support/proxy";
import { HERE, Receiver } from "./support/receiver";
import { eventually, run } from "./support/run";
import { built } from "./support/servers";
import { type FinishedJob, prove, type WebhookReport } from "./support/verification";

/** One of those that a restore reads. */
interface ReplicaFile {
  readonly level: number;
  readonly name: string;
}

const NOT_SYNCED = /Litestream (could not sync|has not synced) this database/;

describe("the proof of a backup", () => {
  const cluster = new Cluster("e2e-verification");
  const deployment = new Deployment("e2e-verification");
  const folder = `verification-${Date.now()}`;
  let receiver: Receiver;
  let proxy: Proxy;

  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });

  /** Every proof is called after what is to be seen of it. */
  const declare = (path?: string) => (stack: TerraformStack) => {
    const apps = new ProvenApps(stack, namespace(stack), receiver);
    const file = apps.app("file", { replica: Replica.file({ claim: { size: "100Mi" }, path }) });
    apps.proof(file, "healthy", {
      reports: apps.everybody("healthy"),
      assertions: [
        { sql: "SELECT count(*) > 0 FROM rows" },
        { sql: "SELECT 'a', 2", equals: "a|2" },
      ],
      foreignKeys: true,
    });
    apps.proof(file, "asserted", {
      assertions: [{ sql: "SELECT count(*) FROM rows", equals: -1 }],
    });
    apps.proof(file, "unheard", {
      deadline: "1m",
      reports: [apps.webhook("unheard"), apps.webhook("healthy")],
    });
    apps.proof(file, "unplaced", { deadline: "30s" });
    apps.proof(apps.broken("broken"), "integrity");
    apps.proof(
      apps.app("plain", {
        hardened: true,
        whenVolumeIsOlder: "keep",
        whenNoBackup: "start-empty",
      }),
      "replaced",
    );
    apps.proof(
      apps.app("old", {
        version: "0.3",
        litestream: {},
        restoreIntegrityCheck: "none",
        whenVolumeIsOlder: "keep",
        whenNoBackup: "start-empty",
      }),
      "version-03",
      // Half of the time is its restore's.
      { deadline: "3m", maxLag: "20s" },
    );
    apps.proof(apps.app("s3", { replica: onS3(`${folder}/s3`).replica }), "emptied");
    const endpoint = `http://${HERE.name}:${proxy.port}`;
    const { replica } = onS3(`${folder}/proxied`);
    if (replica?.kind !== "s3") throw new Error("not on S3");
    apps.proof(apps.app("proxied", { replica: Replica.s3({ ...replica, endpoint }) }), "cut", {
      deadline: "45s",
    });
  };

  beforeAll(async () => {
    receiver = await Receiver.start();
    const { hostname, port } = new URL(S3.endpointHere);
    proxy = await Proxy.start({ host: hostname, port: Number(port) });
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    const proofs = [
      "healthy",
      "asserted",
      "version-03",
      "unplaced",
      "integrity",
      "replaced",
      "emptied",
      "cut",
    ];
    await makeReportSecret(cluster.namespace, receiver, proofs, {
      // Nobody listens there.
      "unheard.webhook": `http://${HERE.name}:1/`,
    });
    await deployment.apply(declare());
    for (const app of ["file", "broken", "plain", "old", "s3", "proxied"])
      await cluster.ready(`${app}-0`);
  });

  afterAll(async () => {
    await proxy?.stop();
    await receiver?.stop();
    await deployment.clean();
  });

  const sidecar = (script: string, pod = "file-0") =>
    cluster.exec(pod, "litestream-sidecar", "sh", "-c", script);
  const inApp = (pod: string, script: string) => cluster.exec(pod, "app", "sh", "-c", script);

  /** What a restore of the file replica would read, and where it would arrive. */
  const plan = async () => {
    const said = await sidecar(`litestream restore -dry-run -json ${DATA}`);
    return JSON.parse(said) as { readonly max_txid: string; readonly files: ReplicaFile[] };
  };
  /** Where the app with the file replica is, as Litestream's metrics say. */
  const transaction = async () => {
    const path = `/api/v1/namespaces/${cluster.namespace}/pods/file-0:9090/proxy/metrics`;
    const metrics = await cluster.kubectl("get", "--raw", path);
    return Number(/^litestream_txid\{[^}]*\} (\S+)$/m.exec(metrics)?.[1]);
  };

  /** As an app does that restores a backup of its own. */
  const replaceFile = (pod: string) =>
    inApp(
      pod,
      `sqlite3 ${DATA} "VACUUM INTO '/data/new.db'" && sqlite3 /data/new.db 'PRAGMA journal_mode=WAL' &&
        rm -f ${DATA}-wal ${DATA}-shm && mv /data/new.db ${DATA}`,
    );

  /** The last report to the webhook of a proof. */
  const report = (name: string): WebhookReport => {
    const last = receiver.of(`${name}.webhook`).at(-1);
    if (!last) throw new Error(`no report of ${name} came`);
    return JSON.parse(last.body) as WebhookReport;
  };
  /** What a check was told last. */
  const pinged = (name: string) => receiver.of(`${name}.healthchecks`).at(-1)?.path;

  const pods = async (proof: string) =>
    JSON.parse(
      await cluster.kubectl("get", "pods", "-l", `app.kubernetes.io/name=${proof}`, "-o", "json"),
    ) as { items: Pod[] };

  /** A proof that must fail: its Job, its exit status and both reports say so. */
  const failing = async (
    name: string,
    step: string | RegExp,
    message: RegExp,
  ): Promise<FinishedJob> => {
    const before = receiver.of(`${name}.webhook`).length;
    const job = await prove(cluster, name);
    expect(job).toMatchObject({ condition: "Failed", reason: "PodFailurePolicy", exitCode: 1 });
    expect(job.message).toMatch(message);
    expect(receiver.of(`${name}.webhook`)).toHaveLength(before + 1);
    expect(report(name)).toMatchObject({ outcome: "failed", database: DATA });
    expect(report(name).step).toMatch(step);
    expect(report(name).message).toMatch(message);
    expect(pinged(name)).toBe(`/${name}.healthchecks/1?create=1`);
    return job;
  };
  const passing = async (name: string): Promise<void> => {
    expect(await prove(cluster, name)).toMatchObject({ condition: "Complete", exitCode: 0 });
    expect(report(name)).toMatchObject({ outcome: "passed", step: null, database: null });
  };

  test("a healthy backup passes, and every receiver hears of it", async () => {
    await passing("healthy");
    const { databases, log } = report("healthy");
    expect(databases).toHaveLength(1);
    const [found] = databases;
    expect(found).toMatchObject({ database: DATA, outcome: "passed" });
    expect(found?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      "restore passed",
      "integrity passed",
      "foreign keys passed",
      "freshness passed",
      "assertions[0] passed",
      "assertions[1] passed",
    ]);
    expect(found?.bytes).toBeGreaterThanOrEqual(4096);
    expect(found?.restoreSeconds).toBeGreaterThan(0);
    expect(found?.restoredTransaction).toMatch(/^[0-9a-f]{16}$/);
    expect(found?.appTransaction).toMatch(/^[0-9a-f]{16}$/);
    expect((found?.restoredTransaction ?? "") >= (found?.appTransaction ?? "g")).toBe(true);
    expect(log).toContain('"msg":"verification passed: 1 database"');
    expect(receiver.of("healthy.webhook").at(-1)?.headers.authorization).toBe("t0ken");
    expect(receiver.of("healthy.healthchecks").map(({ path }) => path)).toEqual([
      "/healthy.healthchecks/start?create=1",
      "/healthy.healthchecks/0?create=1",
    ]);
    expect(receiver.of("healthy.healthchecks").at(-1)?.body).toContain("verification passed");
    expect(receiver.of("healthy.ntfy").at(-1)).toMatchObject({
      headers: { title: "file: backup proven", authorization: "Bearer t0ken" },
    });
    expect(receiver.of("healthy.gotify").at(-1)).toMatchObject({
      path: "/healthy.gotify/message",
      headers: { "x-gotify-key": "t0ken" },
    });
    expect(JSON.parse(receiver.of("healthy.slack").at(-1)?.body ?? "").text).toContain(
      "1 database restored and proven",
    );
  });

  test("an app that writes nothing passes", async () => {
    await sidecar("touch /data/idle");
    await passing("healthy");
    await passing("healthy");
    const { databases } = report("healthy");
    expect(databases[0]?.restoredTransaction).toBe(databases[0]?.appTransaction);
  });

  test("a receiver that answers 500 twice hears of it the third time", async () => {
    const before = receiver.of("healthy.webhook").length;
    receiver.answer("healthy.webhook", 500, 500);
    await passing("healthy");
    expect(
      receiver
        .of("healthy.webhook")
        .slice(before)
        .map(({ status }) => status),
    ).toEqual([500, 500, 200]);
  });

  test("a report that isn't delivered fails the Job, which says so; others get theirs", async () => {
    const before = receiver.of("healthy.webhook").length;
    const job = await prove(cluster, "unheard");
    expect(job).toMatchObject({ condition: "Failed", exitCode: 2 });
    expect(job.message).toMatch(/^The report was not delivered to webhook: curl: \(7\)/);
    expect(job.message).not.toContain("The proof failed");
    expect(receiver.of("healthy.webhook")).toHaveLength(before + 1);
    expect(report("healthy").outcome).toBe("passed");
  });

  test("an assertion that doesn't hold", () =>
    failing("asserted", "assertions[0]", /expected "-1", found "\d+"/));

  test("a database whose integrity check prints errors", () =>
    failing("integrity", "integrity", /missing from index by_number|wrong # of entries/));

  describe("a damaged replica", () => {
    let files: ReplicaFile[] = [];
    const path = ({ level, name }: { level: number; name: string }) =>
      `/replica/app.db/ltx/${level}/${name}`;

    beforeAll(async () => {
      await sidecar("touch /data/idle");
      // Until then files of the first level come and go.
      await eventually("everything is compacted", 90, async () => {
        ({ files } = await plan());
        return files.every(({ level }) => level > 0);
      });
      console.log(`a restore reads ${files.map(path).join(", ")}`);
    });

    test("one byte of each of its files flipped", async () => {
      for (const file of files) {
        const one = path(file);
        const flip = `
          at=$(($(stat -c %s ${one}) / 2))
          byte=$(od -An -tu1 -j $at -N 1 ${one})
          printf "$(printf '\\\\%03o' $((byte ^ 255)))" | dd of=${one} bs=1 seek=$at conv=notrunc 2>/dev/null`;
        await sidecar(flip);
        await failing("healthy", /^(restore|integrity)$/, /./);
        await sidecar(flip);
      }
      await passing("healthy");
    });

    test("each of its files deleted: fails where a restore needs it", async () => {
      const { max_txid: end } = await plan();
      let needed = 0;
      for (const file of files) {
        // What was compacted is there twice for a while, and Litestream then takes the other: that goes, too.
        const gone: string[] = [];
        let reached = true;
        for (let next: string | undefined = path(file); next !== undefined;) {
          await sidecar(`mv ${next} /replica/kept-${gone.length}`);
          gone.push(next);
          const rest = await sidecar(`litestream restore -dry-run -json ${DATA} || echo '{}'`);
          const left = JSON.parse(rest) as { max_txid?: string; files?: typeof files };
          reached = left.max_txid === end;
          const others = reached ? (left.files ?? []).map(path) : [];
          next = others.find((one) => !files.map(path).includes(one));
        }
        if (reached) await passing("healthy");
        else await failing("healthy", /^(restore|freshness)$/, /./);
        needed += reached ? 0 : 1;
        for (const [index, one] of gone.entries())
          await sidecar(`mv /replica/kept-${index} ${one}`);
      }
      expect(needed).toBeGreaterThan(0);
      await passing("healthy");
    });
  });

  describe("a replica that stalls while the app writes on", () => {
    beforeAll(() => sidecar("rm -f /data/idle"));

    test("as Litestream is stopped", async () => {
      await sidecar("kill -STOP $(cat /run/litestream/litestream.pid)");
      await failing("healthy", "freshness", /the app's metrics can't be read/);
      await sidecar("kill -CONT $(cat /run/litestream/litestream.pid)");
    });

    test("as the replica takes nothing more", async () => {
      await sidecar("find /replica/app.db -type d -exec chmod a-w {} +");
      await eventually("the app is ahead of its replica", 60, async () => {
        const { max_txid } = await plan();
        return (await transaction()) > Number.parseInt(max_txid, 16);
      });
      await failing(
        "healthy",
        "freshness",
        /the replica ends at transaction .*what it writes doesn't arrive/,
      );
      await sidecar("find /replica/app.db -type d -exec chmod u+w {} +");
      await eventually("the replica goes on", 120, async () => {
        await passing("healthy");
        return true;
      });
    });
  });

  test("the database's file replaced under Litestream", async () => {
    await passing("replaced");
    await replaceFile("plain-0");
    await failing("replaced", "freshness", NOT_SYNCED);
  });

  test("Litestream 0.3: passes, and fails without its snapshot, or when the file was replaced", async () => {
    await passing("version-03");
    expect(report("version-03").databases[0]?.appTransaction).toMatch(/^[0-9a-f]{8}:[0-9a-f]{10}$/);
    const found = await sidecar("find /replica -name '*.snapshot.lz4'", "old-0");
    const snapshots = found.trim().split("\n");
    for (const one of snapshots) await sidecar(`mv ${one} ${one}.kept`, "old-0");
    await failing("version-03", "restore", /no matching backups found|no snapshots/);
    for (const one of snapshots) await sidecar(`mv ${one}.kept ${one}`, "old-0");
    await passing("version-03");
    await sidecar("find /replica/app.db -type d -exec chmod a-w {} +", "old-0");
    await failing("version-03", "freshness", /uploads stand still at .*doesn't arrive/);
    await sidecar("find /replica/app.db -type d -exec chmod u+w {} +", "old-0");
    await replaceFile("old-0");
    await failing("version-03", "freshness", NOT_SYNCED);
  });

  test("wrong credentials, then the bucket emptied", async () => {
    await passing("emptied");
    await makeS3Secret(cluster.namespace, "another-secret");
    await failing("emptied", "restore", /SignatureDoesNotMatch|signature/i);
    await makeS3Secret(cluster.namespace);
    await inApp("s3-0", "touch /data/idle");
    const remote = `:s3,provider=Other,endpoint='${S3.endpointHere}',access_key_id=${S3.accessKeyId},secret_access_key=${S3.secretAccessKey},region=${S3.region}:${S3.bucket}/${folder}/s3`;
    await run(await built("rclone"), ["purge", "--config", "", remote]);
    await failing("emptied", "restore", /no matching backup files available/);
  });

  test("an endpoint that takes connections and says nothing: ended when the time is up, and reported", async () => {
    await passing("cut");
    proxy.silence();
    await failing("cut", "restore", /took longer than the \d+ s that were left/);
  });

  onNode("a proof that is killed is reported with the step it was in", async () => {
    const proof = failing("cut", "restore", /killed, for example for want of memory/);
    const uid = await eventually("the proof runs", 30, async () => {
      const { items } = await pods("cut");
      const running = items.find(({ status }) => status.initContainerStatuses?.[0]?.state.running);
      return running?.metadata.uid;
    });
    killContainers(uid, ["perl"]);
    await proof;
  });

  test("an endpoint that is down", async () => {
    await proxy.stop();
    await failing("cut", "restore", /connection refused|took longer than the \d+ s that were left/);
  });

  test("a replica that was given another folder has a whole backup there", async () => {
    const uid = await cluster.uid("file-0");
    await deployment.apply(declare("moved"));
    await cluster.ready("file-0", { otherThan: uid });
    await eventually("a row more in the new folder", 60, async () => {
      await passing("healthy");
      return true;
    });
    expect(Number(report("healthy").databases[0]?.steps.length)).toBe(6);
    expect(await sidecar("find /replica/moved -name '*.ltx'")).toContain(
      "/replica/moved/app.db/ltx/",
    );
  });

  test("a proof that can't be placed ends at the deadline, and its receivers hear nothing", async () => {
    await cluster.kubectl("scale", "statefulset", "file", "--replicas=0");
    await cluster.kubectl("wait", "--for=delete", "pod/file-0", "--timeout=60s");
    const started = Date.now();
    const job = prove(cluster, "unplaced");
    await eventually("it says why", 30, async () => {
      const { items } = await pods("unplaced");
      return items[0]?.status.conditions?.some(({ message = "" }) =>
        message.includes("didn't match pod affinity rules"),
      );
    });
    expect(await job).toMatchObject({ condition: "Failed", reason: "DeadlineExceeded" });
    expect((Date.now() - started) / 1000).toBeLessThan(60);
    expect(receiver.of("unplaced.healthchecks")).toEqual([]);
  });
});
