import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { Namespace, Replica } from "../../src";
import { makeS3Secret, onS3, S3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { ProvenApps } from "./support/proven-apps";
import { Proxy } from "./support/proxy";
import { HERE, Receiver } from "./support/receiver";
import { eventually, type Result, run, tryRun } from "./support/run";

const ROOT = join(__dirname, "../..");

/** Runs one of the programs, as `npm run` does. */
function recipe(name: string, args: readonly string[], env: Record<string, string> = {}) {
  return tryRun("node", ["--import", "tsx", `scripts/${name}.ts`, ...args], { cwd: ROOT, env });
}

interface StatusApp {
  readonly name: string;
  readonly pods: { readonly ready: number; readonly notReady?: string };
  readonly replication: {
    readonly unknown?: string;
    readonly databases: readonly Record<string, unknown>[];
  };
  readonly verifications: readonly Record<string, unknown>[];
  readonly problems: readonly { readonly text: string; readonly command: string }[];
}

describe("a person's recipes", () => {
  const cluster = new Cluster("e2e-recipes");
  const deployment = new Deployment("e2e-recipes");
  const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-recipes-"));
  const path = `recipes-${Date.now()}`;
  let proxy: Proxy;
  let receiver: Receiver;

  const declare = (stack: TerraformStack) => {
    const namespace = new Namespace(stack, "namespace", {
      name: cluster.namespace,
      disposable: true,
    });
    const apps = new ProvenApps(stack, namespace, receiver);
    const notes = apps.app("notes", onS3(`${path}/notes`));
    apps.proof(notes, "notes-verify", { reports: [] });
    const { replica, ...rest } = onS3(`${path}/cut`);
    if (replica?.kind !== "s3") throw new Error("not on S3");
    const endpoint = `http://${HERE.name}:${proxy.port}`;
    const cut = apps.app("cut", {
      ...rest,
      replica: Replica.s3({ ...replica, endpoint }),
      // At its end there is no replica to sync to.
      litestream: { shutdownSyncTimeout: "5s" },
    });
    const assertions = [{ sql: "SELECT count(*) FROM rows", equals: -1 }];
    apps.proof(cut, "cut-verify", { reports: [], assertions });
    apps.app("gone");
    apps.app("plain", {
      hardened: true,
      whenVolumeIsOlder: "keep",
      whenNoBackup: "start-empty",
    });
    apps.app("old", {
      version: "0.3",
      litestream: {},
      restoreIntegrityCheck: "none",
      whenVolumeIsOlder: "keep",
      whenNoBackup: "start-empty",
    });
  };

  /** What `status --json` finds, by the app's name. */
  async function status(...args: string[]): Promise<Record<string, StatusApp>> {
    const { stdout, stderr } = await recipe("status", [...here(...args), "--json"]);
    if (stdout === "") throw new Error(stderr);
    const { apps } = JSON.parse(stdout) as { apps: StatusApp[] };
    return Object.fromEntries(apps.map((app) => [app.name, app]));
  }

  const here = (...args: string[]) => [...args, "-n", cluster.namespace];
  const idle = (app: string) => cluster.exec(`${app}-0`, "app", "touch", "/data/idle");

  /** A kubeconfig like the present one, with something of it changed. */
  async function kubeconfig(name: string, change: (config: KubeConfig) => void): Promise<string> {
    const config = JSON.parse(
      await cluster.kubectl("config", "view", "--raw", "--flatten", "--minify", "-o", "json"),
    ) as KubeConfig;
    change(config);
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  beforeAll(async () => {
    const s3 = new URL(S3.endpointHere);
    proxy = await Proxy.start({ host: s3.hostname, port: Number(s3.port || 80) });
    receiver = await Receiver.start();
    const applied = deployment.apply(declare);
    await eventually("the namespace", 120, () =>
      makeS3Secret(cluster.namespace).then(
        () => true,
        () => false,
      ),
    );
    await applied;
    await Promise.all(
      ["notes", "cut", "gone", "plain", "old"].map((app) => cluster.ready(`${app}-0`)),
    );
  });

  afterAll(async () => {
    await deployment.clean();
    await proxy.stop();
    await receiver.stop();
    rmSync(folder, { recursive: true });
  });

  test("status shows the truth of an app that has written, and then idles", async () => {
    await Promise.all(["notes", "plain", "old"].map(idle));
    const { notes, plain, old } = await eventually("nothing is behind", 60, async () => {
      const found = await status("notes", "plain", "old");
      return (
        Object.values(found).every(({ replication }) =>
          replication.databases.every(({ lag }) => lag === 0),
        ) && found
      );
    });
    const [live] = await cluster.sqlite("notes-0", "/data/app.db", "SELECT count(*) FROM rows");
    expect(Number(live)).toBeGreaterThan(0);
    for (const app of [notes, plain]) {
      const [database] = app?.replication.databases ?? [];
      expect(database).toMatchObject({ path: "/data/app.db", state: "synced", lag: 0 });
      expect(database?.transaction).toBe(database?.replicated);
      expect(database?.transaction).toBeGreaterThan(1);
      const age = Date.now() - Date.parse(String(database?.lastSync));
      expect(age).toBeLessThan(120_000);
    }
    // 0.3 counts none.
    expect(old?.replication.databases).toEqual([
      { path: "/data/app.db", state: "synced", lag: 0, lastSync: expect.any(String) },
    ]);
    expect(notes?.verifications).toEqual([
      {
        name: "notes-verify",
        running: false,
        suspended: false,
        outcome: "never",
        next: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(plain?.verifications).toEqual([]);
  });

  test("verify passes, follows what the proof says, and status knows it then", async () => {
    const { code, stdout, stderr } = await recipe("verify", here("notes"));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^Job notes-verify-\d{8}-\d{6} in namespace e2e-recipes proves the backup of notes\.\n$/,
      ),
    });
    expect(stdout).toContain("INFO  integrity of /data/app.db: ok");
    expect(stdout.trim().split("\n").at(-1)).toBe(
      "PASSED: the backup of e2e-recipes/notes was restored and proven.",
    );
    const shown = await recipe("status", here("notes"));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(
      /^APP +READY +LAST SYNC +LAG +RESTARTS +VERIFIED +OUTCOME +NEXT\ne2e-recipes\/notes +yes +\d+ (s|min) ago +0 +0 +\d+ s ago +passed +in \d+ (h|d)\n$/,
    );
  });

  test("verify fails with the proof's reason, and status names it", async () => {
    const { code, stdout } = await recipe("verify", here("cut"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nFAILED: e2e-recipes\/cut: The proof failed\. .*assertion/);
    expect(stdout).toMatch(/kubectl -n e2e-recipes logs job\/cut-verify-\S+ --all-containers\n$/);
    const shown = await recipe("status", here("cut"));
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/e2e-recipes\/cut +yes .* failed +in/);
    expect(shown.stdout).toMatch(/cut-verify failed \d+ s ago: The proof failed/);
  });

  test("verify ends when its time is up, and says that the Job goes on", async () => {
    const { code, stderr } = await recipe("verify", here("notes", "--timeout", "1s"));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /verify: notes-verify-\S+ hasn't ended within 1 s, and goes on\. To see it: kubectl -n e2e-recipes logs -f job\/notes-verify-/,
    );
  });

  test("a pod that isn't there, and one that was stopped, are seen", async () => {
    await cluster.kubectl("delete", "serviceaccount", "gone");
    await cluster.kubectl("delete", "pod", "gone-0");
    await cluster.kubectl("scale", "statefulset/old", "--replicas=0");
    const shown = await eventually("both are seen", 60, async () => {
      const found = await recipe("status", here("gone", "old"));
      return /gone +no/.test(found.stdout) && /old +stopped/.test(found.stdout) && found;
    });
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/e2e-recipes\/gone +no +\? +\? +0 +- +none +-/);
    expect(shown.stdout).toContain(
      "e2e-recipes/gone isn't ready: there is no pod\n  kubectl -n e2e-recipes describe statefulset/gone",
    );
    expect(shown.stdout).toContain(
      "e2e-recipes/old is stopped: scaled to 0\n  kubectl -n e2e-recipes scale statefulset/old --replicas=1",
    );
    const logs = await recipe("logs", here("gone"));
    expect({ code: logs.code, stderr: logs.stderr }).toEqual({
      code: 1,
      stderr:
        "logs: e2e-recipes/gone has no pod now. Its reason: kubectl -n e2e-recipes describe statefulset gone\n",
    });
  });

  test("a replica that can't be reached is seen", async () => {
    proxy.silence();
    const began = Date.now();
    const shown = await recipe("status", here("cut", "notes"));
    expect(Date.now() - began).toBeLessThan(40_000);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/e2e-recipes\/cut +yes +unreachable +\?/);
    expect(shown.stdout).toMatch(/e2e-recipes\/notes +yes +\d+ (s|min) ago +0/);
    expect(shown.stdout).toContain(
      "e2e-recipes/cut: the replica can't be reached (/data/app.db): no answer within 10 s\n" +
        "  npm run logs -- cut -n e2e-recipes --since 10m",
    );
    // Nothing goes on in the sidecar.
    await eventually("no program is left", 10, async () => {
      const script = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";
      const all = await cluster.exec("cut-0", "litestream-sidecar", "sh", "-c", script);
      return !all.includes("litestream ltx -level");
    });
  });

  test("logs show the containers by time, readable, and as they are", async () => {
    const { code, stdout } = await recipe("logs", here("notes"));
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d litestream-sidecar {10}INFO {2}.*db=(\/data\/)?app\.db/,
      ),
    );
    expect([...new Set(lines.map((line) => line.split(" ")[2]))]).toContain(
      "litestream-restore-snapshot",
    );
    const times = lines.map((line) => line.slice(0, 19));
    expect(times).toEqual([...times].sort());
    const raw = await recipe(
      "logs",
      here("notes", "--container", "litestream-sidecar", "--raw", "--tail", "2"),
    );
    const parsed = raw.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    expect(parsed).toEqual([
      expect.objectContaining({ msg: expect.any(String) }),
      expect.objectContaining({ msg: expect.any(String) }),
    ]);
  });

  test("logs -f goes on until Ctrl-C, also when the pod is replaced", async () => {
    const args = ["--import", "tsx", "scripts/logs.ts", ...here("notes", "-f", "--raw")];
    const follower = spawn("node", args, { cwd: ROOT });
    let [stdout, stderr] = ["", ""];
    follower.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    follower.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const ended = new Promise<number | null>((resolve) => follower.once("exit", resolve));
    const timesShown = (line: string) => stdout.split("\n").filter((one) => one === line).length;
    // The line has a time: another pod's is another.
    const firstLine = async () => {
      const log = await cluster.kubectl("logs", "notes-0", "-c", "litestream-sidecar");
      const [line = ""] = log.split("\n");
      expect(line).toMatch(/"time":/);
      return line;
    };
    try {
      const first = await firstLine();
      await eventually("the first start", 30, async () => timesShown(first) === 1);
      await cluster.restart("notes-0");
      const second = await firstLine();
      expect(second).not.toBe(first);
      await eventually("the second start", 60, async () => timesShown(second) === 1);
    } finally {
      follower.kill("SIGINT");
    }
    expect({
      code: await ended,
      stderr: stderr.replace(/.* has no pod now: waiting for one\n/, ""),
    }).toEqual({
      code: 0,
      stderr: "",
    });
  });

  test("status works with the rights that the guide names", async () => {
    const guide = readFileSync(join(ROOT, "docs/recipes.md"), "utf8");
    const rules = /```yaml\n(rules:.*?)```/s.exec(guide)?.[1];
    await cluster.kubectl("create", "serviceaccount", "looker");
    const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: looker, namespace: ${cluster.namespace} }
${rules}`;
    await run("kubectl", ["apply", "-f", "-"], { input: role });
    const account = `--serviceaccount=${cluster.namespace}:looker`;
    await cluster.kubectl("create", "rolebinding", "looker", "--role=looker", account);
    const token = (await cluster.kubectl("create", "token", "looker")).trim();
    const KUBECONFIG = await kubeconfig("looker", (config) => {
      for (const one of config.users) one.user = { token };
    });
    const { code, stdout, stderr } = await recipe("status", here("notes"), { KUBECONFIG });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/notes +yes +\d+ (s|min) ago +\d+ /);
    const logs = await recipe("logs", here("notes", "--tail", "1"), { KUBECONFIG });
    expect(logs.code).toBe(0);
    const verify = await recipe("verify", here("notes"), { KUBECONFIG });
    expect(verify.code).toBe(1);
    expect(verify.stderr).toContain('cannot create resource "jobs"');
  });

  describe("errors in words", () => {
    const says = ({ code, stdout, stderr }: Result, text: string) => {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(text);
      expect(stderr).not.toContain("    at ");
    };

    test.each([
      ["status", ["nothing"]],
      ["verify", ["nothing"]],
      ["logs", ["nothing"]],
    ])("%s of an app that isn't there", async (name, args) =>
      says(
        await recipe(name, here(...args)),
        `${name}: There is no app "nothing" in namespace e2e-recipes. There are: cut, gone, notes, old, plain.`,
      ),
    );

    test("an app without a verification, or without this one", async () => {
      says(
        await recipe("verify", here("plain")),
        "verify: e2e-recipes/plain has no verification: nothing proves its backup.",
      );
      says(
        await recipe("verify", here("notes", "--name", "x")),
        'e2e-recipes/notes has no verification "x". There are: notes-verify.',
      );
    });

    test("a container that isn't there", async () =>
      says(
        await recipe("logs", here("notes", "--container", "x")),
        'logs: notes has no container "x". There are: litestream-restore-snapshot, litestream-sidecar, app.',
      ));

    test("a user without rights, and with wrong credentials", async () => {
      await cluster.kubectl("create", "serviceaccount", "nobody");
      const token = (await cluster.kubectl("create", "token", "nobody")).trim();
      const as = (file: string, user: object) =>
        kubeconfig(file, (config) => {
          for (const one of config.users) one.user = user;
        });
      const nobody = { KUBECONFIG: await as("nobody", { token }) };
      says(
        await recipe("status", [], nobody),
        "status: You may not list StatefulSets of all namespaces. Name the namespace of your apps: -n <namespace>",
      );
      says(
        await recipe("status", here(), nobody),
        'cannot list resource "statefulsets" in API group "apps" in the namespace "e2e-recipes"',
      );
      says(
        await recipe("status", [], { KUBECONFIG: await as("stranger", { token: "x" }) }),
        "they are wrong or have expired",
      );
    });
  });
});

interface KubeConfig {
  users: { user: object }[];
}
