import type { TerraformProvider } from "cdktf";
import type { ConfigFiles } from "../kubernetes/config-files";
import type { IngressOptions } from "../kubernetes/ingress";
import type { Namespace } from "../kubernetes/namespace";
import type { Placement } from "../kubernetes/placement";
import type { ContainerResources } from "../kubernetes/quantity";
import type { PodUser } from "../kubernetes/security";
import type { ClaimStorage } from "../kubernetes/storage";
import type { AppContainer } from "../litestream/container";
import type { Replica } from "../litestream/replica";
import type { Keys } from "../terraform/problem";

/** An app that LiteFS itself starts, in one image with it. */
export interface LitefsExec {
  /** The app's command, as a shell would divide it into words; LiteFS ends when it does. */
  readonly command: string;
  /** Commands that run one after another on the primary before the app starts: migrations. @default none */
  readonly migrations?: readonly string[];
}

/** A FUSE device that a device plugin hands out, instead of a privileged container. */
export interface FuseDevice {
  /** The resource's name, for example "smarter-devices/fuse". */
  readonly resource: string;
}

/** How the router divides requests. */
export interface LitefsRouter {
  /**
   * Paths whose requests go to the primary whatever their method, for a GET that writes: "/login" is that path and
   * everything below it.
   *
   * @default none
   */
  readonly primaryPaths?: readonly string[];
  /** How many of it run. @default 2 */
  readonly replicas?: number;
  /**
   * An official image of HAProxy, 2.6 or newer.
   *
   * @default "haproxy:3.2-alpine"
   */
  readonly image?: string;
  /** @default requests of 20m CPU and 32Mi, limits of 1 CPU and 128Mi */
  readonly resources?: ContainerResources;
}

/** When the primary's databases go into the replica. */
export interface LitefsBackup {
  /**
   * Time between two looks, as a Go duration. A database that has changed since is exported and uploaded **as a
   * whole**: what a lost cluster may cost, against what is uploaded. The replica keeps every export for an hour, and one
   * of each hour after that.
   *
   * @default "2m"
   */
  readonly interval?: string;
  /**
   * How long copies are kept, as a Go duration: how far back a restore can go. 192 h are 8 days.
   *
   * @default "192h"
   */
  readonly retention?: string;
  /** @default requests of 20m CPU and 64Mi, limits of 1 CPU and 512Mi */
  readonly resources?: ContainerResources;
}

export interface LitefsClusterProps extends PodUser, AppContainer, Placement {
  /** The name of everything in Kubernetes that belongs to the cluster. A DNS label of at most 52 characters. */
  readonly name: string;
  /** A {@link Namespace} with `podSecurity: "privileged"`, or the name of one that exists: LiteFS mounts a file system. */
  readonly namespace: Namespace | string;

  /** The app's image, with a tag. With `exec` it has LiteFS in it. */
  readonly image: string;
  /** The port the app listens on. */
  readonly port: number;
  /** How the cluster is reached from outside, through the router. @default not at all */
  readonly ingress?: IngressOptions;
  /**
   * How long the app may take to stop, as a Go duration.
   *
   * @default "30s"
   */
  readonly stopTimeout?: string;

  /**
   * The databases, by absolute path in the app's container. All lie in one folder, which is LiteFS's: **nothing but
   * SQLite databases can be in it**, no folder and no other file. The folder above is a volume of LiteFS's own, which hides
   * what the image has there: "/db/notes/notes.db" rather than "/db/notes.db"; not with `exec`. The first is the one
   * whose transactions a reader waits for.
   */
  readonly databases: readonly string[];
  /**
   * What each pod keeps its copy on: three times the size of the databases, as a restore is there twice until LiteFS has it,
   * and what is written in `retention`. The backup takes as much of pod 0's node, in an emptyDir.
   */
  readonly storage: ClaimStorage;
  /**
   * Pods, one of which, pod 0, is the primary.
   *
   * @default 3
   */
  readonly replicas?: number;
  /** Files for the app's container alone, in ConfigMaps. @default none */
  readonly configFiles?: readonly ConfigFiles[];

  /**
   * Where the backup goes, by Litestream. It is also what an empty primary asks whether this cluster has had data before:
   * replicas aren't a backup, a deleted row is gone from all of them within milliseconds.
   */
  readonly replica: Replica;
  readonly backup?: LitefsBackup;
  /**
   * What happens when pod 0 has no database and somebody else has: a replica, or the backup.
   *
   * - `"refuse"`: it doesn't start, and says who has data.
   * - `"take-replica"`: it takes each database from the pod that is furthest. All others must answer.
   * - `"restore"`: it takes them from the backup. No other pod may have data.
   *
   * It never goes over data that pod 0 has. Take it back to `"refuse"` once it is done.
   *
   * @default "refuse"
   */
  readonly whenPrimaryIsEmpty?: "refuse" | "take-replica" | "restore";

  /**
   * LiteFS starts the app, in the app's container, instead of running beside it.
   *
   * @default none: LiteFS is a sidecar, and the app's container unprivileged
   */
  readonly exec?: LitefsExec;
  /** A FUSE device of a device plugin; only with `exec`. @default none: LiteFS's container is privileged */
  readonly fuse?: FuseDevice;
  /**
   * The longest a replica may not have heard of the primary before it isn't ready and gets no reads, as a Go duration.
   *
   * @default "10s"
   */
  readonly maxLag?: string;
  /**
   * How long LiteFS keeps transactions for replicas that are away, as a Go duration; one that is away for longer gets the
   * whole database.
   *
   * @default "10m"
   */
  readonly retention?: string;
  /**
   * An image with LiteFS, fusermount3, sh and wget.
   *
   * @default "flyio/litefs:0.5"
   */
  readonly litefsImage?: string;
  /** @default requests of 50m CPU and 64Mi, limits of 1 CPU and 512Mi */
  readonly litefsResources?: ContainerResources;
  /** @default "litestream/litestream:0.5.16" */
  readonly litestreamImage?: string;
  readonly router?: LitefsRouter;
  /** Whether :20202 is closed to everything but the cluster's pods and the proof of its backup. @default true */
  readonly networkPolicy?: boolean;
  /** The DNS domain of the Kubernetes cluster. @default "cluster.local" */
  readonly clusterDomain?: string;
  /** Whether the claims go when the StatefulSet does. @default false */
  readonly disposable?: boolean;
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/** Every prop, for telling a mistyped one. */
export const PROPS = {
  user: true,
  group: true,
  allowRoot: true,
  command: true,
  args: true,
  env: true,
  envFrom: true,
  probes: true,
  resources: true,
  imagePullSecrets: true,
  nodeSelector: true,
  tolerations: true,
  priorityClassName: true,
  name: true,
  namespace: true,
  image: true,
  port: true,
  ingress: true,
  stopTimeout: true,
  databases: true,
  storage: true,
  replicas: true,
  configFiles: true,
  replica: true,
  backup: true,
  whenPrimaryIsEmpty: true,
  exec: true,
  fuse: true,
  maxLag: true,
  retention: true,
  litefsImage: true,
  litefsResources: true,
  litestreamImage: true,
  router: true,
  networkPolicy: true,
  clusterDomain: true,
  disposable: true,
  provider: true,
} satisfies Keys<LitefsClusterProps>;
