import { eventually } from "./run";
import type { Cluster, Pod } from "./cluster";

/** The whole report, as a webhook gets it. */
export interface WebhookReport {
  readonly app: string;
  readonly namespace: string;
  readonly outcome: "passed" | "failed";
  readonly step: string | null;
  readonly database: string | null;
  readonly message: string | null;
  readonly seconds: number;
  readonly databases: readonly {
    readonly database: string;
    readonly outcome: string;
    readonly bytes?: number;
    readonly restoreSeconds?: number;
    readonly restoredTransaction?: string;
    readonly appTransaction?: string;
    readonly steps: readonly { readonly step: string; readonly outcome: string }[];
  }[];
  readonly log: string;
}

export interface FinishedJob {
  readonly name: string;
  readonly condition: "Complete" | "Failed";
  readonly reason: string | undefined;
  /** The reporter's, where it ran. */
  readonly exitCode: number | undefined;
  readonly message: string | undefined;
}

interface Job {
  readonly status: {
    readonly conditions?: { readonly type: string; readonly status: string; reason?: string }[];
  };
}

/** Has a verification run now, by the documented command, and waits for its end. */
export async function prove(
  cluster: Cluster,
  cronJob: string,
  seconds = 240,
): Promise<FinishedJob> {
  const name = `${cronJob}-${Date.now() % 1e9}`;
  await cluster.kubectl("create", "job", `--from=cronjob/${cronJob}`, name);
  const condition = await eventually(`job ${name} ends`, seconds, async () => {
    const { status } = await cluster.get<Job & Pod>("job", name);
    return status.conditions?.find(
      ({ type, status: is }) => is === "True" && (type === "Complete" || type === "Failed"),
    ) as { type: "Complete" | "Failed"; reason?: string } | undefined;
  });
  const { items } = JSON.parse(
    await cluster.kubectl("get", "pods", "-l", `job-name=${name}`, "-o", "json"),
  ) as { items: TerminatedPod[] };
  const ended = items[0]?.status.containerStatuses?.[0]?.state.terminated;
  return {
    name,
    condition: condition.type,
    reason: condition.reason,
    exitCode: ended?.exitCode,
    message: ended?.message,
  };
}

interface TerminatedPod {
  readonly status: {
    readonly containerStatuses?: {
      readonly state: { readonly terminated?: { exitCode: number; message?: string } };
    }[];
  };
}
