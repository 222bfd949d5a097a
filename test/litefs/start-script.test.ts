import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  gateScript,
  importScript,
  mayStartScript,
  passedScript,
} from "../../src/litefs/scripts/gate";
import { mountScript, startScript, unmountScript } from "../../src/litefs/scripts/start";
import { freePort } from "../support/free-port";

jest.setTimeout(30_000);

/** Mounts until it is told to end, or a file "die" is there. An import goes on until there is a file "imported". */
const LITEFS = `#!/bin/sh
cd "\${0%/*}/.."
echo "$*" >> asked
case $1 in
  mount)
    trap 'echo ended >> asked; [ -e unwell ] && exit 2; exit 0' TERM
    [ ! -e deaf ] || trap '' TERM
    until [ -e die ]; do sleep 0.05; done
    exit 3 ;;
  import)
    [ ! -e refuses ] || { echo 'no'; exit 1; }
    until [ -e imported ]; do
      [ ! -e die ] || { echo 'unexpected EOF'; exit 1; }
      sleep 0.05
    done ;;
esac
`;

/** What the scripts find elsewhere in a pod, in a folder of this machine. */
class Container {
  readonly folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-litefs-start-"));
  private readonly children: ChildProcess[] = [];
  private server: Server | undefined;
  private guard = 0;
  private app = 0;
  /** Whether the app's environment has a proxy. */
  proxied = false;
  output = "";

  async make(): Promise<void> {
    this.guard = await freePort();
    this.app = await freePort();
    mkdirSync(this.path("bin"));
    mkdirSync(this.path("etc"));
    const files = {
      "start.sh": startScript,
      "unmount.sh": unmountScript,
      "mount.sh": mountScript,
      "gate.sh": gateScript,
      "import.sh": importScript,
      "may-start.sh": mayStartScript,
      "passed.pl": passedScript,
    };
    for (const [name, text] of Object.entries(files)) this.write(`etc/${name}`, this.here(text));
    this.write("mounts", "");
    this.program("litefs", LITEFS);
    this.program("umount", `#!/bin/sh\necho "umount $*" >> ${this.path("asked")}\n`);
    // Only root may give a file away.
    this.program("chown", "#!/bin/sh\n");
    const primary = `[ -e ${this.path("replica")} ] || echo '"isPrimary": true'`;
    this.program("wget", `#!/bin/sh\n[ -z "$http_proxy" ] || exit 1\n${primary}\n`);
  }

  private here(text: string): string {
    return text
      .replaceAll("/etc/litefs", this.path("etc"))
      .replaceAll("/var/lib/litefs", this.path("data"))
      .replaceAll("/run/litefs-import", this.path("import"))
      .replaceAll("/proc/self/mounts", this.path("mounts"));
  }

