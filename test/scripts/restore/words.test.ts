import { dryRun, lastFile } from "../../../scripts/restore/dry-run";
import * as words from "../../../scripts/restore/words";
import { HARDENED, planned } from "./deployed";

const { app, plan } = planned();
const back = { ...plan, target: { flag: "-timestamp", value: "2026-01-31T11:00:00Z" } as const };
const found = {
  database: "/data/notes.db",
  transaction: "0000000000000001",
  writtenAt: "2026-01-31T10:59:00Z",
  newest: "0000000000000007",
  newestAt: "2026-01-31T11:30:00Z",
};

test("a person reads what is going to happen before it does", () => {
  expect(words.announcement(back, [found], "home")).toBe(
    `notes/notes in "home" goes back to the state before 2026-01-31T11:00:00Z:
    /data/notes.db: transaction 0000000000000001 of 2026-01-31T10:59:00Z (the newest is 0000000000000007 of 2026-01-31T11:30:00Z)
  The app is down meanwhile.
  The present state is kept:
    as files on the volume: /data/.litestream-before-restore/20260131T120000Z
    in the replica, as long as snapshots are kept
  What is written from now until the app is stopped goes back with the rest.`,
  );
});

test("an app that doesn't run, is stopped, or has no volume, is announced as such", () => {
  const passing = plan.databases.map((one) => ({ ...one, lies: "ephemeral" as const }));
  const text = words.announcement(
    { ...plan, replicas: 0, databases: passing },
    "Its Litestream doesn't run.",
    "home",
  );
  expect(text).toContain("  Its Litestream doesn't run.\n");
  expect(text).toContain("The app is stopped (0 replicas), and stays so.");
  expect(text).toContain("there is no volume that could keep a file");
  expect(text).not.toContain("as files on the volume");
});

test("a success says what is, what was, how to go back, and what to delete", () => {
  const kept = "/data/.litestream-before-restore/20260131T120000Z/notes.db.before";
  const restored = [{ database: "/data/notes.db", state: "01", now: "09", before: "08", kept }];
  expect(words.success({ plan: back, restored })).toBe(
    `notes/notes is back at the state before 2026-01-31T11:00:00Z.
  /data/notes.db: the state of transaction 01, now transaction 09; the replica gives back the same
    before: transaction 08 in the replica; go back to it: npm run restore -- notes -n notes --txid 08 --database /data/notes.db
    before: ${kept}
When all is well, delete what is kept on the volume: kubectl -n notes exec notes-0 -c litestream-sidecar -- rm -r /data/.litestream-before-restore/20260131T120000Z`,
  );
});

test("a command that it prints is one for paths with spaces and quotes, too", () => {
  const path = "/my data/it's.db";
  const kept = "/my data/.litestream-before-restore/20260131T120000Z";
  const [database] = plan.databases;
  const databases = database ? [{ ...database, path, kept }] : [];
  const restored = [{ database: path, state: "01", now: "09", before: "08", kept: `${kept}/x` }];
  const text = words.success({ plan: { ...plan, databases }, restored });
  expect(text).toContain(`--database '/my data/it'\\''s.db'`);
  expect(text).toContain(`rm -r '${kept}'`);
});

test("a state that is in no replica isn't offered", () => {
  const restored = [{ database: "/data/notes.db", state: "01", now: "09" }];
  const text = words.success({ plan, restored });
  expect(text).toContain("before: not in the replica");
  expect(text).not.toContain("When all is well");
});

test("a success whose pod was lost is one, and says where the present files are", () => {
  const text = words.success({ plan, restored: [] });
  expect(text).toContain("notes/notes is back at the newest state in the replica.");
  expect(text).toContain(
    "  /data/notes.db: before: in /data/.litestream-before-restore/20260131T120000Z",
  );
  expect(text).toContain("When all is well, delete what is kept on the volume");
});

test("what was kept is deleted where a shell is", () => {
  const kept = "/data/.litestream-before-restore/20260131T120000Z/notes.db.before";
  const restored = [{ database: "/data/notes.db", state: "01", now: "09", before: "08", kept }];
  const text = words.success({ plan: planned(HARDENED).plan, restored });
  expect(text).toContain("kubectl -n notes exec notes-0 -c app -- rm -r /data/");
});

test("what isn't whole says what there is and how it is mended", () => {
  const text = words.notWhole(plan, "the replica is gone");
  expect(text).toContain("Restoring failed, and so did undoing it: the replica is gone");
  expect(text).toContain("notes/notes is left stopped");
  expect(text).toContain("kubectl -n notes scale statefulset notes --replicas=1");
});

test("undoing that waits says for what", () => {
  expect(words.undoWaits(plan, "no node")).toBe(
    "What the restore did isn't undone yet: the pod notes/notes-restore doesn't start: no node",
  );
});

test("what isn't undone under a running app says how to decide", () => {
  expect(words.runsMeanwhile(plan)).toBe(
    `notes/notes was started before its restore was undone. Nothing is put back under a running app.
The state that it has may be the restored one, of some databases only; the files from before are in /data/.litestream-before-restore/20260131T120000Z.
To go on with what it has, unless its start is refused because of that: kubectl -n notes delete configmap,pod notes-restore --ignore-not-found
To put back the files from before, without what was written since: kubectl -n notes scale statefulset notes --replicas=0, and then: npm run restore -- notes -n notes --resume`,
  );
});

test("a second restore is told of the first", () => {
  expect(words.underWay(back, "notes", "notes")).toBe(
    `A restore of notes/notes is under way since 2026-01-31T12:00:00Z, to the state before 2026-01-31T11:00:00Z (ConfigMap and pod notes-restore).
If no program runs it any more, this one carries on with it: npm run restore -- notes -n notes --resume`,
  );
});

test.each([
  [true, true, "go"],
  [true, false, "go"],
  [false, true, "ask"],
  [false, false, "refuse"],
])("yes: %s, a terminal: %s", (yes, terminal, answer) => {
  expect(words.asksFor({ yes }, terminal)).toBe(answer);
});

describe("what the replica can give is asked", () => {
  test("by the sidecar's own configuration, or one for a database of a directory", () => {
    const single = { path: "/data/notes.db", directory: false };
    const last = ["-o", "/run/litestream/restore-now.db", "/data/notes.db"];
    expect(dryRun(app, single, ["-txid", "01"])).toEqual([
      ...["litestream", "restore", "-dry-run", "-json", "-txid", "01"],
      ...last,
    ]);
    expect(dryRun(planned(HARDENED).app, single, [])[0]).toBe("/usr/local/bin/litestream");
    const tenants = planned({ databases: [{ dir: "/data", pattern: "*.db", atMost: 2 }] }, [
      "/data/a.db",
    ]);
    const asked = dryRun(tenants.app, { path: "/data/a.db", directory: true }, []);
    expect(asked[4]).toContain('path: "/data/a.db"');
  });

  test("and its last file is the state", () => {
    const stdout = JSON.stringify({
      max_txid: "02",
      files: [{ timestamp: "2026-01-31T10:00:00Z" }, { timestamp: "2026-01-31T11:00:00Z" }],
    });
    expect(lastFile({ code: 0, stdout, stderr: "" }, "")).toEqual(["02", "2026-01-31T11:00:00Z"]);
    const failed = {
      code: 1,
      stdout: "",
      stderr: "x\nError: no matching backup files available\n",
    };
    expect(() => lastFile(failed, "It can't")).toThrow(
      "It can't: no matching backup files available\nNothing was stopped, and nothing has changed.",
    );
  });
});
