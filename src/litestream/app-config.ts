import { posix } from "node:path";
import { asText, isExpression } from "../terraform/expression";
import type { DatabaseConfig, LitestreamConfig } from "./config";
import { type Database, directories, replicaFolder, singleDatabases } from "./database";
import { DEFAULTS, GRACE_MARGIN_SECONDS } from "./defaults";
import { type Directory, directoryFolder } from "./directory";
import { milliseconds } from "../kubernetes/duration";
import { DATABASE_MARKER, REPLICA_PLACE, RESTORE_FROM_PLACE, SOCKET } from "./folders";
import type { LitestreamAppProps, WhenNoBackup } from "./props";
import { type Replica, replicaConfig } from "./replica";
import type { Place } from "./replica/type";

/** The variable with the heartbeat's URL. */
export const HEARTBEAT_URL = "LITESTREAM_HEARTBEAT_URL";

/** What the props of one app come to: every default filled in, plain data, no construct. */
export interface LitestreamAppConfig {
  readonly databases: readonly Database[];
  readonly directories: readonly Directory[];
  /** Where the app's storage is mounted; undefined when it can't be derived. */
  readonly mountPath: string | undefined;
  readonly whenNoBackup: WhenNoBackup | undefined;
  readonly metricsPort: number;
  readonly litestream: LitestreamConfig;
  /** The same databases with `restoreFrom` as their replica. */
  readonly restoreFrom: LitestreamConfig | undefined;
  /** For how long nobody may have written to the replica before it is restored. */
  readonly quietSeconds: number;
  /** Undefined when a duration it depends on isn't one. */
  readonly terminationGracePeriodSeconds: number | undefined;
}

export function appConfig(props: LitestreamAppProps): LitestreamAppConfig {
  const declared = Array.isArray(props.databases) ? props.databases : [];
  const every = { databases: singleDatabases(declared), directories: directories(declared) };
  const metricsPort = props.metricsPort ?? DEFAULTS.metricsPort;
  const litestream = litestreamConfig(props, every, metricsPort);
  return {
    ...every,
    mountPath: props.mountPath ?? commonFolder(props, every),
    whenNoBackup:
      props.whenNoBackup ?? (props.storage?.kind === "ephemeral" ? undefined : "start-empty"),
    metricsPort,
    litestream,
    restoreFrom: props.restoreFrom && {
      dbs: databaseEntries(every.databases, props.restoreFrom, RESTORE_FROM_PLACE),
    },
    quietSeconds: quietTime(props),
    terminationGracePeriodSeconds:
      props.terminationGracePeriodSeconds ?? shortestGracePeriod(props, every, litestream),
  };
}

export type Declared = Pick<LitestreamAppConfig, "databases" | "directories">;

function litestreamConfig(
  { litestream = {}, replica, storage }: LitestreamAppProps,
  { databases, directories: folders }: Declared,
  metricsPort: number,
): LitestreamConfig {
  const shutdownSyncTimeout =
    storage?.kind === "ephemeral"
      ? DEFAULTS.shutdownSyncTimeoutEphemeral
      : DEFAULTS.shutdownSyncTimeout;
  const { heartbeatUrl, socket, ...settings } = litestream;
  return {
    ...settings,
    ...(heartbeatUrl && { heartbeatUrl: { variable: HEARTBEAT_URL } }),
    ...(socket && { socket: { ...socket, path: socket.path ?? SOCKET } }),
    shutdownSyncTimeout: litestream.shutdownSyncTimeout ?? shutdownSyncTimeout,
    addr: `:${asText(metricsPort)}`,
    snapshot: {
      ...litestream.snapshot,
      interval: litestream.snapshot?.interval ?? DEFAULTS.snapshotInterval,
      retention: litestream.snapshot?.retention ?? DEFAULTS.snapshotRetention,
    },
    logging: { ...litestream.logging, type: litestream.logging?.type ?? "json" },
    dbs: replica
      ? [
          ...databaseEntries(databases, replica, REPLICA_PLACE),
          ...folders.map((one) => directoryEntry(one, replica)),
        ]
      : [],
  };
}

