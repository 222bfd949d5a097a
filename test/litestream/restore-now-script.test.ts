import { execFileSync, spawn, spawnSync } from "node:child_process";
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
import { restoreNowScript } from "../../src/litestream/scripts";

const has = (tool: string) => spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0;
const real = has("litestream") && has("sqlite3");
const withLitestream = real
  ? describe
  : (name: string, body: () => void) =>
      describe.skip(`${name} (skipped: litestream and sqlite3 aren't on the PATH)`, body);

/** Two databases with three rows each, of which the newest state in the replica lacks the second. */
class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-restore-now-"));
  private readonly tools = join(this.folder, "tools");
  private readonly etc = join(this.folder, "etc");
  private readonly run = join(this.folder, "run");

  constructor(private readonly names: readonly string[] = ["a.db"]) {
    for (const name of ["data", "tools", "etc", "run"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.etc, "restore-now.sh"), restoreNowScript);
    const entry = (name: string) =>
      `  - {path: "${this.path(name)}", replica: {type: file, path: "${this.folder}/replica/${name}"}}\n`;
    const settings = "logging: {type: json}\nshutdown-sync-timeout: 1s\ndbs:\n";
    writeFileSync(join(this.etc, "litestream.yml"), settings + names.map(entry).join(""));
    names.forEach((name, index) =>
      writeFileSync(join(this.etc, `database-${index + 1}.yml`), settings + entry(name)),
    );
    for (const sql of [
      "PRAGMA journal_mode = WAL; CREATE TABLE rows (n); INSERT INTO rows VALUES (1), (2), (3)",
      "DELETE FROM rows WHERE n = 2",
    ]) {
      for (const name of names) this.sqlite(name, sql);
      this.litestream("replicate", "-once");
    }
  }

  path(name: string): string {
    return join(this.folder, "data", name);
  }

  kept(name: string): string {
    return join(this.folder, "data/.litestream-before-restore/id", `${name}.before`);
  }

  sqlite(file: string, sql: string): string {
    const path = file.startsWith("/") ? file : this.path(file);
    return execFileSync("sqlite3", [path, sql], { encoding: "utf8" }).trim();
  }

  rows(file: string): string {
    return this.sqlite(file, "SELECT group_concat(n) FROM rows");
  }

  litestream(command: string, ...args: string[]): string {
    const config = ["-config", join(this.etc, "litestream.yml")];
    return execFileSync("litestream", [command, ...config, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  }

  /** The rows that the replica gives back. */
  inReplica(name: string): string {
    const out = join(this.folder, `back-${name}`);
    rmSync(out, { force: true });
    this.litestream("restore", "-o", out, this.path(name));
    return this.rows(out);
  }

  /** Puts a program before the real one; `$real` is that. */
  tool(name: string, body: string): void {
    const [found = ""] = execFileSync("which", [name], { encoding: "utf8" }).split("\n");
    const path = join(this.tools, name);
    writeFileSync(path, `#!/bin/sh\nreal=${found}\n${body}\nexec "$real" "$@"\n`);
    chmodSync(path, 0o755);
  }

  private command(
    lies: string,
    target: readonly string[],
  ): [string[], { env: NodeJS.ProcessEnv; encoding: "utf8" }] {
    const databases = this.names.flatMap((name) => [
      this.path(name),
      join(this.folder, "data", `.${name}-litestream`),
      join(this.folder, "data/.litestream-before-restore/id"),
      lies,
    ]);
    const environment = {
      ...process.env,
      PATH: `${this.tools}:${process.env.PATH}`,
      RUN_FOLDER: this.run,
      RESTORE_SECONDS: "1",
      RESTORE_PAUSE: "0",
    };
    const args = [join(this.etc, "restore-now.sh"), ...target, "full", "0", ...databases];
    return [args, { env: environment, encoding: "utf8" }];
  }

  /** Runs the script as the pod does. */
  restore(target: readonly string[] = FIRST, lies = "volume") {
    const { status, signal, stdout, stderr } = spawnSync("sh", ...this.command(lies, target));
    return { status: status ?? signal, log: stdout + stderr };
  }

  /** The same, with a signal once `trigger` is there. */
  async interrupted(trigger: string, signal: NodeJS.Signals): Promise<number | string | null> {
    const child = spawn("sh", ...this.command("volume", FIRST));
    const ended = new Promise<number | string | null>((resolve) =>
      child.once("exit", (code, by) => resolve(code ?? by)),
    );
    while (!existsSync(trigger)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    return ended;
  }
}

const FIRST = ["-txid", "0000000000000001"];

withLitestream("restore-now.sh", () => {
  const here = (place: Place) => [place.rows("a.db"), place.rows("b.db")];
  const there = (place: Place) => [place.inReplica("a.db"), place.inReplica("b.db")];
  const both = () => new Place(["a.db", "b.db"]);

  test("goes back, keeps the present file, and says what was and what is", () => {
    const place = both();
    const { status, log } = place.restore();
    expect({ status, log }).toMatchObject({ status: 0 });
    expect([...here(place), ...there(place)]).toEqual(["1,2,3", "1,2,3", "1,2,3", "1,2,3"]);
    expect(place.rows(place.kept("a.db"))).toBe("1,3");
    // The app's start must not take the file for the one that was followed, nor compare it with the replica.
    expect(existsSync(join(place.folder, "data/.a.db-litestream/followed"))).toBe(false);
    const line = log.split("\n").find((one) => one.includes('"msg":"restored"')) ?? "";
    expect(JSON.parse(line)).toMatchObject({
      db: place.path("a.db"),
      state: "0000000000000001",
      before: "0000000000000003",
      now: "0000000000000004",
      kept: place.kept("a.db"),
    });
    expect(readdirSync(join(place.folder, "data/.litestream-before-restore/id"))).toEqual([
      "a.db.before",
      "b.db.before",
    ]);
  });

  test("brings what only the volume has into the replica first", () => {
    const place = new Place();
    place.sqlite("a.db", "INSERT INTO rows VALUES (9)");
    expect(place.restore().status).toBe(0);
    const out = join(place.folder, "before.db");
    place.litestream("restore", "-txid", "0000000000000003", "-o", out, place.path("a.db"));
    expect(place.rows(out)).toBe("1,3,9");
  });

  test("changes nothing when the replica doesn't have that state", () => {
    const place = both();
    const { status, log } = place.restore(["-txid", "00000000000000ff"]);
    expect(status).toBe(1);
    expect(log).toContain("the replica can't give that state: see the line before");
    expect(log).toContain("everything is as it was");
    expect([...here(place), ...there(place)]).toEqual(["1,3", "1,3", "1,3", "1,3"]);
    expect(existsSync(place.kept("a.db"))).toBe(false);
  });

  test("puts all back when one can't be brought into the replica", () => {
    const place = both();
    const mark = join(place.folder, "failed");
    place.tool(
      "litestream",
      `case "$*" in "replicate -once"*database-2.yml)
  n=$(cat ${mark} 2>/dev/null || echo 0); echo $((n + 1)) > ${mark}
  [ "$n" != 1 ] || exit 1 ;;
esac`,
    );
    const { status, log } = place.restore();
    expect({ status, log }).toMatchObject({ status: 1 });
    expect(log).toContain("restore failed: can't bring it into the replica: see the line before");
    expect([...here(place), ...there(place)]).toEqual(["1,3", "1,3", "1,3", "1,3"]);
    expect(existsSync(join(place.folder, "data/.litestream-before-restore"))).toBe(false);
  });

  test("puts it back when the replica gives back something else", () => {
    const place = new Place();
    place.tool("cmp", `case "$*" in *.restoring) exit 1 ;; esac`);
    const { status, log } = place.restore();
    expect(status).toBe(1);
    expect(log).toContain("restore failed: the replica gives back something else");
    expect([place.rows("a.db"), place.inReplica("a.db")]).toEqual(["1,3", "1,3"]);
  });

  test("puts it back when it is told to stop", async () => {
    const place = new Place();
    const mark = join(place.folder, "sending");
    place.tool(
      "litestream",
      `case "$*" in "replicate -once"*)
  [ ! -e "${place.kept("a.db")}" ] || [ -e ${mark} ] || { : > ${mark}; exec sleep 60; } ;;
esac`,
    );
    expect(await place.interrupted(mark, "SIGTERM")).toBe(1);
    expect([place.rows("a.db"), place.inReplica("a.db")]).toEqual(["1,3", "1,3"]);
  });

  test("a restore that was killed between two moves is undone", async () => {
    const place = both();
    const mark = join(place.folder, "moving");
    place.tool("sync", `: > ${mark}; exec sleep 60`);
    expect(await place.interrupted(mark, "SIGKILL")).toBe("SIGKILL");
    expect(here(place)).toEqual(["1,2,3", "1,3"]);
    rmSync(join(place.folder, "tools/sync"));
    const { status, log } = place.restore(["undo", ""]);
    expect({ status, log }).toMatchObject({ status: 1 });
    expect([...here(place), ...there(place)]).toEqual(["1,3", "1,3", "1,3", "1,3"]);
    expect(existsSync(join(place.folder, "data/.litestream-before-restore"))).toBe(false);
    expect(place.restore(["undo", ""]).status).toBe(1);
    expect(here(place)).toEqual(["1,3", "1,3"]);
  });

  test("one that is done takes away the marks of those before it, which would keep the app from starting", () => {
    const place = both();
    const earlier = place.kept("a.db").replace("/id/", "/earlier/");
    mkdirSync(dirname(earlier), { recursive: true });
    writeFileSync(`${earlier}-unfinished`, "no 0000000000000001");
    writeFileSync(earlier, "kept");
    expect(place.restore().status).toBe(0);
    expect([existsSync(earlier), existsSync(`${earlier}-unfinished`)]).toEqual([true, false]);
  });

  test("what was done to its end isn't undone, and is told apart from what was", () => {
    const place = both();
    expect(place.restore().status).toBe(0);
    // Killed between the ends of two databases.
    writeFileSync(`${place.kept("b.db")}-unfinished`, "");
    const { status, log } = place.restore(["undo", ""]);
    expect({ status, log }).toMatchObject({ status: 0 });
    expect(log).toContain("it was done to its end, and isn't undone");
    expect(here(place)).toEqual(["1,2,3", "1,2,3"]);
    expect(place.rows(place.kept("a.db"))).toBe("1,3");
    expect(existsSync(`${place.kept("b.db")}-unfinished`)).toBe(false);
  });

  describe("a damaged database", () => {
    const damaged = () => {
      const place = new Place();
      place.sqlite("a.db", "PRAGMA wal_checkpoint(TRUNCATE)");
      execFileSync("dd", [
        ...["if=/dev/zero", `of=${place.path("a.db")}`, "bs=4096", "seek=1", "count=1"],
        "conv=notrunc",
        "status=none",
      ]);
      writeFileSync(`${place.path("a.db")}-wal`, "not a WAL");
      return place;
    };

    test("is replaced by the newest state in the replica, and kept byte by byte", () => {
      const place = damaged();
      const bytes = readFileSync(place.path("a.db"));
      const { status, log } = place.restore(["newest", ""]);
      expect({ status, log }).toMatchObject({ status: 0 });
      expect(log).toContain("the present database is damaged, and is kept as a file only");
      expect([place.rows("a.db"), place.inReplica("a.db")]).toEqual(["1,3", "1,3"]);
      expect(readFileSync(place.kept("a.db")).equals(bytes)).toBe(true);
      expect(log).toContain('"before":""');
    });

    test("is kept with its WAL, which isn't written into it", () => {
      const place = new Place();
      place.sqlite("a.db", "CREATE TABLE other (n); INSERT INTO other VALUES (zeroblob(9000))");
      place.sqlite("a.db", "PRAGMA wal_checkpoint(TRUNCATE)");
      // The last page is damaged, and the WAL has another.
      const path = place.path("a.db");
      execFileSync("sqlite3", [
        path,
        "INSERT INTO rows VALUES (9)",
        `.shell cp '${path}' '${path}.now'; cp '${path}-wal' '${path}.now-wal'`,
      ]);
      rmSync(`${path}-wal`, { force: true });
      const broken = readFileSync(`${path}.now`);
      writeFileSync(path, broken.fill(0xff, 2 * 4096, 3 * 4096));
      writeFileSync(`${path}-wal`, readFileSync(`${path}.now-wal`));
      const [bytes, wal] = [readFileSync(path), readFileSync(`${path}-wal`)];
      const { status, log } = place.restore(["newest", ""]);
      expect({ status, log }).toMatchObject({ status: 0 });
      expect(log).toContain("the present database is damaged");
      expect(readFileSync(place.kept("a.db")).equals(bytes)).toBe(true);
      expect(readFileSync(`${place.kept("a.db")}-wal`).equals(wal)).toBe(true);
    });

    test("is put back as it was when that fails, and never brought into the replica", () => {
      const place = damaged();
      const bytes = readFileSync(place.path("a.db"));
      place.tool("cmp", `case "$*" in *.restoring) exit 1 ;; esac`);
      expect(place.restore(["newest", ""]).status).toBe(1);
      expect(readFileSync(place.path("a.db")).equals(bytes)).toBe(true);
      expect(place.inReplica("a.db")).toBe("1,3");
    });

    test("is put back, and the replica's newest state is that before again", () => {
      const place = damaged();
      const bytes = readFileSync(place.path("a.db"));
      place.tool("cmp", `case "$*" in *.restoring) exit 1 ;; esac`);
      const { status, log } = place.restore();
      expect({ status, log }).toMatchObject({ status: 1 });
      expect(log).toContain("everything is as it was");
      expect(readFileSync(place.path("a.db")).equals(bytes)).toBe(true);
      expect(place.inReplica("a.db")).toBe("1,3");
    });

    test("says so when the replica can't be given its state before again", () => {
      const place = damaged();
      place.tool("cmp", `case "$*" in *.restoring) : > ${place.folder}/compared; exit 1 ;; esac`);
      place.tool(
        "litestream",
        `[ ! -e ${place.folder}/compared ] || [ "$1" != replicate ] || exit 1`,
      );
      const { status, log } = place.restore();
      expect({ status, log }).toMatchObject({ status: 3 });
      expect(log).toContain("and transaction 0000000000000002 is the state before");
      expect(log).not.toContain("everything is as it was");
    });

    test("is known to be damaged when a restore that was killed is undone", async () => {
      const place = damaged();
      const bytes = readFileSync(place.path("a.db"));
      const mark = join(place.folder, "comparing");
      place.tool("cmp", `case "$*" in *.restoring) : > ${mark}; exec sleep 5 ;; esac`);
      expect(await place.interrupted(mark, "SIGKILL")).toBe("SIGKILL");
      expect(place.inReplica("a.db")).toBe("1,2,3");
      const { status, log } = place.restore(["undo", ""]);
      expect({ status, log }).toMatchObject({ status: 1 });
      expect(readFileSync(place.path("a.db")).equals(bytes)).toBe(true);
      expect(place.inReplica("a.db")).toBe("1,3");
    });

    test("that is no database at all is replaced, too", () => {
      const place = new Place();
      rmSync(`${place.path("a.db")}-wal`, { force: true });
      writeFileSync(place.path("a.db"), "no database");
      expect(place.restore(["newest", ""]).status).toBe(0);
      expect(place.rows("a.db")).toBe("1,3");
    });
  });

  test("refuses a volume that is too full, before it moves anything", () => {
    const place = new Place();
    place.tool("df", "echo head; echo 'disk 1 1 100 1% /'; exit 0");
    const { status, log } = place.restore();
    expect(status).toBe(1);
    expect(log).toContain("not enough room: 4 MiB are needed beside it, 0 MiB are free");
    expect(place.rows("a.db")).toBe("1,3");
  });

  test("keeps the WAL that a database which is gone has left over", () => {
    const place = new Place();
    rmSync(place.path("a.db"));
    writeFileSync(`${place.path("a.db")}-wal`, "frames");
    const { status, log } = place.restore(["newest", ""]);
    expect({ status, log }).toMatchObject({ status: 0 });
    const data = join(place.folder, "data");
    const [orphan = ""] = readdirSync(data).filter((name) => name.startsWith("a.db-wal.orphan-"));
    expect(readFileSync(join(data, orphan), "utf8")).toBe("frames");
  });

  test("refuses a volume that is older than the replica, and leaves both as they are", () => {
    const place = new Place();
    const beside = join(place.folder, "data/.a.db-litestream");
    execFileSync("sh", [
      "-c",
      'cp -a "$1" "$1.old" && cp -a "$2" "$2.old"',
      "sh",
      place.path("a.db"),
      beside,
    ]);
    place.sqlite("a.db", "INSERT INTO rows VALUES (9)");
    place.litestream("replicate", "-once");
    const back = `rm -rf "$1" "$1-wal" "$1-shm" "$2"; mv "$1.old" "$1"; mv "$2.old" "$2"
stat -c '%i %W' "$1" > "$2/followed"`;
    execFileSync("sh", ["-c", back, "sh", place.path("a.db"), beside]);
    expect(place.rows("a.db")).toBe("1,3");
    for (const target of [["newest", ""], FIRST]) {
      const { status, log } = place.restore(target);
      expect({ status, log }).toMatchObject({ status: 1 });
      expect(log).toContain(
        "the volume holds transaction 0000000000000002, the replica 0000000000000003",
      );
      expect([place.rows("a.db"), place.inReplica("a.db")]).toEqual(["1,3", "1,3,9"]);
    }
    expect(existsSync(join(beside, "followed"))).toBe(true);
  });

  test("refuses a replica that another one writes to", () => {
    const place = new Place();
    const n = join(place.folder, "n");
    place.tool(
      "litestream",
      `[ "$1" != ltx ] || { echo x >> ${n}; echo "\\"max_txid\\": \\"$(wc -l < ${n})\\""; exit 0; }`,
    );
    const { status, log } = place.restore();
    expect(status).toBe(1);
    expect(log).toContain("another writer is using this replica");
  });

  describe("on ephemeral storage", () => {
    const passing = () => {
      const place = new Place();
      rmSync(join(place.folder, "data"), { recursive: true });
      mkdirSync(join(place.folder, "data"));
      return place;
    };

    test("goes back; the state before is a transaction of the replica, and no file", () => {
      const place = passing();
      const { status, log } = place.restore(FIRST, "ephemeral");
      expect({ status, log }).toMatchObject({ status: 0 });
      expect(place.inReplica("a.db")).toBe("1,2,3");
      expect(log).toContain('"before":"0000000000000002","kept":""');
      expect(existsSync(join(place.folder, "data/.litestream-before-restore"))).toBe(false);
    });

    test("makes the state before the newest in the replica again when the proof fails", () => {
      const place = passing();
      const mark = join(place.folder, "compared");
      place.tool("cmp", `[ -e ${mark} ] || { : > ${mark}; exit 1; }`);
      const { status, log } = place.restore(FIRST, "ephemeral");
      expect({ status, log }).toMatchObject({ status: 1 });
      expect(log).toContain("the present state is the newest in the replica again");
      expect(place.inReplica("a.db")).toBe("1,3");
    });

    test("says so when that can't be done either", () => {
      const place = passing();
      // What is brought in is there before it fails.
      place.tool("litestream", `case "$*" in "replicate -once"*) "$real" "$@"; exit 1 ;; esac`);
      const { status, log } = place.restore(FIRST, "ephemeral");
      expect(status).toBe(3);
      expect(log).toContain(
        "the replica can't be reached: its newest state may be the restored one, and transaction 0000000000000002 is the state before",
      );
    });

    describe("when the newest state can't be restored", () => {
      /** Where the file of one transaction is broken. */
      const broken = (transaction: number) => {
        const place = new Place();
        place.sqlite("a.db", "INSERT INTO rows VALUES (9)");
        place.litestream("replicate", "-once");
        rmSync(join(place.folder, "data"), { recursive: true });
        mkdirSync(join(place.folder, "data"));
        const pattern = `*/replica/*/0/*${transaction}.ltx`;
        const file = execFileSync("find", [place.folder, "-path", pattern], { encoding: "utf8" });
        const bytes = readFileSync(file.trim());
        writeFileSync(file.trim(), bytes.fill(0, 120));
        return place;
      };

      test("goes on: the app couldn't start with it either", () => {
        const place = broken(2);
        const { status, log } = place.restore(FIRST, "ephemeral");
        expect(log).toContain("the newest state can't be restored: going on");
        expect({ status, log }).toMatchObject({ status: 0 });
        expect(place.inReplica("a.db")).toBe("1,2,3");
      });

      test("tries again before it gives it up", () => {
        const place = new Place();
        place.sqlite("a.db", "INSERT INTO rows VALUES (9)");
        place.litestream("replicate", "-once");
        rmSync(join(place.folder, "data"), { recursive: true });
        mkdirSync(join(place.folder, "data"));
        const tried = join(place.folder, "tried");
        place.tool(
          "litestream",
          `case "$*" in *id/a.db.before*) [ -e ${tried} ] || { : > ${tried}; exit 1; } ;; esac`,
        );
        const { status, log } = place.restore(FIRST, "ephemeral");
        expect({ status, log }).toMatchObject({ status: 0 });
        expect(existsSync(tried)).toBe(true);
        expect(log).not.toContain("can't be restored");
      });

      test("leaves it when Litestream can't go on after it", () => {
        const place = broken(3);
        const { status, log } = place.restore(FIRST, "ephemeral");
        expect({ status, log }).toMatchObject({ status: 1 });
        expect(log).toContain("restore failed: can't bring it into the replica");
      });
    });
  });

  test("refuses arguments that don't fit", () => {
    const { status, log } = new Place([]).restore();
    expect(status).toBe(1);
    expect(log).toContain("the arguments don't fit this script");
  });
});
