import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { restoreScript } from "../../src/litestream/scripts";

/**
 * What restore.sh makes of a volume in states that can't be brought about on a cluster: a start that ended
 * between two moves, arguments of another version, a network filesystem. Everything else is tested there
 * (test/e2e). Litestream is a stand-in whose replica is empty, or holds every database as the text "replica".
 */
class Volume {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-volume-"));
  readonly replica = mkdtempSync(join(tmpdir(), "cdktf-sqlite-replica-"));
  private readonly tools = mkdtempSync(join(tmpdir(), "cdktf-sqlite-tools-"));

  constructor(replica: "empty" | "full", files: Record<string, string> = {}) {
    const restore =
      replica === "full" ? 'while [ "$1" != -o ]; do shift; done; printf replica > "$2"' : ":";
    const list = replica === "full" ? '[{"max_txid": "01"}]' : "[]";
    this.tool("litestream", `case $1 in\n  ltx) echo '${list}' ;;\n  restore) ${restore} ;;\nesac`);
    this.tool("sqlite3", "echo '0|0|0'");
    this.write("restore.sh", restoreScript);
    this.write("litestream.yml", "dbs:\n");
    this.write("restore-from.yml", "dbs:\n");
    for (const name of ["directory-0.yml", "restore-from-directory-0.yml"])
      this.write(name, 'dbs:\n  - path: "@LITESTREAM_DATABASE@"\n');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
  }

  /** A program that the script finds in place of the real one. */
  tool(name: string, body: string): void {
    this.write(name, `#!/bin/sh\n${body}\n`);
    chmodSync(join(this.tools, name), 0o755);
  }

  private write(name: string, text: string): void {
    writeFileSync(join(this.tools, name), text);
  }

  /** The arguments for this volume as a directory of databases. */
  get directory(): string[] {
    return ["--directory", this.folder, "*.db", "yes", "0", this.replica, ""];
  }

  /** Runs the script; its arguments' databases are names in this volume. */
  start(args: readonly string[], databases: readonly string[]) {
    const paths = databases.map((name) =>
      /\.db$/.test(name) && !name.startsWith("*") ? join(this.folder, name) : name,
    );
    const { status, stdout, stderr } = spawnSync(
      "sh",
      [join(this.tools, "restore.sh"), ...args, ...paths],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          PATH: `${this.tools}:${process.env.PATH}`,
          LITESTREAM_CONFIG: join(this.tools, "litestream.yml"),
          RUN_FOLDER: mkdtempSync(join(tmpdir(), "cdktf-sqlite-run-")),
        },
      },
    );
    return { status, stdout, stderr, files: readdirSync(this.folder).sort() };
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

test.each([
  ["beside it", "a.db", ".litestream-before-restore/id/a.db.before-unfinished"],
  ["above it", "one/two/a.db", ".litestream-before-restore/id/one/two/a.db.before-unfinished"],
])(
  "a database that npm run restore has moved, and hasn't ended, isn't started: mark %s",
  (_, database, mark) => {
    const volume = new Volume("full", {
      [database]: "moved",
      [`${database}.restoring`]: "",
      [mark]: "",
    });
    const { status, stdout } = volume.start(ARGS, [database]);
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: expect.stringContaining(
        `restore failed: npm run restore has moved this database, and has not ended; with --resume it does. When you have put right by hand what lies there, delete ${join(volume.folder, mark)}`,
      ),
    });
    expect([volume.read(database), volume.read(`${database}.restoring`)]).toEqual(["moved", ""]);
  },
);

