/** Which stacks a pull request, or the main branch, has Terraform plan: a JSON list on standard output. */
import { parseArgs } from "node:util";
import { notice } from "./say";
import {
  changedStacks,
  goneStacks,
  hasLocalState,
  readStack,
  stackIds,
  stacksFolder,
} from "./stack";

const USAGE = `Prints the ids of the stacks to plan as a JSON list; what isn't planned, and why, on standard error.

usage: node --import tsx scripts/ci/stacks.ts [--base FOLDER]

  --base FOLDER    another checkout with its synthesized stacks: only stacks that differ from there
  --help           this text`;

function main(argv: string[]): void {
  const { values } = parseArgs({
    args: argv,
    options: { base: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(USAGE);
  const head = stacksFolder();
  if (stackIds(head).length === 0) throw new Error(`${head} has no stack. Synthesize first.`);
  const base = values.base === undefined ? undefined : stacksFolder(values.base);
  const wanted = base === undefined ? stackIds(head) : changedStacks(base, head);
  const local = wanted.filter((id) => hasLocalState(readStack(head, id)));
  if (local.length > 0)
    notice(
      `Not planned, as the state is a file on somebody's machine: ${local.join(", ")}. Give the stack a remote backend: docs/ci.md.`,
    );
  const gone = base === undefined ? [] : goneStacks(base, head);
  if (gone.length > 0)
    notice(
      `No longer declared, so not planned: ${gone.join(", ")}. What it made stays until somebody destroys it: docs/ci.md.`,
    );
  if (wanted.length === 0) notice("No stack changes.");
  console.log(JSON.stringify(wanted.filter((id) => !local.includes(id))));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`stacks: ${(error as Error).message}`);
  process.exitCode = 1;
}
