import { Proof, type Prepared, type ProofOptions, sqliteFile } from "../support/proof";
import { withPerl } from "../support/follower";

jest.setTimeout(30_000);

const GOOD = "CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)";

/** A row that its table's index lacks: made while the index was one of few rows. */
const BAD_INDEX = sqliteFile(
  "CREATE TABLE t (x); CREATE INDEX i ON t (x) WHERE x < 10; INSERT INTO t VALUES (50)",
  "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t (x)' WHERE name = 'i'",
);
const BAD_ROW = sqliteFile(
  "CREATE TABLE t (x); INSERT INTO t VALUES (NULL)",
  "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE t (x NOT NULL)'",
);
const ORPHAN =
  "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (7), (8)";

/** What comes of one database: the outcome, or the step that failed and what it said. */
function provenOf(made: Prepared, options: ProofOptions = {}): unknown {
  const proof = new Proof({ "/data/a.db": made }, options);
  const { status, stderr } = proof.run();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const { outcome, step, message } = proof.json("webhook");
  expect(proof.report("done")).toBe(`${outcome}\n`);
  return outcome === "passed" ? "passed" : `${step}: ${message}`;
}

const asked = (sql: string, equals?: string | number): ProofOptions => ({
  assertions: [{ sql, equals, database: "/data/a.db" }],
});

withPerl("a database", () => {
  test.each<[string, Prepared, ProofOptions, string]>([
    ["that is sound", GOOD, {}, "passed"],
    [
      "whose index lacks a row",
      BAD_INDEX,
      {},
      "integrity: integrity check: row 1 missing from index i",
    ],
    ["whose index lacks a row, with the quick check", BAD_INDEX, { integrity: "quick" }, "passed"],
    [
      "with a row that may not be, with the quick check",
      BAD_ROW,
      { integrity: "quick" },
      "integrity: integrity check: NULL value in t.x",
    ],
    ["with rows that refer to nothing", ORPHAN, {}, "passed"],
    [
      "with rows that refer to nothing, which may not be",
      ORPHAN,
      { foreignKeys: true },
      "foreign keys: 2 rows refer to what isn't there; the first: c|1|p|0",
    ],
    ["without such rows, where they may not be", GOOD, { foreignKeys: true }, "passed"],
    ["that is an empty file", Buffer.of(), {}, "restore: what was restored is not a database"],
    [
      "that is no database",
      Buffer.from("<html>404 Not Found</html>"),
      {},
      "restore: what was restored is not a database",
    ],
    [
      "that is damaged",
      Buffer.concat([sqliteFile(GOOD).subarray(0, 100), Buffer.alloc(8092, 0xff)]),
      {},
      "integrity: in prepare, database disk image is malformed (11)",
    ],
    [
      "that can't be restored",
      GOOD,
      { perl: { restore: `die "no such bucket\\n"` } },
      "restore: no such bucket",
    ],
    [
      "of which nothing arrives",
      GOOD,
      { perl: { restore: "return {}" } },
      "restore: nothing was restored",
    ],
    [
      "that is behind the app",
      GOOD,
      { perl: { fresh: `die "the replica is behind\\n"` } },
      "freshness: the replica is behind",
    ],
    [
      "whose restore says what failed in the midst of other lines",
      GOOD,
      {
        perl: {
          restore: `Run::run('sh', '-c', 'echo one; echo "Error: two"; echo three; exit 1')`,
        },
      },
      "restore: two",
    ],
    [
      "whose restore is a program that isn't there",
      GOOD,
      { perl: { restore: `Run::run('restore-it')` } },
      "restore: can't run restore-it: No such file or directory",
    ],
    [
      "whose restore says nothing",
      GOOD,
      { perl: { restore: `Run::run('false')` } },
      "restore: it said nothing",
    ],
    ["that is in the WAL mode", `PRAGMA journal_mode = WAL; ${GOOD}`, {}, "passed"],
  ])("%s", (_, made, options, outcome) => {
    expect(provenOf(made, options)).toBe(outcome);
  });
});

