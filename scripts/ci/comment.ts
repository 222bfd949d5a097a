/** Writes the plans as the one comment of a pull request (GitHub) or merge request (GitLab), or as Markdown. */
import { parseArgs } from "node:util";
import { MARKER, plansMarkdown } from "./plan-text";
import { readPlans, stackList } from "./plans";
import { reviewFrom, upsert } from "./review";

const USAGE = `Writes the plans in plans/ as one comment, which it updates.

usage: node --import tsx scripts/ci/comment.ts [--print]

  --print    prints the Markdown instead
  --help     this text

STACKS: JSON list of the planned stacks. COMMIT, RUN_URL: what was planned, and where.
On GitHub: GITHUB_TOKEN, PULL_REQUEST; on GitLab: GITLAB_TOKEN.`;

async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { print: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(USAGE);
  const plans = readPlans("plans", stackList("STACKS"));
  const { COMMIT: commit = "", RUN_URL: runUrl = "" } = process.env;
  const body = plansMarkdown(plans, { commit: commit.slice(0, 12), runUrl });
  if (values.print) return console.log(body);
  // Where nothing was ever planned, nobody waits for the news that nothing is.
  const done = await upsert(reviewFrom(process.env), MARKER, body, plans.length > 0);
  console.log(`comment: ${done}`);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`comment: ${error.message}`);
  process.exitCode = 1;
});
