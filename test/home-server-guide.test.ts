import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import type { App } from "cdktf";
import * as project from "../src";
import { HomeServer } from "../stacks/home-server";
import { newApp, synthesized } from "./support/synth";

const root = join(__dirname, "..");
const guide = readFileSync(join(root, "docs/home-server.md"), "utf8");
const declaration = readFileSync(join(root, "stacks/home-server.ts"), "utf8");
const load = createRequire(__filename);

/** The stack with a fourth app, put into it as the guide says. */
function withFourthApp(): new (app: App, id: string) => HomeServer {
  const [app = "", proof = ""] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code]) => code,
  );
  const text = declaration
    .replace("    const gotify =", (line) => `${app}\n${line}`)
    .replace(/^ {4}\];$/m, (line) => `${proof}\n${line}`)
    .replace("watched(memos,", (watched) => `watched(recipes, "/health"), ${watched}`);
  const { code } = transformSync(text, {
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs" },
  });
  const exports: Record<string, never> = {};
  new Function("exports", "require", code)(exports, (name: string) =>
    name === "../src" ? project : load(name),
  );
  return exports.HomeServer as never;
}

test("the fourth app synthesizes, and has all that the others have", () => {
  const app = newApp();
  const { apps } = new (withFourthApp())(app, "home-server");
  const { resource } = synthesized(app, "home-server") as Record<string, any>;
  expect(apps.map(({ app: { name } }) => name)).toEqual([
    "pocketbase",
    "memos",
    "gatus",
    "recipes",
  ]);
  for (const [type, resources] of Object.entries<object>(resource)) {
    const of = (name: string) =>
      Object.keys(resources).filter((id) => id.startsWith(`home_${name}`)).length;
    // Memos has a ConfigMap more: its settings.
    expect([type, of("recipes")]).toEqual([
      type,
      of("memos") - (type === "kubernetes_config_map_v1" ? 1 : 0),
    ]);
  }
  expect(resource.kubernetes_secret_v1["home_recipes-s3"].data_wo).toEqual({
    LITESTREAM_ACCESS_KEY_ID: "${var.s3_access_key_ids.recipes}",
    LITESTREAM_SECRET_ACCESS_KEY: "${var.s3_secret_keys.recipes}",
  });
  expect(
    resource.kubernetes_config_map_v1["home_gatus-files-config"].data["config.yaml"],
  ).toContain("url: http://recipes.home.svc:8080/health");
});

describe("what the guide says of the stack is so", () => {
  const app = newApp();
  const { apps } = new HomeServer(app, "home-server");
  const { variable } = synthesized(app, "home-server") as Record<string, any>;
  const section = guide.split(/\n(?=## )/).find((one) => one.startsWith("## Variables\n")) ?? "";

  test("its variables are these", () => {
    const told = section
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`(\w+)`/g)])
      .map(([, name]) => name);
    expect(told.sort()).toEqual(Object.keys(variable).sort());
  });

  test("what isn't in the state is what is ephemeral", () => {
    const ephemeral = Object.keys(variable).filter((name) => variable[name].ephemeral);
    expect(ephemeral.sort()).toEqual([
      "gotify_token",
      "gotify_url",
      "ping_urls",
      "s3_secret_keys",
      "slack_url",
    ]);
    expect(section).toContain(
      "Secret keys, ping URLs, Gotify's URL and token and Slack's URL are in neither state nor plan.",
    );
  });

  test.each(apps.map((one) => [one.app.name, one.app] as const))(
    "%s has that version",
    (_, one) => {
      const version = /:v?([\d.]+)$/.exec(one.props.image)?.[1];
      const row = guide.split("\n").find((line) => line.startsWith(`| \`${one.name}\``));
      expect(row).toContain(` ${version}`);
    },
  );
});
