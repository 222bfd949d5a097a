import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { Namespace } from "../../src";
import { makeS3Secret, onS3, S3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { onClaim } from "./support/on-claim";
import { Proxy } from "./support/proxy";
import { HERE } from "./support/receiver";
import { eventually, type Result, tryRun } from "./support/run";
import { inApp, now, SHELL_POD, shellApp, write, writeThrough } from "./support/shell-app";

const DATA = "/data/app.db";
const ROOT = join(__dirname, "../..");

/** The program, as `npm run restore` starts it. */
const program = (...args: string[]) => ["--import", "tsx", "scripts/restore.ts", "shell", ...args];

function describeRestore(cluster: Cluster) {
  const restore = (...args: string[]): Promise<Result> =>
    tryRun("node", program("-n", cluster.namespace, ...args), { cwd: ROOT });
  const rows = async () =>
    (await cluster.sqlite(SHELL_POD, DATA, "SELECT group_concat(number) FROM rows")).join();
  const leftNothing = async () => {
    const left = await cluster.kubectl("get", "pod,configmap", "-o", "name");
    expect(left).not.toContain("shell-restore");
  };
  const makeRows = async () => {
    const make = `sqlite3 ${DATA} 'CREATE TABLE rows (number INTEGER)'`;
    await eventually("the app runs", 60, async () => (await inApp(cluster, make)) === "");
    await cluster.ready(SHELL_POD);
    await writeThrough(cluster, DATA, "INSERT INTO rows VALUES (1), (2), (3)");
  };
  return { restore, rows, leftNothing, makeRows };
}

/** The command that a successful restore prints to go back, as arguments. */
function goBack(stdout: string): string[] {
  const [, command = ""] = /go back to it: npm run restore -- shell (.*)/.exec(stdout) ?? [];
  return command.split(" ");
}

describe("restore on ephemeral storage", () => {
  const cluster = new Cluster("e2e-restore-s3");
  const deployment = new Deployment("e2e-restore-s3");
  const path = `restore-${Date.now()}`;
  const { restore, rows, leftNothing, makeRows } = describeRestore(cluster);
  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });
  let proxy: Proxy;
  let timestamp = "";
  let back: string[] = [];

  beforeAll(async () => {
    const { hostname, port } = new URL(S3.endpointHere);
    proxy = await Proxy.start({ host: hostname, port: Number(port) });
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
    await deployment.apply(
      (stack) =>
        void shellApp(stack, namespace(stack), {
          databases: [DATA],
          ...onS3(path, `http://${HERE.name}:${proxy.port}`),
          // Transactions can be told apart by their time only as long as their own files are kept.
          litestream: { shutdownSyncTimeout: "10s", l0Retention: "1h" },
        }),
    );
    await makeRows();
  });

  afterAll(async () => {
    await proxy.stop();
    await deployment.clean();
  });

  test("brings back a deleted row, and later writes go on being replicated", async () => {
    timestamp = await now();
    await writeThrough(cluster, DATA, "DELETE FROM rows WHERE number = 2");
    const { code, stdout, stderr } = await restore("--timestamp", timestamp, "--yes");
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`is back at the state before ${timestamp}`),
      stderr: expect.stringContaining("runs and is ready"),
    });
    expect(await rows()).toBe("1,2,3");
    await writeThrough(cluster, DATA, "INSERT INTO rows VALUES (4)");
    await cluster.restart(SHELL_POD);
    expect(await rows()).toBe("1,2,3,4");
    await leftNothing();
    back = goBack(stdout);
  });

  test("the state before can be gone back to by the command that it printed", async () => {
    expect(back).toContain("--txid");
    const { code, stderr } = await restore(...back.slice(2), "--yes");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await rows()).toBe("1,3");
  });

  test.each([
    [["--timestamp", "2001-01-01T00:00:00Z"], 1, "no matching backup files available"],
    [["--txid", "ffffff"], 1, "The replica can't give the state after transaction"],
  ])("%j stops nothing", async (args, code, text) => {
    const uid = await cluster.uid(SHELL_POD);
    const result = await restore(...args, "--yes");
    expect({ code: result.code, stderr: result.stderr }).toEqual({
      code,
      stderr: expect.stringContaining(text),
    });
    expect(await cluster.uid(SHELL_POD)).toBe(uid);
    expect(await rows()).toBe("1,3");
    await leftNothing();
  });

  test("nothing is done without --yes where nobody can be asked", async () => {
    const uid = await cluster.uid(SHELL_POD);
    const { code, stderr } = await restore("--timestamp", timestamp);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("call it again with --yes"),
    });
    expect(await cluster.uid(SHELL_POD)).toBe(uid);
    await leftNothing();
  });

  const started: ChildProcess[] = [];
  // One that a test which failed left running; its end would be waited for.
  afterEach(() => started.splice(0).forEach((child) => child.kill("SIGKILL")));

  /** The program, running; it has stopped the app when this is there. */
  async function restoring(...args: string[]) {
    const all = program("-n", cluster.namespace, "--timestamp", timestamp, "--yes", ...args);
    const child = spawn("node", all, { cwd: ROOT });
    started.push(child);
    const told = { text: "" };
    child.stderr.on("data", (text: Buffer) => (told.text += text.toString()));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await eventually("the app is stopped", 120, async () => told.text.includes("\nRestoring"));
    return { child, told, ended };
  }

  test("Ctrl-C in the middle, and a second restore at once: the old state stays", async () => {
    const { child, told, ended } = await restoring();
    // So that it isn't done before it is interrupted.
    proxy.cut();
    await eventually("it asks", 60, async () => told.text.includes("looking at the replica"));
    const second = await restore("--timestamp", timestamp, "--yes");
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`A restore of ${cluster.namespace}/shell is under way`),
    });
    child.kill("SIGINT");
    await eventually("it stops", 60, async () => told.text.includes("everything is as it was"));
    proxy.mend();
    expect(await ended).toBe(1);
    expect(told.text).toContain("Interrupted: undoing what was done");
    expect(told.text).toContain("Restoring failed: it was interrupted\nNothing has changed");
    expect(await rows()).toBe("1,3");
    await leftNothing();
  });

  test("a replica that can't be reached once the app is down leaves the old state", async () => {
    const { told, ended } = await restoring("--timeout", "10s");
    proxy.cut();
    await eventually("it fails", 60, async () => told.text.includes("everything is as it was"));
    proxy.mend();
    expect(await ended).toBe(1);
    expect(told.text).toContain("Restoring failed: it took longer than 10 s\nNothing has changed");
    expect(await rows()).toBe("1,3");
    await leftNothing();
  });

  test("a program that is killed is carried on with by another", async () => {
    const { child, told } = await restoring();
    await eventually("it asks", 60, async () => told.text.includes("looking at the replica"));
    child.kill("SIGKILL");
    const again = await restore("--timestamp", timestamp, "--yes");
    expect(again.stderr).toContain("--resume");
    const { code, stdout, stderr } = await restore("--resume");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("goes on in pod"),
    });
    expect(stdout).toContain(`is back at the state before ${timestamp}`);
    expect(await rows()).toBe("1,2,3");
    await leftNothing();
  });
});

