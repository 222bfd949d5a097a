/** Plans one synthesized stack, and leaves text and encrypted plan file for those who review and apply it. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encrypt } from "./plan-file";
import { type PlanResult, planSummary } from "./plan-text";
import { mask, notice } from "./say";
import { isSetUp, readSettings, SETTINGS, variableProblems } from "./settings";
import { readStack, stackIds, stacksFolder } from "./stack";
import { Terraform } from "./terraform";

const USAGE = `Plans one synthesized stack.

usage: node --import tsx scripts/ci/plan.ts <stack> [--no-lock]

  --no-lock    doesn't lock the state: for credentials that can only read it
  --help       this text

Writes plans/<stack>: result.json, plan.txt, and, where something changes, plan.gpg and terraform.lock.hcl.
Reads the environment variables ${Object.values(SETTINGS).join(", ")}: docs/ci.md.`;

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { "no-lock": { type: "boolean" }, help: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [stack, ...more] = positionals;
  if (stack === undefined || more.length > 0) throw new Error(`Name one stack.\n\n${USAGE}`);
  const all = stacksFolder();
  // Before anything is written: the folder is emptied that has this name.
  if (!stackIds(all).includes(stack)) throw new Error(`There is no stack ${stack} in ${all}.`);
  const folder = join("plans", stack);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { text, ...result } = await planned(stack, folder, values["no-lock"] ?? false);
  writeFileSync(join(folder, "plan.txt"), text);
  writeFileSync(join(folder, "result.json"), `${JSON.stringify({ stack, ...result })}\n`);
  if (result.outcome === "failed") throw new Error(`${stack}: ${result.summary}\n${text}`);
}

type Outcome = Omit<PlanResult, "stack"> & { readonly text: string };

async function planned(stack: string, folder: string, noLock: boolean): Promise<Outcome> {
  const all = stacksFolder();
  if (!isSetUp(process.env)) {
    const { secrets, environment, kubeconfig, passphrase } = SETTINGS;
    const names = [secrets, environment, kubeconfig, passphrase].join(", ");
    const summary = `not planned: none of ${names} is set. docs/ci.md says what to put there.`;
    notice(`${stack} is ${summary}`);
    return { outcome: "skipped", summary, text: "" };
  }
  const { settings, problems } = readSettings(process.env);
  mask(settings.hidden);
  const stacks = Object.fromEntries(stackIds(all).map((id) => [id, readStack(all, id)]));
  const given = { kubeconfig: "", ...settings.variables };
  problems.push(
    ...variableProblems(stack, stacks, settings.kubeconfig ? given : settings.variables),
  );
  if (problems.length > 0) return failed("not set up in full.", problems.join("\n"));

  const terraform = new Terraform(stack, settings);
  return terraform.withKubeconfig(async () => {
    const init = await terraform.run(["init", "-no-color"]);
    if (init.code !== 0) return failed("terraform init failed.", init.output);
    const path = join(terraform.folder, PLAN);
    try {
      const lock = noLock ? ["-lock=false"] : [];
      const args = ["plan", "-no-color", "-detailed-exitcode", `-out=${PLAN}`, ...lock];
      const plan = await terraform.run(args, "all");
      if (plan.code !== 0 && plan.code !== 2) return failed("the plan failed.", plan.output);
      const { code, output } = await terraform.run(["show", "-no-color", PLAN], "none", QUIET);
      if (code !== 0) return failed("terraform show failed.", output);
      const summary = planSummary(output);
      if (plan.code === 0) return { outcome: "none", summary, text: output };
      encrypt(path, join(folder, "plan.gpg"), settings.passphrase);
      // The plan holds only for the very same providers.
      copyFileSync(
        join(terraform.folder, ".terraform.lock.hcl"),
        join(folder, "terraform.lock.hcl"),
      );
      return { outcome: "changes", summary, text: output };
    } finally {
      rmSync(path, { force: true });
    }
  });
}

/** In the stack's folder, and only until it is encrypted. */
const PLAN = "ci.tfplan";
const QUIET = { quiet: true };

const failed = (summary: string, text = ""): Outcome => ({ outcome: "failed", summary, text });

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`plan: ${error.message}`);
  process.exitCode = 1;
});
