import type { TerraformStack } from "cdktf";
import { type LitestreamAppProps, Namespace } from "../../src";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually } from "./support/run";
import { inApp, now, SHELL_POD, shellApp, write, writeThrough } from "./support/shell-app";

const COUNT = 50;
const DIR = "/data/tenants";

/** Prints "name rows" for every tenant. */
const ROWS = `cd ${DIR} && for db in *.db; do echo "$db $(sqlite3 -readonly "$db" 'SELECT group_concat(number) FROM rows')"; done`;

describe(`${COUNT} tenants in a watched directory`, () => {
  const cluster = new Cluster("e2e-tenants");
  const deployment = new Deployment("e2e-tenants");

  const declare = (props: Partial<LitestreamAppProps> = {}) => {
    return (stack: TerraformStack) =>
      void shellApp(
        stack,
        new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
        { databases: [{ dir: DIR, pattern: "*.db", atMost: COUNT + 10 }], ...props },
      );
  };
  const tenants = async () =>
    new Map(
      (await inApp(cluster, ROWS))
        .trim()
        .split("\n")
        .map((line) => line.split(/ (?=[^ ]*$)/) as [string, string]),
    );

  beforeAll(async () => {
    await deployment.apply(declare());
    await cluster.ready(SHELL_POD);
    // Names as an app would make them, some with what a shell or YAML would trip over.
    await inApp(
      cluster,
      `cd ${DIR} && for n in $(seq ${COUNT - 3}) 'with space' 'quo"te' 'dol$HOME'; do
         sqlite3 "$n.db" 'CREATE TABLE rows (number INTEGER); INSERT INTO rows VALUES (1)' || exit 1
       done`,
    );
  });

  afterAll(() => deployment.clean());

  test("all are replicated without a restart", async () => {
    const folders = () =>
      cluster.exec(SHELL_POD, "litestream-sidecar", "find", "/replica/tenants", "-name", "ltx");
    await eventually("all in the replica", 60, async () => {
      return (await folders()).trim().split("\n").length === COUNT;
    });
    expect((await cluster.status(SHELL_POD, "litestream-sidecar"))?.restartCount).toBe(0);
    await cluster.ready(SHELL_POD);
  });

  test("pod and volume lost, all come back with the last row", async () => {
    await inApp(
      cluster,
      `cd ${DIR} && for db in *.db; do sqlite3 -cmd '.timeout 5000' "$db" 'INSERT INTO rows VALUES (2)' || exit 1; done`,
    );
    const before = await tenants();
    expect(before.size).toBe(COUNT);
    const claim = await cluster.get("pvc", `data-${SHELL_POD}`);
    await cluster.kubectl("delete", "pvc", `data-${SHELL_POD}`, "--wait=false");
    const started = Date.now();
    await cluster.restart(SHELL_POD);
    console.log(`${COUNT} tenants: ready again ${Date.now() - started} ms after the deletion`);
    expect((await cluster.get("pvc", `data-${SHELL_POD}`)).metadata.uid).not.toBe(
      claim.metadata.uid,
    );
    expect(await tenants()).toEqual(before);
    expect([...before.values()]).toEqual(Array(COUNT).fill("1,2"));
  });

  test("one that the app deletes stays away after a restart, one it adds is replicated", async () => {
    await inApp(cluster, `cd ${DIR} && rm 1.db 1.db-*`);
    await write(
      cluster,
      `${DIR}/new.db`,
      "CREATE TABLE rows (number INTEGER); INSERT INTO rows VALUES (7)",
    );
    await cluster.restart(SHELL_POD);
    const names = [...(await tenants()).keys()];
    expect(names).not.toContain("1.db");
    expect(names).toHaveLength(COUNT);
    await cluster.exec(
      SHELL_POD,
      "litestream-sidecar",
      "test",
      "-d",
      "/replica/tenants/new.db/ltx",
    );
  });

  test("one alone goes back to a point in time", async () => {
    const [one, other] = [`${DIR}/2.db`, `${DIR}/3.db`];
    for (const database of [one, other])
      await writeThrough(cluster, database, "INSERT INTO rows VALUES (3)", DIR);
    const timestamp = await now();
    for (const database of [one, other])
      await writeThrough(cluster, database, "DELETE FROM rows", DIR);
    const uid = await cluster.uid(SHELL_POD);
    await deployment.apply(declare({ restoreTo: { id: "undo", timestamp, databases: [one] } }));
    await cluster.ready(SHELL_POD, { otherThan: uid });
    const rows = await tenants();
    expect([rows.get("2.db"), rows.get("3.db")]).toEqual(["1,2,3", ""]);
  });
});
