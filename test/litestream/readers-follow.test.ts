import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/free-port";
import { followerFolder, withPerl } from "../support/follower";

/**
 * A stand-in for Litestream: the replica is a file "backup", its last transaction stands in "txid". Each
 * transaction writes its number into the second page. It ends when told to by a file "end".
 */
const LITESTREAM = `#!/bin/sh
cd "\${0%/*}"
if [ "$1" = ltx ]; then
  echo "$*" >> listed
  [ -e unreachable ] && { echo 'Error: no route to host'; exit 1; }
  echo "[{\\"max_txid\\": \\"$(cat txid)\\"}]"
  exit 0
fi
echo restore >> restored
[ -e backup ] || { echo 'Error: no matching backup files available' >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
cp backup "$2"
cat txid > "$2-txid"
last=$(cat txid)
echo 'time=2026-01-31T12:00:00.000Z level=INFO msg="entering follow mode" db=a.db replica=file'
while sleep 0.05; do
  [ -e end ] && { rm end; echo 'time=2026-01-31T12:00:00.000Z level=ERROR msg="follow: error applying updates" db=a.db err="a \\"gap\\""'; exit 1; }
  [ "$(cat txid)" = "$last" ] || [ -e gap ] && continue
  last=$(cat txid)
  printf '%s' "$last" | dd of="$2" bs=4096 seek=1 conv=notrunc 2>/dev/null
  echo "$last" > "$2-txid"
done
`;

/** Patience for the tests. */
const STUCK_SECONDS = 2;

const hex = (txid: number) => txid.toString(16).padStart(16, "0");

/** A follower beside an app of which only the metrics are there. */
class Following {
  readonly folder = followerFolder(LITESTREAM);
  readonly db = join(this.folder, "data/a.db");
  private readonly status = join(this.folder, "status");
  private log = "";
  private child: ChildProcess | undefined;
  private app: Server | undefined;
  private appTxid: number | undefined;

  async start(port: number): Promise<void> {
    const program = join(this.folder, "Follower.pm");
    const text = readFileSync(program, "utf8");
    expect(text).toContain("STUCK => 60,");
    writeFileSync(program, text.replace("STUCK => 60,", `STUCK => ${STUCK_SECONDS},`));
    mkdirSync(join(this.folder, "data"));
    writeFileSync(join(this.folder, "txid"), hex(0));
    this.app = createServer((_, response) => {
      const value = this.appTxid;
      response.end(value === undefined ? "" : `litestream_txid{db="${this.db}"} ${value}\n`);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => this.app?.once("listening", resolve));
    const { port: metrics } = this.app.address() as AddressInfo;
    const args = [
      join(this.folder, "private"),
      this.status,
      `127.0.0.1:${metrics}`,
      String(port),
      "2",
      "0",
      this.db,
    ];
    const env = { ...process.env, PATH: `${this.folder}:${process.env.PATH}` };
    this.child = spawn("perl", [join(this.folder, "follow.pl"), ...args], { env });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (data: Buffer) => void (this.log += data.toString()));
  }

  /** Ends everything; gives the exit code. */
  async end(): Promise<number | null> {
    this.app?.closeAllConnections();
    this.app?.close();
    const { child } = this;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    return ended;
  }

  /** What the app has written, and what of it is in the replica. */
  set(app: number | undefined, replica?: number): void {
    this.appTxid = app;
    if (replica !== undefined) writeFileSync(join(this.folder, "txid"), hex(replica));
  }

  touch(name: string, text = ""): void {
    appendFileSync(join(this.folder, name), text);
  }

  remove(name: string): void {
    rmSync(join(this.folder, name));
  }

  count(name: string): number {
    const path = join(this.folder, name);
    return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
  }

  ask(question: "started" | "ready", ...flags: string[]) {
    const args = [join(this.folder, "ready.pl"), question, this.status, "2", ...flags, this.db];
    const { status, stdout } = spawnSync("perl", args, { encoding: "utf8" });
    return { status, stdout: stdout.trim() };
  }

  /** The messages it has logged, with their level. */
  messages(): string[] {
    const lines = this.log.trim().split("\n").filter(Boolean);
    return lines.map((line) => {
      const { level, msg, ...rest } = JSON.parse(line);
      const time = expect.stringMatching(/^20\d\d-.*Z$/);
      expect({ msg, ...rest }).toEqual({ msg, db: this.db, time });
      return `${level} ${msg}`;
    });
  }

  /** Waits for a message, as they come through a pipe. */
  said(message: string | RegExp): Promise<void> {
    const right = (line: string) =>
      typeof message === "string" ? line === message : message.test(line);
    return until(`"${message}"`, () => this.messages().some(right));
  }

  page(): string {
    return readFileSync(this.db)
      .subarray(4096, 4096 + 16)
      .toString();
  }
}

async function until(what: string, check: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !check(); await sleep(50))
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
}

const BACKUP = (() => {
  const data = Buffer.alloc(2 * 4096, "-");
  data.write("SQLite format 3\0");
  data.writeUInt16BE(4096, 16);
  return data.toString("latin1");
})();

