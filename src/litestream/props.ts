import type { TerraformProvider } from "cdktf";
import type { ConfigFiles } from "../kubernetes/config-files";
import type { Dashboard } from "../kubernetes/dashboard";
import type { IngressOptions } from "../kubernetes/ingress";
import type { Namespace } from "../kubernetes/namespace";
import type { Placement } from "../kubernetes/placement";
import type { ContainerResources } from "../kubernetes/quantity";
import type { PodUser } from "../kubernetes/security";
import type { Storage } from "../kubernetes/storage";
import type { Keys } from "../terraform/problem";
import type { LitestreamSettings } from "./config";
import type { AppContainer } from "./container";
import type { Database } from "./database";
import type { Directory } from "./directory";
import type { Replica } from "./replica";
import type { RestorePoint } from "./restore-point";

/**
 * What happens when a database is neither on the volume nor in the replica: the app starts with an
 * empty one, or the pod doesn't start.
 */
export type WhenNoBackup = "start-empty" | "refuse";

/** A folder of the app beside its databases. It is **not** backed up. */
export interface AppVolume {
  /** Where it is in the app's container. */
  readonly mountPath: string;
  readonly storage: Storage;
}

export interface LitestreamAppProps extends PodUser, AppContainer, Placement {
  /**
   * The name of everything in Kubernetes that belongs to the app. A DNS label of at most 52
   * characters. Must be written out when the backup is on a claim of the app's own, which is called
   * after it: renaming the construct would leave the backup behind.
   *
   * @default the construct's id
   */
  readonly name?: string;
  /** A {@link Namespace}, or the name of one that exists. */
  readonly namespace: Namespace | string;

  /** The app's image, with a tag. */
  readonly image: string;
  /** The port the app listens on. */
  readonly port: number;
  /** How the app is reached from outside the cluster. @default not at all */
  readonly ingress?: IngressOptions;
  /** How the app stands on a homepage dashboard, which reads it from the Ingress. @default not at all */
  readonly dashboard?: Dashboard;
  /**
   * How long the app may take to stop, as a Go duration. The pod's grace period is at least this, plus
   * `shutdownSyncTimeout` for each database (a directory counts for `atMost`), plus 10 seconds.
   *
   * @default "30s"
   */
  readonly stopTimeout?: string;

  /**
   * The pod's grace period, in seconds, where more is wanted than what `stopTimeout` and the last sync
   * need.
   *
   * @default what they need
   */
  readonly terminationGracePeriodSeconds?: number;

  /** The databases, by absolute path in the app's container, and directories of databases. */
  readonly databases: readonly (string | Database | Directory)[];
  /** Where the databases lie. */
  readonly storage: Storage;
  /**
   * Where `storage` is mounted, in the app's and in Litestream's containers.
   *
   * @default the folder that holds all databases
   */
  readonly mountPath?: string;
  /** Folders for files that aren't databases. They are not backed up. @default none */
  readonly volumes?: readonly AppVolume[];
  /**
   * Annotations of the pod, for what reads those: a service mesh, Prometheus, a backup of volumes. Another value
   * replaces the pod.
   *
   * @default none
   */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Files for the app's container alone, in ConfigMaps. @default none */
  readonly configFiles?: readonly ConfigFiles[];

  /** Where the backup goes. No other app of the tree may use the same folder of it. */
  readonly replica: Replica;
  /**
   * Another replica to start from, for a move or a copy: read when neither the volume nor `replica`
   * holds any database of the app, and never written.
   *
   * @default none
   */
  readonly restoreFrom?: Replica;
  /**
   * An older state to go back to, once.
   *
   * @default none
   */
  readonly restoreTo?: RestorePoint;
  /**
   * Must be said on ephemeral storage, where a wiped bucket, a renamed folder or a mistyped one
   * looks like a first start, and in the plain pod (`hardened`, version 0.3) with several databases.
   *
   * @default "start-empty" on a claim
   */
  readonly whenNoBackup?: WhenNoBackup;
  /**
   * What happens when the replica holds later transactions than the volume: a claim that was left behind
   * when the app moved, or a volume put back from a snapshot. `keep` takes the volume for the truth, and
   * what the replica has beyond it can be reached by point-in-time restore only.
   *
   * @default "refuse"
   */
  readonly whenVolumeIsOlder?: "refuse" | "keep";
  /**
   * The check of a restored database before the app gets it.
   *
   * @default "quick"
   * @see https://www.sqlite.org/pragma.html#pragma_quick_check
   */
  readonly restoreIntegrityCheck?: "none" | "quick" | "full";

