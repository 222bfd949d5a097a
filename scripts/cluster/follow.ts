import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import type { Cluster } from "./client";
import { statusCode } from "./explain";
import { type LogOptions, streamLogs } from "./logs";

/** Pods are looked at again after so many milliseconds. */
const EVERY = 1000;

export interface Following {
  /** The pods to follow now. */
  readonly pods: () => Promise<readonly V1Pod[]>;
  /** Of these containers only. */
  readonly wants: (container: string) => boolean;
  readonly onLine: (container: string, line: string, pod: V1Pod) => void;
  /** Whether that was all; what is still in the logs comes first. */
  readonly done: () => Promise<boolean>;
  /** For what runs already when the following begins. */
  readonly first?: Pick<LogOptions, "sinceSeconds" | "tailLines">;
  readonly timestamps?: boolean;
  readonly signal?: AbortSignal;
}

/** Follows the logs of all containers of some pods, each from its start; also of those that are started again. */
export async function followLogs(cluster: Cluster, following: Following): Promise<void> {
  const { signal, timestamps } = following;
  const followed = new Map<string, Promise<void>>();
  /** When a connection was cut. */
  const cut = new Map<string, number>();
  let failed: unknown;
  for (let round = 0; ; round++) {
    const done = await following.done();
    for (const pod of await following.pods())
      for (const [id, container] of startedContainers(pod)) {
        if (followed.has(id) || !following.wants(container)) continue;
        const options = {
          follow: true,
          timestamps,
          signal,
          ...(round === 0 ? following.first : {}),
          ...since(cut.get(id)),
        };
        const stream = streamLogs(cluster, placeOf(pod, container), options, (line) =>
          following.onLine(container, line, pod),
        );
        followed.set(
          id,
          stream.catch((error: unknown) => {
            // A pod or container that is gone meanwhile has no log; a connection that was cut is made again.
            if (statusCode(error) === undefined) {
              cut.set(id, Date.now());
              followed.delete(id);
            } else if (![400, 404].includes(statusCode(error) ?? 0)) failed = error;
          }),
        );
      }
    if (done || signal?.aborted) break;
    if (failed !== undefined) throw failed;
    await sleep(EVERY, undefined, { signal }).catch(() => undefined);
    if (signal?.aborted) break;
  }
  await Promise.all(followed.values());
  if (failed !== undefined) throw failed;
}

/** What came while there was no connection; a line may come twice. */
function since(time: number | undefined): Pick<LogOptions, "sinceSeconds" | "tailLines"> {
  if (time === undefined) return {};
  return { sinceSeconds: Math.ceil((Date.now() - time) / 1000) + 1, tailLines: undefined };
}

/** Their ids, and names in the order in which they start. */
function startedContainers({ status }: V1Pod): [id: string, container: string][] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all
    .filter(({ containerID, state }) => containerID && (state?.running || state?.terminated))
    .map(({ containerID = "", name }) => [containerID, name]);
}

function placeOf({ metadata }: V1Pod, container: string) {
  return { namespace: metadata?.namespace ?? "", pod: metadata?.name ?? "", container };
}
