import { MARKER, type Plan, planSummary, plansMarkdown } from "../../../scripts/ci/plan-text";

const run = { commit: "abc", runUrl: "https://example.com/run/1" };
const plan = (text: string, more: Partial<Plan> = {}): Plan => ({
  stack: "notes",
  outcome: "changes",
  summary: "Plan: 1 to add, 0 to change, 0 to destroy.",
  text,
  ...more,
});

const TEXT = `Terraform will perform the following actions:

  # kubernetes_service_v1.notes will be created
  + resource "kubernetes_service_v1" "notes" {
    }

  # kubernetes_stateful_set_v1.notes must be replaced
  # (because of its claims)

Plan: 1 to add, 0 to change, 0 to destroy.`;

test.each([
  [TEXT, "Plan: 1 to add, 0 to change, 0 to destroy."],
  [
    "\nNo changes. Your infrastructure matches.\n\nTerraform",
    "No changes. Your infrastructure matches.",
  ],
  ["Changes to Outputs:\n  + a = 1", "Only outputs change."],
  ["else", "Something changes."],
])("%j comes to a line", (text, summary) => {
  expect(planSummary(text)).toBe(summary);
});

test("a plan as a comment", () => {
  const none = plan("No changes.", { stack: "quiet", outcome: "none", summary: "No changes." });
  expect(plansMarkdown([plan(TEXT), none], run)).toBe(`${MARKER}

### Terraform plan

**notes**: Plan: 1 to add, 0 to change, 0 to destroy.

- \`kubernetes_service_v1.notes\` will be created
- \`kubernetes_stateful_set_v1.notes\` must be replaced

<details><summary>notes in full</summary>

\`\`\`
${TEXT}
\`\`\`

</details>

**quiet**: No changes.

<sub>Commit abc, [run with logs and artifacts](https://example.com/run/1)</sub>`);
});

test("a failed one is open", () => {
  const failed = plan("Error: no", { outcome: "failed", summary: "the plan failed." });
  expect(plansMarkdown([failed], run)).toContain("<details open><summary>notes in full");
});

test("a skipped one says why", () => {
  const skipped = plan("", { outcome: "skipped", summary: "not planned: nothing is set." });
  expect(plansMarkdown([skipped], run)).toContain(
    "\n\n**notes**: not planned: nothing is set.\n\n",
  );
});

test("nothing planned is told", () => {
  expect(plansMarkdown([], run)).toContain("No stack with a remote state changes.");
});

test("a plan that holds a fence stays inside a longer one", () => {
  expect(plansMarkdown([plan("a\n````\nb")], run)).toContain("\n`````\na\n````\nb\n`````\n");
});

test("long plans are cut at a line, each to its share, and say where the rest is", () => {
  const actions = Array.from({ length: 3000 }, (_, at) => `  # thing.number${at} will be created`);
  const long = actions.join("\n");
  const body = plansMarkdown([plan(long), plan(long, { stack: "other" })], run);
  expect(body.length).toBeGreaterThan(55_000);
  expect(body.length).toBeLessThan(65_536);
  expect(body).toMatch(/\n\nand \d+ more\.\n/);
  const cut =
    /\n(\d+) more lines: plan\.txt of other in the \[artifacts\]\(https:.*run\/1\)\./.exec(body);
  const shown = body.slice(body.indexOf("other in full")).match(/^ {2}# thing/gm) ?? [];
  expect(shown.length + Number(cut?.[1])).toBe(3000);
});
