import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import type { Cluster } from "../cluster/client";
import { exec } from "../cluster/exec";
import { Failure } from "../cluster/failure";
import { readLogs, streamLogs } from "../cluster/logs";
import { deletePod, persistently, readPod, replicasOf } from "./cluster";
import type { Interrupt } from "./interrupt";
import { readLine, shown } from "./log";
import type { Plan } from "./plan";
import { ENDS_WITHIN, RESTORE_CONTAINER, restoreName } from "./pod";
import { undoWaits } from "./words";

export interface Ended {
  /** Undefined when the pod is gone. */
  readonly exitCode: number | undefined;
  readonly log: readonly string[];
  /** Why it was told to stop, if it was. */
  readonly stopped: string | undefined;
}

/** An image may have to be pulled, and a volume to be attached. */
const START_SECONDS = 300;

/**
 * Waits for the end of the restore's pod, and tells what its log says. The pod is told to stop, upon which it undoes what
 * it did, when that is asked for, when time is up, and when somebody starts the app.
 *
 * @param interrupt undefined: it isn't stopped, as it undoes what another has done
 * @throws Failure when a pod that undoes doesn't start
 */
export async function follow(
  cluster: Cluster,
  plan: Plan,
  { timeoutSeconds }: { readonly timeoutSeconds: number },
  interrupt: Interrupt | undefined,
  tell: (line: string) => void,
): Promise<Ended> {
  const pod = { name: restoreName(plan.app), namespace: plan.namespace };
  const place = { namespace: pod.namespace, pod: pod.name, container: RESTORE_CONTAINER };
  const started = Date.now();
  const log = new Log(cluster, place, tell);
  let stopped: string | undefined;
  for (;;) {
    const found = await persistently(() => readPod(cluster, pod));
    const exitCode = found && exitCodeOf(found);
    if (!found || exitCode !== undefined || over(found))
      return { exitCode, log: await log.all(found !== undefined), stopped };
    const runs = state(found)?.running !== undefined;
    if (runs) log.follow();
    const seconds = (Date.now() - started) / 1000;
    if (interrupt === undefined) {
      if (!runs && seconds > START_SECONDS) throw new Failure(undoWaits(plan, waitsFor(found)));
      await sleep(500);
      continue;
    }
    const why =
      (interrupt.asked ? "it was interrupted" : undefined) ??
      (seconds > timeoutSeconds ? `it took longer than ${timeoutSeconds} s` : undefined) ??
      (runs || seconds < START_SECONDS ? undefined : `its pod doesn't start: ${waitsFor(found)}`) ??
      ((await persistently(() => replicasOf(cluster, { ...pod, name: plan.app }))) > 0
        ? "somebody has started the app meanwhile"
        : undefined);
    if (why !== undefined && stopped === undefined) {
      stopped = why;
      tell(`  note: ${why}: telling the restore to stop, and to undo what it did`);
      if (!runs || !(await toldToStop(cluster, place))) {
        await deletePod(cluster, pod, ENDS_WITHIN);
        // What never ran has changed nothing.
        return { exitCode: runs ? undefined : 1, log: await log.all(false), stopped };
      }
    }
    await sleep(500);
  }
}

/** By a signal rather than by deletion: then its exit code says what came of it. */
async function toldToStop(cluster: Cluster, place: Place): Promise<boolean> {
  try {
    const { code } = await exec(cluster, place, ["sh", "-c", "kill -TERM 1"], {
      timeoutSeconds: 20,
    });
    return code === 0;
  } catch {
    return false;
  }
}

type Place = Parameters<typeof exec>[1];

/** The pod's log, followed while it runs. What was missed because the connection broke is read at the end. */
class Log {
  private readonly lines: string[] = [];
  private following: Promise<void> | undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly place: Place,
    private readonly tell: (line: string) => void,
  ) {}

  follow(): void {
    this.following ??= streamLogs(this.cluster, this.place, { follow: true }, (line) =>
      this.take(line),
    ).catch(() => undefined);
  }

  async all(there: boolean): Promise<readonly string[]> {
    await Promise.race([this.following, sleep(5000, undefined, { ref: false })]);
    if (!there) return this.lines;
    try {
      const lines = await readLogs(this.cluster, this.place);
      for (const line of lines.slice(this.lines.length)) this.take(line);
    } catch {
      // What was seen is all there is.
    }
    return this.lines;
  }

  private take(line: string): void {
    this.lines.push(line);
    const text = shown(readLine(line));
    if (text !== undefined) this.tell(text);
  }
}

function state({ status }: V1Pod) {
  return status?.containerStatuses?.find(({ name }) => name === RESTORE_CONTAINER)?.state;
}

function exitCodeOf(pod: V1Pod): number | undefined {
  return state(pod)?.terminated?.exitCode;
}

/** A pod that was evicted, or whose node is gone, may have no container status. */
function over({ status }: V1Pod): boolean {
  return status?.phase === "Failed" || status?.phase === "Succeeded";
}

function waitsFor(pod: V1Pod): string {
  const waiting = state(pod)?.waiting;
  const unmet = pod.status?.conditions?.find(({ status }) => status === "False");
  return waiting?.message ?? waiting?.reason ?? unmet?.message ?? "no reason is given";
}
