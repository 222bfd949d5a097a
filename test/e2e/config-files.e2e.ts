import type { TerraformStack } from "cdktf";
import { type ConfigFiles, Namespace } from "../../src";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { inApp, SHELL_POD, shellApp, write } from "./support/shell-app";

const cluster = new Cluster("e2e-config-files");
const deployment = new Deployment("e2e-config-files");

const apply = (configFiles: readonly ConfigFiles[]) =>
  deployment.apply((stack: TerraformStack) => {
    const namespace = new Namespace(stack, "namespace", {
      name: cluster.namespace,
      disposable: true,
    });
    shellApp(stack, namespace, {
      databases: [{ path: "/data/app.db", optional: true }],
      configFiles,
    });
  });

const files = (text: string): ConfigFiles[] => [
  { mountPath: "/opt/notes", files: { "a.yml": text, ".empty": "" } },
  { path: "/etc/motd", text },
  { path: "/data/app.ini", text },
];

const ALL = ["/opt/notes/a.yml", "/etc/motd", "/data/app.ini"];
const TEXT = "${HOME} %{x} 'ä'\nno\n";

afterAll(() => deployment.clean());

describe("an app's files", () => {
  test("are where they were declared, as they were written, in the app's container alone", async () => {
    await apply(files(TEXT));
    await cluster.ready(SHELL_POD);
    for (const path of ALL) expect(await inApp(cluster, `cat ${path}`)).toBe(TEXT);
    expect(await inApp(cluster, "ls -A /opt/notes")).toMatch(/^\.empty$/m);
    expect(await cluster.exec(SHELL_POD, "litestream-sidecar", "ls", "/opt")).not.toContain(
      "notes",
    );
  });

  test("leave the rest of their folder as it is, and the database beside them", async () => {
    expect(await inApp(cluster, "ls /etc")).toContain("passwd");
    await write(cluster, "/data/app.db", "CREATE TABLE t (n); INSERT INTO t VALUES (1)");
    expect(await cluster.sqlite(SHELL_POD, "/data/app.db", "SELECT n FROM t")).toEqual(["1"]);
  });

  test("can't be written", async () => {
    for (const path of ALL)
      expect(await inApp(cluster, `echo a >> ${path} || echo refused`)).toBe("refused\n");
  });

  test("another text replaces the pod, and is there then", async () => {
    const before = await cluster.uid(SHELL_POD);
    await apply(files("new"));
    await cluster.ready(SHELL_POD, { otherThan: before });
    for (const path of ALL) expect(await inApp(cluster, `cat ${path}`)).toBe("new");
    expect(await cluster.sqlite(SHELL_POD, "/data/app.db", "SELECT n FROM t")).toEqual(["1"]);
  });

  test("an entry that goes leaves an empty file on a volume, and nothing elsewhere", async () => {
    const before = await cluster.uid(SHELL_POD);
    await apply([]);
    await cluster.ready(SHELL_POD, { otherThan: before });
    expect(
      await inApp(cluster, "wc -c < /data/app.ini; cat /opt/notes/a.yml || echo gone"),
    ).toMatch(/^0\ngone\n$/);
  });
});
