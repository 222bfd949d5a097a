import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replicateScript } from "../../src/litestream/scripts";

const CONFIGURATION = `addr: ":9090"
levels:
  - interval: 30s
dbs:
  - path: missing.db
    replica:
      type: file
  - path: a.db
    monitor-interval: 2s
  - dir: tenants
    watch: true
logging:
  type: json
`;

/**
 * How replicate.sh ends Litestream, with stand-ins for Litestream, sqlite3 and guard.sh. What it is for is tested on
 * a cluster (test/e2e/tenants-s3.e2e.ts).
 */
class Sidecar {
  private readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-sidecar-"));
  private readonly child: ChildProcess;

  constructor(tools: {
    readonly guard: string;
    readonly litestream?: string;
    readonly sqlite3?: string;
    /** What Litestream does when it is asked to replicate once. */
    readonly once?: string;
  }) {
    const database = this.write("a.db", "a database");
    const missing = join(this.folder, "missing.db");
    this.write("litestream.yml", CONFIGURATION);
    this.write("replicate.sh", replicateScript);
    this.write("guard.sh", `${this.log("asked")}\n${tools.guard}`);
    const wait = "while :; do sleep 0.05; done";
    const ended = `trap '${this.log("ended")}; exit 0' TERM`;
    const once = `case "$*" in *-once*) ${this.log("once")}; ${tools.once ?? ":"}; exit ;; esac`;
    this.write(
      "litestream",
      `#!/bin/sh\n${once}\n${ended}\n${this.log("started")}\n${tools.litestream ?? wait}`,
    );
    this.write("sqlite3", `#!/bin/sh\n${this.log("checkpoint")}\n${tools.sqlite3 ?? ":"}\necho 0`);
    const args = [missing, "--optional", database, "--directory", this.folder, "*.none", "no"];
    this.child = spawn("sh", [join(this.folder, "replicate.sh"), ...args], {
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        ...process.env,
        PATH: `${this.folder}:${process.env.PATH}`,
        RUN_FOLDER: this.folder,
        LITESTREAM_CONFIG: join(this.folder, "litestream.yml"),
      },
    });
    this.child.stdout?.on("data", (text: Buffer) => (this.printed += text.toString()));
  }

  /** What the script itself printed. */
  printed = "";

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  private log(what: string): string {
    return `echo ${what} >> ${join(this.folder, "log")}`;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
    return path;
  }

  get said(): string[] {
    const path = join(this.folder, "log");
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  }

  async until(what: string): Promise<void> {
    const end = Date.now() + 5000;
    while (!this.said.includes(what)) {
      if (Date.now() > end) throw new Error(`${what}: not said, but ${this.said.join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  stop(): void {
    this.child.kill("SIGTERM");
  }

  ended(): Promise<number | null> {
    return new Promise((resolve) => this.child.once("exit", resolve));
  }
}

test("Litestream is told to end only when it holds every database", async () => {
  const flag = join(mkdtempSync(join(tmpdir(), "cdktf-sqlite-flag-")), "held");
  const sidecar = new Sidecar({ guard: `[ -e ${flag} ]` });
  const end = sidecar.ended();
  await sidecar.until("started");
  sidecar.stop();
  await sidecar.until("asked");
  expect(sidecar.said).not.toContain("ended");
  writeFileSync(flag, "");
  expect(await end).toBe(0);
  expect(sidecar.said.slice(-2)).toEqual(["ended", "once"]);
});

test("a second one syncs what the first one has not, of the databases that are there", async () => {
  const sidecar = new Sidecar({ guard: ":" });
  const end = sidecar.ended();
  await sidecar.until("started");
  // The next pod's, which the kubelet puts there when the declaration changes.
  sidecar.write("litestream.yml", "dbs:\n  - path: elsewhere.db\n");
  sidecar.stop();
  expect(await end).toBe(0);
  expect(sidecar.read("last.yml")).toBe(`levels:
  - interval: 30s
dbs:
  - path: a.db
    monitor-interval: 2s
  - dir: tenants
    watch: true
logging:
  type: json
`);
});

test("that is tried again, and a stop meanwhile doesn't end it", async () => {
  const sidecar = new Sidecar({
    guard: ":",
    once: '[ "$(grep -c once "$RUN_FOLDER/log")" -gt 2 ]',
  });
  const end = sidecar.ended();
  await sidecar.until("started");
  sidecar.stop();
  await sidecar.until("once");
  sidecar.stop();
  expect(await end).toBe(0);
  expect(sidecar.said.filter((line) => line === "once")).toHaveLength(3);
});

test("when it never succeeds, that is said", async () => {
  const sidecar = new Sidecar({ guard: ":", once: "false" });
  const end = sidecar.ended();
  await sidecar.until("started");
  sidecar.stop();
  expect(await end).toBe(1);
  expect(sidecar.printed).toContain(
    '"msg":"the last sync failed: what was written last may not be in the replica; see the lines before"',
  );
}, 15_000);

test("a database that stays closed to it doesn't keep it for ever", async () => {
  const sidecar = new Sidecar({ guard: "exit 1" });
  const end = sidecar.ended();
  await sidecar.until("started");
  sidecar.stop();
  expect(await end).toBe(0);
  expect(sidecar.said.filter((line) => line === "asked").length).toBeGreaterThan(10);
}, 15_000);

test("a stop that comes before Litestream runs isn't lost", async () => {
  // Nobody holds a database before it runs; a signal between its fork and its first line would end it without a word.
  const sidecar = new Sidecar({
    guard: 'grep -q started "$RUN_FOLDER/log"',
    sqlite3: "sleep 0.5",
  });
  const end = sidecar.ended();
  await sidecar.until("checkpoint");
  sidecar.stop();
  expect(await end).toBe(0);
  expect(sidecar.said.slice(-2)).toEqual(["ended", "once"]);
});

test("when Litestream ends by itself, so does the container, with its exit code", async () => {
  const sidecar = new Sidecar({ guard: ":", litestream: "exit 3" });
  expect(await sidecar.ended()).toBe(3);
  expect(sidecar.said).not.toContain("once");
});

test("a database that is closed to Litestream is said, and nothing is started", async () => {
  const sidecar = new Sidecar({ guard: ":", sqlite3: "echo 1; exit" });
  expect(await sidecar.ended()).toBe(1);
  expect(sidecar.said).toEqual(["checkpoint"]);
});
