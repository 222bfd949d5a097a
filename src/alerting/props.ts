import type { Namespace } from "../kubernetes/namespace";
import type { Placement } from "../kubernetes/placement";
import type { ContainerResources } from "../kubernetes/quantity";
import type { SecretUrl } from "../kubernetes/secret-url";
import type { TerraformProvider } from "cdktf";
import type { Keys } from "../terraform/problem";
import type { AlertReceiver } from "./receiver";

/** How often one problem is told: a few times at once, then once a window, each window twice as long as the last. */
export interface AlertThrottle {
  /** So many messages at once, a whole number from 1 to 100. @default 3 */
  readonly burst?: number;
  /** The first window, as a Go duration. @default "15m" */
  readonly window?: string;
  /**
   * Windows grow to this. A problem that was not seen for so long has ended, and begins anew when it comes back.
   *
   * @default "4h"
   */
  readonly longestWindow?: string;
}

/** A ping that stays away when alerts would. */
export interface AlertHeartbeat extends SecretUrl {
  /** How often, as a Go duration of at least "1m". The check that waits for it needs some grace. @default "5m" */
  readonly every?: string;
}

export interface LogAlertsProps extends Placement {
  /** The name of the DaemonSet and of what belongs to it. A DNS label. @default the construct's id */
  readonly name?: string;
  /**
   * Where the pods run, and where the Secrets of the receivers are. The folders of the node that they need are allowed
   * with Pod Security `privileged` only, so that it is best to have nothing else in it.
   *
   * @default a Namespace "log-alerts" of its own
   */
  readonly namespace?: Namespace | string;
  /** Who is told. */
  readonly receivers: readonly AlertReceiver[];
  /**
   * At most so many messages for one app, database and kind of problem: with the defaults 6 within 2 hours and 12
   * within a day, for as long as it lasts.
   */
  readonly throttle?: AlertThrottle;
  /**
   * A URL that is pinged as long as lines of the node's log folder come through and receivers take what they are sent.
   * With `{node}` in the URL there is one check for each node; without it, one node that pings hides another that
   * doesn't.
   *
   * @default none: nobody notices when alerts stop
   */
  readonly heartbeat?: AlertHeartbeat;
  /** What the messages call the cluster. @default nothing */
  readonly cluster?: string;
  /** The node's log folder, which has `containers/` in it. @default "/var/log" */
  readonly logFolder?: string;
  /**
   * Folders of the node in which the log files really are, when `containers/` has links that lead out of the log folder:
   * `["/var/lib/docker/containers"]` with Docker.
   *
   * @default none
   */
  readonly linkedFolders?: readonly string[];
  /**
   * A folder of the node for what has been read and what hasn't been delivered; it is made when it isn't there.
   *
   * @default "/var/lib/cdktf-sqlite/<namespace>-<name>"
   */
  readonly stateFolder?: string;
  /**
   * Whether a NetworkPolicy lets the pods out to the receivers, the API server and name servers only, and in to their
   * metrics.
   *
   * @default true
   */
  readonly networkPolicy?: boolean;
  /** The port at which the API server itself listens, for the network policy. @default 443 and 6443 */
  readonly apiServerPort?: number;
  /** @default requests of 20m CPU and 64Mi, limits of 200m CPU and 128Mi */
  readonly resources?: ContainerResources;
  /** @default "fluent/fluent-bit:5.1.1" */
  readonly image?: string;
  /** What takes the URLs of the Secrets apart before Fluent Bit starts: any image with sh and sed. @default "curlimages/curl:8.16.0" */
  readonly shellImage?: string;
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/** Every prop, for telling a mistyped one. */
export const ALERTS_PROPS = {
  name: true,
  namespace: true,
  receivers: true,
  throttle: true,
  heartbeat: true,
  cluster: true,
  logFolder: true,
  linkedFolders: true,
  stateFolder: true,
  networkPolicy: true,
  apiServerPort: true,
  resources: true,
  image: true,
  shellImage: true,
  imagePullSecrets: true,
  nodeSelector: true,
  tolerations: true,
  priorityClassName: true,
  provider: true,
} satisfies Keys<LogAlertsProps>;

export const THROTTLE_KEYS = {
  burst: true,
  window: true,
  longestWindow: true,
} satisfies Keys<AlertThrottle>;

export const HEARTBEAT_KEYS = {
  url: true,
  port: true,
  namespace: true,
  every: true,
} satisfies Keys<AlertHeartbeat>;
