import { need, request } from "./http";

interface Protection {
  readonly protection_rules?: readonly { readonly type: string }[];
}

/**
 * What is wrong with a GitHub environment as the last gate before an apply. GitHub makes one that isn't
 * there when a job names it, without any rule.
 */
export async function approvalProblem(
  env: Readonly<Record<string, string | undefined>>,
  environment: string,
): Promise<string | undefined> {
  const repository = `${need(env, "GITHUB_API_URL")}/repos/${need(env, "GITHUB_REPOSITORY")}`;
  const headers = { authorization: `Bearer ${need(env, "GITHUB_TOKEN")}` };
  const name = encodeURIComponent(environment);
  try {
    const found = await request<Protection>("GET", `${repository}/environments/${name}`, headers);
    if (found.protection_rules?.some(({ type }) => type === "required_reviewers")) return undefined;
  } catch (error) {
    return `the environment ${environment} can't be read. Make it, with required reviewers: docs/ci.md. ${(error as Error).message}`;
  }
  return `the environment ${environment} has no required reviewers. Name some: docs/ci.md.`;
}
