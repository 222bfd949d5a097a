import { posix } from "node:path";
import { asText, isExpression } from "../terraform/expression";
import type { LitestreamConfig } from "./config";
import { type Database, database, replicaFolder } from "./database";
import { DEFAULTS, GRACE_MARGIN_SECONDS, REPLICA_MOUNT, RESTORE_FROM_MOUNT } from "./defaults";
import { milliseconds } from "./duration";
import type { LitestreamAppProps, WhenNoBackup } from "./props";
import { type Replica, replicaConfig } from "./replica";

/** What the props of one app come to: every default filled in, plain data, no construct. */
export interface LitestreamAppConfig {
  readonly databases: readonly Database[];
  /** Where the app's storage is mounted; undefined when it can't be derived. */
  readonly mountPath: string | undefined;
  readonly whenNoBackup: WhenNoBackup | undefined;
  readonly metricsPort: number;
  readonly litestream: LitestreamConfig;
  /** The same databases with `restoreFrom` as their replica. */
  readonly restoreFrom: LitestreamConfig | undefined;
  /** Undefined when a duration it depends on isn't one. */
  readonly terminationGracePeriodSeconds: number | undefined;
}

export function appConfig(props: LitestreamAppProps): LitestreamAppConfig {
  const databases = Array.isArray(props.databases) ? props.databases.map(database) : [];
  const metricsPort = props.metricsPort ?? DEFAULTS.metricsPort;
  const litestream = litestreamConfig(props, databases, metricsPort);
  return {
    databases,
    mountPath: props.mountPath ?? commonFolder(props, databases),
    whenNoBackup:
      props.whenNoBackup ?? (props.storage?.kind === "ephemeral" ? undefined : "start-empty"),
    metricsPort,
    litestream,
    restoreFrom: props.restoreFrom && {
      dbs: databaseEntries(databases, props.restoreFrom, RESTORE_FROM_MOUNT),
    },
    terminationGracePeriodSeconds: gracePeriod(props, databases.length, litestream),
  };
}

function litestreamConfig(
  { litestream = {}, replica, storage }: LitestreamAppProps,
  databases: readonly Database[],
  metricsPort: number,
): LitestreamConfig {
  const shutdownSyncTimeout =
    storage?.kind === "ephemeral"
      ? DEFAULTS.shutdownSyncTimeoutEphemeral
      : DEFAULTS.shutdownSyncTimeout;
  return {
    shutdownSyncTimeout,
    ...litestream,
    addr: `:${asText(metricsPort)}`,
    snapshot: {
      interval: DEFAULTS.snapshotInterval,
      retention: DEFAULTS.snapshotRetention,
      ...litestream.snapshot,
    },
    logging: { type: "json", ...litestream.logging },
    dbs: replica ? databaseEntries(databases, replica, REPLICA_MOUNT) : [],
  };
}

function databaseEntries(databases: readonly Database[], replica: Replica, mountPath: string) {
  return databases.map((one) => ({
    path: one.path,
    ...one.settings,
    replica: replicaConfig(replica, replicaFolder(one), mountPath),
  }));
}

/** The deepest folder that holds all databases that lie in none of the app's other volumes. */
function commonFolder(
  { volumes = [] }: LitestreamAppProps,
  databases: readonly Database[],
): string | undefined {
  const folders = databases
    .map(({ path }) => path)
    .filter((path) => typeof path === "string" && path.startsWith("/") && !isExpression(path))
    .filter((path) => !volumes.some(({ mountPath }) => holds(mountPath, path)))
    .map((path) => posix.dirname(path).split("/"));
  const [first, ...others] = folders;
  if (!first) return undefined;
  const shared = first.findIndex((part, index) => others.some((folder) => folder[index] !== part));
  const common = (shared < 0 ? first : first.slice(0, shared)).join("/");
  return common === "" ? undefined : common;
}

/** Whether a path lies in a folder. */
export function holds(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/**
 * Kubernetes gives a pod one time to stop. A native sidecar is told to stop only when the app has
 * ended, and Litestream then closes its databases one after another.
 */
function gracePeriod(
  { stopTimeout = DEFAULTS.stopTimeout }: LitestreamAppProps,
  databases: number,
  { shutdownSyncTimeout = DEFAULTS.shutdownSyncTimeout }: LitestreamConfig,
): number | undefined {
  const stop = milliseconds(String(stopTimeout));
  const sync = milliseconds(String(shutdownSyncTimeout));
  if (stop === undefined || sync === undefined) return undefined;
  return Math.ceil((stop + databases * sync) / 1000) + GRACE_MARGIN_SECONDS;
}
