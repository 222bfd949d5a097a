import type { TerraformStack } from "cdktf";
import { parse } from "yaml";
import { Namespace, Storage, variable } from "../../src";
import { makeS3Secret, onS3, pocketbase } from "./support/apps";
import { Cluster } from "./support/cluster";
import { Deployment } from "./support/deploy";
import { eventually } from "./support/run";

const HOSTILE =
  "quotes \" and ', colon: and # hash, ${template}, %{directive}, back\\slash\nand a second line";
const LITERALS = ["${HOME}", "%{x}", "$${HOME", 'a "b" ${'];

const cluster = new Cluster("e2e-expressions");
const deployment = new Deployment("e2e-expressions");

const declare = (stack: TerraformStack) => {
  const value = variable(stack, "hostile", { type: "string" });
  return pocketbase(
    stack,
    new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
    {
      ...onS3(`in/${value.stringValue}`),
      storage: Storage.claim({ size: "10Mi" }),
      image: "litestream/litestream:0.5.16",
      // Never reached: what is looked at is what was applied.
      command: ["sh", "-c", "sleep infinity", ...LITERALS],
      args: LITERALS,
      env: { LITERAL: LITERALS.join(" "), MIXED: `\${HOME} ${value.stringValue}` },
      litestream: { socket: { path: value.stringValue } },
      databases: ["/pb_data/data.db"],
    },
  );
};

beforeAll(async () => {
  await deployment.apply(
    (stack) =>
      void new Namespace(stack, "namespace", { name: cluster.namespace, disposable: true }),
  );
  await makeS3Secret(cluster.namespace);
  await deployment.apply(declare, { hostile: HOSTILE });
});

afterAll(() => deployment.clean());

interface Workload {
  spec: {
    template: {
      spec: {
        containers: { command: string[]; args: string[]; env: { name: string; value: string }[] }[];
      };
    };
  };
}

test("a variable arrives unchanged in litestream.yml", async () => {
  const { data } = await cluster.get<{ data: Record<string, string> }>(
    "configmap",
    "pocketbase-litestream",
  );
  // Litestream expands its file before it reads it.
  const expanded = data["litestream.yml"]?.replaceAll("${LITESTREAM_DOLLAR}", () => "$");
  expect(data["litestream.yml"]).not.toContain("${template}");
  const file = parse(expanded ?? "", { version: "1.1" }) as {
    socket: { path: string };
    dbs: { replica: { path: string } }[];
  };
  expect(file.socket.path).toBe(HOSTILE);
  expect(file.dbs[0]?.replica.path).toBe(`in/${HOSTILE}/data.db`);
});

test("literal ${…} and %{…} arrive unchanged in arguments and environment", async () => {
  const { spec } = await cluster.get<Workload>("statefulset", "pocketbase");
  const [app] = spec.template.spec.containers;
  expect(app?.command.slice(3)).toEqual(LITERALS);
  expect(app?.args).toEqual(LITERALS);
  expect(app?.env).toEqual([
    { name: "LITERAL", value: LITERALS.join(" ") },
    { name: "MIXED", value: `\${HOME} ${HOSTILE}` },
  ]);
});

test("changing the variable rolls the pod", async () => {
  const before = await eventually("the pod", 30, () => cluster.uid("pocketbase-0"));
  await deployment.apply(declare, { hostile: "another" });
  await eventually("another pod", 120, async () => (await cluster.uid("pocketbase-0")) !== before);
});
