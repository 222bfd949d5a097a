import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-"));
const KUBECONFIG = join(folder, "kubeconfig");
const BROKEN = join(folder, "broken");
const MISSING = join(folder, "missing");

const program = (name: string, args: readonly string[], kubeconfig = KUBECONFIG) => {
  const { status, stdout, stderr } = spawnSync(
    "node",
    ["--import", "tsx", `scripts/${name}.ts`, ...args],
    { cwd: root, env: { ...process.env, KUBECONFIG: kubeconfig }, encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

// Each starts a program.
jest.setTimeout(30_000);

beforeAll(() => {
  // Nobody listens there.
  const cluster = { server: "https://127.0.0.1:9" };
  const context = { cluster: "here", user: "me" };
  const config = {
    clusters: [{ name: "here", cluster }],
    users: [{ name: "me", user: { token: "t" } }],
    contexts: [
      { name: "home", context },
      { name: "half", context: { ...context, cluster: "gone" } },
    ],
    "current-context": "home",
  };
  writeFileSync(KUBECONFIG, JSON.stringify(config));
  writeFileSync(BROKEN, "a: [");
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(["status", "verify", "logs"])("%s --help says how it is called", (name) => {
  const { status, stdout, stderr } = program(name, ["--help"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^usage: npm run (--silent )?${name} -- `, "m"));
  expect(stdout).toContain("exit code: 0 all is well");
});

test.each([
  ["status", ["--wrong"], "Unknown option '--wrong'."],
  ["verify", [], "Name an app."],
  ["verify", ["a", "b"], "Name one app only, not a, b."],
  ["verify", ["a", "--timeout", "x"], "--timeout x isn't a duration"],
  ["logs", ["a", "--tail", "x"], "--tail x isn't a whole number"],
])("%s %j is wrong usage", (name, args, text) => {
  const { status, stdout, stderr } = program(name, args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(`${name}: ${text}`);
  expect(stderr).toContain(`How to call it: npm run ${name} -- --help`);
});

test.each([
  [
    [],
    KUBECONFIG,
    'No cluster answers at https://127.0.0.1:9 (context "home"): the connection is refused.',
  ],
  [["--context", "x"], KUBECONFIG, 'The kubeconfig has no context "x". It has: home, half.'],
  [
    ["--context", "half"],
    KUBECONFIG,
    'The context "half" of the kubeconfig names a cluster that isn\'t in it.',
  ],
  [[], MISSING, `There is no kubeconfig: ${MISSING} doesn't exist.`],
  [[], BROKEN, `The kubeconfig ${BROKEN} can't be read: `],
])("status %j says what is wrong (%#)", (args, kubeconfig, text) => {
  const { status, stdout, stderr } = program("status", args, kubeconfig);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain(`status: ${text}`);
  expect(stderr).not.toContain("    at ");
});
