/** Defaults of {@link LitefsCluster}; the `@default` of each prop states the same, and a test compares the two. */
export const LITEFS_DEFAULTS = {
  replicas: 3,
  clusterDomain: "cluster.local",
  /** Alpine with LiteFS, fuse3 and busybox: what the sidecar's scripts need. */
  litefsImage: "flyio/litefs:0.5",
  litestreamImage: "litestream/litestream:0.5.16",
  routerImage: "haproxy:3.2-alpine",
  routerReplicas: 2,
  maxLag: "10s",
  retention: "10m",
  stopTimeout: "30s",
  backupInterval: "2m",
  /** 8 days: a weekly proof must be able to look back. */
  backupRetention: "192h",
  whenPrimaryIsEmpty: "refuse",
  litefsResources: {
    requests: { cpu: "50m", memory: "64Mi" },
    limits: { cpu: "1", memory: "512Mi" },
  },
  /** Of the guard, of which a Perl that sleeps is left once LiteFS runs; its limits are the backup's, as it restores. */
  guardRequests: { cpu: "1m", memory: "16Mi" },
  backupResources: {
    requests: { cpu: "20m", memory: "64Mi" },
    limits: { cpu: "1", memory: "512Mi" },
  },
  routerResources: {
    requests: { cpu: "20m", memory: "32Mi" },
    limits: { cpu: "1", memory: "128Mi" },
  },
} as const;
