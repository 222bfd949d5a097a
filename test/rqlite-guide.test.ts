import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import { parseAllDocuments } from "yaml";
import * as project from "../src";
import { manifests } from "../src";
import { CDC_FLAG, type Flag, SETTINGS, versionsOf } from "../src/rqlite/flags";
import { clusterObjects, flagsOf } from "./support/rqlite";
import { newApp, ownStack, synthesized } from "./support/synth";

const guide = readFileSync(join(__dirname, "../docs/rqlite.md"), "utf8");
const code = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, text = ""]) => text,
  );

test("the example synthesizes, proof and all", () => {
  const app = newApp();
  const stack = ownStack(app);
  const { code: plain } = transformSync(`function declare() {${code("ts")[0] ?? ""}}`, {
    jsc: { parser: { syntax: "typescript" } },
  });
  new Function(...Object.keys(project), "stack", `${plain}\ndeclare.call(stack);`)(
    ...Object.values(project),
    stack,
  );
  const kinds = manifests(synthesized(app)).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  expect(kinds).toEqual(expect.arrayContaining(["StatefulSet/notes", "CronJob/notes-verify"]));
});

test("the table of what some versions lack is the one that holds", () => {
  const row = (name: string, flags: readonly Flag[]) => [
    name,
    flags.map((flag) => `\`-${flag.name}\``).join(", "),
    flags.map(versionsOf).join(", "),
  ];
  const some = Object.entries(SETTINGS).filter(([, { flags }]) =>
    flags.some(({ since, until }) => since !== undefined || until !== undefined),
  );
  const table = guide
    .split("\n")
    .filter((line) => /^\| `\w+`/.test(line) && line.includes("`-"))
    .map((line) =>
      line
        .split("|")
        .slice(1, 4)
        .map((cell) => cell.trim()),
    );
  expect(table).toEqual([
    ...some.map(([name, { flags }]) => row(`\`${name}\``, flags)),
    row("`cdc` (a prop)", [CDC_FLAG]),
  ]);
});

test("the certificates are valid for what nodes and clients ask for", () => {
  const [http, nodes] = parseAllDocuments(code("yaml")[0] ?? "").map((one) => one.toJS() as any);
  expect(http.spec.dnsNames).toEqual(["notes.notes.svc", "notes-readers.notes.svc"]);
  expect(nodes.spec.usages).toEqual(["server auth", "client auth"]);
  const tls = { nodes: { secret: project.Secret.existing("n") } };
  expect(flagsOf(clusterObjects({ tls }))).toContain(
    `-node-verify-server-name=${nodes.spec.dnsNames[0]}`,
  );
});

test("the file of a recovery has the address that the node has", () => {
  const [, peers = ""] = /^ *(\[\{"id".*\])$/m.exec(guide) ?? [];
  const [{ id, address }] = JSON.parse(peers);
  const flags = flagsOf(clusterObjects()).map((flag) => flag.replace("$(POD_NAME)", id));
  expect(flags).toContain(`-raft-adv-addr=${address}`);
  expect(guide).toContain(`/rqlite/file/data/raft/peers.json`);
  expect(guide).toContain("data-notes-1");
});
