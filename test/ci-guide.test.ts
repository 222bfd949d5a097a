import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import * as cdktf from "cdktf";
import { parse } from "yaml";
import { SETTINGS } from "../scripts/ci/settings";
import { SqliteStack } from "../src";
import { newApp, synthesized } from "./support/synth";

const root = join(__dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const guide = read("docs/ci.md");
const plan = read(".github/workflows/plan.yml");
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, text = ""]) => text,
  );

/** The backends of a stack declared by an example of the guide. */
function backendsOf(example: string): Record<string, any> {
  const app = newApp();
  const { code } = transformSync(example, { jsc: { parser: { syntax: "typescript" } } });
  const names = Object.keys(cdktf).filter((name) => /Backend$|Workspace$/.test(name));
  const given = names.map((name) => cdktf[name as keyof typeof cdktf]);
  new Function("app", "Notes", ...names, code)(app, SqliteStack, ...given);
  return (synthesized(app, "notes") as any).terraform.backend;
}

describe("each example of a backend leaves the stack with that one only", () => {
  test.each(blocks("ts").map((text) => [/new (\w+)Backend\(/.exec(text)?.[1] ?? "none", text]))(
    "%sBackend",
    (name, text) => {
      expect(Object.keys(backendsOf(text))).toEqual([name.toLowerCase()]);
    },
  );

  test("those on S3 lock in the bucket, at the place and the server that they say", () => {
    const [first = "", second = ""] = blocks("ts");
    expect(backendsOf(first).s3).toEqual({
      bucket: "my-state",
      key: "notes.tfstate",
      region: "eu-central-1",
      encrypt: true,
      use_lockfile: true,
    });
    expect(backendsOf(second).s3).toMatchObject({
      endpoints: { s3: "https://minio.example.com" },
      use_lockfile: true,
      use_path_style: true,
    });
  });

  test("without one it is local", () => {
    expect(Object.keys(backendsOf('new Notes(app, "notes");'))).toEqual(["local"]);
  });

  test("every class that the guide names is CDKTF's, and has an example if it is in the table", () => {
    const named = new Set([...guide.matchAll(/`(\w+Backend)`/g)].map(([, name = ""]) => name));
    for (const name of named) expect(cdktf).toHaveProperty(name);
    const table = [...guide.matchAll(/^\| `(\w+Backend)`/gm)].map(([, name = ""]) => name);
    expect(table.length).toBeGreaterThan(5);
    for (const name of table) expect(blocks("ts").join()).toContain(`new ${name}(`);
  });
});

test("the guide names every setting, and both jobs with secrets get it", () => {
  for (const name of Object.values(SETTINGS)) {
    expect(guide).toContain(`| \`${name}\``);
    const given = new RegExp(`${name}: \\$\\{\\{ (secrets|vars)\\.${name} \\}\\}`, "g");
    expect(plan.match(given)).toHaveLength(2);
  }
});

test("what the guide gives for GitLab runs programs that exist, with the workflow's Terraform", () => {
  const sample = blocks("yaml").find((text) => text.includes("stages:")) ?? "";
  const { stages, apply, note, ...rest } = parse(sample);
  for (const [, path = ""] of sample.matchAll(/(scripts\/ci\/[\w-]+(?:\.ts)?)/g))
    expect(existsSync(join(root, path))).toBe(true);
  expect(stages).toEqual(["check", "plan", "note", "apply"]);
  expect(apply).toMatchObject({ environment: "production", resource_group: "production" });
  expect(apply.rules).toEqual([{ if: "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", when: "manual" }]);
  expect(note.rules[0].if).toContain("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID");
  const [, version] = /terraform_version: (.*)/.exec(plan) ?? [];
  expect(rest[".terraform"].image.name).toBe(`hashicorp/terraform:${version}`);
});

test("the schedule it offers fits into the workflow", () => {
  const [schedule = ""] = blocks("yaml");
  const on = { ...parse(plan).on, ...parse(schedule) };
  expect(on.schedule).toEqual([{ cron: expect.stringMatching(/^\d+ \d+ \* \* \d$/) }]);
});

test("the files and sections it links to exist", () => {
  for (const [, path = ""] of guide.matchAll(/\]\(((?!https?:)[^)#]+)\)/g))
    expect(existsSync(join(root, "docs", path))).toBe(true);
  for (const [, section = ""] of guide.matchAll(/\]\(#([\w-]+)\)/g))
    expect(guide.toLowerCase().replaceAll(" ", "-")).toMatch(new RegExp(`\\n#+-${section}\\n`));
});
