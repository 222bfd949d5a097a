import { rmSync } from "node:fs";
import { withPerl } from "../support/follower";
import { Proof } from "../support/proof";

const GOOD = "CREATE TABLE t (x); INSERT INTO t VALUES (1)";

withPerl("a proof", () => {
  const limited = (bytes: string, perl: string) => {
    process.env.PROOF_SIZE_LIMIT = bytes;
    const proof = new Proof({ "/data/a.db": GOOD }, { perl: { restore: perl } });
    proof.run();
    delete process.env.PROOF_SIZE_LIMIT;
    return proof.json("webhook");
  };

  test("says that there is no room, before its folder is full and its pod killed", () => {
    expect(limited("100000000", "Run::needs(99_000_000)")).toMatchObject({
      outcome: "failed",
      step: "restore",
      message:
        "100 MB are needed to restore it, and there is room for 95 MB: raise the verification's sizeLimit, or give the node a larger disk",
    });
  });

  test("says so of a disk that is smaller than the limit, too", () => {
    const { message } = limited("1e18", "Run::needs(1e17)");
    expect(message).toMatch(
      /^100000000001 MB are needed to restore it, and there is room for \d+ MB/,
    );
  });

  test("goes on where there is room", () => {
    expect(limited("100000000", "Run::needs(90_000_000)")).toMatchObject({ outcome: "passed" });
  });

  test("doesn't take an assertion for fulfilled whose file is gone", () => {
    const proof = new Proof(
      { "/data/a.db": GOOD },
      { assertions: [{ sql: "SELECT 1", database: "/data/a.db" }] },
    );
    rmSync(proof.path("program/assertion-0.sql"));
    rmSync(proof.path("program/assertion-0.expected"));
    proof.run();
    expect(proof.json("webhook")).toMatchObject({
      outcome: "failed",
      step: "assertions[0]",
      message: "the proof has no file assertion-0.sql: was it changed while it started?",
    });
  });

  test("leaves the integrity check out where that was asked for", () => {
    const proof = new Proof({ "/data/a.db": GOOD }, { integrity: "none" });
    proof.run();
    const [{ steps }] = proof.json("webhook").databases;
    expect(steps.map(({ step }: { step: string }) => step)).toEqual(["restore", "freshness"]);
  });

  test("tells what a person should know besides, in the text", () => {
    const note = "Outcome::note('/data/tenants: the app has no database in it')";
    const proof = new Proof({ "/data/a.db": GOOD }, { perl: { databases: note } });
    proof.run();
    expect(proof.json("webhook").outcome).toBe("passed");
    expect(proof.report("text")).toContain("/data/tenants: the app has no database in it");
  });
});