function databaseEntries(
  databases: readonly Database[],
  replica: Replica,
  place: Omit<Place, "folder">,
) {
  return databases.map((one) => ({
    path: one.path,
    ...one.settings,
    replica: replicaConfig(replica, { ...place, folder: replicaFolder(one) }),
  }));
}

function directoryEntry(one: Directory, replica: Replica): DatabaseConfig {
  const { dir, pattern, recursive = false, watch = true, settings } = one;
  return {
    dir,
    pattern,
    recursive,
    watch,
    ...settings,
    replica: replicaConfig(replica, { ...REPLICA_PLACE, folder: directoryFolder(one) }),
  };
}

/** The entry of one database of a directory, with {@link DATABASE_MARKER} for its name. */
export function directoryTemplate(
  one: Directory,
  replica: Replica,
  place: Omit<Place, "folder">,
): LitestreamConfig {
  const folder = `${directoryFolder(one)}/${DATABASE_MARKER}`;
  return {
    dbs: [
      {
        path: `${one.dir}/${DATABASE_MARKER}`,
        ...one.settings,
        replica: replicaConfig(replica, { ...place, folder }),
      },
    ],
  };
}

/** The deepest folder that holds all databases that lie in none of the app's other volumes. */
function commonFolder(
  { volumes = [] }: LitestreamAppProps,
  { databases, directories: declared }: Declared,
): string | undefined {
  const folders = [
    ...databases.map(({ path }) => path).map((path) => (isText(path) ? posix.dirname(path) : path)),
    ...declared.map(({ dir }) => dir),
  ]
    .filter((folder) => isText(folder) && folder.startsWith("/"))
    .filter((folder) => !volumes.some(({ mountPath }) => holds(mountPath, `${folder}/`)))
    .map((folder) => folder.split("/"));
  const [first, ...others] = folders;
  if (!first) return undefined;
  const shared = first.findIndex((part, index) => others.some((folder) => folder[index] !== part));
  const common = (shared < 0 ? first : first.slice(0, shared)).join("/");
  return common === "" ? undefined : common;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !isExpression(value);
}

/** Where a database or directory on a claim made elsewhere lies: the claim, and the path in it. */
export function fileOnClaim(
  { storage, volumes = [] }: LitestreamAppProps,
  { mountPath }: LitestreamAppConfig,
  path: string,
): [string, string] | undefined {
  const mounts = [...(mountPath === undefined ? [] : [{ mountPath, storage }]), ...volumes];
  const mount = mounts.find((one) => holds(one.mountPath, `${path}/`));
  if (mount?.storage.kind !== "existingClaim") return undefined;
  return [mount.storage.claimName, path.slice(mount.mountPath.length)];
}

/** Whether a path lies in a folder. */
export function holds(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/**
 * Kubernetes gives a pod one time to stop. A native sidecar is told to stop only when the app has
 * ended, and Litestream then closes its databases one after another. Seconds; undefined when a
 * duration isn't one.
 */
export function shortestGracePeriod(
  { stopTimeout = DEFAULTS.stopTimeout }: LitestreamAppProps,
  { databases, directories: declared }: Declared,
  { shutdownSyncTimeout = DEFAULTS.shutdownSyncTimeout }: LitestreamConfig,
): number | undefined {
  const stop = milliseconds(String(stopTimeout));
  const sync = milliseconds(String(shutdownSyncTimeout));
  if (stop === undefined || sync === undefined) return undefined;
  const count = declared.reduce((sum, { atMost }) => sum + atMost, databases.length);
  return Math.ceil((stop + count * sync) / 1000) + GRACE_MARGIN_SECONDS;
}

/** Longer is not waited for: a start would take too long. Seconds. */
const LONGEST_QUIET = 30;

/** A writer that is alive shows within its sync interval; two seconds more for the upload. */
function quietTime({ replica }: LitestreamAppProps): number {
  const interval = milliseconds(String(replica?.syncInterval ?? DEFAULTS.syncInterval));
  return Math.min(Math.ceil((interval ?? 1000) / 1000) + 2, LONGEST_QUIET);
}
