import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import type { App } from "cdktf";
import * as project from "../src";
import { failure, newApp, synthesized } from "./support/synth";

const readme = readFileSync(join(__dirname, "../README.md"), "utf8");
const blocks = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language, text = ""]) => ({
  language,
  text,
}));

const load = createRequire(__filename);

/** The stack that the README shows, with its text changed. */
function stackOf(
  change: (text: string) => string = (text) => text,
): new (app: App, id: string) => unknown {
  const text =
    blocks.find(
      ({ language, text: code }) => language === "ts" && code.includes("extends SqliteStack"),
    )?.text ?? "";
  const { code } = transformSync(change(text), {
    jsc: { parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  const exports: Record<string, never> = {};
  new Function("exports", "require", code)(exports, (name: string) =>
    name === "../src" ? project : load(name),
  );
  return exports.Notes as never;
}

test("the first own app synthesizes", () => {
  const app = newApp();
  new (stackOf())(app, "notes");
  expect(synthesized(app, "notes").resource).toHaveProperty(
    "kubernetes_stateful_set_v1.apps_notes",
  );
});

test("the error message it shows is the one that comes", () => {
  const app = newApp();
  new (stackOf((text) => text.replace('"/data/notes.db"', '"data/notes.db"')))(app, "notes");
  const shown =
    blocks.find(({ text }) => text.startsWith("1 problem found"))?.text.trim() ?? "none";
  expect(failure(app)).toContain(shown);
});

test("the files and commands it names exist", () => {
  for (const [, path] of readme.matchAll(/\]\(((?!https?:)[^)]+)\)/g))
    expect(() => readFileSync(join(__dirname, "..", path ?? ""))).not.toThrow(/ENOENT/);
  const { scripts } = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8"));
  for (const [, name] of readme.matchAll(/npm run (?:--silent )?([\w:]+)/g))
    expect(scripts).toHaveProperty([name ?? ""]);
});
