import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import * as project from "../src";
import { clusterProblems } from "../src/litefs/problems";
import { clusterConfig } from "../src/litefs/config";
import { guardScript } from "../src/litefs/scripts/guard";
import type { LitefsClusterProps } from "../src";

const guide = readFileSync(join(__dirname, "../docs/litefs.md"), "utf8");

test("every runbook that a pod refers to is there", () => {
  const named = [...guardScript.matchAll(/docs\/litefs\.md, '([^']+)'/g)].map(([, name]) => name);
  expect([...new Set(named)].sort()).toEqual([
    "An older primary",
    "Cluster id mismatch",
    "Pod 0 has lost its volume",
    "Restoring from the backup",
  ]);
  for (const name of named) expect(guide).toContain(`\n### ${name}\n`);
});

test("nothing is wrong with its examples", () => {
  const examples = [...guide.matchAll(/new LitefsCluster\(this, "\w+", (\{[\s\S]*?\n\})\)/g)];
  expect(examples).toHaveLength(2);
  for (const [, code = ""] of examples) {
    const { code: plain } = transformSync(`props = ${code}`, {
      jsc: { parser: { syntax: "typescript" } },
    });
    const names = ["Replica", "Secret", "Storage"] as const;
    const values = names.map((name) => project[name]);
    const props: LitefsClusterProps = new Function(
      ...names,
      `let props; const namespace = "notes"; ${plain}; return props;`,
    )(...values);
    expect(clusterProblems(props, clusterConfig(props))).toEqual([]);
  }
});

test("the ports and the defaults it names are those that hold", () => {
  for (const text of [":20202", ":20203", "`maxLag` (10 s)", "`backup.interval` (2 minutes)"])
    expect(guide).toContain(text);
});
