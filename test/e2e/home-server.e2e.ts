import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster } from "./support/cluster";
import { Deployment, withTerraform } from "./support/deploy";
import {
  addRow,
  emptyBucket,
  homeServer,
  homeServerVariables,
  SECRETS,
  STAND_INS,
} from "./support/home-server";
import { PocketBase } from "./support/pocketbase";
import { Receiver } from "./support/receiver";
import { eventually, type Result, run, tryRun } from "./support/run";
import { now } from "./support/shell-app";
import { prove } from "./support/verification";

type App = "pocketbase" | "memos" | "gatus";
const APPS: readonly App[] = ["pocketbase", "memos", "gatus"];
const ROWS = [1, 2, 3, 4, 5];

/** One of the recipes, as `npm run` starts it. */
const recipe = (name: string, ...args: string[]): Promise<Result> =>
  tryRun("node", ["--import", "tsx", `scripts/${name}.ts`, ...args, "-n", "home"], {
    cwd: join(__dirname, "../.."),
  });

/** The real PocketBase; stand-ins for Memos and Gatus, in their places. Alerts run where their image is. */
describe("stack home-server, deployed", () => {
  const cluster = new Cluster("home");
  const deployment = new Deployment("home-server");
  let receiver: Receiver;
  let pocketbase: PocketBase;

  const apply = (variables = {}) =>
    deployment.applyStack((app, id) => void homeServer(app, id), variables);

  /** Adds a row to an app, as its user would. */
  const add = (app: App, number: number): Promise<unknown> =>
    app === "pocketbase" ? pocketbase.addEventually(number) : addRow(cluster, app, number);

  const databaseOf = { memos: "/var/opt/memos/memos_prod.db", gatus: "/data/gatus.db" };
  const rowsOf = async (app: App): Promise<number[]> => {
    if (app === "pocketbase") return [...(await pocketbase.rows())];
    const found = await cluster.sqlite(`${app}-0`, databaseOf[app], STAND_INS[app].select);
    return found.map(Number);
  };

  beforeAll(async () => {
    receiver = await Receiver.start();
    await emptyBucket();
    await apply(homeServerVariables(receiver));
    await Promise.all(APPS.map((app) => cluster.ready(`${app}-0`)));
    pocketbase = await PocketBase.open(cluster);
  });

  afterAll(async () => {
    pocketbase?.close();
    await deployment.clean();
    await emptyBucket();
    await receiver?.stop();
  });

  test("three apps take rows, lose their pods, and come back with all of them", async () => {
    await Promise.all(
      APPS.map(async (app) => {
        for (const number of ROWS) await add(app, number);
      }),
    );
    // From now on a wiped bucket is no first start.
    const before = await Promise.all(APPS.map((app) => cluster.uid(`${app}-0`)));
    await apply({ when_no_backup: "refuse" });
    for (const [index, app] of APPS.entries())
      await cluster.ready(`${app}-0`, { otherThan: before[index], seconds: 180 });
    await Promise.all(APPS.map((app) => cluster.restart(`${app}-0`)));
    for (const app of APPS) expect(await rowsOf(app)).toEqual(ROWS);
    for (const app of APPS) await add(app, 6);
    for (const app of APPS) expect(await rowsOf(app)).toEqual([...ROWS, 6]);
  });

  test("each backup is proven, and its own check hears of it", async () => {
    const proofs = await Promise.all(APPS.map((app) => prove(cluster, `${app}-verify`)));
    for (const proof of proofs) expect(proof).toMatchObject({ condition: "Complete", exitCode: 0 });
    for (const app of APPS)
      expect(receiver.of(`${SECRETS.ping}${app}`).map(({ path }) => path)).toEqual([
        expect.stringMatching(`^/${SECRETS.ping}${app}/start`),
        expect.stringMatching(`^/${SECRETS.ping}${app}/0`),
      ]);
  });

  test("status shows three apps that are ready, lack nothing in the bucket, and are proven", async () => {
    const lines = await eventually("nothing is behind", 60, async () => {
      const { code, stdout } = await recipe("status");
      return code === 0 && stdout.trim().split("\n");
    });
    expect(lines.map((line) => line.split(/\s{2,}/)).slice(1)).toEqual(
      [...APPS]
        .sort()
        .map((app) => [
          ...[`home/${app}`, "yes", expect.stringMatching(/ ago$/), "0", expect.anything()],
          ...[expect.stringMatching(/ ago$/), "passed", expect.stringMatching(/^in \d+ [dhm]/)],
        ]),
    );
  });

  test("verify proves one of them now", async () => {
    const { code, stdout } = await recipe("verify", "memos");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("PASSED: the backup of home/memos was restored and proven."),
    });
  });

  test("restore takes one back to a time, a wrong time stops nothing, and the others go on", async () => {
    const others = await Promise.all([cluster.uid("memos-0"), cluster.uid("gatus-0")]);
    const time = await now();
    const before = await rowsOf("pocketbase");
    await add("pocketbase", 7);
    const uid = await cluster.uid("pocketbase-0");
    const wrong = await recipe(
      "restore",
      "pocketbase",
      "--timestamp",
      "2001-01-01T00:00:00Z",
      "--yes",
    );
    expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("no matching backup files available"),
    });
    expect(await cluster.uid("pocketbase-0")).toBe(uid);
    expect(await rowsOf("pocketbase")).toEqual([...before, 7]);

    const { code, stdout, stderr } = await recipe(
      "restore",
      "pocketbase",
      "--timestamp",
      time,
      "--yes",
    );
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`home/pocketbase is back at the state before ${time}`),
    });
    pocketbase.close();
    pocketbase = await PocketBase.open(cluster);
    expect(await rowsOf("pocketbase")).toEqual(before);
    await add("pocketbase", 8);
    expect(await rowsOf("pocketbase")).toEqual([...before, 8]);
    expect(await Promise.all([cluster.uid("memos-0"), cluster.uid("gatus-0")])).toEqual(others);
  });

  test("no container of the apps runs as root", async () => {
    for (const app of APPS) {
      const { stdout } = await tryRun("kubectl", [
        ...["-n", "home", "exec", `${app}-0`, "-c", "app", "--", "id", "-u"],
      ]);
      expect(stdout).toBe("1000\n");
    }
  });

  test("Gatus has its configuration, with its variables for Gatus to fill in, and Memos its settings", async () => {
    const config = await cluster.exec("gatus-0", "app", "cat", "/config/config.yaml");
    expect(config).toContain("url: http://memos.home.svc:5230/healthz");
    expect(config).toContain("token: ${GOTIFY_TOKEN}");
    expect(await cluster.exec("gatus-0", "app", "printenv", "GOTIFY_TOKEN")).toBe(
      `${SECRETS.gotify}\n`,
    );
    const settings = "/etc/secrets/memos-instance-setting-storage.json";
    expect(JSON.parse(await cluster.exec("memos-0", "app", "cat", settings))).toMatchObject({
      storageSetting: { storageType: "DATABASE" },
    });
  });

  test("each app has an Ingress under the domain, with a certificate and a place on the dashboard", async () => {
    for (const app of APPS) {
      const { metadata, spec } = await cluster.get<any>("ingress", app);
      expect(spec.rules[0].host).toBe(`${app}.home.example.com`);
      expect(spec.tls).toEqual([{ hosts: [`${app}.home.example.com`], secretName: `${app}-tls` }]);
      expect(metadata.annotations).toMatchObject({
        "cert-manager.io/cluster-issuer": "letsencrypt",
        "gethomepage.dev/group": "Home",
      });
    }
  });

  withTerraform("a second apply changes nothing", async () => {
    const { code, stdout } = await tryRun(
      "terraform",
      ["plan", "-detailed-exitcode", "-input=false", "-no-color"],
      { cwd: deployment.directory, env: deployment.environment() },
    );
    expect({ code, stdout: code === 0 ? "" : stdout }).toEqual({ code: 0, stdout: "" });
  });

  withTerraform("state and plan file hold no key, no ping URL and no token", async () => {
    const rotated = ["s3_secret_revision", "reports_revision", "alerts_revision"];
    const revisions = rotated.map((name) => `-var=${name}=2`);
    await deployment.terraform("plan", "-input=false", "-out=saved.tfplan", ...revisions);
    await run("unzip", ["-o", "-q", "saved.tfplan", "-d", "saved"], { cwd: deployment.directory });
    const saved = join(deployment.directory, "saved");
    const files = readdirSync(saved, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    files.push(deployment.statePath);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files)
      for (const secret of Object.values(SECRETS))
        expect(readFileSync(file, "latin1")).not.toContain(secret);
  });
});
