import type { RqliteSettings } from "./settings";
import { atLeast } from "./version";

/** A flag of rqlited as some versions have it. */
export interface Flag {
  readonly name: string;
  /** The first version that has it. @default the oldest known */
  readonly since?: string;
  /** The first version that has it no more. @default still there */
  readonly until?: string;
}

/** What a setting takes. */
export type Kind =
  | { readonly kind: "flag" | "duration" | "path" | "paths" | "text" }
  | { readonly kind: "number"; readonly least: number }
  | { readonly kind: "choice"; readonly of: readonly string[] };

export interface Setting {
  readonly takes: Kind;
  /** Its names; more than one where it was renamed. */
  readonly flags: readonly Flag[];
}

const flag: Kind = { kind: "flag" };
const duration: Kind = { kind: "duration" };
const text: Kind = { kind: "text" };
const from = (least: number): Kind => ({ kind: "number", least });
const named = (name: string, since?: string, until?: string): Flag => ({ name, since, until });
const one = (takes: Kind, name: string, since?: string, until?: string): Setting => ({
  takes,
  flags: [named(name, since, until)],
});

/**
 * Each setting and its flag, with the versions that have it: read from cmd/rqlited/flags.go (flags.toml from 10.0.0) at all
 * tags from v8.26.8 to v10.2.7.
 */
export const SETTINGS: Readonly<Record<keyof Required<RqliteSettings>, Setting>> = {
  foreignKeys: one(flag, "fk"),
  autoVacuumInterval: one(duration, "auto-vacuum-int"),
  autoOptimizeInterval: one(duration, "auto-optimize-int", "9.0.0"),
  onDiskPath: one({ kind: "path" }, "on-disk-path", undefined, "10.0.0"),
  readOnlyConnections: one(from(0), "db-max-ro-conns", "10.0.3"),
  allowOrigin: one(text, "http-allow-origin"),
  extensionPaths: one({ kind: "paths" }, "extensions-path", "8.27.0"),
  clusterConnectTimeout: one(duration, "cluster-connect-timeout"),
  raftLogLevel: one({ kind: "choice", of: ["DEBUG", "INFO", "WARN", "ERROR"] }, "raft-log-level"),
  heartbeatTimeout: {
    takes: duration,
    flags: [named("raft-timeout", undefined, "10.0.0"), named("raft-heartbeat-timeout", "10.0.0")],
  },
  electionTimeout: one(duration, "raft-election-timeout"),
  applyTimeout: one(duration, "raft-apply-timeout"),
  leaderLeaseTimeout: one(duration, "raft-leader-lease-timeout"),
  commitTimeout: one(duration, "raft-commit-timeout", "10.0.0"),
  snapshotThreshold: one(from(1), "raft-snap"),
  snapshotWalBytes: one(from(0), "raft-snap-wal-size"),
  snapshotInterval: one(duration, "raft-snap-int"),
  compressSnapshots: one(flag, "compress-snap-transport", "10.0.0"),
  reapReadersAfter: one(duration, "raft-reap-read-only-node-timeout"),
  writeQueueCapacity: one(from(1), "write-queue-capacity"),
  writeQueueBatchSize: one(from(1), "write-queue-batch-size"),
  writeQueueTimeout: one(duration, "write-queue-timeout"),
  writeQueueTransaction: one(flag, "write-queue-tx"),
};

/** Flags that the cluster sets itself, and what of its props they come from. */
export const OWN_FLAGS: Readonly<Record<string, string>> = {
  "node-id": "the pod's name",
  "http-addr": "the cluster",
  "http-adv-addr": "the pod's name",
  "raft-addr": "the cluster",
  "raft-adv-addr": "the pod's name",
  join: "voters",
  "join-attempts": "the cluster",
  "join-interval": "the cluster",
  "join-as": "users",
  "bootstrap-expect": "voters",
  "bootstrap-expect-timeout": "the cluster",
  "disco-mode": "the cluster",
  "disco-key": "the cluster",
  "disco-config": "the cluster",
  auth: "users",
  "auto-backup": "backup",
  "auto-restore": "restore",
  "http-ca-cert": "tls.http",
  "http-cert": "tls.http",
  "http-key": "tls.http",
  // The kubelet's probes have no certificate of their own.
  "http-verify-client": "tls.http",
  "http-verify-common-name": "tls.http",
  "node-ca-cert": "tls.nodes",
  "node-cert": "tls.nodes",
  "node-key": "tls.nodes",
  "node-no-verify": "tls.nodes",
  "node-verify-client": "tls.nodes",
  "node-verify-server-name": "tls.nodes",
  "node-verify-common-name": "tls.nodes",
  "raft-non-voter": "readers",
  "raft-cluster-remove-shutdown": "readers",
  "raft-shutdown-stepdown": "the cluster",
  // A voter that is only slow to come back would be gone, and its volume's data with it.
  "raft-reap-node-timeout": "the cluster",
  "raft-remove-shutdown": "the cluster",
  "cdc-config": "cdc",
  version: "the image",
};

/** Flags that some known versions have, besides those of settings. */
export const CDC_FLAG: Flag = { name: "cdc-config", since: "9.0.0" };

/** Whether a version has a flag. */
export function has(version: string, { since, until }: Flag): boolean {
  return (
    (since === undefined || atLeast(version, since)) &&
    (until === undefined || !atLeast(version, until))
  );
}

/** The setting that a flag belongs to. */
export function settingOf(name: string): string | undefined {
  return Object.entries(SETTINGS).find(([, { flags }]) =>
    flags.some((known) => known.name === name),
  )?.[0];
}

/** How versions have a flag, in words. */
export function versionsOf({ since, until }: Flag): string {
  if (since !== undefined && until !== undefined) return `from ${since} until ${until}`;
  return since === undefined ? `before ${until ?? ""}` : `from ${since}`;
}
