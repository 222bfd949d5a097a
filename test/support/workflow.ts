import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly "runs-on"?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: object;
  readonly env?: unknown;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository";
const NO_PULL_REQUEST = "github.event_name != 'pull_request'";
const MAIN_ONLY = "github.ref == 'refs/heads/main'";

/** What is wrong with a workflow's text, of what this project holds itself to. */
export function workflowProblems(text: string): string[] {
  const workflow = parse(text) as Workflow;
  return [
    ...textProblems(text),
    ...workflowRules(workflow),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) =>
      jobProblems(job).map((problem) => `${name}: ${problem}`),
    ),
  ];
}

function textProblems(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /uses:/.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
    .map((line) => `no commit with its version behind: ${line.trim()}`);
}

function workflowRules({ on, permissions, env, jobs, concurrency }: Workflow): string[] {
  const applies = Object.values(jobs).some(isApply);
  const cancels = concurrency?.["cancel-in-progress"];
  return [
    ...("pull_request_target" in on ? ["runs on pull_request_target"] : []),
    ...(JSON.stringify(permissions) === "{}" ? [] : ["gives all jobs permissions"]),
    ...(JSON.stringify(env ?? "").includes("secrets.") ? ["gives all jobs a secret"] : []),
    ...(applies && !concurrency?.group.includes("github.ref") ? ["lets two applies run"] : []),
    ...(applies && cancels !== "${{ github.event_name == 'pull_request' }}"
      ? ["may cancel an apply"]
      : []),
  ];
}

const isApply = ({ steps }: Job) =>
  steps.some(({ run }) => /scripts\/ci\/apply\.ts(?! --list)/.test(run ?? ""));

function jobProblems(job: Job): string[] {
  const condition = job.if ?? "";
  return [
    ...(job.permissions === undefined ? ["no permissions"] : []),
    ...(typeof job["timeout-minutes"] === "number" ? [] : ["no timeout-minutes"]),
    ...(forksRun(job) ? forkProblems(job) : []),
    ...(isApply(job) && job.environment !== "production" ? ["applies without approval"] : []),
    ...(isApply(job) && !(condition.includes(MAIN_ONLY) && condition.includes(NO_PULL_REQUEST))
      ? ["applies elsewhere than on main"]
      : []),
    ...job.steps.flatMap(stepProblems),
  ];
}

const forksRun = ({ if: condition = "" }: Job) =>
  !condition.includes(SAME_REPOSITORY) && !condition.includes(NO_PULL_REQUEST);

function forkProblems(job: Job): string[] {
  const writes = Object.values(job.permissions ?? {}).includes("write");
  const secret = /secrets[.[]|github\.token/.test(JSON.stringify(job));
  return [
    ...(secret ? ["a fork's pull request gets a secret"] : []),
    ...(job.environment === undefined ? [] : ["a fork's pull request enters an environment"]),
    ...(writes ? ["a fork's pull request may write"] : []),
    ...(/^ubuntu-[\d.]+$/.test(job["runs-on"] ?? "")
      ? []
      : ["a fork's pull request gets a runner of one's own"]),
  ];
}

function stepProblems({ uses, run, with: inputs }: Step): string[] {
  const checkout = uses?.startsWith("actions/checkout@");
  return [
    ...(uses !== undefined && !PINNED.test(uses) ? [`not pinned: ${uses}`] : []),
    ...(run?.includes("${{") ? [`an expression in a script: ${run.trim()}`] : []),
    ...(checkout && inputs?.["persist-credentials"] !== false
      ? ["keeps credentials in the checkout"]
      : []),
  ];
}
