import { readdirSync, truncateSync } from "node:fs";
import { Backup, type Counters, syncing, withLitestream } from "./support/source";

jest.setTimeout(30_000);

const hex = (txid: number) => txid.toString(16).padStart(16, "0");

/** A backup of one database that was written to and synced, and its transaction. */
function synced(): [Backup, number] {
  const backup = new Backup(["a.db"]);
  backup.write("a.db");
  backup.sync();
  backup.write("a.db");
  return [backup, backup.sync("a.db")];
}

withLitestream("a database of an app", () => {
  test("that is in the replica is proven, with both transactions", async () => {
    const [backup, txid] = synced();
    backup.metrics = syncing({ "a.db": { txid } });
    const { outcome, databases, stderr, took } = await backup.prove();
    expect({ outcome, stderr }).toEqual({ outcome: "passed", stderr: "" });
    expect(databases).toMatchObject([
      { restoredTransaction: hex(txid), appTransaction: hex(txid), steps: [{}, {}, {}] },
    ]);
    expect(took).toBeLessThan(2);
  });

  test("of which the replica has more than the app is used by somebody else, too", async () => {
    const [backup, txid] = synced();
    backup.metrics = syncing({ "a.db": { txid: txid - 1 } });
    expect((await backup.prove()).messages["a.db"]).toBe(
      `freshness: the replica ends at transaction ${hex(txid)}, the app is at ${hex(txid - 1)} only: somebody else writes to it, too`,
    );
  });

  test("of which the replica has more than the app had is proven, too", async () => {
    const [backup, txid] = synced();
    backup.metrics = (index) => syncing({ "a.db": { txid: txid - 1 + Math.min(index, 1) } })(index);
    expect((await backup.prove()).messages).toEqual({ "a.db": "passed" });
  });

  test("that nobody writes to is waited for until Litestream has looked at it again", async () => {
    const [backup, txid] = synced();
    backup.metrics = (index) => ({ "a.db": { txid, syncs: index < 3 ? 5 : 6 } });
    const { messages } = await backup.prove({ SOURCE_LOOK_SECONDS: "20" });
    expect(messages).toEqual({ "a.db": "passed" });
    expect(backup.requests).toBe(4);
  });

  test("whose last transactions don't arrive fails, and says which", async () => {
    const [backup, txid] = synced();
    backup.metrics = syncing({ "a.db": { txid: txid + 1 } });
    const { messages, took } = await backup.prove();
    expect(messages["a.db"]).toBe(
      `freshness: the replica ends at transaction ${hex(txid)}, the app was at ${hex(txid + 1)} already 1 s before: what it writes doesn't arrive`,
    );
    expect(took).toBeGreaterThan(1);
  });

  test("whose last transactions arrive in time is proven", async () => {
    const [backup, txid] = synced();
    backup.write("a.db");
    let arrived = false;
    backup.metrics = (index) => {
      // The answer goes out when all that is to arrive is on its way.
      if (!arrived) setImmediate(() => backup.sync());
      arrived = true;
      return syncing({ "a.db": { txid: txid + 1 } })(index);
    };
    const { messages, databases } = await backup.prove({ PROOF_LAG_SECONDS: "20" });
    expect(messages).toEqual({ "a.db": "passed" });
    expect(databases[0].restoredTransaction).toBe(hex(txid + 1));
  });

  test("whose syncs fail fails", async () => {
    const [backup, txid] = synced();
    backup.metrics = (index) => ({ "a.db": { txid, syncs: 5 + index, errors: 2 + 3 * index } });
    expect((await backup.prove()).messages["a.db"]).toBe(
      "freshness: Litestream could not sync this database (3 times since the proof began): look at its log",
    );
  });

  test("whose syncs failed before, and no more, is proven", async () => {
    const [backup, txid] = synced();
    backup.metrics = syncing({ "a.db": { txid, errors: 7 } });
    expect((await backup.prove()).messages).toEqual({ "a.db": "passed" });
  });

  test("whose syncs stand still fails when Litestream should have looked at it", async () => {
    const [backup, txid] = synced();
    backup.metrics = () => ({ "a.db": { txid, errors: 4 } });
    const { messages, took } = await backup.prove();
    expect(messages["a.db"]).toBe(
      "freshness: Litestream has not synced this database for 2 s (4 failed before that): look at its log",
    );
    expect(took).toBeGreaterThan(2);
  });

  test.each<[string, Counters, string]>([
    ["and has synced since", { txid: 99, syncs: 1 }, "passed"],
    [
      "and can't sync since",
      { txid: 0, syncs: 1, errors: 1 },
      "freshness: Litestream could not sync this database (1 times since the proof began): look at its log",
    ],
    [
      "and hasn't synced yet",
      { txid: 0, syncs: 0 },
      "freshness: Litestream has not synced this database for 2 s: look at its log",
    ],
  ])("whose Litestream was restarted meanwhile %s", async (_, after, outcome) => {
    const [backup, txid] = synced();
    backup.metrics = (index) => ({ "a.db": index === 0 ? { txid, syncs: 99, errors: 5 } : after });
    expect((await backup.prove()).messages).toEqual({ "a.db": outcome });
  });

  test("that Litestream no longer follows fails", async () => {
    const [backup, txid] = synced();
    backup.metrics = (index) => ({ [index === 0 ? "a.db" : "b.db"]: { txid } });
    expect((await backup.prove()).messages["a.db"]).toBe(
      "freshness: Litestream doesn't follow this database any more",
    );
  });

  test("at a transaction beyond a million, which the metrics write with an exponent", async () => {
    const [backup] = synced();
    backup.metrics = syncing({ "a.db": { txid: "1.234567e+06" } });
    expect((await backup.prove()).messages["a.db"]).toContain(
      `the app was at ${hex(1_234_567)} already`,
    );
  });

  test("that was never synced fails although the replica has it", async () => {
    const [backup] = synced();
    backup.metrics = syncing({ "a.db": { txid: 0 } });
    expect((await backup.prove()).messages["a.db"]).toBe(
      "freshness: Litestream has never synced this database since it started: look at its log",
    );
  });

  test("that was just made is waited for", async () => {
    const [backup, txid] = synced();
    backup.metrics = (index) => ({ "a.db": { txid: index < 2 ? 0 : txid, syncs: index } });
    const { messages } = await backup.prove({ SOURCE_LOOK_SECONDS: "20" });
    expect(messages).toEqual({ "a.db": "passed" });
  });

  test("that the replica lacks fails", async () => {
    const backup = new Backup(["a.db"]);
    backup.metrics = syncing({ "a.db": { txid: 1 } });
    expect((await backup.prove()).messages["a.db"]).toBe(
      "restore: no matching backup files available",
    );
  });

  test("whose file in the replica is damaged fails", async () => {
    const [backup, txid] = synced();
    backup.metrics = syncing({ "a.db": { txid } });
    const damaged = readdirSync(backup.path("replica"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ltx"))
      .map((name) => backup.path(`replica/${name}`));
    for (const file of damaged) truncateSync(file, 150);
    const { outcome, messages } = await backup.prove();
    expect(outcome).toBe("failed");
    expect(messages["a.db"]).toMatch(/^restore: .*(EOF|ltx)/);
  });

  test("that is optional, and that neither app nor replica have, is no failure", async () => {
    const backup = new Backup(["a.db", { path: "b.db", optional: true }]);
    backup.write("a.db");
    const txid = backup.sync("a.db");
    backup.metrics = syncing({ "a.db": { txid }, "b.db": { txid: 0 } });
    const { outcome, messages } = await backup.prove();
    expect({ outcome, messages }).toEqual({
      outcome: "passed",
      messages: { "a.db": "passed", "b.db": "absent" },
    });
  });

  test("that is optional, and that only the replica has, is proven", async () => {
    const backup = new Backup([{ path: "b.db", optional: true }]);
    backup.write("b.db");
    backup.sync();
    backup.metrics = syncing({ "b.db": { txid: 0 } });
    expect((await backup.prove()).messages).toEqual({ "b.db": "passed" });
  });

  test("that is optional, and that only the app has, fails", async () => {
    const backup = new Backup([{ path: "b.db", optional: true }]);
    backup.metrics = syncing({ "b.db": { txid: 3 } });
    expect((await backup.prove()).messages["b.db"]).toBe(
      "restore: no matching backup files available",
    );
  });

  test("that is optional, and that could never be synced, fails", async () => {
    const backup = new Backup([{ path: "b.db", optional: true }]);
    backup.metrics = syncing({ "b.db": { txid: 0, errors: 3 } });
    expect((await backup.prove()).messages["b.db"]).toBe(
      "restore: no matching backup files available",
    );
  });
});
