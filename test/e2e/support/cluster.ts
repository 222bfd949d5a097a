import { eventually, run, type Result, tryRun } from "./run";

/** One namespace of the cluster in KUBECONFIG, through kubectl. */
export class Cluster {
  constructor(readonly namespace: string) {}

  kubectl(...args: string[]): Promise<string> {
    return run("kubectl", ["--namespace", this.namespace, ...args]);
  }

  tryKubectl(...args: string[]): Promise<Result> {
    return tryRun("kubectl", ["--namespace", this.namespace, ...args]);
  }

  async get<T = KubernetesObject>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.kubectl("get", kind, name, "-o", "json")) as T;
  }

  /** A command in a container of a pod. */
  exec(pod: string, container: string, ...command: string[]): Promise<string> {
    return this.kubectl("exec", pod, "-c", container, "--", ...command);
  }

  /** Rows of a query, through the sidecar unless told otherwise, which sees the same files. */
  async sqlite(
    pod: string,
    database: string,
    sql: string,
    container = "litestream-sidecar",
  ): Promise<string[]> {
    const out = await this.exec(
      pod,
      container,
      "sqlite3",
      "-readonly",
      "-cmd",
      ".timeout 5000",
      database,
      sql,
    );
    return out.split("\n").filter((line) => line !== "");
  }

  /** Waits for a pod that is ready and not the one with `otherThan` as its uid; gives its uid. */
  ready(
    pod: string,
    { otherThan, seconds = 120 }: { otherThan?: string; seconds?: number } = {},
  ): Promise<string> {
    return eventually(`pod ${pod} ready`, seconds, async () => {
      const { metadata, status } = await this.get<Pod>("pod", pod);
      if (metadata.uid === otherThan || metadata.deletionTimestamp) return undefined;
      return (
        status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") &&
        metadata.uid
      );
    });
  }

  async uid(pod: string): Promise<string> {
    return (await this.get<Pod>("pod", pod)).metadata.uid;
  }

  /** Deletes a pod, with its grace period, and waits for the next one to be ready. */
  async restart(pod: string, ...flags: string[]): Promise<void> {
    const uid = await this.uid(pod);
    await this.kubectl("delete", "pod", pod, "--wait=false", ...flags);
    await this.ready(pod, { otherThan: uid, seconds: 180 });
  }

  async status(pod: string, container: string): Promise<ContainerStatus | undefined> {
    const { status } = await this.get<Pod>("pod", pod);
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    return all.find(({ name }) => name === container);
  }
}

export interface KubernetesObject {
  readonly metadata: {
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Record<string, string>;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state: { readonly waiting?: { readonly reason: string }; readonly running?: object };
  readonly lastState: {
    readonly terminated?: { readonly exitCode: number; readonly message?: string };
  };
}

export interface Pod extends KubernetesObject {
  readonly status: {
    readonly conditions?: {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: ContainerStatus[];
    readonly initContainerStatuses?: ContainerStatus[];
  };
}
