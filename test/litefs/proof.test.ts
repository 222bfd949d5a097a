import { Pod } from "../support/litefs";
import { sqliteFile } from "../support/proof";
import { withLitestream } from "../e2e/support/source";

const NOTES = sqliteFile("CREATE TABLE notes (text); INSERT INTO notes VALUES ('kept')");
const at = (transaction: number) => ({
  id: "LFSC1",
  txid: { "notes.db": transaction },
  databases: { "notes.db": NOTES },
});

/** The proof with the real Litestream; LiteFS's answers are stood in for. */
withLitestream("the proof of a cluster's backup", () => {
  let pod: Pod;
  beforeEach(async () => {
    pod = new Pod();
    await pod.node("notes-0", at(1_234_567));
    await pod.backup(/noted in the backup/);
  });
  afterEach(() => pod.end());

  test("passes where the primary has written nothing since, however old the backup is", async () => {
    expect(await pod.prove()).toEqual(["passed 000000000012d687"]);
  });

  test("waits for the next one where the primary has written, and fails when that doesn't come", async () => {
    pod.forget("notes-0");
    await pod.node("notes-0", at(1_234_568));
    expect(await pod.prove()).toEqual([
      expect.stringMatching(
        /^freshness: the primary was at transaction 1234568, and the backup, made \d+ s ago, still holds 1234567: one should be made every 1 s$/,
      ),
    ]);
  });

  test("fails where the primary is behind its backup", async () => {
    pod.forget("notes-0");
    await pod.node("notes-0", at(3));
    expect(await pod.prove()).toEqual([
      "freshness: the backup holds transaction 1234567, the primary is at 3 only: it has been restored, and not been backed up since, or somebody else writes to the backup, too",
    ]);
  });

  test("fails where the primary can't be asked", async () => {
    pod.forget("notes-0");
    expect(await pod.prove()).toEqual([
      expect.stringMatching(/^freshness: the primary can't be asked how far it is: /),
    ]);
  });
});

withLitestream("the backup of a cluster", () => {
  let pod: Pod;
  beforeEach(() => void (pod = new Pod()));
  afterEach(() => pod.end());

  test("says what is wrong with an export, and keeps what is there", async () => {
    await pod.node("notes-0", { ...at(5), databases: { "notes.db": Buffer.alloc(2000, "no") } });
    const { said } = await pod.backup(/backup failed/);
    expect(said[0]).toMatch(/^ERROR backup failed: sqlite3: .*not a database/);
    expect(pod.has("replica/notes.db")).toBe(false);
  });

  test("says that LiteFS doesn't answer any more", async () => {
    await pod.node("notes-0", at(5));
    const ended = pod.backup(/backup failed/);
    await pod.until(() => pod.has("replica/cluster-note/ltx"));
    pod.forget("notes-0");
    const { said } = await ended;
    expect(said.at(-1)).toMatch(/^ERROR backup failed: LiteFS doesn't answer: /);
  });

  test("waits for a LiteFS that has never answered: in the app's container it starts later", async () => {
    const ended = pod.backup(/./);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    pod.stop();
    expect(await ended).toEqual({ code: 0, said: [] });
  });

  test("does nothing on a replica but wait for its end", async () => {
    await pod.node("notes-1", at(5));
    const ended = pod.backup(/./, { pod: "notes-1" });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    pod.stop();
    expect(await ended).toEqual({ code: 0, said: [] });
    expect(pod.has("replica/notes.db")).toBe(false);
  });
});
