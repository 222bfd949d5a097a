/**
 * Defaults of {@link LitestreamApp}; the `@default` of each prop states the same, and a test
 * compares the two.
 */
export const DEFAULTS = {
  version: "0.5",
  sidecar: "native",
  litestreamImage: "litestream/litestream:0.5.16",
  rcloneImage: "rclone/rclone:1.71.0",
  /** Litestream's binary and nothing else: no shell, no sqlite3. */
  hardenedImage: "litestream/litestream:0.5.16-scratch",
  /** Alpine without sqlite3. */
  litestream03Image: "litestream/litestream:0.3.13",
  metricsPort: 9090,
  restoreIntegrityCheck: "quick",
  whenVolumeIsOlder: "refuse",
  stopTimeout: "30s",
  /** Litestream's own. */
  syncInterval: "1s",
  snapshotInterval: "24h",
  /** 14 days: a weekly proof must be able to look back. */
  snapshotRetention: "336h",
  shutdownSyncTimeout: "30s",
  /** On ephemeral storage what isn't synced is gone with the pod. */
  shutdownSyncTimeoutEphemeral: "5m",
  litestreamResources: {
    requests: { cpu: "20m", memory: "64Mi" },
    limits: { cpu: "1", memory: "512Mi" },
  },
} as const;

/** Added to the grace period for what Litestream and the kubelet need besides. Seconds. */
export const GRACE_MARGIN_SECONDS = 10;
