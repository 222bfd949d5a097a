import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "cdktf-sqlite-ci-"));
const stack = join(folder, "cdktf.out/stacks/notes");

// Each starts a program.
jest.setTimeout(30_000);

beforeAll(() => {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(stack, "cdk.tf.json"), "{}");
});

afterAll(() => rmSync(folder, { recursive: true }));

const program = (
  name: string,
  args: readonly string[],
  { env = {}, cwd = folder }: { env?: Record<string, string>; cwd?: string } = {},
) => {
  const { PATH, HOME } = process.env;
  const script = join(root, "scripts/ci", `${name}.ts`);
  const { status, stdout, stderr } = spawnSync("node", ["--import", "tsx", script, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

test.each<[string, string[], Record<string, string>, string]>([
  ["plan", [], {}, "plan: Name one stack.\n\nPlans one synthesized stack."],
  ["plan", ["a", "b"], {}, "plan: Name one stack."],
  ["plan", ["none"], {}, "plan: There is no stack none in cdktf.out/stacks.\n"],
  ["approval", [], {}, "approval: Name one environment."],
  ["approval", ["production"], {}, "approval: GITHUB_API_URL is not set."],
  ["apply", ["--list"], {}, "apply: STACKS is not a JSON list of stacks."],
  ["comment", ["--print"], { STACKS: "{}" }, "comment: STACKS is not a JSON list of stacks."],
])("%s %j with %j is refused", (name, args, env, text) => {
  const { status, stderr } = program(name, args, { env });
  expect(status).toBe(1);
  expect(stderr).toContain(text);
});

test("stacks: nothing is synthesized", () => {
  const { status, stderr } = program("stacks", [], { cwd: join(folder, "cdktf.out") });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: "stacks: cdktf.out/stacks has no stack. Synthesize first.\n",
  });
});

test("a stack with a local state isn't planned, and why", () => {
  expect(program("stacks", [])).toMatchObject({
    status: 0,
    stdout: "[]\n",
    stderr: expect.stringContaining("a file on somebody's machine: notes. Give the stack a remote"),
  });
});

test.each(["..", ".", "../cdktf.out"])("a plan of %j deletes nothing", (name) => {
  expect(program("plan", [name])).toMatchObject({ status: 1 });
  expect(existsSync(join(stack, "cdk.tf.json"))).toBe(true);
});

test("nothing is planned where nothing is set up, and nothing fails", () => {
  const { status, stderr } = program("plan", ["notes"]);
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(/^notes is not planned: none of TERRAFORM_SECRETS, .* is set\./),
  });
  const result = JSON.parse(readFileSync(join(folder, "plans/notes/result.json"), "utf8"));
  expect(result).toMatchObject({ stack: "notes", outcome: "skipped" });
  expect(program("apply", ["--list"], { env: { STACKS: '["notes"]' } }).stdout).toBe("[]\n");
});

test("a plan job that left nothing has failed", () => {
  const { stdout } = program("comment", ["--print"], { env: { STACKS: '["gone"]' } });
  expect(stdout).toContain("**gone**: the plan job came to no end.");
});

/** Cut in two, as output arrives: Terraform itself can't be made to. */
const TERRAFORM = `#!/bin/sh
printf 'Error: no user hush-'; sleep 0.2; echo hush
printf 'hush-' >&2; sleep 0.2; echo 'hush at the end' >&2
exit 1
`;

test("Terraform's output has no secret in the log either", () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "terraform"), TERRAFORM);
  chmodSync(join(bin, "terraform"), 0o755);
  const { status, stdout, stderr } = program("plan", ["notes"], {
    env: {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      TERRAFORM_ENVIRONMENT: '{"AWS_SECRET_ACCESS_KEY": "hush-hush"}',
      TERRAFORM_PLAN_PASSPHRASE: "a passphrase that is long enough",
    },
  });
  expect(status).toBe(1);
  expect(stdout).toBe("Error: no user ***\n");
  expect(stderr).toContain("*** at the end\n");
  expect(stdout + stderr).not.toContain("hush");
});
