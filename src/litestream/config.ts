import type { SecretKey } from "../kubernetes/secret";

/**
 * The whole of litestream.yml as Litestream 0.5.16 reads it. Litestream ignores a key that it
 * doesn't know, so that a typo means no setting at all: here it doesn't compile, and is refused at
 * synth too. Durations are Go durations ("30s", "24h").
 *
 * A secret never stands in it: Litestream reads it from its environment, by itself or where the file
 * names the variable. Left out on purpose: what 0.5.16 refuses
 * (`age`) or calls deprecated (`replicas`, a replica's `name`), `url` but for NATS (the same as the single
 * keys), `nkey` (refused when connecting), `jwt` with `seed` (`creds` is a file with both), and replica settings
 * at the root, which each replica has itself.
 *
 * @see https://litestream.io/reference/config/
 */
export interface LitestreamConfig extends Omit<LitestreamSettings, "heartbeatUrl"> {
  /** Address for metrics, for example ":9090"; none are served without it. */
  readonly addr?: string;
  /** A command that Litestream runs, and with which it ends. */
  readonly exec?: string;
  /** Address of the MCP server. */
  readonly mcpAddr?: string;
  readonly heartbeatUrl?: FromEnvironment;
  readonly dbs: readonly DatabaseConfig[];
}

/** A secret text, which Litestream takes from its environment when it reads the file. */
export interface FromEnvironment {
  /** The variable's name. */
  readonly variable: string;
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
  /**
   * `enabled: false` is for buckets that forbid deletion: Litestream deletes nothing, and the bucket's own
   * rules must. A rule that expires objects by age takes the only snapshot of an app that writes
   * nothing for so long.
   *
   * @default true
   */
  readonly retention?: { readonly enabled?: boolean };
  /**
   * A URL that is asked for whenever all databases synced within the interval, from a Secret: whoever
   * knows it can keep an alarm silent. It is the one signal that also says "no longer replicating".
   */
  readonly heartbeatUrl?: SecretKey;
  /** At least a minute. @default "5m" */
  readonly heartbeatInterval?: string;
  /** How long the last sync of **each** database is tried for when Litestream is told to stop. */
  readonly shutdownSyncTimeout?: string;
  /** Time between two tries of that last sync. @default "500ms" */
  readonly shutdownSyncInterval?: string;
  /** The control socket, for `litestream list`, `info`, `sync -wait`. */
  readonly socket?: {
    /** @default false */
    readonly enabled?: boolean;
    /** In a folder that Litestream may write. @default "/run/litestream/litestream.sock" */
    readonly path?: string;
    /** As a decimal number; 384 is 0600. @default 384 */
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
  /**
   * Folder for Litestream's own files. Only with `hardened` or version 0.3: elsewhere the pod's checks look
   * for them beside the database.
   *
   * @default ".NAME-litestream" beside the database
   */
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
  /** A shell pattern for names of files. */
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
  /**
   * Starts anew with a full snapshot by itself when Litestream's local files are damaged or missing. The cost:
   * transactions that were not uploaded yet can no longer be restored one by one, and what was wrong goes
   * unnoticed. Without it replication of the database stands still, with ERROR lines, until a person
   * looks.
   *
   * @default false
   */
  readonly autoRecover?: boolean;
}

/** How files are put into an S3 bucket. */
export interface S3Settings {
  /** @default the region of the bucket, asked for at start; with an endpoint "us-east-1" */
  readonly region?: string;
  /**
   * URL of a service other than AWS, without the bucket: "https://minio.example.com:9000" for MinIO,
   * "https://ACCOUNT.r2.cloudflarestorage.com" for R2 (region "auto"), "https://s3.REGION.backblazeb2.com" for B2,
   * "https://t3.storage.dev" for Tigris (region "auto"). Litestream knows what these and a few more want by
   * their hosts; docs/replicas.md has a table.
   */
  readonly endpoint?: string;
  /** @default true with an endpoint, false without */
  readonly forcePathStyle?: boolean;
  /** @default true */
  readonly signPayload?: boolean;
  /** @default true; false for Tigris */
  readonly requireContentMd5?: boolean;
  /** Don't check the endpoint's certificate. @default false */
  readonly skipVerify?: boolean;
  readonly storageClass?: string;
  /** For example "10MiB". @default "5MiB" */
  readonly partSize?: string;
  /** Parts uploaded side by side. @default 5; 2 for R2, which takes no more */
  readonly concurrency?: number;
  readonly sseKmsKeyId?: string;
}

/** What only the rendered file says of an S3 replica. */
interface S3Files {
  /** The file with the key of SSE-C. */
  readonly sseCustomerKeyPath?: string;
}

/** Where the containers of an account of Azure Blob Storage are. */
export interface AbsSettings {
  /**
   * URL of the account's blob service, without the container.
   *
   * @default "https://ACCOUNT.blob.core.windows.net"
   */
  readonly endpoint?: string;
}

/** How files are put onto an SFTP server. */
export interface SftpSettings {
  /** Writes the parts of a file side by side, which is faster. @default true */
  readonly concurrentWrites?: boolean;
}

/** What only the rendered file says of an SFTP replica. */
interface SftpFiles {
  readonly host: string;
  readonly user: string;
  readonly password?: FromEnvironment;
  readonly keyPath?: string;
  readonly hostKey?: string;
}

/** How Litestream stays connected to a NATS server. */
export interface NatsSettings {
  /** Encrypt although the server doesn't ask for it, with a certificate that the image's roots vouch for. @default false */
  readonly tls?: boolean;
  /** Tries to reach the server again; -1 for ever. @default -1 */
  readonly maxReconnects?: number;
  /** Time between two of them. @default "2s" */
  readonly reconnectWait?: string;
  /** Time to connect in. @default "10s" */
  readonly timeout?: string;
}

/** What only the rendered file says of a NATS replica. */
interface NatsFiles {
  /** Server and bucket: `nats://host:port/bucket`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: FromEnvironment;
  readonly token?: FromEnvironment;
  readonly creds?: string;
  readonly rootCas?: readonly string[];
  readonly clientCert?: string;
  readonly clientKey?: string;
}

/** How files are put into a bucket of Alibaba Cloud OSS. */
export interface OssSettings {
  /** For example "https://oss-eu-central-1-internal.aliyuncs.com". @default the region's public one */
  readonly endpoint?: string;
  /** For example "10MiB". @default "6MiB" */
  readonly partSize?: string;
  /** Parts uploaded side by side. @default 3 */
  readonly concurrency?: number;
}

interface InBucket {
  readonly bucket: string;
  readonly path: string;
}

export type ReplicaConfig = ReplicaSettings &
  (
    | ({ readonly type: "s3" } & InBucket & S3Settings & S3Files)
    | ({ readonly type: "gs" } & InBucket)
    | ({ readonly type: "abs" } & InBucket & { readonly accountName: string } & AbsSettings)
    | ({ readonly type: "oss" } & InBucket & { readonly region: string } & OssSettings)
    | ({ readonly type: "sftp"; readonly path: string } & SftpSettings & SftpFiles)
    | ({ readonly type: "nats" } & NatsSettings & NatsFiles)
    | {
        readonly type: "webdav";
        readonly path: string;
        readonly webdavUrl: string;
        readonly webdavUsername: string;
        readonly webdavPassword: FromEnvironment;
      }
    | { readonly type: "file"; readonly path: string }
  );
