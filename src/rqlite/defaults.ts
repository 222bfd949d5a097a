/** Defaults of {@link RqliteCluster}; the `@default` of each prop states the same, and a test compares the two. */
export const RQLITE_DEFAULTS = {
  version: "10.2.7",
  voters: 3,
  spread: "require",
  startupTimeout: "10m",
  curlImage: "curlimages/curl:8.16.0",
  /** An image with sh, sqlite3, gzip and Perl, for the proof of a backup. */
  proofImage: "litestream/litestream:0.5.16",
  resources: {
    requests: { cpu: "100m", memory: "256Mi" },
    limits: { cpu: "2", memory: "1Gi" },
  },
  backupInterval: "1h",
  restoreTimeout: "30m",
  region: "us-east-1",
  accessKeyIdKey: "AWS_ACCESS_KEY_ID",
  secretAccessKeyKey: "AWS_SECRET_ACCESS_KEY",
} as const;

/** A node's grace period without the time for its data, and what each gibibyte of its volume adds. Seconds. */
export const GRACE_SECONDS = 10;
export const GRACE_SECONDS_PER_GIB = 1;

/** How often a node tries to join a cluster before its container starts anew, as upstream advises. */
export const JOIN = { interval: "1s", attempts: 120 } as const;
