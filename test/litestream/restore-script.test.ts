import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreScript } from "../../src/litestream/scripts";

/**
 * What restore.sh makes of a volume in states that can't be brought about on a cluster: a start that ended
 * between two moves, arguments of another version. Everything else is tested there (test/e2e). Litestream
 * is a stand-in whose replica is empty, or holds every database as the text "replica".
 */
class Volume {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-volume-"));
  private readonly tools = mkdtempSync(join(tmpdir(), "cdktf-sqlite-tools-"));

  constructor(replica: "empty" | "full", files: Record<string, string> = {}) {
    const restore =
      replica === "full" ? 'while [ "$1" != -o ]; do shift; done; printf replica > "$2"' : ":";
    const list = replica === "full" ? '[{"max_txid": "01"}]' : "[]";
    writeFileSync(
      join(this.tools, "litestream"),
      `#!/bin/sh\ncase $1 in\n  ltx) echo '${list}' ;;\n  restore) ${restore} ;;\nesac\n`,
    );
    chmodSync(join(this.tools, "litestream"), 0o755);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
  }

  /** Runs the script; its arguments' databases are names in this volume. */
  start(args: readonly string[], databases: readonly string[]) {
    const paths = databases.map((name) => (name.startsWith("--") ? name : join(this.folder, name)));
    const { status, stdout } = spawnSync(
      "sh",
      ["-c", restoreScript, "restore.sh", ...args, ...paths],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          PATH: `${this.tools}:${process.env.PATH}`,
          LITESTREAM_CONFIG: "litestream.yml",
        },
      },
    );
    return { status, stdout, files: readdirSync(this.folder).sort() };
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }
}

const ARGS = ["start-empty", "refuse", "quick", "no", "0"];

test("missing databases are put in place, those on the volume stay", () => {
  const volume = new Volume("full", { "a.db": "volume", "b.db": "" });
  expect(volume.start(ARGS, ["a.db", "b.db", "c.db"])).toMatchObject({
    status: 0,
    files: ["a.db", "b.db", "c.db"],
  });
  expect([volume.read("a.db"), volume.read("b.db"), volume.read("c.db")]).toEqual([
    "volume",
    "replica",
    "replica",
  ]);
});

test("a start that ended between two moves is carried on", () => {
  const volume = new Volume("empty", {
    "a.db": "A",
    "b.db.restoring": "B",
    ".litestream-restore-complete": "",
  });
  expect(volume.start(["refuse", ...ARGS.slice(1)], ["a.db", "b.db"])).toMatchObject({
    status: 0,
    files: ["a.db", "b.db"],
  });
  expect(volume.read("b.db")).toBe("B");
});

test("a start that ended before the moves leaves nothing that the next one takes for a database", () => {
  const volume = new Volume("empty", { "b.db.restoring": "half of it" });
  expect(volume.start(ARGS, ["a.db", "b.db"])).toMatchObject({ status: 0, files: [] });
});

test("a WAL without its database is moved aside, for a restored and for an empty database", () => {
  for (const replica of ["empty", "full"] as const) {
    const volume = new Volume(replica, { "a.db-wal": "old" });
    const { status, files } = volume.start(ARGS, ["a.db"]);
    expect(status).toBe(0);
    expect(existsSync(join(volume.folder, "a.db-wal"))).toBe(false);
    expect(files.filter((name) => /^a\.db-wal\.orphan-\d{8}T\d{6}Z$/.test(name))).toHaveLength(1);
  }
});

test.each<[string, string[], string[], string]>([
  [
    "arguments of another version",
    ["start-empty", "quick", "no", "3"],
    ["a.db"],
    "the arguments don't fit this script; apply again",
  ],
  ["no database", ARGS, [], "no database is declared"],
  [
    "no backup",
    ["refuse", ...ARGS.slice(1)],
    ["a.db"],
    "the replica holds no backup; if the app is new, declare whenNoBackup: start-empty for its first start",
  ],
  [
    "no backup of optional databases only",
    ["refuse", ...ARGS.slice(1)],
    ["--optional", "a.db"],
    "the replica holds no backup of any database",
  ],
  [
    "nothing in restoreFrom",
    ["start-empty", "refuse", "quick", "yes", "0"],
    ["a.db"],
    "restoreFrom holds no backup of any database",
  ],
])("%s is refused", (_, args, databases, message) => {
  const { status, stdout, files } = new Volume("empty").start(args, databases);
  expect({ status, files }).toEqual({ status: 1, files: [] });
  const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}");
  expect(last).toMatchObject({ level: "ERROR", msg: `restore failed: ${message}` });
});
