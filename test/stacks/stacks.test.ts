import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "cdktf";
import { HomeServer } from "../../stacks/home-server";
import { HomeServerServices } from "../../stacks/home-server-services";
import { Litefs } from "../../stacks/litefs";
import { LitestreamGuide } from "../../stacks/litestream-guide";
import { LitestreamNfs } from "../../stacks/litestream-nfs";
import { Quickstart } from "../../stacks/quickstart";
import { Rqlite } from "../../stacks/rqlite";
import { newApp } from "../support/synth";

const root = join(__dirname, "../..");

const STACKS: Record<string, (app: App, id: string) => unknown> = {
  quickstart: (app, id) => new Quickstart(app, id),
  "litestream-guide": (app, id) => new LitestreamGuide(app, id),
  "litestream-nfs": (app, id) => new LitestreamNfs(app, id),
  litefs: (app, id) => new Litefs(app, id),
  "home-server": (app, id) => new HomeServer(app, id),
  "home-server-services": (app, id) =>
    new HomeServerServices(app, id, new HomeServer(app, "home-server").apps),
  rqlite: (app, id) => new Rqlite(app, id),
};

/** The bytes of a stack, synthesized by main.ts as a program that runs in `folder`. */
function programOutput(folder: string, stack: string): string {
  execFileSync("node", ["--import", "tsx", join(root, "main.ts")], { cwd: folder, stdio: "pipe" });
  return readFileSync(join(folder, "cdktf.out/stacks", stack, "cdk.tf.json"), "utf8");
}

/**
 * A stack as a person reviews it: without what tells where in the construct tree a resource stands, and without the text of
 * programs, which have tests of their own.
 */
function reviewed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviewed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "//");
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      /\.(sh|pl|pm)$|^(?!settings).*\.lua$/.test(key) ? "(a program)" : reviewed(item),
    ]),
  );
}

describe.each(Object.keys(STACKS))("stack %s", (id) => {
  test("reads like this", () => {
    const app = newApp();
    STACKS[id]?.(app, id);
    app.synth();
    const text = readFileSync(join(app.outdir, "stacks", id, "cdk.tf.json"), "utf8");
    expect(reviewed(JSON.parse(text))).toMatchSnapshot();
  });

  test("is the same bytes from two folders, and holds nothing of the machine", () => {
    const folders = ["one", "two"].map((name) =>
      mkdtempSync(join(tmpdir(), `cdktf-sqlite-${name}-`)),
    );
    for (const folder of folders)
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const [one, two] = folders.map((folder) => programOutput(folder, id));
    expect(one).toBe(two);
    for (const folder of [...folders, root, tmpdir()]) expect(one).not.toContain(folder);
  }, 30_000);
});