withPerl("the follower", () => {
  let following: Following;
  let port: number;

  beforeEach(async () => {
    following = new Following();
    port = await freePort();
    await following.start(port);
  });
  afterEach(() => following.end());

  const restored = async () => {
    following.set(1, 1);
    following.touch("backup", BACKUP);
    await until("ready", () => following.ask("ready").status === 0);
    await following.said("INFO restored, following the replica");
  };

  test("waits for the first backup, then says how far it lags", async () => {
    await until("a second try", () => following.count("restored") > 1);
    expect(following.ask("started")).toEqual({
      status: 1,
      stdout: `${following.db} is not restored yet: the replica holds no backup yet`,
    });
    // An app may start without a database that is optional.
    expect(following.ask("started", "--optional").status).toBe(0);
    await restored();
    expect(following.ask("started").status).toBe(0);
    expect(following.messages()).toEqual([
      "INFO the replica holds no backup yet: waiting for the first one",
      "INFO restored, following the replica",
    ]);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain(`\nlitestream_reader_txid{db="${following.db}"} 1\n`);
    expect(metrics).toContain(`\nlitestream_reader_caught_up{db="${following.db}"} 1\n`);
    expect(metrics).toMatch(/\nlitestream_reader_lag_seconds\{db="[^"]+"\} [01]\.\d\n/);
    expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404);
    expect(await following.end()).toBe(0);
  }, 240_000);

  test("isn't ready while the app is ahead for too long, and is when it has caught up", async () => {
    await restored();
    following.set(20);
    await until("not ready", () => following.ask("ready").status === 1);
    expect(following.ask("ready").stdout).toMatch(
      /a\.db may be \d s behind, more than 2 s: the app is at transaction 20, this reader at 1$/,
    );
    await following.said("WARN behind by 2 s: the app is at transaction 20, this reader at 1");
    // The app reads what there is.
    expect(following.ask("started").status).toBe(0);
    following.set(20, 20);
    await until("ready", () => following.ask("ready").status === 0);
    expect(following.page()).toBe(hex(20));
    await following.said("INFO caught up");
  }, 240_000);

  test("asks the replica while the app can't be asked; when neither can, it isn't ready", async () => {
    await restored();
    following.set(undefined);
    const listed = following.count("listed");
    await until("two looks", () => following.count("listed") >= listed + 2);
    expect(following.ask("ready").status).toBe(0);
    following.touch("unreachable");
    await until("not ready", () => following.ask("ready").status === 1);
    expect(following.ask("ready").stdout).toMatch(
      /: where the app is was last found out \d s ago$/,
    );
    following.remove("unreachable");
    await until("ready", () => following.ask("ready").status === 0);
  }, 240_000);

  test("restores anew into the same file when Litestream ends, and says why", async () => {
    await restored();
    const { ino } = statSync(following.db);
    following.set(2);
    following.touch("end");
    await following.said("ERROR litestream restore ended: restoring anew");
    await following.said('ERROR follow: error applying updates: a "gap"');
    following.set(3, 3);
    await until("the second restore", () => following.count("restored") === 2);
    await until("ready", () => following.ask("ready").status === 0);
    expect(statSync(following.db).ino).toBe(ino);
    await until("two messages", () => {
      const text = "INFO restored, following the replica";
      return following.messages().filter((line) => line === text).length === 2;
    });
  }, 240_000);

  test("restores anew when Litestream can't get to what the replica holds", async () => {
    await restored();
    following.touch("gap");
    following.set(5, 5);
    const text = "the replica is at transaction 5, and Litestream can't get there from 1";
    await following.said(`ERROR ${text}: restoring anew`);
    await until("the second restore", () => following.count("restored") === 2);
    await until("ready", () => following.ask("ready").status === 0);
  }, 240_000);

  test("restores anew when the app has gone back", async () => {
    await restored();
    following.set(5, 5);
    await until("the change", () => following.page() === hex(5));
    following.set(3, 3);
    const text = "the app has gone back to transaction 3, this reader is at 5";
    await following.said(`ERROR ${text}: restoring anew`);
    await until("the second restore", () => following.count("restored") === 2);
    await until("ready", () => following.ask("ready").status === 0);
  }, 240_000);

  test("leaves Litestream stopped while there is nothing new", async () => {
    await restored();
    const state = () => {
      const { stdout } = spawnSync("ps", ["-eo", "stat,args"], { encoding: "utf8" });
      const line = stdout.split("\n").find((one) => one.includes(`-o ${following.folder}`));
      return line?.[0];
    };
    await until("stopped", () => state() === "T");
    following.set(2, 2);
    await until("the change", () => following.page() === hex(2));
    await until("stopped again", () => state() === "T");
  }, 240_000);

  test("ends when one of its processes does, for the container to be started anew", async () => {
    await restored();
    const { stdout } = spawnSync("ps", ["-eo", "pid,ppid"], { encoding: "utf8" });
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    const own = following["child"]?.pid;
    const child = rows.find(([, parent]) => parent === own)?.[0] ?? 0;
    process.kill(child, "SIGKILL");
    await until("the end", () => following["child"]?.exitCode === 1);
  }, 240_000);
});
