import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { CONTAINER } from "../../src/kubernetes/names";

/** How a Job of a verification ended; undefined while it runs. */
export interface Outcome {
  readonly passed: boolean;
  readonly at: Date;
  /** Why it failed. */
  readonly reason?: string;
}

/** @param pods of the Job, where they are still there */
export function outcomeOf(
  { status, metadata }: V1Job,
  pods: readonly V1Pod[],
): Outcome | undefined {
  const condition = status?.conditions?.find(
    ({ type, status: is }) => is === "True" && (type === "Complete" || type === "Failed"),
  );
  if (!condition) return undefined;
  const at = new Date(condition.lastTransitionTime ?? metadata?.creationTimestamp ?? 0);
  if (condition.type === "Complete") return { passed: true, at };
  return { passed: false, at, reason: whyFailed(condition, pods) };
}

/** What the reporter left behind says more than the Job's own reason. */
function whyFailed(
  { reason, message }: { readonly reason?: string; readonly message?: string },
  pods: readonly V1Pod[],
): string {
  const told = pods
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .find(({ name }) => name === CONTAINER.report)?.state?.terminated?.message;
  const lines = (told ?? "")
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  // Where it can't write its end, Kubernetes takes the log's last lines, which are JSON.
  const said = lines.filter((line) => !line.startsWith("{")).join("; ") || messageOf(lines.at(-1));
  if (said) return said;
  if (reason === "DeadlineExceeded") return "it took longer than its deadline";
  return [reason, message].filter(Boolean).join(": ") || "no reason was given";
}

function messageOf(line: string | undefined): string {
  try {
    return (JSON.parse(line ?? "") as { msg?: string }).msg ?? "";
  } catch {
    return "";
  }
}
