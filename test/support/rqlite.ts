import {
  type Manifest,
  manifests,
  RqliteCluster,
  type RqliteClusterProps,
  type RqliteSettings,
  Secret,
  Storage,
} from "../../src";
import { failure, newApp, ownStack, synthesized } from "./synth";

/** A cluster without anything wrong; the tests change one thing at a time. */
export const CLUSTER: RqliteClusterProps = {
  name: "notes",
  namespace: "notes",
  storage: Storage.claim({ size: "1Gi" }),
};

export const S3 = {
  bucket: "backups",
  path: "notes/db.sqlite.gz",
  credentials: Secret.existing("s3"),
} as const;

export const USERS = {
  nodes: { secret: Secret.existing("users"), key: "nodes" },
  verification: { secret: Secret.existing("users"), key: "verification" },
  clients: [
    {
      name: "app",
      password: { secret: Secret.existing("users"), key: "app" },
      permissions: ["query", "execute"],
    },
  ],
} as const;

/** Every setting with a value. */
export const EVERY_SETTING: Required<RqliteSettings> = {
  foreignKeys: true,
  autoVacuumInterval: "12h",
  autoOptimizeInterval: "6h",
  onDiskPath: "/rqlite/file/app.db",
  readOnlyConnections: 8,
  allowOrigin: "https://example.com",
  extensionPaths: ["/opt/extensions/icu.zip", "/opt/extensions/misc.zip"],
  clusterConnectTimeout: "20s",
  raftLogLevel: "INFO",
  heartbeatTimeout: "2s",
  electionTimeout: "3s",
  applyTimeout: "15s",
  leaderLeaseTimeout: "500ms",
  commitTimeout: "100ms",
  snapshotThreshold: 4096,
  snapshotWalBytes: 8388608,
  snapshotInterval: "20s",
  compressSnapshots: true,
  reapReadersAfter: "30m",
  writeQueueCapacity: 2048,
  writeQueueBatchSize: 256,
  writeQueueTimeout: "100ms",
  writeQueueTransaction: true,
};

/** The Kubernetes objects of a cluster with some props changed, by kind and name. */
export function clusterObjects(
  props: Partial<RqliteClusterProps> = {},
  variables: Record<string, string> = {},
): Record<string, any> {
  const app = newApp();
  new RqliteCluster(ownStack(app), "notes", { ...CLUSTER, ...props });
  const objects: Manifest[] = manifests(synthesized(app), variables);
  return Object.fromEntries(
    objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]),
  );
}

/** The lines that a synthesis with some props changed reports. */
export function clusterProblems(props: object): string[] {
  const app = newApp();
  new RqliteCluster(ownStack(app), "notes", { ...CLUSTER, ...props } as RqliteClusterProps);
  return reported(failure(app));
}

/** The problems in what a failed synthesis says. */
export function reported(message: string): string[] {
  return message
    .split("\n")
    .filter((line) => line.startsWith("  ") && !line.includes("problem"))
    .map((line) => line.trim());
}

/** The container of a node, and the flags that it gets. */
export function nodeOf(objects: Record<string, any>, set = "notes"): any {
  return objects[`StatefulSet/${set}`].spec.template.spec;
}

export function flagsOf(objects: Record<string, any>, set = "notes"): string[] {
  return nodeOf(objects, set).containers[0].args;
}
