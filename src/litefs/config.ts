import { posix } from "node:path";
import { seconds } from "../kubernetes/duration";
import type { DatabaseConfig, LitestreamConfig } from "../litestream/config";
import { REPLICA_PLACE } from "../litestream/folders";
import { replicaConfig } from "../litestream/replica";
import { isExpression } from "../terraform/expression";
import { LITEFS_DEFAULTS as D } from "./defaults";
import { BACKUP_FOLDER, type ClusterPlace } from "./names";
import type { LitefsClusterProps } from "./props";

/** The note in the replica: that the cluster was started, and how far each database was when it was exported last. */
export const NOTE = { file: "cluster-note.db", folder: "cluster-note" } as const;

/** What the props of a cluster come to: every default filled in, plain data, no construct. */
export interface LitefsClusterConfig {
  readonly place: ClusterPlace;
  /** The databases' paths, and their names to LiteFS. */
  readonly paths: readonly string[];
  readonly databases: readonly string[];
  /** The folder of the databases, where LiteFS mounts itself; undefined when it can't be derived. */
  readonly mountPath: string | undefined;
  /**
   * Where the volume with that folder is in LiteFS's container and the app's: one level above, as a container can't be
   * started again while a mount that a dead LiteFS has left is the volume itself.
   */
  readonly volumePath: string | undefined;
  readonly replicas: number;
  readonly routerReplicas: number;
  readonly primaryPaths: readonly string[];
  readonly maxLag: string;
  readonly retention: string;
  readonly stopSeconds: number;
  readonly terminationGracePeriodSeconds: number;
  readonly backupSeconds: number;
  /** The exported databases and the note, as Litestream hands them over and restores them. */
  readonly litestream: LitestreamConfig;
}

/** What LiteFS needs to end, and a last backup is tried for. Seconds. */
const LITEFS_STOPS = 15;
const LAST_BACKUP = 60;

export function clusterConfig(props: LitefsClusterProps): LitefsClusterConfig {
  const { namespace, backup = {}, router = {} } = props;
  const paths = Array.isArray(props.databases) ? props.databases : [];
  const mountPath = folderOf(paths);
  const stopSeconds = Math.ceil(seconds(props.stopTimeout ?? D.stopTimeout) ?? 0);
  return {
    place: {
      name: props.name,
      namespace: typeof namespace === "object" ? namespace.name : namespace,
      clusterDomain: props.clusterDomain ?? D.clusterDomain,
    },
    paths,
    databases: paths.map((path) => posix.basename(String(path))),
    mountPath,
    volumePath: mountPath === undefined || props.exec ? mountPath : posix.dirname(mountPath),
    replicas: props.replicas ?? D.replicas,
    routerReplicas: router.replicas ?? D.routerReplicas,
    primaryPaths: router.primaryPaths ?? [],
    maxLag: props.maxLag ?? D.maxLag,
    retention: props.retention ?? D.retention,
    stopSeconds,
    terminationGracePeriodSeconds: stopSeconds + LITEFS_STOPS + LAST_BACKUP,
    backupSeconds: Math.ceil(seconds(backup.interval ?? D.backupInterval) ?? 0),
    litestream: litestreamConfig(props, paths),
  };
}

/** One of the databases, or the note, as Litestream takes it. */
function entry({ replica }: LitefsClusterProps, file: string, folder: string): DatabaseConfig {
  return {
    path: `${BACKUP_FOLDER}/${file}`,
    replica: replicaConfig(replica, { ...REPLICA_PLACE, folder }),
  };
}

function litestreamConfig(props: LitefsClusterProps, paths: readonly string[]): LitestreamConfig {
  const { retention = D.backupRetention } = props.backup ?? {};
  const names = paths.map((path) => posix.basename(String(path)));
  const known = props.replica?.kind !== undefined;
  return {
    snapshot: { interval: "24h", retention },
    // Every export is the whole database; an hour's are made one, as none would be deleted before `retention`.
    levels: [{ interval: "1h" }],
    socket: { enabled: true, path: `${BACKUP_FOLDER}/litestream.sock` },
    logging: { type: "json" },
    dbs: known
      ? [...names.map((name) => entry(props, name, name)), entry(props, NOTE.file, NOTE.folder)]
      : [],
  };
}

/** litestream.yml with the note alone, as the cluster's start is noted before Litestream runs. */
export function noteOnly({ dbs, logging }: LitestreamConfig): LitestreamConfig {
  return { logging, dbs: dbs.slice(-1) };
}

/** The folder that holds all databases, and nothing below it. */
function folderOf(paths: readonly unknown[]): string | undefined {
  const folders = paths.map((path) =>
    typeof path === "string" && !isExpression(path) ? posix.dirname(path) : undefined,
  );
  const [first] = folders;
  if (first === undefined || first === "/" || !first.startsWith("/")) return undefined;
  return folders.every((folder) => folder === first) ? first : undefined;
}
