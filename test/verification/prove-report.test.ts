import { endProofs, Proof, running, sqliteFile, until } from "../support/proof";
import { withPerl } from "../support/follower";

jest.setTimeout(30_000);

const GOOD = "CREATE TABLE t (x); INSERT INTO t VALUES (1)";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const REPORTS = ["webhook", "slack", "gotify"];

/** Files as a strict receiver reads them. */
const utf8 = (proof: Proof, name: string) =>
  new TextDecoder("utf-8", { fatal: true }).decode(proof.bytes(`report/${name}`));

withPerl("the report of a proof", () => {
  test("that passed", () => {
    const proof = new Proof({ "/data/a.db": GOOD });
    proof.run();
    const first =
      "notes in namespace apps: 1 database restored and proven; a restore of all takes 1.50 s";
    const line =
      "/data/a.db: restored 8.2 kB in 1.50 s; transaction 0000000000000007, the app was at 0000000000000006; integrity ok, freshness ok";
    expect(proof.report("done")).toBe("passed\n");
    expect(proof.report("title")).toBe("notes: backup proven\n");
    expect(proof.report("text")).toBe(`${first}\n\n${line}\n`);
    expect(proof.report("log")).toMatch(new RegExp(`^${first}\n\n${line}\n\n\\{"time"`));
    expect(proof.json("slack")).toEqual({
      text: `:white_check_mark: *notes: backup proven*\n${first}\n\n${line}`,
    });
    expect(proof.json("gotify")).toEqual({
      title: "notes: backup proven",
      message: `${first}\n\n${line}`,
      priority: 2,
    });
    const step = (name: string) => ({ step: name, outcome: "passed" });
    expect(proof.json("webhook")).toEqual({
      app: "notes",
      namespace: "apps",
      outcome: "passed",
      step: null,
      database: null,
      message: null,
      startedAt: expect.stringMatching(TIME),
      seconds: expect.any(Number),
      restoreSeconds: 1.5,
      databases: [
        {
          database: "/data/a.db",
          outcome: "passed",
          bytes: 8192,
          restoreSeconds: 1.5,
          restoredTransaction: "0000000000000007",
          appTransaction: "0000000000000006",
          steps: [step("restore"), step("integrity"), step("freshness")],
        },
      ],
      log: expect.stringMatching(/^\{"time".*"msg":"verification passed: 1 database".*\}\n$/s),
    });
  });

  test("that failed", () => {
    const proof = new Proof(
      { "/data/a.db": GOOD },
      { perl: { fresh: `die "<behind> & \\"late\\"\\n"` } },
    );
    proof.run();
    const title = "notes: BACKUP NOT PROVEN (freshness of /data/a.db)";
    const message = '<behind> & "late"';
    const text = `notes in namespace apps: FAILED in freshness of /data/a.db: ${message}\n\n/data/a.db: FAILED in freshness: ${message}`;
    expect(proof.report("done")).toBe("failed\n");
    expect(proof.report("title")).toBe(`${title}\n`);
    expect(proof.report("text")).toBe(`${text}\n`);
    expect(proof.json("slack")).toEqual({
      text: `:rotating_light: *${title}*\n${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}`,
    });
    expect(proof.json("gotify")).toEqual({ title, message: text, priority: 8 });
    expect(proof.json("webhook")).toMatchObject({
      outcome: "failed",
      step: "freshness",
      database: "/data/a.db",
      message,
      databases: [
        {
          outcome: "failed",
          step: "freshness",
          message,
          steps: [
            { step: "restore", outcome: "passed" },
            { step: "integrity", outcome: "passed" },
            { step: "freshness", outcome: "failed", message },
          ],
        },
      ],
    });
  });

  test("is logged line by line, as Litestream logs", () => {
    const proof = new Proof({ "/data/a.db": GOOD }, { perl: { fresh: `die "late\\n"` } });
    const { log } = proof.run();
    const fields = {
      time: expect.stringMatching(TIME),
      app: "notes",
      namespace: "apps",
      db: "/data/a.db",
    };
    expect(log).toEqual([
      {
        ...fields,
        level: "INFO",
        msg: "restore of /data/a.db: restored 8192 bytes",
        step: "restore",
        outcome: "passed",
      },
      {
        ...fields,
        level: "INFO",
        msg: "integrity of /data/a.db: ok",
        step: "integrity",
        outcome: "passed",
      },
      {
        ...fields,
        level: "ERROR",
        msg: "verification failed: freshness of /data/a.db: late",
        step: "freshness",
        outcome: "failed",
      },
      {
        time: fields.time,
        app: "notes",
        namespace: "apps",
        level: "ERROR",
        msg: "verification failed: 1 of 1 database",
        outcome: "failed",
      },
    ]);
  });

  test.each<[string, string]>([
    ["quotes, backslashes and line breaks", String.raw`a \"b\" \\c\n\r\td`],
    ["control characters", String.raw`\x00\x01\x1b[31m\x7f`],
    ["bytes that are no UTF-8", String.raw`\xff\xfe caf\xe9`],
    ["surrogates and what is beyond Unicode", String.raw`\xed\xa0\x80 \xf4\x90\x80\x80`],
    ["UTF-8", String.raw`\xe2\x82\xac`],
    ["a line of 1 MB", String.raw`" . "\xe2\x82\xac\"" x 250_000 . "`],
    ["a thousand lines", String.raw`" . "\xe2\x82\xac\"\n" x 1_000 . "`],
  ])("can be read whatever a message holds: %s", (_, message) => {
    const proof = new Proof(
      { "/data/a.db": GOOD },
      { perl: { fresh: `die "begin ${message} end\\n"` } },
    );
    const { status, stderr, log } = proof.run();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(log).toHaveLength(4);
    for (const name of ["title", "text", "log", ...REPORTS.map((one) => `${one}.json`)])
      expect(utf8(proof, name)).not.toBe("");
    for (const name of REPORTS) expect(JSON.stringify(proof.json(name))).toContain("begin");
    expect(proof.report("text")?.length).toBeLessThan(3002);
  });

  test("keeps what is UTF-8 where a text is cut", () => {
    const proof = new Proof(
      { "/data/a.db": GOOD },
      { perl: { fresh: String.raw`die "\xe2\x82\xac" x 20_000 . "\n"` } },
    );
    proof.run();
    for (const name of ["text", "log"]) expect(proof.report(name)).toMatch(/€{100}/);
    expect(proof.json("webhook").log).toMatch(/€{100}/);
  });

  test("has a title of one line whatever a database is called", () => {
    const proof = new Proof({ "/data/a\r\nX-Evil: b.db": Buffer.of() });
    proof.run();
    expect(proof.report("title")).toBe(
      "notes: BACKUP NOT PROVEN (restore of /data/a  X-Evil: b.db)\n",
    );
  });
});

