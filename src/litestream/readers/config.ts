import { storageSize } from "../../kubernetes/storage";
import { VOLUME } from "../../kubernetes/names";
import { isExpression } from "../../terraform/expression";
import { holds } from "../app-config";
import type { LitestreamConfig } from "../config";
import { type Database, replicaFolder } from "../database";
import { DEFAULTS, GRACE_MARGIN_SECONDS } from "../defaults";
import { seconds } from "../../kubernetes/duration";
import { REPLICA_PLACE } from "../folders";
import { volumeName } from "../names";
import { replicaConfig } from "../replica";
import type { LitestreamReadersProps } from "./props";

/** Defaults of {@link LitestreamReadersProps} that aren't the app's own or those of an app. */
export const READERS_DEFAULTS = { replicas: 1, maxLag: "10s" } as const;

/** What Litestream says of a database and an upload take besides the intervals. Seconds. */
const OVERHEAD_SECONDS = 2;

/** What the props of some readers come to: every default filled in, plain data, no construct. */
export interface LitestreamReadersConfig {
  readonly replicas: number;
  readonly databases: readonly Database[];
  /** The folders in which the databases lie. */
  readonly folders: readonly { readonly name: string; readonly mountPath: string }[];
  readonly sizeLimit: string | undefined;
  readonly image: string;
  readonly port: number;
  readonly metricsPort: number;
  /** Undefined when it isn't a duration. */
  readonly maxLagSeconds: number | undefined;
  /** How long a reader lags at most when nothing is wrong, and the app writes all the time. */
  readonly usualLagSeconds: number;
  /** After so long the app's Litestream has uploaded what is new. */
  readonly syncSeconds: number;
  readonly litestream: LitestreamConfig;
  /** Undefined when `stopTimeout` isn't a duration. */
  readonly terminationGracePeriodSeconds: number | undefined;
}

export function readersConfig(props: LitestreamReadersProps): LitestreamReadersConfig {
  const { props: app, config } = props.of;
  const { databases } = config;
  const syncSeconds = seconds(app.replica.syncInterval) ?? 1;
  const monitors = databases.map(({ settings }) => seconds(settings?.monitorInterval) ?? 1);
  const stop = seconds(props.stopTimeout ?? DEFAULTS.stopTimeout);
  return {
    replicas: props.replicas ?? READERS_DEFAULTS.replicas,
    databases,
    folders: foldersOf(props),
    sizeLimit: props.sizeLimit ?? storageSize(app.storage),
    image: props.image ?? app.image,
    port: props.port ?? app.port,
    metricsPort: props.metricsPort ?? DEFAULTS.metricsPort,
    maxLagSeconds: seconds(props.maxLag ?? READERS_DEFAULTS.maxLag),
    usualLagSeconds: Math.ceil(Math.max(1, ...monitors) + syncSeconds + OVERHEAD_SECONDS),
    syncSeconds,
    litestream: {
      dbs: databases.map((one) => ({
        path: one.path,
        replica: replicaConfig(app.replica, { ...REPLICA_PLACE, folder: replicaFolder(one) }),
      })),
    },
    terminationGracePeriodSeconds:
      stop === undefined ? undefined : Math.ceil(stop) + GRACE_MARGIN_SECONDS,
  };
}

/** The app's storage, and those of its volumes that hold a database. */
function foldersOf({ of }: LitestreamReadersProps) {
  const { databases, mountPath } = of.config;
  const holdsDatabase = (folder: string) =>
    databases.some(({ path }) => isExpression(path) || holds(folder, path));
  const volumes = (of.props.volumes ?? []).map((volume) => ({
    name: volumeName(volume.mountPath),
    mountPath: volume.mountPath,
  }));
  const storage = mountPath === undefined ? [] : [{ name: VOLUME.data as string, mountPath }];
  return [...storage, ...volumes].filter((folder) => holdsDatabase(folder.mountPath));
}