  /**
   * Litestream's settings. Snapshots are taken every 24 h and kept for 336 h (14 days); the last sync is
   * tried for 30 s on a claim, for 5 min on ephemeral storage; logs are JSON.
   */
  readonly litestream?: LitestreamSettings;
  /**
   * `"0.3"` is for clients that still need backups of Litestream 0.3.13, from the same settings; those
   * it doesn't have are refused. Its pod is the plain one (see `hardened`), without a check of what it restores.
   * Its last sync is tried once, for which the grace period has 30 s for each database, 5 min on ephemeral
   * storage. Taking `version` out again is the way to 0.5 (docs/operations.md).
   *
   * @default "0.5"
   * @see https://github.com/benbjohnson/litestream/blob/v0.3.13/cmd/litestream/main.go
   */
  readonly version?: "0.3" | "0.5";
  /**
   * Litestream in its hardened image, `litestream/litestream:0.5.16-scratch`: its binary and nothing else, no shell
   * for whoever breaks in. The pod is then the **plain** one: each database is restored by `litestream restore`
   * itself, in an init container of its own. What only scripts can do is missing:
   *
   * - a volume older than the replica isn't found: `whenVolumeIsOlder: "keep"` must be said on a volume that lasts;
   * - `restoreFrom`, `restoreTo` and directories of databases are refused;
   * - a database made in the second before a stop, and what is written right after a start, aren't uploaded any more at a stop;
   * - with `whenNoBackup: "start-empty"` a database without a backup starts empty, although others have theirs;
   * - a start after a deletion by force doesn't wait for the pod before it;
   * - a replaced file and an exclusive lock show in Litestream's log only, a mistyped path nowhere: the pod stays ready.
   *
   * @default false
   */
  readonly hardened?: boolean;
  /**
   * `"classic"` runs Litestream as an ordinary container, for clusters older than 1.29, which have no native
   * sidecars. **App and Litestream are then told to stop at the same time.** What the app writes while it stops would be
   * lost on ephemeral storage: 297 of 300 acknowledged rows in 5 restarts, of an app that writes for 6 s after SIGTERM.
   * So Litestream's SIGTERM is held back for the whole `stopTimeout`, which brought 0 of 300; it can't see when the app
   * has ended, and **every stop takes that long**. An app that takes longer than `stopTimeout` loses its last rows.
   * The app may also start before Litestream, whose first sync then comes a little later.
   *
   * @default "native"
   */
  readonly sidecar?: "native" | "classic";
  /**
   * An image with the binary at /usr/local/bin/litestream. With `hardened` and version 0.3 the official one of
   * that kind is the default.
   *
   * @default "litestream/litestream:0.5.16"
   */
  readonly litestreamImage?: string;
  /**
   * What lists the databases of a directory in a replica that isn't a volume, before they are restored.
   *
   * @default "rclone/rclone:1.71.0"
   */
  readonly rcloneImage?: string;
  /** @default requests of 20m CPU and 64Mi, limits of 1 CPU and 512Mi */
  readonly litestreamResources?: ContainerResources;
  /**
   * Where litestream.yml is in Litestream's containers; `LITESTREAM_CONFIG` names it there.
   *
   * @default "/etc/litestream/litestream.yml"
   */
  readonly litestreamConfigPath?: string;
  /** Where Litestream serves its metrics. @default 9090 */
  readonly metricsPort?: number;

  /**
   * Whether the claims of the app, databases and file replica, go when its StatefulSet does. That is also
   * so when a change replaces the StatefulSet, such as another size of a volume.
   *
   * @default false
   */
  readonly disposable?: boolean;
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/** Every prop, for telling a mistyped one. */
export const PROPS = {
  user: true,
  group: true,
  allowRoot: true,
  name: true,
  namespace: true,
  image: true,
  port: true,
  ingress: true,
  dashboard: true,
  command: true,
  args: true,
  env: true,
  envFrom: true,
  probes: true,
  resources: true,
  stopTimeout: true,
  terminationGracePeriodSeconds: true,
  databases: true,
  storage: true,
  mountPath: true,
  volumes: true,
  podAnnotations: true,
  configFiles: true,
  replica: true,
  restoreFrom: true,
  restoreTo: true,
  whenNoBackup: true,
  whenVolumeIsOlder: true,
  restoreIntegrityCheck: true,
  litestream: true,
  version: true,
  hardened: true,
  sidecar: true,
  litestreamImage: true,
  rcloneImage: true,
  litestreamResources: true,
  litestreamConfigPath: true,
  metricsPort: true,
  imagePullSecrets: true,
  nodeSelector: true,
  tolerations: true,
  priorityClassName: true,
  disposable: true,
  provider: true,
} satisfies Keys<LitestreamAppProps>;
