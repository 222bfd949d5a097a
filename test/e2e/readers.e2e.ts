import type { TerraformStack } from "cdktf";
import {
  LitestreamApp,
  type LitestreamAppProps,
  LitestreamReaders,
  type LitestreamReadersProps,
  Namespace,
  Replica,
  Storage,
} from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster, type Pod } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { killContainers, onNode } from "./support/node";
import { eventually } from "./support/run";

const IMAGE = "litestream/litestream:0.5.16";
const DB = "/data/notes.db";
const READER = "notes-readers-0";
const STATUS = `/run/litestream-readers${DB}.json`;

/** Makes the table, then keeps a connection: without one each command would checkpoint the WAL away. */
const WRITER = `
  trap 'exit 0' TERM
  sqlite3 -cmd '.timeout 10000' ${DB} 'PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, number INTEGER); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT OR IGNORE INTO rows SELECT i, 1000 FROM n;'
  (echo 'SELECT count(*) FROM rows;'; while :; do sleep 1; done) | sqlite3 ${DB} &
  wait`;

/** One connection for the pod's whole life, asked through a pipe. */
const READER_APP = `
  trap 'exit 0' TERM
  mkfifo /tmp/questions
  sqlite3 -readonly -cmd '.timeout 10000' ${DB} < /tmp/questions &
  exec 3> /tmp/questions
  wait`;

/** Asks that connection; what is answered is in place at once. */
const ASK = `
  rm -f /tmp/answer
  printf '.once /tmp/answer.new\\n%s;\\n.shell mv /tmp/answer.new /tmp/answer\\n' "$1" > /tmp/questions
  for i in $(seq 500); do [ -e /tmp/answer ] && exec cat /tmp/answer; sleep 0.02; done
  echo 'no answer' >&2; exit 1`;

/** An app that writes, and readers of it. */
class Readers {
  readonly cluster: Cluster;
  readonly deployment: Deployment;

  constructor(
    namespace: string,
    private readonly props: Partial<LitestreamAppProps>,
    private readonly readersProps: Partial<LitestreamReadersProps> = {},
  ) {
    this.cluster = new Cluster(namespace);
    this.deployment = new Deployment(namespace);
  }

  declareNamespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: this.cluster.namespace, disposable: true });

  declare = (stack: TerraformStack) => {
    const notes = new LitestreamApp(stack, "notes", {
      name: "notes",
      namespace: this.declareNamespace(stack),
      image: IMAGE,
      command: ["sh", "-c", WRITER],
      port: 8080,
      databases: [DB],
      storage: Storage.claim({ size: "100Mi" }),
      replica: Replica.file({ claim: { size: "100Mi" } }),
      stopTimeout: "5s",
      disposable: true,
      ...this.props,
    });
    new LitestreamReaders(stack, "readers", {
      of: notes,
      command: ["sh", "-c", READER_APP],
      stopTimeout: "5s",
      ...this.readersProps,
    });
  };

  /** Gives when it was committed, in ms. */
  async write(sql: string): Promise<number> {
    const script = `sqlite3 -cmd '.timeout 10000' ${DB} "$1" && date +%s%3N`;
    return Number(await this.cluster.exec("notes-0", "app", "sh", "-c", script, "sh", sql));
  }

  /** What the connection that is never closed answers. */
  async ask(sql: string): Promise<string> {
    return (await this.cluster.exec(READER, "app", "sh", "-c", ASK, "sh", sql)).trim();
  }

  /** Waits for an answer in the pod itself, as kubectl takes its time; gives when it came, in ms. */
  async answered(sql: string, answer: string): Promise<number> {
    const script = `until [ "$(sh -c "$1" sh "$2")" = "$3" ]; do sleep 0.05; done; date +%s%3N`;
    const args = ["timeout", "60", "sh", "-c", script, "sh", ASK, sql, answer];
    return Number(await this.cluster.exec(READER, "app", ...args));
  }

  async isReady(): Promise<boolean> {
    const { status } = await this.cluster.get<Pod>("pod", READER);
    return (
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false
    );
  }

  /** The addresses that the readers' Service leads to. */
  addresses(): Promise<string> {
    const path = "jsonpath={.subsets[*].addresses[*].ip}";
    return this.cluster.kubectl("get", "endpoints", "notes-readers", "-o", path);
  }

  logs(): Promise<string> {
    return this.cluster.kubectl("logs", READER, "-c", "litestream-follower");
  }

  async status(): Promise<{ lagSeconds: number | null; txid: number }> {
    return JSON.parse(await this.cluster.exec(READER, "app", "cat", STATUS)) as never;
  }

  async restarts(container: string): Promise<number> {
    return (await this.cluster.status(READER, container))?.restartCount ?? 0;
  }
}

