/**
 * The whole of litestream.yml as Litestream 0.5.16 reads it. Litestream ignores a key that it
 * doesn't know, so that a typo means no setting at all: here it doesn't compile, and is refused at
 * synth too. Durations are Go durations ("30s", "24h").
 *
 * Left out on purpose: keys that hold a secret (they come as environment variables), what 0.5.16 refuses
 * (`age`) or calls deprecated (`replicas`, a replica's `name`), `url` (the same as the single keys), and replica
 * settings at the root, which each replica has itself.
 *
 * @see https://litestream.io/reference/config/
 */
export interface LitestreamConfig extends LitestreamSettings {
  /** Address for metrics, for example ":9090"; none are served without it. */
  readonly addr?: string;
  /** A command that Litestream runs, and with which it ends. */
  readonly exec?: string;
  /** Address of the MCP server. */
  readonly mcpAddr?: string;
  readonly dbs: readonly DatabaseConfig[];
}

/** What holds for all databases. */
export interface LitestreamSettings {
  readonly snapshot?: SnapshotConfig;
  /** Intervals of the compaction levels above the first. @default 30s, 5m, 1h */
  readonly levels?: readonly { readonly interval: string }[];
  /** Checks this often that the replica's files follow on each other without a gap. No restore. @default never */
  readonly validation?: { readonly interval?: string };
  /** How long files of the first level are kept after they were compacted. @default "5m" */
  readonly l0Retention?: string;
  /** @default "15s" */
  readonly l0RetentionCheckInterval?: string;
  /** Checks after each compaction that no transaction is missing, and warns. @default false */
  readonly verifyCompaction?: boolean;
  /** `enabled: false` leaves deletion of old files to the bucket's own rules. @default true */
  readonly retention?: { readonly enabled?: boolean };
  /**
   * A URL that is asked for when all databases synced within the interval. It is readable in the
   * ConfigMap: take one that only knows how to ping.
   */
  readonly heartbeatUrl?: string;
  /** At least a minute. @default "5m" */
  readonly heartbeatInterval?: string;
  /** How long the last sync of **each** database is tried for when Litestream is told to stop. */
  readonly shutdownSyncTimeout?: string;
  /** Time between two tries of that last sync. @default "500ms" */
  readonly shutdownSyncInterval?: string;
  /** The control socket, for `litestream list`, `info`, `sync -wait`. */
  readonly socket?: {
    readonly enabled?: boolean;
    readonly path?: string;
    readonly permissions?: number;
  };
  readonly logging?: {
    readonly level?: "trace" | "debug" | "info" | "warn" | "error";
    readonly type?: "text" | "json";
    readonly stderr?: boolean;
    readonly source?: boolean;
  };
}

export interface SnapshotConfig {
  /** Time between two full copies. @default "24h" */
  readonly interval?: string;
  /** How long they, and all changes since them, are kept: how far back a restore can go. */
  readonly retention?: string;
}

/** What holds for one database. */
export interface DatabaseSettings {
  /** Folder for Litestream's own files. @default ".NAME-litestream" beside the database */
  readonly metaPath?: string;
  /** How often the WAL is looked at. @default "1s" */
  readonly monitorInterval?: string;
  /** @default "1m" */
  readonly checkpointInterval?: string;
  /** @default "1s" */
  readonly busyTimeout?: string;
  /** Pages in the WAL from which a passive checkpoint is tried. @default 1000 */
  readonly minCheckpointPageCount?: number;
  /** Pages in the WAL from which a blocking checkpoint is made. @default 121359 */
  readonly truncatePageN?: number;
  /** Bytes of WAL handled in one go. @default 67108864 */
  readonly maxSyncWalBytes?: number;
}

/** One entry of `dbs`: one database by `path`, or all of a folder by `dir`. */
export interface DatabaseConfig extends DatabaseSettings {
  readonly path?: string;
  readonly dir?: string;
  readonly pattern?: string;
  readonly recursive?: boolean;
  readonly watch?: boolean;
  readonly metaDir?: string;
  readonly snapshot?: SnapshotConfig;
  readonly restoreIfDbNotExists?: boolean;
  readonly replica: ReplicaConfig;
}

/** What every type of replica understands. */
export interface ReplicaSettings {
  /** Time between two uploads: what a lost machine may cost. @default "1s" */
  readonly syncInterval?: string;
  /** Read by Litestream, without effect in 0.5.16: see `validation`. */
  readonly validationInterval?: string;
  /** Files uploaded in one go; 0 for all. @default 256 */
  readonly maxSyncLtxFiles?: number;
  /** Drops local state by itself when it is damaged, and with it what was not uploaded. @default false */
  readonly autoRecover?: boolean;
}

/** How files are put into an S3 bucket. */
export interface S3Settings {
  /** @default the region of the bucket, asked for at start */
  readonly region?: string;
  /** URL of a service other than AWS, for example "https://minio.example.com:9000". */
  readonly endpoint?: string;
  /** @default true with an endpoint, false without */
  readonly forcePathStyle?: boolean;
  /** @default true */
  readonly signPayload?: boolean;
  /** @default true, but false for Tigris */
  readonly requireContentMd5?: boolean;
  /** Don't check the endpoint's certificate. @default false */
  readonly skipVerify?: boolean;
  readonly storageClass?: string;
  /** For example "5MiB". */
  readonly partSize?: string;
  readonly concurrency?: number;
  readonly sseKmsKeyId?: string;
}

export type ReplicaConfig =
  | ({ readonly type: "s3"; readonly bucket: string; readonly path: string } & S3Settings &
      ReplicaSettings)
  | ({ readonly type: "file"; readonly path: string } & ReplicaSettings);