describe("restore on a claim with the replica on another", () => {
  const cluster = new Cluster("e2e-restore-claim");
  const deployment = new Deployment("e2e-restore-claim");
  const { restore, rows, leftNothing, makeRows } = describeRestore(cluster);
  let timestamp = "";

  beforeAll(async () => {
    await deployment.apply((stack) => {
      const { namespace } = cluster;
      const made = new Namespace(stack, "namespace", { name: namespace, disposable: true });
      shellApp(stack, made, { databases: [DATA] });
    });
    await makeRows();
  });

  afterAll(() => deployment.clean());

  test("brings back a deleted row, and keeps the file that was there", async () => {
    timestamp = await now();
    await writeThrough(cluster, DATA, "DELETE FROM rows WHERE number = 2");
    const { code, stdout, stderr } = await restore("--timestamp", timestamp, "--yes");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await rows()).toBe("1,2,3");
    const [, kept = ""] = /before: (\/data\/.*)/.exec(stdout) ?? [];
    const there = await inApp(cluster, `sqlite3 ${kept} 'SELECT group_concat(number) FROM rows'`);
    expect(there.trim()).toBe("1,3");
    const [, forget = ""] = /delete what is kept on the volume: (kubectl .*)/.exec(stdout) ?? [];
    await cluster.kubectl(...forget.split(" ").slice(3));
    expect(await inApp(cluster, "ls -A /data/.litestream-before-restore")).toBe("");
    await writeThrough(cluster, DATA, "INSERT INTO rows VALUES (4)");
    expect((await restore(...goBack(stdout).slice(2), "--yes")).code).toBe(0);
    expect(await rows()).toBe("1,3");
    await leftNothing();
  });

  test("a damaged database is restored from the replica; an app that was stopped stays so", async () => {
    await writeThrough(cluster, DATA, "INSERT INTO rows VALUES (6)");
    await cluster.kubectl("scale", "statefulset", "shell", "--replicas=0");
    await cluster.kubectl("wait", "--for=delete", `pod/${SHELL_POD}`, "--timeout=60s");
    // The page must not come back from the WAL.
    const emptied = `sqlite3 ${DATA} 'PRAGMA wal_checkpoint(TRUNCATE)'`;
    await onClaim(
      cluster,
      "data-shell-0",
      `${emptied} && dd if=/dev/zero of=${DATA} bs=4096 seek=1 count=1 conv=notrunc`,
    );
    const { code, stdout, stderr } = await restore("--yes");
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringContaining("before: not in the replica"),
      stderr: expect.stringMatching(
        /the present database is damaged, and is kept as a file only[^]*was stopped before, and stays so/,
      ),
    });
    await leftNothing();
    await cluster.kubectl("scale", "statefulset", "shell", "--replicas=1");
    await cluster.ready(SHELL_POD);
    expect(await rows()).toBe("1,3,6");
  });

  test("a replica whose files are damaged leaves the old state in its place", async () => {
    const uid = await cluster.uid(SHELL_POD);
    await write(cluster, DATA, "INSERT INTO rows VALUES (7)");
    // Litestream takes a file's time for that of its transactions.
    const damageOne = `time=$(stat -c %y $file); dd if=/dev/urandom of=$file bs=1 seek=110 count=64 conv=notrunc 2>/dev/null; touch -d "$time" $file`;
    const damage = `for file in $(find /replica -name '*.ltx'); do ${damageOne}; done`;
    await cluster.exec(SHELL_POD, "litestream-sidecar", "sh", "-c", damage);
    const { code, stderr } = await restore("--timestamp", timestamp, "--yes");
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Nothing has changed: the old state is in its place."),
    });
    expect(await cluster.uid(SHELL_POD)).not.toBe(uid);
    expect(await rows()).toBe("1,3,6,7");
    await leftNothing();
  });
});
