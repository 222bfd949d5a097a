import type { V1ContainerStatus, V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { span } from "../text/age";
import type { PodsState } from "./state";

/** How the pods of a StatefulSet are. */
export function podsState(
  statefulSet: V1StatefulSet,
  pods: readonly (V1Pod | undefined)[],
  now: Date,
): PodsState {
  const there = pods.filter((pod) => pod !== undefined);
  const wanted = statefulSet.spec?.replicas ?? 1;
  const notReady =
    wanted === 0 ? "scaled to 0" : pods.map((pod) => whyNotReady(pod, now)).find(Boolean);
  return {
    ready: there.filter((pod) => whyNotReady(pod, now) === undefined).length,
    wanted,
    ...(notReady === undefined ? {} : { notReady }),
    restarts: there
      .flatMap(containerStatuses)
      .reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}

/** Of all containers, in the order in which they start. */
export function containerStatuses({ status }: V1Pod): V1ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

export function isRunning(pod: V1Pod, container: string): boolean {
  return containerStatuses(pod).some(
    ({ name, state }) => name === container && state?.running !== undefined,
  );
}

/** Undefined when it is ready. */
export function whyNotReady(pod: V1Pod | undefined, now: Date): string | undefined {
  if (!pod) return "there is no pod";
  const { metadata, status } = pod;
  if (metadata?.deletionTimestamp)
    return `its pod is ending (${since(metadata.deletionTimestamp, now)})`;
  const is = (type: string) => status?.conditions?.find((one) => one.type === type);
  if (is("Ready")?.status === "True") return undefined;
  const scheduled = is("PodScheduled");
  if (scheduled?.status === "False")
    return `its pod has no node: ${scheduled.message ?? scheduled.reason ?? "no reason given"}`;
  if (status?.phase === "Failed")
    return `its pod failed: ${status.message ?? status.reason ?? "no reason given"}`;
  const at = containerStatuses(pod).find((one) => !one.ready && !isDone(one));
  return at ? whyNotStarted(at, now) : "its containers haven't started yet";
}

function isDone({ state }: V1ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0;
}

function whyNotStarted({ name, state, lastState, started }: V1ContainerStatus, now: Date): string {
  const ended = state?.terminated ?? lastState?.terminated;
  const said = lastLine(ended?.message);
  const end = ended
    ? `; it ended with ${ended.reason === "Error" || !ended.reason ? `exit code ${ended.exitCode}` : ended.reason}${said ? `: ${said}` : ""}`
    : "";
  const { waiting, running } = state ?? {};
  if (waiting)
    return waiting.reason === "PodInitializing"
      ? `${name} waits for the containers before it`
      : `${name}: ${waiting.reason ?? "waiting"}${end || (waiting.message ? `; ${lastLine(waiting.message)}` : "")}`;
  if (running)
    return `${name} ${started === false ? "is starting" : "runs, and isn't ready"} (${since(running.startedAt, now)})`;
  return `${name}${end || " hasn't started yet"}`;
}

function lastLine(text = ""): string {
  const line = text.trim().split("\n").at(-1) ?? "";
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function since(time: Date | string | undefined, now: Date): string {
  return time === undefined ? "just now" : `for ${span(now.getTime() - new Date(time).getTime())}`;
}
