/**
 * rqlited's flags that a person tunes. What a version doesn't have is refused. Durations are Go's ("500ms", "10s").
 *
 * @see https://rqlite.io/docs/guides/config/
 */
export interface RqliteSettings {
  /** Whether SQLite enforces foreign keys. @default false */
  readonly foreignKeys?: boolean;
  /** How often the database is vacuumed. Each time costs as much disk as the database has. @default never */
  readonly autoVacuumInterval?: string;
  /** How often `PRAGMA optimize` runs. From 9.0.0. @default 24h, rqlite's */
  readonly autoOptimizeInterval?: string;
  /**
   * Where the SQLite file is, below /rqlite/file. Until 9.4.5: 10 has no such flag, and a node that used it can't be
   * upgraded in place.
   *
   * @default in the data folder
   */
  readonly onDiskPath?: string;
  /** Connections for reading, at most. From 10.0.3. @default 0, no limit */
  readonly readOnlyConnections?: number;
  /** What browsers of other origins get as `Access-Control-Allow-Origin`. @default none */
  readonly allowOrigin?: string;
  /**
   * SQLite extensions that each node loads: folders, zip or tar.gz files in the image. From 8.27.0.
   *
   * @default none
   */
  readonly extensionPaths?: readonly string[];
  /** How long a node may take to answer another one's connection. @default 30s */
  readonly clusterConnectTimeout?: string;

  /** @default "WARN" */
  readonly raftLogLevel?: "DEBUG" | "INFO" | "WARN" | "ERROR";
  /** For how long a follower may hear nothing of the leader before it asks for an election. @default 1s */
  readonly heartbeatTimeout?: string;
  /** @default 1s */
  readonly electionTimeout?: string;
  /** How long a write may wait for the other nodes. @default 10s */
  readonly applyTimeout?: string;
  /** For how long a leader that hears no majority stays it. @default Raft's */
  readonly leaderLeaseTimeout?: string;
  /** From 10.0.0. @default Raft's */
  readonly commitTimeout?: string;
  /** After so many log entries a snapshot is taken. @default 8192 */
  readonly snapshotThreshold?: number;
  /** So large the WAL may become before a snapshot is taken, in bytes. @default 4194304 */
  readonly snapshotWalBytes?: number;
  /** How often it is looked whether a snapshot is due. @default 10s */
  readonly snapshotInterval?: string;
  /** Whether snapshots travel compressed. From 10.0.0. @default false */
  readonly compressSnapshots?: boolean;
  /**
   * After how long a read-only node that doesn't answer is removed from the cluster.
   *
   * @default never
   */
  readonly reapReadersAfter?: string;

  /** Queued writes: how many wait at most. @default 1024 */
  readonly writeQueueCapacity?: number;
  /** @default 128 */
  readonly writeQueueBatchSize?: number;
  /** @default 50ms */
  readonly writeQueueTimeout?: string;
  /** Whether each batch is one transaction. @default false */
  readonly writeQueueTransaction?: boolean;
}
