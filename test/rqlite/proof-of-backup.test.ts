import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BackupVerification, manifests, RqliteCluster } from "../../src";
import { sqliteFile } from "../support/proof";
import { CLUSTER, S3, USERS } from "../support/rqlite";
import { endScripts, environmentOf, listed, Scripts, serve } from "../support/rqlite-scripts";
import { newApp, ownStack, synthesized } from "../support/synth";

afterEach(endScripts);

const DATABASE = sqliteFile("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)");
const NOW = Date.UTC(2028, 1, 29, 12, 0, 0);

interface Surroundings {
  /** The cluster's last change; a status instead when it doesn't say. */
  readonly index?: number;
  readonly status?: number;
  /** The backup: its bytes, the change that it ends with, and how old it is. */
  readonly object?: Buffer;
  readonly id?: string;
  readonly ageSeconds?: number;
  /** After how many looks a newer one is there. */
  readonly newerAfter?: number;
  readonly s3Status?: number;
  readonly lag?: string;
}

/** Proves the backup of a cluster as its CronJob does: fetch.sh, then prove.pl. */
async function prove({
  index = 7,
  status = 200,
  object = gzipSync(DATABASE),
  id = "7",
  ageSeconds = 5,
  newerAfter = Infinity,
  s3Status = 200,
  lag = "0",
}: Surroundings = {}) {
  let looks = 0;
  const key = "notes/20280229115955_db.sqlite.gz";
  const s3 = await serve((request, response) => {
    const isHead = request.method === "HEAD";
    const newer = looks >= newerAfter;
    if (isHead) looks++;
    if (request.url?.includes("list-type"))
      return response.writeHead(s3Status).end(listed(object.length > 0 ? [key] : []));
    return response
      .writeHead(200, {
        date: new Date(NOW).toUTCString(),
        "last-modified": new Date(NOW - (newer ? 0 : ageSeconds) * 1000).toUTCString(),
        "X-Amz-Meta-X-Rqlite-Auto-Backup-Id": newer ? String(index) : id,
        "content-length": object.length,
      })
      .end(isHead ? undefined : object);
  });
  const http = await serve((request, response) => {
    response
      .writeHead(request.headers.authorization ? status : 401)
      .end(JSON.stringify({ store: { fsm_index: 9, db_applied_index: index } }));
  });

  const app = newApp();
  const stack = ownStack(app);
  const cluster = new RqliteCluster(stack, "notes", {
    ...CLUSTER,
    users: USERS as never,
    backup: { ...S3, endpoint: `http://127.0.0.1:${s3}`, interval: "10s" },
  });
  new BackupVerification(stack, "verify", {
    of: cluster,
    assertions: [{ sql: "SELECT count(*) FROM t", equals: 3 }],
  });
  const objects = manifests(synthesized(app)) as any[];
  const { data } = objects.find(
    ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "notes-verify",
  );
  const pod = objects.find(({ kind }) => kind === "CronJob").spec.jobTemplate.spec.template.spec;
  const scripts = new Scripts(data, http);
  for (const folder of ["proof", "report"]) mkdirSync(join(scripts.folder, folder));
  const env = {
    ...environmentOf(pod.initContainers[0], {
      verification: "verification-password",
      AWS_ACCESS_KEY_ID: "key-id",
      AWS_SECRET_ACCESS_KEY: "key",
    }),
    RQLITE_SERVICE: "localhost",
    PROOF_FOLDER: join(scripts.folder, "proof"),
    REPORT_FOLDER: join(scripts.folder, "report"),
    PROOF_LAG_SECONDS: lag,
  };
  const fetch = await scripts.run("fetch.sh", ["62", pod.initContainers[0].args[1]], env);
  expect({ code: fetch.code, stderr: fetch.stderr }).toEqual({ code: 0, stderr: "" });
  const left = readdirSync(env.PROOF_FOLDER).sort();
  const proof = spawnSync(
    "perl",
    [
      join(scripts.folder, "etc/prove.pl"),
      "60",
      "end",
      "notes",
      "notes",
      "full",
      "no",
      "0",
      "notes",
    ],
    { env: { PATH: process.env.PATH ?? "", ...env }, encoding: "utf8" },
  );
  expect(proof.stderr).toBe("");
  const report = JSON.parse(scripts.read("report/webhook.json"));
  return { ...report, left, looks, restored: existsSync(join(env.PROOF_FOLDER, "backup.db")) };
}