withPerl("an assertion", () => {
  test.each<[string, string, string | number | undefined, string]>([
    ["holds", "SELECT count(*) > 2 FROM t", undefined, "passed"],
    ["holds a number", "SELECT count(*) FROM t", 3, "passed"],
    ["holds several rows and columns", "SELECT x, x * 2 FROM t LIMIT 2", "1|2\n2|4", "passed"],
    [
      "fails",
      "SELECT count(*) > 3 FROM t",
      undefined,
      'assertions[0]: expected "1", found "0": SELECT count(*) > 3 FROM t',
    ],
    [
      "gives nothing",
      "SELECT x FROM t WHERE 0",
      "1",
      'assertions[0]: expected "1", found "": SELECT x FROM t WHERE 0',
    ],
    [
      "asks for what isn't there",
      "SELECT y FROM t",
      "1",
      "assertions[0]: in prepare, no such column: y",
    ],
    ["begins with a comment", "-- how many\nSELECT count(*) FROM t", 3, "passed"],
    ["begins with a dot", ".tables", "t", 'assertions[0]: in prepare, near ".": syntax error'],
    [
      "changes what it looks at",
      "WITH a AS (SELECT 1) DELETE FROM t RETURNING 1",
      "1",
      "assertions[0]: stepping, attempt to write a readonly database (8)",
    ],
    [
      "reads another file",
      "SELECT readfile('/etc/hostname')",
      "",
      "assertions[0]: line 0: cannot use the readfile() function in safe mode",
    ],
  ])("%s", (_, sql, equals, outcome) => {
    expect(provenOf(GOOD, asked(sql, equals))).toBe(outcome);
  });

  test("of a folder asks each database in it, and no other", () => {
    const database = "/data/tenants";
    const proof = new Proof(
      {
        "/data/tenants/a.db": GOOD,
        "/data/tenants/b.db": "CREATE TABLE t (x)",
        "/data/tenants.db": GOOD,
      },
      { assertions: [{ sql: "SELECT count(*) FROM t", equals: 3, database }] },
    );
    proof.run();
    const steps = proof
      .json("webhook")
      .databases.map((one: any) => [one.database, one.outcome, one.steps.length]);
    expect(steps).toEqual([
      ["/data/tenants/a.db", "passed", 4],
      ["/data/tenants/b.db", "failed", 4],
      ["/data/tenants.db", "passed", 3],
    ]);
  });
});

withPerl("several databases", () => {
  test("are all proven when one of them fails, and nothing of them stays", () => {
    const proof = new Proof({ "/data/a.db": Buffer.of(), "/data/b.db": GOOD });
    const { log } = proof.run();
    const { outcome, step, database, databases } = proof.json("webhook");
    expect([outcome, step, database]).toEqual(["failed", "restore", "/data/a.db"]);
    expect(databases.map((one: any) => one.outcome)).toEqual(["failed", "passed"]);
    expect(log.at(-1)).toMatchObject({
      level: "ERROR",
      msg: "verification failed: 1 of 2 databases",
    });
    expect(proof.read("proof/restored.db")).toBeUndefined();
  });

  test("of which one may be absent", () => {
    const proof = new Proof({ "/data/a.db": GOOD, "/data/b.db": undefined });
    proof.run();
    const { outcome, databases } = proof.json("webhook");
    expect(outcome).toBe("passed");
    expect(databases[1]).toEqual({
      database: "/data/b.db",
      outcome: "absent",
      steps: [{ step: "restore", outcome: "absent" }],
    });
    expect(proof.report("text")).toContain("/data/b.db: neither in the app nor in the backup\n");
  });

  test.each<[string, Record<string, Prepared>, ProofOptions, string]>([
    ["that are none", {}, {}, "there was no database to prove"],
    ["that are all absent", { "/data/a.db": undefined }, {}, "there was no database to prove"],
    ["that nobody can list", {}, { perl: { databases: `die "no list\\n"` } }, "no list"],
  ])("%s have failed", (_, databases, options, message) => {
    const proof = new Proof(databases, options);
    const { log } = proof.run();
    expect(proof.json("webhook")).toMatchObject({
      outcome: "failed",
      step: "list",
      database: null,
      message,
    });
    expect(proof.report("title")).toBe("notes: BACKUP NOT PROVEN (list)\n");
    expect(log.at(-1).msg).toBe("verification failed: nothing was proven");
  });

  test("that are sixty keep the text short, and name the one that failed", () => {
    const all = Array.from({ length: 60 }, (_, index) => [
      `/data/tenants/${"a-long-name-".repeat(8)}${index}.db`,
      index === 30 ? Buffer.of() : Buffer.from(sqliteFile("CREATE TABLE t (x)")),
    ]);
    all.push(["/data/absent.db", undefined as never]);
    const proof = new Proof(Object.fromEntries(all));
    proof.run();
    const text = proof.report("text") ?? "";
    expect(text.length).toBeLessThan(3002);
    expect(text.split("\n").slice(2)).toEqual([
      expect.stringMatching(/-30\.db: FAILED in restore: what was restored is not a database$/),
      "59 databases more, proven",
      "1 database neither in the app nor in the backup",
      "",
    ]);
    const { databases, log } = proof.json("webhook");
    expect(databases).toHaveLength(61);
    expect(log).toHaveLength(10_000);
  });
});
