import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { CONTAINER, PORT } from "../../src/kubernetes/names";
import { configMapName } from "../../src/litestream/names";
import type { FoundApp } from "../cluster/apps";
import type { Cluster } from "../cluster/client";
import { exec } from "../cluster/exec";
import { explain, isNotFound } from "../cluster/explain";
import { Failure, TimeoutFailure } from "../cluster/failure";
import {
  fileInDirectory,
  type LitestreamFiles,
  litestreamText,
  readLitestreamFiles,
  singlePaths,
} from "../cluster/litestream-file";
import { parallel } from "../cluster/parallel";
import { getFromPod } from "../cluster/ports";
import { asksAgain, judge, longestSyncInterval, patience } from "./judge";
import { isVersion03, type Metrics, readMetrics } from "./metrics";
import { containerStatuses, isRunning } from "./pods";
import { complaint, endOfLtx, endOfWals, type ReplicaEnd } from "./positions";
import type { DatabaseState, ReplicationState } from "./state";

/** Litestream answers within so many seconds, or the replica counts as unreachable: it would try for minutes. */
const REPLICA_SECONDS = 10;
const METRICS_SECONDS = 5;
/** So many programs run beside Litestream at once: its memory is limited. */
const AT_ONCE = 2;

export interface Looking {
  /** No more databases of an app are asked for; those first that have written most. */
  readonly atMost: number;
}

/** How far the replica of an app is behind it. Never throws for what is wrong with the app. */
export async function replicationState(
  cluster: Cluster,
  app: Pick<FoundApp, "name" | "namespace">,
  pod: V1Pod | undefined,
  { atMost }: Looking,
): Promise<ReplicationState> {
  const unknown = (reason: string) => ({ unknown: reason, databases: [], notAsked: 0 });
  if (!pod) return unknown("there is no pod");
  if (!isRunning(pod, CONTAINER.litestream)) return unknown("Litestream doesn't run");
  try {
    const look = new Look(cluster, app, pod);
    const [files, metrics] = await Promise.all([look.files(), look.metrics()]);
    const paths = [...new Set([...singlePaths(files), ...busiestFirst(metrics)])];
    const asked = paths.slice(0, atMost);
    let unreachable: string | undefined;
    const databases = await parallel(AT_ONCE, asked, async (path) => {
      const state = await look.at(path, files, metrics, unreachable);
      if (state.state === "unreachable") unreachable ??= state.reason;
      return state;
    });
    return { databases, notAsked: paths.length - asked.length };
  } catch (error) {
    const told = explain(error, cluster);
    if (told instanceof Failure) return unknown(told.message.split("\n")[0] ?? "");
    throw told;
  }
}

function busiestFirst(metrics: Metrics): string[] {
  const written = (path: string) => metrics.get(path)?.total_wal_bytes ?? 0;
  return [...metrics.keys()].sort((one, other) => written(other) - written(one));
}

/** One look at an app. */
class Look {
  private readonly plain: boolean;
  private readonly port: number;
  private readonly optional: readonly string[];
  private readonly startedSeconds: number;

  constructor(
    private readonly cluster: Cluster,
    private readonly app: Pick<FoundApp, "name" | "namespace">,
    pod: V1Pod,
  ) {
    const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
    const sidecar = all.find(({ name }) => name === CONTAINER.litestream);
    // It runs Litestream itself where the image has no shell, and then no `timeout` either.
    this.plain = sidecar?.command?.[0]?.endsWith("/litestream") ?? false;
    this.port = sidecar?.ports?.find(({ name }) => name === PORT.metrics)?.containerPort ?? 9090;
    const args = all.find(({ name }) => name === CONTAINER.restore)?.args ?? [];
    this.optional = args.filter((_, index) => args[index - 1] === "--optional");
    const started = containerStatuses(pod).find(({ name }) => name === CONTAINER.litestream)?.state
      ?.running?.startedAt;
    this.startedSeconds = started ? (Date.now() - new Date(started).getTime()) / 1000 : 0;
  }

  async files(): Promise<LitestreamFiles> {
    const { name, namespace } = this.app;
    try {
      const { data = {} } = await this.cluster.core.readNamespacedConfigMap({
        name: configMapName(name),
        namespace,
      });
      return readLitestreamFiles(data);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new Failure(`its ConfigMap ${configMapName(name)} is gone`);
    }
  }

  async metrics(): Promise<Metrics> {
    const place = { namespace: this.app.namespace, pod: `${this.app.name}-0`, port: this.port };
    return readMetrics(await getFromPod(this.cluster, place, "/metrics", METRICS_SECONDS));
  }

  /** How one database is. What hasn't arrived is given the time in which it should. */
  async at(
    path: string,
    files: LitestreamFiles,
    metrics: Metrics,
    unreachable: string | undefined,
  ): Promise<DatabaseState> {
    if (unreachable !== undefined) return { path, state: "unreachable", reason: unreachable };
    const known = {
      path,
      metrics: metrics.get(path),
      version03: isVersion03(metrics),
      optional: this.optional.includes(path),
      startedSeconds: this.startedSeconds,
      syncInterval: longestSyncInterval(files),
    };
    const look = async (began: number): Promise<DatabaseState> => {
      const end = await this.replicaEnd(path, files, known.version03);
      const live = asksAgain({ ...known, end }) ? (await this.metrics()).get(path) : undefined;
      return judge({ ...known, end, live, waited: (Date.now() - began) / 1000 });
    };
    const began = Date.now();
    let state = await look(began);
    const waits = patience(known.syncInterval);
    while (state.state === "behind" && Date.now() - began < waits * 1000) {
      await sleep(1000);
      const arrived = await look(began);
      // The lag is that of the first look: what was seen at one time.
      state = arrived.state === "synced" ? { ...arrived, lag: state.lag } : arrived;
    }
    return state;
  }

  private async replicaEnd(
    path: string,
    files: LitestreamFiles,
    version03: boolean,
  ): Promise<ReplicaEnd | { readonly unreachable: string }> {
    const place = {
      namespace: this.app.namespace,
      pod: `${this.app.name}-0`,
      container: CONTAINER.litestream,
    };
    try {
      const { code, stdout, stderr } = await exec(
        this.cluster,
        place,
        this.command(path, files, version03),
        {
          timeoutSeconds: REPLICA_SECONDS + 2,
        },
      );
      // 124 and 137 are those of `timeout`.
      if (code === 124 || code === 137)
        return { unreachable: `no answer within ${REPLICA_SECONDS} s` };
      if (code !== 0) return { unreachable: complaint(`${stdout}\n${stderr}`) };
      return version03 ? endOfWals(stdout) : endOfLtx(stdout);
    } catch (error) {
      if (error instanceof TimeoutFailure)
        return { unreachable: `no answer within ${REPLICA_SECONDS} s` };
      throw error;
    }
  }

  private command(path: string, files: LitestreamFiles, version03: boolean): string[] {
    const limit = this.plain ? [] : ["timeout", "-s", "KILL", String(REPLICA_SECONDS)];
    if (version03) return [...limit, "litestream", "wal", path];
    const ltx = ["litestream", "ltx", "-level", "all", "-json"];
    const file = fileInDirectory(files, path);
    if (file === undefined || singlePaths(files).includes(path)) return [...limit, ...ltx, path];
    // Only Litestream's configuration for all of a directory is in the pod.
    const script = `printf '%s' "$1" | ${[...limit, ...ltx].join(" ")} -config /dev/stdin "$2"`;
    return ["sh", "-c", script, "sh", litestreamText(file), path];
  }
}