afterEach(endProofs);

withPerl("a proof that ends too early", () => {
  test("as its time is up, says so of each step", () => {
    const proof = new Proof(
      { "/data/a.db": GOOD, "/data/b.db": GOOD },
      { seconds: 1, perl: { restore: "Run::run('sleep', '60')" } },
    );
    const began = Date.now();
    proof.run();
    expect(Date.now() - began).toBeLessThan(5_000);
    const messages = proof.json("webhook").databases.map((one: any) => one.message);
    expect(messages[0]).toMatch(
      /^took longer than the 1 s that were left: raise the verification's deadline$/,
    );
    expect(messages[1]).toBe("time is up: raise the verification's deadline");
  });

  test("by SIGKILL, has its report already, and proves nothing when it is started again", async () => {
    const proof = new Proof(
      { "/data/a.db": GOOD, "/data/b.db": GOOD },
      {
        perl: {
          restore: `open my $f, '>>', "$ENV{TEST}/restored"; print $f "$db\\n"; close $f; sleep 60 if $db =~ /b\\.db/`,
        },
      },
    );
    proof.start();
    await until(() => proof.read("restored") === "/data/a.db\n/data/b.db\n");
    await proof.signal("SIGKILL");
    expect(proof.report("done")).toBeUndefined();
    const { status, log } = proof.run();
    expect({ status, log }).toEqual({ status: 0, log: [] });
    expect(proof.report("done")).toBe("failed\n");
    expect(proof.read("restored")).toBe("/data/a.db\n/data/b.db\n");
    expect(proof.json("webhook")).toMatchObject({
      outcome: "failed",
      step: "restore",
      database: "/data/b.db",
      message:
        "the proof ended in this step without a result: killed, for example for want of memory",
      databases: [{ database: "/data/a.db", outcome: "passed" }],
    });
  });

  test("by SIGTERM, ends at once with what it has started", async () => {
    const proof = new Proof(
      { "/data/a.db": GOOD },
      {
        perl: {
          restore: `Run::run('sh', '-c', 'sleep 60 & echo "$$ $!" > $TEST/new && mv $TEST/new $TEST/pids; wait')`,
        },
      },
    );
    proof.start();
    const pids = await until(() => proof.read("pids")?.trim().split(" "));
    expect(pids.every(running)).toBe(true);
    const began = Date.now();
    expect(await proof.signal("SIGTERM")).toBe(143);
    await until(() => pids.every((pid) => !running(pid)));
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test("in a sidecar stays when it is done, and ends when it is told to", async () => {
    const proof = new Proof({ "/data/a.db": GOOD }, { then: "stay" });
    proof.start();
    await until(() => proof.report("done"));
    await until(() => proof.ended || proof.waits);
    expect(proof.ended).toBe(false);
    expect(await proof.signal("SIGTERM")).toBe(0);
    expect(proof.report("done")).toBe("passed\n");
  });

  test("and comes back after it has passed, still has passed", () => {
    const proof = new Proof({ "/data/a.db": sqliteFile(GOOD) });
    proof.run();
    expect(proof.run().log).toEqual([]);
    expect(proof.report("done")).toBe("passed\n");
  });
});
