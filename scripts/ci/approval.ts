/** Fails where a GitHub environment lets jobs run without anybody's approval. */
import { parseArgs } from "node:util";
import { approvalProblem } from "./protection";

const USAGE = `Fails unless a GitHub environment has required reviewers.

usage: node --import tsx scripts/ci/approval.ts <environment>

GITHUB_TOKEN: a token that may read actions.`;

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { help: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help) return console.log(USAGE);
  const [environment, ...more] = positionals;
  if (environment === undefined || more.length > 0)
    throw new Error(`Name one environment.\n\n${USAGE}`);
  const problem = await approvalProblem(process.env, environment);
  if (problem !== undefined) throw new Error(`Nothing is applied: ${problem}`);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`approval: ${error.message}`);
  process.exitCode = 1;
});
