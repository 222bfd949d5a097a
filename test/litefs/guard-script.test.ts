import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { sqliteFile } from "../support/proof";
import { Pod } from "../support/litefs";
import { withLitestream } from "../e2e/support/source";
import { spawnSync } from "node:child_process";

const NOTES = sqliteFile("CREATE TABLE notes (text); INSERT INTO notes VALUES ('kept')");
const FULL = { id: "LFSC1", txid: { "notes.db": 7 }, databases: { "notes.db": NOTES } };

jest.setTimeout(20_000);

/** It stays, and is ended then. */
const REFUSES = 143;

/** The guard with the real Litestream and a replica in a folder; LiteFS's answers are stood in for. */
withLitestream("the guard of a pod", () => {
  let pod: Pod;
  beforeEach(() => void (pod = new Pod()));
  afterEach(() => pod.end());

  const others = async (one: object = {}, two: object = {}) => {
    await pod.node("notes-1", one);
    await pod.node("notes-2", two);
  };
  const rows = (file: string) =>
    spawnSync("sqlite3", [file, "SELECT text FROM notes"], { encoding: "utf8" }).stdout.trim();

  /** A cluster that was started, and whose backup was made. */
  const backedUp = async (database = "notes.db") => {
    const at = { txid: { [database]: 7 }, databases: { [database]: NOTES } };
    await pod.node("notes-0", { ...FULL, ...at });
    const { code, said } = await pod.backup(/noted in the backup/, { database });
    expect([code, said]).toEqual([
      0,
      ["INFO backed up, transaction 7", "INFO noted in the backup"],
    ]);
    rmSync(pod.path("backup"), { recursive: true });
    spawnSync("mkdir", [pod.path("backup")]);
  };

  test("a first start is noted in the backup before LiteFS runs", async () => {
    await others();
    expect(await pod.guard("refuse")).toEqual({
      code: 0,
      said: ["INFO no pod and no backup has data: a new cluster"],
    });
    expect(pod.has("replica/cluster-note/ltx")).toBe(true);
    // The port by which LiteFS's container knows it.
    expect(pod.read("data/passed")).toBe("20204");
  });

  test("one that was broken off may go on, on the same volume only", async () => {
    await others();
    await pod.guard("refuse");
    expect((await pod.guard("refuse")).code).toBe(0);
    rmSync(pod.path("data/started"));
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "ERROR no pod of this cluster has a database, and the backup's note says that this cluster was started before, and no pod has its data: nothing is served empty. Say whenPrimaryIsEmpty: 'restore', and see docs/litefs.md, 'Restoring from the backup'",
      ],
    });
  });

  test("a pod that doesn't answer could hold data", async () => {
    await pod.node("notes-1", {});
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "INFO waiting for notes-2 to say whether they hold data",
        "ERROR this pod has no database, and notes-2 didn't say whether they hold data: without an answer of every other pod it doesn't become primary. Bring them up; of one that is lost for good delete the claim and the pod, which comes back empty and says so",
      ],
    });
    expect(pod.has("replica/cluster-note")).toBe(false);
  });

  test.each([
    [
      "refuse",
      "ERROR this pod has no database, and data is in notes-2 (notes.db up to transaction 7): it doesn't become primary over them. Say whenPrimaryIsEmpty: 'take-replica', and see docs/litefs.md, 'Pod 0 has lost its volume'",
    ],
    [
      "restore",
      "ERROR this pod has no database and is told to restore the backup, while data is in notes-2 (notes.db up to transaction 7), which may be newer. Delete the claims of those pods first, or say whenPrimaryIsEmpty: 'take-replica'; see docs/litefs.md",
    ],
  ])("an empty primary beside a full replica: %s", async (mode, message) => {
    await others({}, FULL);
    expect(await pod.guard(mode)).toEqual({ code: REFUSES, said: [message] });
  });

  test("takes each database from the pod that is furthest", async () => {
    const older = sqliteFile("CREATE TABLE notes (text); INSERT INTO notes VALUES ('older')");
    await others({ ...FULL, txid: { "notes.db": 6 }, databases: { "notes.db": older } }, FULL);
    expect(await pod.guard("take-replica")).toEqual({
      code: 0,
      said: ["WARN taken from notes-2, transaction 7"],
    });
    expect(rows(pod.path("data/restored/notes.db"))).toBe("kept");
    // LiteFS may be a root who can't write to what is another user's.
    const mode = (name: string) => (statSync(pod.path(name)).mode & 0o777).toString(8);
    expect([mode("data/restored"), mode("data/restored/notes.db")]).toEqual(["777", "666"]);
    expect(pod.read("data/instead-of")).toBe("LFSC1");
    expect(await pod.guard("take-replica")).toEqual({
      code: 0,
      said: ["INFO what was restored is still to be put into LiteFS"],
    });
  });

  test("does what it is told while it refuses, without another pod", async () => {
    await others({}, FULL);
    const guard = pod.guard("refuse", { until: /never/ });
    await pod.says(/data is in notes-2/);
    pod.tell("take-replica");
    const { code, said } = await guard;
    expect([code, ...said.slice(-2)]).toEqual([
      0,
      "INFO told something else: looking again",
      "WARN taken from notes-2, transaction 7",
    ]);
  });

  test("takes nothing that is damaged, or broken off", async () => {
    await others({}, { ...FULL, databases: { "notes.db": Buffer.from("no database at all") } });
    const { code, said } = await pod.guard("take-replica");
    expect([code, said[0]]).toEqual([
      REFUSES,
      expect.stringContaining("ERROR notes.db of notes-2 is damaged"),
    ]);
    expect(pod.has("data/restored")).toBe(false);
  });

  test("takes nothing from pods of different clusters", async () => {
    await others({ ...FULL, id: "LFSC2" }, FULL);
    const { code, said } = await pod.guard("take-replica");
    expect([code, said]).toEqual([
      REFUSES,
      [
        "ERROR the other pods belong to different clusters (LFSC1, LFSC2), and nobody knows whose data is right: delete the claims of those that aren't. See docs/litefs.md, 'Cluster id mismatch'",
      ],
    ]);
  });

  test("all volumes lost: the backup is restored when that is said, and nothing served before", async () => {
    await backedUp();
    await others();
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "ERROR no pod of this cluster has a database, and the backup holds notes.db: nothing is served empty. Say whenPrimaryIsEmpty: 'restore', and see docs/litefs.md, 'Restoring from the backup'",
      ],
    });
    expect(await pod.guard("restore")).toEqual({
      code: 0,
      said: ["WARN restored from the backup"],
    });
    expect(rows(pod.path("data/restored/notes.db"))).toBe("kept");
  });

  test("a backup has Litestream's tables, without which its next checkpoint fails, and a restore hasn't", async () => {
    const tables = (file: string) =>
      spawnSync("sqlite3", [file, "SELECT name FROM sqlite_schema ORDER BY name"], {
        encoding: "utf8",
      }).stdout.split("\n");
    await pod.node("notes-0", FULL);
    await pod.backup(/noted in the backup/);
    expect(tables(pod.path("backup/notes.db"))).toEqual([
      "_litestream_lock",
      "_litestream_seq",
      "notes",
      "",
    ]);
    rmSync(pod.path("backup"), { recursive: true });
    spawnSync("mkdir", [pod.path("backup")]);
    await others();
    expect((await pod.guard("restore")).code).toBe(0);
    expect(tables(pod.path("data/restored/notes.db"))).toEqual(["notes", ""]);
  });

  test("one pod alone asks the backup", async () => {
    await backedUp();
    expect((await pod.guard("refuse", { pods: 1 })).code).toBe(REFUSES);
  });

  test("a primary with its data waits for nobody that is away", async () => {
    pod.holds("notes.db", 7);
    expect(await pod.guard("refuse")).toEqual({
      code: 0,
      said: ["INFO waiting for notes-1 notes-2 to say whether they hold data"],
    });
  });

  test("a primary with an older volume than a replica", async () => {
    pod.holds("notes.db", 6);
    await others(FULL, FULL);
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "ERROR notes-1 holds transaction 7 of notes.db, and this pod 6 only: its volume is an older one, and what is newer would be thrown away. See docs/litefs.md, 'An older primary'",
      ],
    });
  });

  test("a primary with an older volume than the backup, while nobody else answers", async () => {
    await backedUp();
    pod.holds("notes.db", 6);
    const { code, said } = await pod.guard("refuse");
    expect([code, said.at(-1)]).toEqual([
      REFUSES,
      "ERROR the backup holds transaction 7 of notes.db, and this pod 6 only: its volume is an older one, and what is newer would be thrown away. See docs/litefs.md, 'An older primary'",
    ]);
    // The right volume, on which nothing was refused.
    rmSync(pod.path("data/refused"));
    pod.holds("notes.db", 7);
    expect((await pod.guard("refuse")).code).toBe(0);
  });

  test("a volume of before its cluster was taken or restored, by the backup", async () => {
    await backedUp();
    pod.holds("notes.db", 9, "LFSC0");
    const { code, said } = await pod.guard("refuse", { pods: 1 });
    expect([code, said]).toEqual([
      REFUSES,
      [
        "ERROR the last backup is of cluster LFSC1, and this pod's volume of LFSC0: it is one of before, and its data would be served instead. See docs/litefs.md, 'An older primary'",
      ],
    ]);
    // One that follows that cluster.
    rmSync(pod.path("data/refused"));
    writeFileSync(pod.path("data/instead-of"), "LFSC7 LFSC1");
    expect((await pod.guard("refuse", { pods: 1 })).code).toBe(0);
  });

  test("a volume of before, by the other pods", async () => {
    pod.holds("notes.db", 9, "LFSC0");
    await others(FULL, FULL);
    const { code, said } = await pod.guard("refuse");
    expect([code, said]).toEqual([
      REFUSES,
      [
        "ERROR all others with data belong to cluster LFSC1, and this pod's volume to LFSC0, and the backup doesn't say which is right. See docs/litefs.md, 'An older primary'",
      ],
    ]);
    rmSync(pod.path("data/refused"));
    writeFileSync(pod.path("data/instead-of"), "LFSC1");
    expect((await pod.guard("refuse")).code).toBe(0);
  });

  test("one other pod of another cluster keeps no primary from starting: LiteFS keeps them apart", async () => {
    pod.holds("notes.db", 7);
    await others(FULL, { ...FULL, id: "LFSC2", txid: { "notes.db": 9 } });
    expect((await pod.guard("refuse")).code).toBe(0);
    // Nor does it when the backup says whose cluster it is.
    pod.forget("notes-1");
    await backedUp();
    pod.holds("notes.db", 7);
    expect((await pod.guard("refuse")).code).toBe(0);
  });

  test("a primary with its data starts when the backup can't be asked", async () => {
    pod.holds("notes.db", 7);
    rmSync(pod.path("replica"), { recursive: true });
    spawnSync("touch", [pod.path("replica")]);
    const { code, said } = await pod.guard("refuse");
    expect([code, said.at(-1)]).toEqual([
      0,
      expect.stringMatching(/^WARN the backup can't be asked how far this cluster was: /),
    ]);
  });

  test("a primary that was refused waits for every answer until nobody holds more", async () => {
    pod.holds("notes.db", 6);
    await others(FULL, FULL);
    expect((await pod.guard("refuse")).code).toBe(REFUSES);
    pod.forget("notes-1");
    pod.forget("notes-2");
    const stays = `so this pod stays refused, until it is known that nobody holds more, or ${pod.path("data/refused")} is deleted. See docs/litefs.md, 'An older primary'`;
    expect((await pod.guard("refuse")).said.at(-1)).toBe(
      `ERROR notes-1 holds transaction 7 of notes.db, and this pod 6 only: its volume is an older one, and what is newer would be thrown away. See docs/litefs.md, 'An older primary'. Now notes-1 notes-2 didn't say what they hold, ${stays}`,
    );
    await others({ ...FULL, txid: { "notes.db": 5 } });
    rmSync(pod.path("replica"), { recursive: true });
    spawnSync("touch", [pod.path("replica")]);
    const asked = (await pod.guard("refuse")).said.at(-1);
    expect(asked).toMatch(/Now the backup can't be asked how far this cluster was \(Error: .*\), /);
    expect(asked).toContain(stays);
    rmSync(pod.path("replica"));
    expect((await pod.guard("refuse")).code).toBe(0);
    expect(pod.has("data/refused")).toBe(false);
  });

  test("a database whose first page is damaged, which LiteFS would empty", async () => {
    pod.holds("notes.db", 7);
    await others(FULL, FULL);
    writeFileSync(pod.path("data/dbs/notes.db/database"), Buffer.alloc(4096));
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "ERROR the first page of notes.db is damaged on this pod's volume, which LiteFS would empty: delete its claim, and see docs/litefs.md, 'Pod 0 has lost its volume'",
      ],
    });
  });

  test("a volume that can't be read isn't an empty one", async () => {
    await others();
    rmSync(pod.path("data/dbs"), { recursive: true });
    writeFileSync(pod.path("data/dbs"), "");
    expect((await pod.guard("refuse")).said[0]).toMatch(
      /^ERROR it isn't known whether LiteFS may start: can't read .*data\/dbs: Not a directory$/,
    );
  });

  test("what it is to do can't be read", async () => {
    await others({}, FULL);
    expect(await pod.guard("")).toEqual({
      code: REFUSES,
      said: [
        `ERROR what an empty primary is to do can't be read in ${pod.path("recovery")}: '', for '3' pods`,
      ],
    });
  });

  const ANOTHER_PATH =
    "So nothing is taken: delete the claims of those pods, and say whenPrimaryIsEmpty: 'restore'; or, where they are right all the same, declare another path of the replica";

  test("nothing is taken from pods that are behind the backup", async () => {
    await backedUp();
    await others({ ...FULL, txid: { "notes.db": 5 } });
    expect((await pod.guard("take-replica")).said).toEqual([
      `ERROR the backup holds transaction 7 of notes.db, and no pod more than 5. ${ANOTHER_PATH}`,
    ]);
    expect((await pod.guard("restore")).said).toEqual([
      "ERROR this pod has no database and is told to restore the backup, while data is in notes-1 (notes.db up to transaction 5), which is older: the backup holds transaction 7 of notes.db, and no pod more than 5. Delete the claims of those pods first, or say whenPrimaryIsEmpty: 'take-replica'; see docs/litefs.md",
    ]);
  });

  test("nothing is taken from pods of a cluster of before, however far they are", async () => {
    await backedUp();
    await others({ ...FULL, id: "LFSC0", txid: { "notes.db": 50 } });
    expect((await pod.guard("take-replica")).said).toEqual([
      `ERROR the last backup is of cluster LFSC1, and the pods with data are of LFSC0. ${ANOTHER_PATH}`,
    ]);
  });

  test("what the backup holds of a database that isn't declared any more is no evidence", async () => {
    await backedUp("old.db");
    await others({ ...FULL, id: "LFSC2" });
    expect((await pod.guard("take-replica")).said.at(-1)).toBe(
      "WARN taken from notes-1, transaction 7",
    );
  });

  test("nothing is taken while the backup can't say whether it has more", async () => {
    await others(FULL);
    withoutBackup();
    expect((await pod.guard("take-replica")).said.at(-1)).toMatch(
      /^ERROR the backup can't be asked whether it has more than notes-1 \(notes.db up to transaction 7\), so nothing is taken: Error: .*\. Where it is lost for good, declare another path of the replica$/,
    );
    expect(pod.has("data/restored")).toBe(false);
  });

  /** Has the backup answer with an error. */
  const withoutBackup = () => {
    rmSync(pod.path("replica"), { recursive: true });
    spawnSync("touch", [pod.path("replica")]);
  };

  test("a refusal by the backup stays while that doesn't answer", async () => {
    await backedUp();
    pod.holds("notes.db", 6);
    expect((await pod.guard("refuse", { pods: 1 })).code).toBe(REFUSES);
    withoutBackup();
    expect((await pod.guard("refuse", { pods: 1 })).said.at(-1)).toMatch(
      /^ERROR the backup holds transaction 7 of notes.db, .* Now the backup can't be asked how far/,
    );
  });

  test("an older volume that is right begins a new cluster, as described", async () => {
    await backedUp();
    pod.holds("notes.db", 9, "LFSC0");
    expect((await pod.guard("refuse", { pods: 1 })).code).toBe(REFUSES);
    renameSync(pod.path("data/clusterid"), pod.path("data/instead-of"));
    expect((await pod.guard("refuse", { pods: 1 })).code).toBe(0);
    // Which LiteFS gives an id; the last backup is still one of before.
    pod.holds("notes.db", 9, "LFSC2");
    expect((await pod.guard("refuse", { pods: 1 })).code).toBe(0);
  });

  test("a backup that holds none of the databases can't be restored", async () => {
    await others();
    await pod.guard("refuse");
    rmSync(pod.path("data/started"));
    expect((await pod.guard("restore")).said).toEqual([
      "ERROR the backup holds none of notes.db, so nothing can be restored: look what it holds, or begin anew with another path of the replica",
    ]);
  });

  test("a primary that lacks one of its databases", async () => {
    pod.holds("other.db", 3);
    await others(FULL, {});
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "ERROR this pod lacks notes.db, and has other databases, while data is in notes-1 (notes.db up to transaction 7). See docs/litefs.md, 'An older primary'",
      ],
    });
  });

  test("a database that is new in the declaration", async () => {
    pod.holds("other.db", 3);
    await others();
    expect((await pod.guard("refuse")).code).toBe(0);
  });

  test("a lost database that only the backup has", async () => {
    await backedUp();
    pod.holds("other.db", 3);
    await others();
    expect(await pod.guard("refuse")).toEqual({
      code: REFUSES,
      said: [
        "ERROR this pod lacks notes.db, and has other databases, while the backup holds it: its volume isn't what it was, or notes.db is an old one, whose folder in the backup has to be deleted. See docs/litefs.md, 'An older primary'",
      ],
    });
  });

  test("a replica that is ahead of its primary keeps what it has", async () => {
    pod.holds("notes.db", 8);
    await pod.node("notes-0", FULL);
    expect(await pod.guard("refuse", { pod: "notes-1" })).toEqual({
      code: REFUSES,
      said: [
        "ERROR this pod holds transaction 8 of notes.db, and the primary 7 only: the volume of one of them is an older one, and what is newer would be thrown away here. See docs/litefs.md, 'An older primary'",
      ],
    });
  });

  test("a replica that was ahead stays refused, whatever its primary has been written since", async () => {
    pod.holds("notes.db", 8);
    await pod.node("notes-0", FULL);
    expect((await pod.guard("refuse", { pod: "notes-1" })).code).toBe(REFUSES);
    pod.forget("notes-0");
    await pod.node("notes-0", { ...FULL, txid: { "notes.db": 12 } });
    expect((await pod.guard("refuse", { pod: "notes-1" })).said).toEqual([
      `ERROR this pod holds transaction 8 of notes.db, and the primary 7 only: the volume of one of them is an older one, and what is newer would be thrown away here. See docs/litefs.md, 'An older primary'. It stays so, as the primary may have been written to since, until the claim of this pod is deleted, or ${pod.path("data/refused")}`,
    ]);
    rmSync(pod.path("data/refused"));
    expect((await pod.guard("refuse", { pod: "notes-1" })).code).toBe(0);
  });

  test("a replica that is empty, behind, or of another cluster", async () => {
    expect((await pod.guard("refuse", { pod: "notes-1" })).code).toBe(0);
    await pod.node("notes-0", FULL);
    pod.holds("notes.db", 7);
    expect((await pod.guard("refuse", { pod: "notes-1" })).code).toBe(0);
    pod.holds("notes.db", 9, "LFSC2");
    expect((await pod.guard("refuse", { pod: "notes-1" })).code).toBe(0);
  });

  describe("a replica with data whose primary isn't there", () => {
    let replica: Pod;
    beforeEach(async () => {
      replica = new Pod();
      replica.holds("notes.db", 7);
      await pod.meets("notes-0", replica, "notes-1");
    });
    afterEach(() => replica.end());

    const WAITS =
      "waiting for the primary notes-0, which doesn't answer: this pod has data, and starts when it is known that the primary has it, too";
    test("waits, says so, and starts with it", async () => {
      const guard = replica.guard("refuse", { pod: "notes-1" });
      await replica.says(WAITS);
      await replica.node("notes-0", FULL);
      expect(await guard).toEqual({ code: 0, said: [`INFO ${WAITS}`] });
    });

    test("tells a primary with an older volume what it holds", async () => {
      const guard = replica.guard("refuse", { pod: "notes-1" });
      await replica.says(WAITS);
      pod.holds("notes.db", 6);
      expect(await pod.guard("refuse", { pods: 2 })).toEqual({
        code: REFUSES,
        said: [
          "ERROR notes-1 holds transaction 7 of notes.db, and this pod 6 only: its volume is an older one, and what is newer would be thrown away. See docs/litefs.md, 'An older primary'",
        ],
      });
      replica.stop();
      expect((await guard).code).toBe(143);
    });

    test("tells an empty primary, and starts only when that one takes its data", async () => {
      const guard = replica.guard("refuse", { pod: "notes-1" });
      await replica.says(WAITS);
      const { code, said } = await pod.guard("refuse", { pods: 2 });
      expect([code, said]).toEqual([
        REFUSES,
        [expect.stringContaining("data is in notes-1 (notes.db up to transaction 7)")],
      ]);
      const taking = pod.guard("take-replica", { pods: 2, patience: 10 });
      expect((await guard).code).toBe(0);
      await pod.node("notes-1", FULL);
      expect(await taking).toEqual({
        code: 0,
        said: [
          "INFO waiting for notes-1 to start LiteFS, to take the databases from there",
          "WARN taken from notes-1, transaction 7",
        ],
      });
      expect(rows(pod.path("data/restored/notes.db"))).toBe("kept");
    });

    test("an empty primary doesn't wait for ever for its LiteFS", async () => {
      const guard = replica.guard("refuse", { pod: "notes-1" });
      await replica.says(WAITS);
      const { code, said } = await pod.guard("take-replica", { pods: 2 });
      expect([code, said.at(-1)]).toEqual([
        REFUSES,
        "ERROR notes-1, with data, didn't start LiteFS within 1 s, so nothing can be taken from there",
      ]);
      expect((await guard).code).toBe(0);
    });
  });

  test("a guard that is started again beside LiteFS has nothing to look for", async () => {
    await pod.node("127.0.0.1", FULL);
    expect(await pod.guard("refuse")).toEqual({ code: 0, said: ["INFO LiteFS runs already"] });
  });

  test("a backup that can't be asked is no backup that is empty", async () => {
    await others();
    rmSync(pod.path("replica"), { recursive: true });
    spawnSync("touch", [pod.path("replica")]);
    const { code, said } = await pod.guard("refuse");
    expect([code, said.at(-1)]).toEqual([
      REFUSES,
      expect.stringMatching(/^ERROR the backup can't be asked whether it holds data: Error: /),
    ]);
  });
});
