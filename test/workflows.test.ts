import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { workflowProblems } from "./support/workflow";

const root = join(__dirname, "..");
const folder = join(root, ".github/workflows");
const workflows = readdirSync(folder).sort();
const text = (name: string) => readFileSync(join(folder, name), "utf8");
const plan = text("plan.yml");

test("these are the workflows", () => {
  expect(workflows).toEqual(["plan.yml", "test.yml"]);
});

test.each(workflows)("nothing is wrong with %s", (name) => {
  expect(workflowProblems(text(name))).toEqual([]);
});

const mainOnly = "github.event_name != 'pull_request' && github.ref == 'refs/heads/main'";
const secret = "${{ secrets.TERRAFORM_SECRETS }}";

test.each([
  [/@3d3c42e\w+ # v7.0.1/, "@v7", "check: not pinned: actions/checkout@v7"],
  [/ # v7.0.1/, "", "no commit with its version behind: - uses: actions/checkout@3d3c42e"],
  [/^ {2}pull_request:/m, "  pull_request_target:", "runs on pull_request_target"],
  [/^permissions: {}/m, "permissions: write-all", "gives all jobs permissions"],
  [/^jobs:/m, `env: { A: "${secret}" }\n\njobs:`, "gives all jobs a secret"],
  [/ \|\| github.ref }}/, " }}", "lets two applies run"],
  [/cancel-in-progress: .*/, "cancel-in-progress: true", "may cancel an apply"],
  [/ {4}permissions:\n {6}contents: read\n/, "", "check: no permissions"],
  [/ {4}timeout-minutes: 30\n/, "", "check: no timeout-minutes"],
  [/ {10}persist-credentials: false\n/, "", "check: keeps credentials in the checkout"],
  [
    /run: npm start/,
    'run: echo "${{ github.event.pull_request.title }}"',
    "check: an expression in a script",
  ],
  [
    /run: npm ci\n/,
    `run: npm ci\n        env: { A: "${secret}" }\n`,
    "check: a fork's pull request gets a secret",
  ],
  [
    /&& github.event.pull_request.head.repo.full_name == github.repository\n {8}\|\|/,
    "||",
    "plan: a fork's pull request gets a secret",
  ],
  [
    /&& github.event.pull_request.head.repo.full_name == github.repository\n {4}runs/,
    "\n    runs",
    "comment: a fork's pull request may write",
  ],
  [
    /contents: read\n/,
    "contents: read\n    environment: plan\n",
    "check: a fork's pull request enters an environment",
  ],
  [
    /runs-on: ubuntu-24.04/,
    "runs-on: ${{ vars.TERRAFORM_RUNNER }}",
    "check: a fork's pull request gets a runner of one's own",
  ],
  [/environment: production/, "environment: plan", "apply: applies without approval"],
  [
    new RegExp(`${mainOnly}\n {8}&&`.replaceAll(/[.!]/g, "\\$&")),
    "github.event_name != 'pull_request' &&",
    "apply: applies elsewhere than on main",
  ],
])("%s replaced by %j is found", (pattern, replacement, problem) => {
  const changed = plan.replace(pattern, () => replacement);
  expect(changed).not.toBe(plan);
  expect(workflowProblems(changed).map((one) => one.slice(0, problem.length))).toContain(problem);
});

test("the workflows take one Terraform, and one release of each action", () => {
  const all = workflows.map(text).join("\n");
  const versions = [...all.matchAll(/terraform_version: (.*)/g)].map(([, version]) => version);
  expect(new Set(versions).size).toBe(1);
  const uses = new Set([...all.matchAll(/uses: (.*)/g)].map(([, action]) => action));
  expect(new Set([...uses].map((one) => one?.split("@")[0])).size).toBe(uses.size);
});

/** `test`, or `test.skip` with the reason in its name where a program isn't there. */
const withProgram = (program: string, name: string, body: () => void) =>
  spawnSync(program, ["--version"]).status === 0
    ? test(name, body)
    : test.skip(`${name} (skipped: needs ${program} on the PATH)`, body);

const found = (program: string, ...args: string[]) => {
  const { stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  return stdout + stderr;
};

withProgram("actionlint", "actionlint finds nothing in the workflows", () => {
  expect(found("actionlint", "-no-color")).toBe("");
});

withProgram("shellcheck", "shellcheck finds nothing in their scripts", () => {
  expect(found("shellcheck", "scripts/ci/synth-base", ".github/tools", ".github/kind/up")).toBe("");
});