test("what another database of that name, or an ended restore, has left doesn't matter", () => {
  const volume = new Volume("full", {
    "a.db": "A",
    ".litestream-before-restore/id/a.db.before": "before",
    ".litestream-before-restore/id/one/a.db.before-unfinished": "",
  });
  expect(volume.start(ARGS, ["a.db"])).toMatchObject({ status: 0 });
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

test("restoreFrom is read with its own way in, and the replica again with its own", () => {
  const volume = new Volume("empty");
  const log = join(volume.replica, "log");
  volume.tool(
    "litestream",
    `echo "$1 \${KEY-none} $*" >> ${log}
case "$*" in
  ltx*operation-1.db) echo '[{}]' ;;
  ltx*) echo '[]' ;;
  restore*restore-from.yml*) while [ "$1" != -o ]; do shift; done; printf other > "$2" ;;
esac`,
  );
  process.env.KEY = "replica";
  process.env.RESTORE_FROM_KEY = "other";
  try {
    const args = ["start-empty", "refuse", "quick", "yes", "0"];
    const to = ["--to", "undo", "-timestamp", "2026-01-31T12:00:00Z", "a.db"];
    expect(volume.start(args, ["a.db", ...to])).toMatchObject({ status: 0, stderr: "" });
  } finally {
    delete process.env.KEY;
    delete process.env.RESTORE_FROM_KEY;
  }
  expect(volume.read("a.db")).toBe("other");
  const lines = readFileSync(log, "utf8").trim().split("\n");
  expect(lines.find((line) => line.includes("restore-from.yml"))).toMatch(/^restore other /);
  expect(lines.at(-1)).toMatch(/^ltx replica .*operation/);
});

test("a network filesystem under a database is refused", () => {
  const volume = new Volume("full");
  volume.tool("stat", 'case "$*" in *-f*) echo nfs ;; esac');
  for (const databases of [["a.db"], volume.directory]) {
    const { status, stdout } = volume.start(ARGS, databases);
    expect(status).toBe(1);
    expect(stdout).toContain(
      "it lies on a network filesystem (nfs), where SQLite's locks don't work; only a replica may lie there",
    );
  }
});

describe("a directory", () => {
  const NAMES = ["a.db", "b c.db", 'quote".db', "dollar$HOME.db", "back\\slash&|.db", "sub/d.db"];
  const SQLITE = "SQLite format 3\0";

  test("is restored with every database that the replica holds, whatever its name", () => {
    const volume = new Volume("full");
    for (const name of NAMES) mkdirSync(join(volume.replica, name, "ltx/0"), { recursive: true });
    expect(volume.start(ARGS, volume.directory)).toMatchObject({ status: 0, stderr: "" });
    for (const name of NAMES) expect(volume.read(name)).toBe("replica");
    expect(volume.read(".litestream-restored")).toBe("");
  });

  test("that is in use stays without what the app deleted", () => {
    const volume = new Volume("full", { ".litestream-restored": "", "a.db": SQLITE });
    mkdirSync(join(volume.replica, "b.db", "ltx/0"), { recursive: true });
    expect(volume.start(["refuse", ...ARGS.slice(1)], volume.directory)).toMatchObject({
      status: 0,
      files: [".litestream-restored", "a.db"],
    });
  });

  test("keeps what is on the volume when the rest is restored", () => {
    const volume = new Volume("full", { "a.db": SQLITE });
    for (const name of ["a.db", "b.db"])
      mkdirSync(join(volume.replica, name, "ltx/0"), { recursive: true });
    expect(volume.start(ARGS, volume.directory)).toMatchObject({ status: 0 });
    expect([volume.read("a.db"), volume.read("b.db")]).toEqual([SQLITE, "replica"]);
  });

  test("is restored as a whole or not at all", () => {
    const volume = new Volume("full");
    for (const name of ["a.db", "bad.db", "c.db"])
      mkdirSync(join(volume.replica, name, "ltx/0"), { recursive: true });
    volume.tool(
      "litestream",
      `case "$1 $*" in
  ltx*) echo '[{"max_txid": "01"}]' ;;
  *bad.db) exit 1 ;;
  restore*) while [ "$1" != -o ]; do shift; done; printf replica > "$2" ;;
esac`,
    );
    const { status, stdout, files } = volume.start(ARGS, volume.directory);
    expect({ status, files }).toEqual({ status: 1, files: [] });
    expect(stdout).toContain("restore failed: see the line before");
  });

  test("without any backup is refused where that was asked for", () => {
    const volume = new Volume("empty");
    const { status, stdout } = volume.start(["refuse", ...ARGS.slice(1)], volume.directory);
    expect(status).toBe(1);
    expect(stdout).toContain("the replica holds no backup of any database");
  });

  test("that starts empty still gets what a corrected replica holds", () => {
    const volume = new Volume("full");
    expect(volume.start(ARGS, volume.directory)).toMatchObject({ status: 0, files: [] });
    mkdirSync(join(volume.replica, "a.db", "ltx/0"), { recursive: true });
    expect(volume.start(ARGS, volume.directory)).toMatchObject({
      status: 0,
      files: [".litestream-restored", "a.db"],
    });
  });

  test("that can be listed only in part is refused", () => {
    const volume = new Volume("full");
    mkdirSync(join(volume.replica, "a.db", "ltx/0"), { recursive: true });
    volume.tool("find", `/usr/bin/find "$@"; case "$*" in *ltx*) exit 1 ;; esac`);
    const { status, stdout, files } = volume.start(ARGS, volume.directory);
    expect({ status, files }).toEqual({ status: 1, files: [] });
    expect(stdout).toContain("the databases in the replica were not listed");
  });

  test("without folders below it is listed without them", () => {
    const volume = new Volume("full");
    for (const name of ["a.db", "sub/b.db"])
      mkdirSync(join(volume.replica, name, "ltx/0"), { recursive: true });
    const flat = volume.directory.map((part) => (part === "yes" ? "no" : part));
    expect(volume.start(ARGS, flat)).toMatchObject({
      status: 0,
      files: [".litestream-restored", "a.db"],
    });
  });

  test("takes a file that was half fetched for no database", () => {
    const volume = new Volume("full", { "a.db.restoring": SQLITE });
    mkdirSync(join(volume.replica, "a.db", "ltx/0"), { recursive: true });
    const all = volume.directory.map((part) => (part === "*.db" ? "*" : part));
    expect(volume.start(ARGS, all)).toMatchObject({
      status: 0,
      files: [".litestream-restored", "a.db"],
    });
    expect(volume.read("a.db")).toBe("replica");
  });

  describe("from restoreFrom", () => {
    const FROM = ["start-empty", "refuse", "quick", "yes", "0"];
    const started = (volume: Volume) => {
      const other = mkdtempSync(join(tmpdir(), "cdktf-sqlite-other-"));
      for (const name of ["a.db", "b.db", "c.db"])
        mkdirSync(join(other, name, "ltx/0"), { recursive: true });
      volume.tool(
        "litestream",
        `case "$*" in
  ltx*) echo '[]' ;;
  restore*restore-from.yml*) while [ "$1" != -o ]; do shift; done; printf other > "$2" ;;
esac`,
      );
      return volume.start(FROM, [...volume.directory.slice(0, -1), other]);
    };

    test("comes although nothing else is declared", () => {
      expect(started(new Volume("empty"))).toMatchObject({
        status: 0,
        files: [".litestream-restored", "a.db", "b.db", "c.db"],
      });
    });

    test("comes as a whole when the start ended between two moves", () => {
      const volume = new Volume("empty", {
        "a.db": SQLITE,
        "b.db.restoring": "other",
        "c.db.restoring": "other",
        ".litestream-restore-complete": "",
      });
      expect(started(volume)).toMatchObject({
        status: 0,
        files: [".litestream-restored", "a.db", "b.db", "c.db"],
      });
    });
  });

  test("that nobody has listed is refused", () => {
    const volume = new Volume("full");
    const unlisted = volume.directory.map((part) => (part === volume.replica ? "" : part));
    const { status, stdout } = volume.start(ARGS, unlisted);
    expect(status).toBe(1);
    expect(stdout).toContain("the databases in the replica were not listed");
  });
});

describe("going back to a point in time", () => {
  const TO = ["--to", "undo", "-timestamp", "2026-01-31T12:00:00Z"];
  /** A Litestream that notes what it is told to do; `noting` is what becomes of the note that it was done. */
  const litestream = (log: string, noting: string) => `
echo "$*" >> ${log}
case "$*" in
  ltx*operation-?.db) if [ -e ${log}.done ]; then echo '[{}]'; else echo '[]'; fi ;;
  ltx*) echo '[{"max_txid": "01"}]' ;;
  restore*) while [ "$1" != -o ]; do shift; done; printf older > "$2" ;;
  *operation.yml) ${noting} ;;
esac`;

  test("is done again when the start ended before it was noted, and never after", () => {
    const volume = new Volume("full", { "a.db": "newer" });
    const log = join(volume.replica, "log");
    const start = () => volume.start(ARGS, ["a.db", ...TO, "a.db"]);
    volume.tool("litestream", litestream(log, "exit 1"));
    const failed = start();
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain("can't note in the replica that restore undo was done");
    volume.tool("litestream", litestream(log, `: > ${log}.done`));
    expect(start()).toMatchObject({ status: 0 });
    expect(volume.read("a.db")).toBe("older");
    writeFileSync(join(volume.folder, "a.db"), "written later");
    expect(start()).toMatchObject({ status: 0 });
    expect(volume.read("a.db")).toBe("written later");
    // Nor without the replica: the volume remembers.
    volume.tool("litestream", "exit 1");
    expect(start()).toMatchObject({ status: 0 });
    // Nor on another volume: the replica remembers.
    rmSync(join(volume.folder, ".litestream-operations"));
    volume.tool("litestream", litestream(log, "exit 1"));
    expect(start()).toMatchObject({ status: 0 });
    expect(volume.read("a.db")).toBe("written later");
    // Before and after going back everything on the volume is brought into the replica.
    const commands = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("ltx"))
      .map((line) => line.replace(/^(\w+).*?([\w-]+\.yml).*$/, "$1 $2"));
    const once = ["replicate restore-to.yml", "restore restore-to.yml", "replicate restore-to.yml"];
    expect(commands).toEqual([
      ...[...once, "replicate operation.yml"],
      ...[...once, "replicate operation.yml"],
    ]);
  });

  test("leaves everything as it is when the present state can't be brought into the replica", () => {
    const volume = new Volume("full", { "a.db": "newer" });
    volume.tool("litestream", 'case "$1 $*" in ltx*) echo "[]" ;; replicate*) exit 1 ;; esac');
    const { status, stdout } = volume.start(ARGS, ["a.db", ...TO, "a.db"]);
    expect(status).toBe(1);
    expect(stdout).toContain("can't bring the present state into the replica before going back");
    expect(volume.read("a.db")).toBe("newer");
  });

  test("is done for each database once, whatever else is declared", () => {
    const volume = new Volume("full", { "a.db": "a later", "b.db": "b later" });
    const log = join(volume.replica, "log");
    volume.tool("litestream", litestream(log, `: > ${log}.done`));
    writeFileSync(join(volume.folder, ".litestream-operations"), `undo ${volume.folder}/b.db\n`);
    expect(volume.start(ARGS, ["a.db", "b.db", ...TO, "b.db", "a.db"])).toMatchObject({
      status: 0,
    });
    expect([volume.read("a.db"), volume.read("b.db")]).toEqual(["older", "b later"]);
  });

  test("is refused for a database that isn't there", () => {
    const volume = new Volume("empty");
    const { status, stdout } = volume.start(ARGS, ["a.db", ...TO, "a.db"]);
    expect(status).toBe(1);
    expect(stdout).toContain("restoreTo names a database that is not there");
  });
});

describe("Litestream's files beside a database", () => {
  const ltx = (first: number, last: number) =>
    `${[first, last].map((one) => one.toString(16).padStart(16, "0")).join("-")}.ltx`;

  /** A volume in use, whose files begin and end with these transactions, and a replica that ends with another. */
  const start = (
    replicaEnds: number | undefined,
    [first, last]: [number, number],
    to: readonly string[] = [],
  ) => {
    const beside = ".a.db-litestream";
    const volume = new Volume("full", {
      "a.db": "volume",
      [`${beside}/ltx/0/${ltx(first, first)}`]: "",
      [`${beside}/ltx/0/${ltx(last, last)}`]: "",
    });
    const database = join(volume.folder, "a.db");
    const followed = spawnSync("stat", ["-c", "%i %W", database], { encoding: "utf8" }).stdout;
    writeFileSync(join(volume.folder, beside, "followed"), followed);
    const files =
      replicaEnds === undefined
        ? "[]"
        : `[{"max_txid": "${replicaEnds.toString(16).padStart(16, "0")}"}]`;
    volume.tool("litestream", `echo '${files}'`);
    if (to.length > 0)
      writeFileSync(join(volume.folder, ".litestream-operations"), `${to[1]} ${database}\n`);
    const { status, stdout } = volume.start(ARGS, ["a.db", ...to]);
    const warnings = stdout
      .split("\n")
      .filter((line) => /"level":"(WARN|ERROR)"/.test(line))
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    return { status, warnings, kept: existsSync(join(volume.folder, beside, "ltx")) };
  };

  test.each<[string, number | undefined, [number, number]]>([
    ["go on where the replica ends", 20, [18, 20]],
    ["hold what the replica lacks", 17, [18, 20]],
    ["hold everything of an empty replica", undefined, [1, 20]],
  ])("stay when they %s", (_, replicaEnds, files) => {
    expect(start(replicaEnds, files)).toEqual({ status: 0, warnings: [], kept: true });
  });

  test.each<[string, number | undefined, string]>([
    ["an empty replica", undefined, "none"],
    ["a replica that ended long before", 16, "0000000000000010"],
  ])(
    "go when %s lacks what they no longer hold, so that a full snapshot comes",
    (_, ends, said) => {
      expect(start(ends, [18, 20])).toEqual({
        status: 0,
        warnings: [
          `the replica ends at transaction ${said}, and Litestream's files beside the database begin with 0000000000000012: a full snapshot comes next`,
        ],
        kept: false,
      });
    },
  );

  test("stay when the replica is ahead, and the start is refused", () => {
    const { status, warnings, kept } = start(30, [18, 20]);
    expect({ status, kept }).toEqual({ status: 1, kept: true });
    expect(warnings.join()).toContain("the app has written elsewhere since");
  });

  test("don't keep an app from starting that went back to a point in time once", () => {
    const to = ["--to", "undo", "-timestamp", "2026-01-31T12:00:00Z", "a.db"];
    expect(start(20, [18, 20], to)).toEqual({ status: 0, warnings: [], kept: true });
  });
});
