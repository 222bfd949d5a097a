import type { TerraformStack } from "cdktf";
import { Namespace } from "../../src";
import { makeS3Secret, onS3 } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually, run } from "./support/run";
import { inApp, SHELL_POD, shellApp } from "./support/shell-app";

const DIR = "/data/tenants";
/** Some of the folders are called as Litestream calls its own. */
const NAMES = [
  "a.db",
  "b c.db",
  "north/d.db",
  "0001/e.db",
  "ltx/f.db",
  "north/west/e.db",
  'north/quo"te $HOME.db',
];

describe("tenants in folders, on ephemeral storage with an S3 replica", () => {
  const cluster = new Cluster("e2e-tenants-s3");
  const deployment = new Deployment("e2e-tenants-s3");
  const replica = onS3(`tenants-${Date.now()}`);

  const namespace = (stack: TerraformStack) =>
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true });
  const declare = (bucket?: string) => (stack: TerraformStack) =>
    void shellApp(stack, namespace(stack), {
      databases: [{ dir: DIR, pattern: "*.db", atMost: 10, recursive: true }],
      ...replica,
      ...(bucket && { replica: { ...replica.replica, bucket } as typeof replica.replica }),
    });
  const query = (name: string) => `sqlite3 -readonly '${DIR}/${name}' 'SELECT number FROM rows'`;

  beforeAll(async () => {
    await deployment.apply((stack) => void namespace(stack));
    await makeS3Secret(cluster.namespace);
  });

  afterAll(() => deployment.clean());

  test("a bucket that isn't there doesn't look like an app without tenants", async () => {
    await deployment.apply(declare("no-such-bucket"));
    await eventually("refused", 90, async () => {
      const status = await cluster.status(SHELL_POD, "litestream-list-databases");
      return status?.lastState.terminated?.message?.includes(
        "can't list the databases in the replica",
      );
    });
  });

  test("all come back when the pod goes", async () => {
    await deployment.apply(declare());
    await cluster.ready(SHELL_POD);
    for (const [number, name] of NAMES.entries())
      await inApp(
        cluster,
        `cd ${DIR} && mkdir -p north/west 0001 ltx && sqlite3 '${DIR}/${name}' 'CREATE TABLE rows (number INTEGER); INSERT INTO rows VALUES (${number})'`,
      );
    // Each is Litestream's before the pod is told to stop, and synced a last time then.
    const metrics = `/api/v1/namespaces/${cluster.namespace}/services/shell:metrics/proxy/metrics`;
    await eventually("all followed", 60, async () => {
      const text = await run("kubectl", ["get", "--raw", metrics]);
      return text.match(/^litestream_txid\{/gm)?.length === NAMES.length;
    });
    await cluster.restart(SHELL_POD);
    for (const [number, name] of NAMES.entries())
      expect((await inApp(cluster, query(name))).trim()).toBe(String(number));
  });
});