test("a backup with the cluster's last change is proven, with both indexes", async () => {
  const { outcome, databases, left } = await prove();
  expect(outcome).toBe("passed");
  expect(databases).toMatchObject([
    { database: "notes", restoredTransaction: "7", appTransaction: "7", bytes: DATABASE.length },
  ]);
  expect(left).toEqual(["backup.db", "facts"]);
}, 30_000);

test("a backup that isn't compressed is proven, too", async () => {
  expect((await prove({ object: DATABASE })).outcome).toBe("passed");
}, 30_000);

test("one with the last change is right however old it is: nothing was written since", async () => {
  expect((await prove({ ageSeconds: 86_400 * 400 })).outcome).toBe("passed");
}, 30_000);

test("one without the last change is right while the next one isn't due", async () => {
  const { outcome, looks } = await prove({ index: 9, ageSeconds: 10 });
  expect({ outcome, looks }).toEqual({ outcome: "passed", looks: 1 });
}, 30_000);

test("one without the last change is waited for, and fails when no other comes", async () => {
  const { message, looks } = await prove({ index: 9, ageSeconds: 86_400 });
  expect(message).toBe(
    "the backup is 86400 s old, and it ends at index 7, the cluster was at 9: a new one has to come within 10 s",
  );
  expect(looks).toBeGreaterThanOrEqual(1);
}, 60_000);

test("a newer one that comes meanwhile is the one that is proven", async () => {
  const { outcome, databases } = await prove({
    index: 9,
    ageSeconds: 86_400,
    newerAfter: 1,
    lag: "30",
  });
  expect(outcome).toBe("passed");
  expect(databases[0].restoredTransaction).toBe("9");
}, 60_000);

test("one of another cluster fails when it is old", async () => {
  const { message } = await prove({ index: 3, ageSeconds: 3600 });
  expect(message).toBe(
    "the backup is 3600 s old, and it ends at index 7, the cluster is at 3 only: it is of another cluster, or of this one before it began anew: a new one has to come within 10 s",
  );
}, 60_000);

test("a damaged database fails by what SQLite says", async () => {
  const pages = Buffer.from(
    sqliteFile(
      "CREATE TABLE t (x); INSERT INTO t SELECT value FROM generate_series(1, 5000); CREATE INDEX i ON t (x)",
    ),
  );
  pages.fill(0xff, 8192, 12_288);
  const { step } = await prove({ object: gzipSync(pages) });
  expect(step).toBe("integrity");
}, 30_000);

test("a backup that was cut short can't be uncompressed", async () => {
  const whole = gzipSync(DATABASE);
  const { step, message } = await prove({ object: whole.subarray(0, whole.length - 20) });
  expect(step).toBe("restore");
  expect(message).toMatch(/^the backup can't be uncompressed: .*unexpected end/);
}, 30_000);

test("no database at all is no backup", async () => {
  const { step, message } = await prove({ object: Buffer.from("<html>an error page</html>") });
  expect({ step, message }).toEqual({
    step: "restore",
    message: "what was restored is not a database",
  });
}, 30_000);

test("no backup is none", async () => {
  const { message } = await prove({ object: Buffer.alloc(0) });
  expect(message).toBe("there is no backup (notes/db.sqlite.gz in bucket backups)");
}, 60_000);

test("a place that can't be read fails, and says why", async () => {
  const { message } = await prove({ s3Status: 403 });
  expect(message).toMatch(/^the backup's place can't be read: 403 for the list of bucket backups/);
}, 30_000);

test("a cluster that doesn't say how far it is fails the proof", async () => {
  const { step, message } = await prove({ status: 401 });
  expect({ step, message }).toEqual({
    step: "freshness",
    message: "the cluster doesn't say how far it is, so nobody knows whether the backup is: 401",
  });
}, 30_000);