describe("readers of an app that is backed up to S3", () => {
  const readers = new Readers("e2e-readers-s3", onS3(`readers-${Date.now()}`));
  const { cluster, deployment } = readers;

  beforeAll(async () => {
    await deployment.apply((stack) => void readers.declareNamespace(stack));
    await makeS3Secret(cluster.namespace);
    await deployment.apply(readers.declare);
    await cluster.ready("notes-0");
    await cluster.ready(READER);
  });

  afterAll(() => deployment.clean());

  test("a row written to the primary is readable within 3 s, on a connection that stays open", async () => {
    const seconds: number[] = [];
    for (let round = 1; round <= 5; round++) {
      const readable = readers.answered("SELECT min(number) FROM rows", String(-round));
      const committedAt = await readers.write(`INSERT INTO rows (number) VALUES (${-round})`);
      seconds.push(((await readable) - committedAt) / 1000);
    }
    console.log(`readable after ${seconds.map((time) => time.toFixed(1)).join(", ")} s`);
    expect(Math.max(...seconds)).toBeLessThan(3);
    expect((await readers.status()).lagSeconds).toBeLessThan(3);
  });

  test("that connection sees whole transactions only, also those that leave page 1 alone", async () => {
    // The first look leaves the page of row 1 in its cache, not that of row 2999.
    await readers.ask("SELECT number FROM rows WHERE id = 1");
    const total = await readers.ask("SELECT sum(number) FROM rows");
    for (let moved = 1; moved <= 3; moved++) {
      await readers.write(
        "BEGIN; UPDATE rows SET number = number - 1 WHERE id = 1; UPDATE rows SET number = number + 1 WHERE id = 2999; COMMIT",
      );
      await eventually("row 2999", 5, async () => {
        // One look at all rows, of which some are in its cache.
        const sql = "SELECT number, (SELECT sum(number) FROM rows) FROM rows WHERE id = 2999";
        const [number, sum] = (await readers.ask(sql)).split("|");
        expect(sum).toBe(total);
        return number === String(1000 + moved);
      });
    }
  });

  test("the app in a reader can't write", async () => {
    const args = ["exec", READER, "-c", "app", "--", "sqlite3", DB, "DELETE FROM rows"];
    const { code, stderr } = await cluster.tryKubectl(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/readonly database/);
  });

  test("the metrics say how far it lags", async () => {
    const path = `/api/v1/namespaces/${cluster.namespace}/services/notes-readers:metrics/proxy/metrics`;
    const metrics = await cluster.kubectl("get", "--raw", path);
    expect(metrics).toMatch(/^litestream_reader_lag_seconds\{db="\/data\/notes.db"\} [0-2]\.\d$/m);
    expect(metrics).toMatch(/^litestream_reader_caught_up\{db="\/data\/notes.db"\} 1$/m);
  });

  onNode("after SIGKILL of the follower the same connection sees what comes next", async () => {
    const before = await readers.restarts("litestream-follower");
    killContainers(await cluster.uid(READER), ["perl"]);
    await readers.write("INSERT INTO rows (number) VALUES (-100)");
    await eventually(
      "the row",
      60,
      async () => (await readers.ask("SELECT min(number) FROM rows")) === "-100",
    );
    await eventually(
      "the restart",
      30,
      async () => (await readers.restarts("litestream-follower")) === before + 1,
    );
    expect(await readers.restarts("app")).toBe(0);
    await cluster.ready(READER);
  });

  test("every line of the follower's log is JSON", async () => {
    const lines = (await readers.logs()).trim().split("\n");
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), db: DB });
  });
});

describe("readers of an app whose replica stalls", () => {
  const readers = new Readers("e2e-readers-stall", {}, { onNodeOfApp: true, maxLag: "5s" });
  const { cluster, deployment } = readers;
  const replica = (mode: string) =>
    cluster.exec("notes-0", "litestream-sidecar", "chmod", mode, "/replica/notes.db/ltx/0");

  beforeAll(async () => {
    await deployment.apply(readers.declare);
    await cluster.ready("notes-0");
    await cluster.ready(READER);
  });

  afterAll(() => deployment.clean());

  test("they are not ready while it does, say why, and are ready when it goes on", async () => {
    await eventually("caught up", 10, async () => ((await readers.status()).lagSeconds ?? 9) < 1);
    await eventually("an address", 30, async () => (await readers.addresses()) !== "");
    await replica("a-w");
    await readers.write("INSERT INTO rows (number) VALUES (-1)");
    const stalledAt = Date.now();
    await eventually("not ready", 30, async () => !(await readers.isReady()));
    console.log(`not ready after ${(Date.now() - stalledAt) / 1000} s, with maxLag 5 s`);
    await eventually("no address", 10, async () => (await readers.addresses()) === "");
    const reason =
      /notes.db may be \d+ s behind, more than 5 s: the app is at transaction \d+, this reader at \d+/;
    await eventually("the reason among the events", 20, async () => {
      const events = await cluster.kubectl("get", "events", "-o", "jsonpath={.items[*].message}");
      if (reason.test(events)) return true;
      throw new Error(`${JSON.stringify(await readers.status())} ${events}`);
    });
    expect(await readers.logs()).toMatch(/"level":"WARN","msg":"behind by \d+ s: the app is at/);
    expect(await readers.ask("SELECT min(number) FROM rows")).toBe("1000");

    await replica("u+w");
    await cluster.ready(READER);
    await eventually("an address", 10, async () => (await readers.addresses()) !== "");
    expect(await readers.ask("SELECT min(number) FROM rows")).toBe("-1");
    expect(await readers.logs()).toMatch(/"level":"INFO","msg":"caught up"/);
  });
});
