/** What became of one stack's plan. */
export interface PlanResult {
  readonly stack: string;
  readonly outcome: "changes" | "none" | "failed" | "skipped";
  /** One line. */
  readonly summary: string;
}

/** A plan with its whole text. */
export interface Plan extends PlanResult {
  readonly text: string;
}

/** The line of a plan that counts. */
export function planSummary(text: string): string {
  const line = /^(Plan: .*|No changes\..*)$/m.exec(text)?.[1];
  return (
    line ?? (/^Changes to Outputs:$/m.test(text) ? "Only outputs change." : "Something changes.")
  );
}

/** Marks the one comment of a pull request that is written anew with each push. */
export const MARKER = "<!-- cdktf-sqlite: terraform plan -->";

/** GitHub takes 65,536 characters. */
const LIMIT = 60_000;

/**
 * All plans as Markdown.
 *
 * @param runUrl where the artifacts and logs of this run are
 * @param limit of the plans' texts together, in characters
 */
export function plansMarkdown(
  plans: readonly Plan[],
  { commit, runUrl, limit = LIMIT }: { commit: string; runUrl: string; limit?: number },
): string {
  const share = Math.floor(limit / Math.max(1, plans.length));
  return [
    MARKER,
    "### Terraform plan",
    ...(plans.length === 0 ? ["No stack with a remote state changes."] : []),
    ...plans.map((plan) => section(plan, runUrl, share)),
    `<sub>Commit ${commit}, [run with logs and artifacts](${runUrl})</sub>`,
  ].join("\n\n");
}

function section({ stack, outcome, summary, text }: Plan, runUrl: string, share: number): string {
  const heading = `**${stack}**: ${summary}`;
  if (outcome === "skipped" || outcome === "none" || text.trim() === "") return heading;
  const [list, unlisted] = cut(resourceActions(text).join("\n"), share / 4);
  const whole = text.replace(/^\n+|\s+$/g, "");
  const [shown, left] = cut(whole, share - list.length);
  const runs = [...shown.matchAll(/`+/g)].map(([run]) => run.length + 1);
  const fence = "`".repeat(Math.max(3, ...runs));
  return [
    heading,
    ...(list === "" ? [] : [list]),
    ...(unlisted === 0 ? [] : [`and ${unlisted} more.`]),
    `<details${outcome === "failed" ? " open" : ""}><summary>${stack} in full</summary>`,
    `${fence}\n${shown}\n${fence}`,
    ...(left === 0
      ? []
      : [`${left} more lines: plan.txt of ${stack} in the [artifacts](${runUrl}).`]),
    "</details>",
  ].join("\n\n");
}

/** What happens to which resource, which a reader wants to know before all else. */
function resourceActions(text: string): string[] {
  const actions = /^ {2}# (\S+) (.*(?:will|must) be .*)$/gm;
  return [...text.matchAll(actions)].map(([, address, what]) => `- \`${address}\` ${what}`);
}

/** Whole lines of a text that fit, and how many don't. */
function cut(text: string, limit: number): [string, number] {
  const lines = text.split("\n");
  let length = 0;
  const fit = lines.findIndex((line) => (length += line.length + 1) > limit + 1);
  return fit < 0 ? [text, 0] : [lines.slice(0, fit).join("\n"), lines.length - fit];
}
