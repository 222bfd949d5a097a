import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import * as project from "../src";
import { Replica } from "../src";
import { appProblems } from "../src/litestream/app-problems";
import { replicaConfig, replicaEnvironment, replicaFiles } from "../src/litestream/replica";
import { GOOD } from "./support/synth";

const guide = readFileSync(join(__dirname, "../docs/replicas.md"), "utf8");

/** Every example, with the keys of Secrets that the guide names after it. */
const examples = [...guide.matchAll(/```ts\n([\s\S]*?)```\n\n(?:Secret keys: (.*)\n)?/g)].map(
  ([, code = "", keys]) => ({ replica: replicaOf(code), keys: keys?.match(/[\w.-]+(?=`)/g) ?? [] }),
);

function replicaOf(code: string): Replica {
  const { code: plain } = transformSync(code, { jsc: { parser: { syntax: "typescript" } } });
  const names = Object.keys(project).filter((name) =>
    /^(Replica|Secret|WorkloadIdentity)$/.test(name),
  );
  const values = names.map((name) => project[name as keyof typeof project]);
  return new Function(...names, `${plain}\nreturn replica;`)(...values);
}

test("there is a section and an example for each type, in it", () => {
  for (const kind of Object.keys(Replica))
    expect(guide).toMatch(
      new RegExp(`\n## ${kind}\n\n\`\`\`ts\nconst replica = Replica\\.${kind}\\(`),
    );
});

test.each(examples.map((one, index) => [`${index + 1}, ${one.replica.kind}`, one] as const))(
  "example %s has nothing wrong, and needs the keys that the guide names",
  (_, { replica, keys }) => {
    expect(appProblems("notes", { ...GOOD, replica })).toEqual([]);
    const values = Object.values(replicaEnvironment(replica, "/secrets"));
    const needed = [
      ...values.flatMap((value) => (typeof value === "string" ? [] : [value.key])),
      ...replicaFiles(replica).keys.map(({ key }) => key),
    ];
    expect(needed.sort()).toEqual([...keys].sort());
  },
);

test("the bucket of NATS that it names is the one", () => {
  const [nats] = examples.filter(({ replica }) => replica.kind === "nats");
  const place = { folder: "notes.db", mount: "/replica", secrets: "/secrets" };
  const [, bucket = "none"] = /`\/data\/notes\.db` has `([\w-]+)`/.exec(guide) ?? [];
  expect(replicaConfig(nats?.replica as Replica, place)).toMatchObject({
    url: `nats://nats.nats.svc:4222/${bucket}`,
  });
  expect(guide).toContain(`nats object add ${bucket} `);
});