  private program(name: string, text: string): void {
    this.write(`bin/${name}`, text);
    chmodSync(this.path(`bin/${name}`), 0o755);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text = ""): void {
    writeFileSync(this.path(name), text);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** What LiteFS and umount were started with. */
  asked(): string[] {
    return this.has("asked") ? readFileSync(this.path("asked"), "utf8").trim().split("\n") : [];
  }

  /** Has a script be less patient. */
  shortens(name: string, patience: string, shorter: string): void {
    const script = readFileSync(this.path(`etc/${name}`), "utf8");
    expect(script).toContain(patience);
    this.write(`etc/${name}`, script.replace(patience, shorter));
  }

  restored(): void {
    mkdirSync(this.path("data/restored"), { recursive: true });
    this.write("data/restored/notes.db");
  }

  private spawn(command: string, args: string[]): ChildProcess {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PATH: `${this.path("bin")}:${process.env.PATH}`,
      http_proxy: this.proxied ? "http://proxy.example.com:3128" : "",
    };
    const child = spawn(command, args, { env, detached: true });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => void (this.output += data.toString()));
    this.children.push(child);
    return child;
  }

  /** The guard says that LiteFS may start. */
  async passes(): Promise<ChildProcess> {
    const child = this.spawn("perl", [this.path("etc/passed.pl"), String(this.guard)]);
    await this.until("the guard has passed", () => this.mayStart());
    return child;
  }

  /** What the startup probe of the guard asks. */
  mayStart(): boolean {
    return spawnSync("sh", [this.path("etc/may-start.sh"), String(this.guard)]).status === 0;
  }

  start(): ChildProcess {
    const args = [this.path("volume/db"), String(this.app), String(this.guard)];
    return this.spawn("sh", [this.path("etc/start.sh"), ...args]);
  }

  exec(...command: string[]): ChildProcess {
    return this.spawn("sh", [this.path("etc/gate.sh"), String(this.guard), ...command]);
  }

  async appListens(): Promise<void> {
    const server = createServer().listen(this.app);
    this.server = server;
    await new Promise((resolve) => server.once("listening", resolve));
  }

  async appEnds(): Promise<void> {
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** The exit code of what ends, or has ended. */
  async code(child: ChildProcess): Promise<number | null> {
    if (child.exitCode !== null) return child.exitCode;
    return new Promise((resolve) => child.once("exit", resolve));
  }

  async until(what: string, check: () => boolean): Promise<void> {
    for (const end = Date.now() + 10_000; !check(); await sleep(50))
      if (Date.now() > end) throw new Error(`${what}: not within 10 s. ${this.output}`);
  }

  starts(): Promise<void> {
    return this.until("LiteFS is started", () =>
      this.asked().some((line) => line.startsWith("mount ")),
    );
  }

  private endWithChildren({ pid = 0 }: ChildProcess): void {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // They have ended.
    }
  }

  end(): void {
    this.server?.close();
    for (const child of this.children) {
      child.stdout?.destroy();
      child.stderr?.destroy();
      this.endWithChildren(child);
    }
    if (this.has("volume")) chmodSync(this.path("volume"), 0o700);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const WAITS = "waiting until litestream-restore-snapshot says that LiteFS may start";
const MOUNT = (container: Container) =>
  `mount -config ${container.path("etc/litefs.yml")} -skip-unmount`;
/** LiteFS, of which nobody knows. */
const IMPORT_MOUNT = (container: Container) => `mount -config ${container.path("etc/import.yml")}`;
const IMPORT = (container: Container) =>
  `import -url http://127.0.0.1:20205 -name notes.db ${container.path("data/restored/notes.db")}`;

const where = process.platform === "linux" ? describe : describe.skip;

where("LiteFS's container (skipped where there is no /proc)", () => {
  let container: Container;
  beforeEach(async () => {
    container = new Container();
    await container.make();
  });
  afterEach(() => container.end());

  test("starts LiteFS when the guard has passed, and not before, whatever the kubelet does", async () => {
    const child = container.start();
    await container.until("it waits", () => container.output.includes(WAITS));
    // An app that is started as well can't write where nothing is kept.
    expect((statSync(container.path("volume/db")).mode & 0o777).toString(8)).toBe("555");
    expect([container.mayStart(), container.asked()]).toEqual([false, []]);
    const guard = await container.passes();
    await container.starts();
    expect(container.asked()).toEqual([MOUNT(container)]);
    child.kill("SIGTERM");
    expect(await container.code(child)).toBe(0);
    // As long as its process is there, and no longer.
    guard.kill("SIGTERM");
    expect([await container.code(guard), container.mayStart()]).toEqual([0, false]);
  });

  test("ends while it waits for the guard", async () => {
    const child = container.start();
    await container.until("it waits", () => container.output.includes(WAITS));
    child.kill("SIGTERM");
    expect([await container.code(child), container.asked()]).toEqual([143, []]);
  });

  test("starts LiteFS with the app in one container, when the guard has passed", async () => {
    const child = container.exec("sh", "-c", 'echo "started with $0"; exit 5', "an argument");
    await container.until("it waits", () => container.output.includes(WAITS));
    expect(container.output).not.toContain("started");
    await container.passes();
    expect(await container.code(child)).toBe(5);
    await container.until("it runs", () => container.output.includes("started with an argument\n"));
  });

  test("ends while it waits, with the app in one container", async () => {
    const child = container.exec("echo", "started");
    await container.until("it waits", () => container.output.includes(WAITS));
    child.kill("SIGTERM");
    expect(await container.code(child)).toBe(143);
    expect(container.output).not.toContain("started");
  });

  test("a guard whose port is another one's says so, and isn't taken for passed by itself", async () => {
    await container.passes();
    const second = spawnSync(
      "perl",
      [container.path("etc/passed.pl"), String(container["guard"])],
      { encoding: "utf8" },
    );
    expect(second.status).not.toBe(0);
    expect(second.stderr).toMatch(/^LiteFS may start, and can't be told: .*in use/);
  });

  test("a connection that has the guard's port isn't taken for it", async () => {
    await container.appListens();
    const [port, localPort] = [container["app"], container["guard"]];
    const connection = connect({ host: "127.0.0.1", port, localPort });
    await new Promise((resolve) => connection.once("connect", resolve));
    expect(container.mayStart()).toBe(false);
    connection.destroy();
  });

  test("waits until the app with files of the old mount has ended", async () => {
    await container.passes();
    await container.appListens();
    container.start();
    await container.until("it waits", () => container.output.includes("started again: waiting"));
    expect(container.asked()).toEqual([]);
    await container.appEnds();
    await container.starts();
  });

  const imports = () =>
    container.until("the import", () => container.asked().includes(IMPORT(container)));

  test("puts what was restored into a LiteFS that nobody sees, and starts the other one then", async () => {
    await container.passes();
    container.restored();
    container.start();
    await imports();
    expect(container.asked()).toEqual([IMPORT_MOUNT(container), IMPORT(container)]);
    expect(container.has("data/restored")).toBe(true);
    container.write("imported");
    await container.until("LiteFS", () => container.asked().includes(MOUNT(container)));
    expect(container.asked().slice(2)).toEqual(["ended", MOUNT(container)]);
    expect(container.has("data/restored")).toBe(false);
  });

  test("puts it in before the app starts, with LiteFS in the app's image, past a proxy", async () => {
    await container.passes();
    container.restored();
    container.write("imported");
    container.proxied = true;
    const child = container.exec("echo", "started");
    expect(await container.code(child)).toBe(0);
    expect(container.asked()).toEqual([IMPORT_MOUNT(container), IMPORT(container), "ended"]);
    expect(container.has("data/restored")).toBe(false);
  });

  /** What is started anew tries again. */
  const nothingIsMounted = () => {
    expect(container.asked()).not.toContain(MOUNT(container));
    expect(container.has("data/restored/notes.db")).toBe(true);
  };

  /** LiteFS isn't mounted, as what was restored couldn't be put into it. */
  const fails = async (error: string) => {
    await container.passes();
    container.restored();
    expect(await container.code(container.start())).toBe(1);
    await container.until("it says so", () => container.output.includes(`ERROR: ${error}\n`));
    nothingIsMounted();
  };

  test("ends, and keeps what was restored, when LiteFS doesn't take it", async () => {
    container.write("refuses");
    await fails("can't put the restored notes.db into LiteFS");
  });

  test("ends, and keeps what was restored, when LiteFS has ended before", async () => {
    container.write("die");
    container.write("replica");
    await fails("LiteFS has ended, so nothing that was restored can be put into it");
  });

  test("ends, and keeps what was restored, when LiteFS doesn't get primary", async () => {
    container.shortens("import.sh", "-lt 120 ]", "-lt 1 ]");
    container.write("replica");
    await fails("LiteFS isn't primary after 1 s, so nothing that was restored can be put into it");
  });

  test("ends, and keeps what was restored, when LiteFS ends in the middle of it", async () => {
    await container.passes();
    container.restored();
    const child = container.start();
    await imports();
    container.write("die");
    expect(await container.code(child)).toBe(1);
    nothingIsMounted();
  });

  test.each([
    ["ends with an error", "unwell"],
    ["doesn't end", "deaf"],
  ])("ends, and keeps what was restored, when LiteFS %s after it", async (_, how) => {
    // Of a tenth of a second.
    container.shortens("import.sh", "left=100\n", "left=5\n");
    container.write(how);
    container.write("imported");
    await fails(
      "LiteFS didn't end well after what was restored was put into it, so that is done again",
    );
  });

  test("ends, and keeps what was restored, when the pod ends in the middle of it", async () => {
    await container.passes();
    container.restored();
    const child = container.start();
    await imports();
    child.kill("SIGTERM");
    expect(await container.code(child)).toBe(143);
    expect(container.output).not.toContain("ERROR");
    expect(container.asked()).toContain("ended");
    nothingIsMounted();
  });
});
