/** Applies the saved plans, one stack after another; the first that fails ends it. */
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decrypt } from "./plan-file";
import { readPlans, stackList } from "./plans";
import { mask } from "./say";
import { readSettings, SETTINGS } from "./settings";
import { Terraform } from "./terraform";

const USAGE = `Applies the plans in plans/ that change something.

usage: node --import tsx scripts/ci/apply.ts [--list]

  --list    prints the ids of those stacks as a JSON list, and applies nothing
  --help    this text

STACKS: JSON list of the planned stacks, in the order to apply them.
Reads the environment variables ${Object.values(SETTINGS).join(", ")}: docs/ci.md.`;

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { list: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(USAGE);
  const plans = readPlans("plans", stackList("STACKS"));
  const stacks = plans.filter(({ outcome }) => outcome === "changes").map(({ stack }) => stack);
  if (values.list) return console.log(JSON.stringify(stacks));
  const { settings, problems } = readSettings(process.env);
  mask(settings.hidden);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  for (const stack of stacks) {
    console.log(`== ${stack}`);
    const terraform = new Terraform(stack, settings);
    await terraform.withKubeconfig(() => applied(terraform, settings.passphrase));
  }
}

async function applied(terraform: Terraform, passphrase: string): Promise<void> {
  const { id, folder } = terraform;
  const file = (name: string) => join("plans", id, name);
  if (!existsSync(file("plan.gpg"))) throw new Error(`${file("plan.gpg")} isn't there.`);
  copyFileSync(file("terraform.lock.hcl"), join(folder, ".terraform.lock.hcl"));
  const plan = join(folder, "ci.tfplan");
  decrypt(file("plan.gpg"), plan, passphrase);
  try {
    const init = await terraform.run(["init", "-no-color", "-lockfile=readonly"]);
    if (init.code !== 0) throw new Error(`${id}: terraform init failed.`);
    // Whoever has the state locked is waited for.
    const args = ["apply", "-no-color", "-lock-timeout=10m", "ci.tfplan"];
    const { code } = await terraform.run(args, "ephemeral");
    if (code !== 0) throw new Error(`${id}: terraform apply failed. What it did is in the state.`);
  } finally {
    rmSync(plan, { force: true });
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`apply: ${error.message}`);
  process.exitCode = 1;
});
