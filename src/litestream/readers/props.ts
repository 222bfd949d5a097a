import type { Placement } from "../../kubernetes/placement";
import type { ContainerResources } from "../../kubernetes/quantity";
import type { Keys } from "../../terraform/problem";
import type { LitestreamApp } from "../app";
import type { AppContainer } from "../container";

export interface LitestreamReadersProps extends AppContainer, Placement {
  /**
   * The app whose databases are read. Databases, replica, its credentials, namespace, user and
   * Litestream's image are those of the app; command, arguments, environment and probes are not, as the
   * app's are those of a writer.
   */
  readonly of: LitestreamApp;
  /**
   * The name of everything in Kubernetes that belongs to the readers. A DNS label of at most 52 characters.
   *
   * @default the app's name and "-readers"
   */
  readonly name?: string;
  /** How many pods. @default 1 */
  readonly replicas?: number;
  /**
   * A reader that lags by more than this isn't ready, so that the Service leaves it out. A Go duration, at
   * least the databases' monitor interval, the replica's sync interval and 2 seconds together: so long a
   * reader takes anyway.
   *
   * @default "10s"
   */
  readonly maxLag?: string;
  /**
   * At most so much may lie in the folder with the databases, and again in the one that Litestream fetches
   * into: as much as all databases together, and a tenth more. A pod that goes over it is evicted, and
   * starts anew.
   *
   * @default the size of the app's storage
   */
  readonly sizeLimit?: string;
  /**
   * Whether the readers run on the app's node. Must be said of a file replica on a claim of the app's own:
   * a node has it for itself.
   *
   * @default false
   */
  readonly onNodeOfApp?: boolean;

  /** @default the app's image */
  readonly image?: string;
  /** The port the app in the readers listens on. @default the app's port */
  readonly port?: number;
  /** How long the app in the readers may take to stop, as a Go duration. @default "30s" */
  readonly stopTimeout?: string;

  /** @default requests of 20m CPU and 64Mi, limits of 1 CPU and 512Mi */
  readonly followerResources?: ContainerResources;
  /** Where the follower serves its metrics. @default 9090 */
  readonly metricsPort?: number;
  /** Names of Secrets with which the node pulls the images. @default the app's */
  readonly imagePullSecrets?: readonly string[];
}

/** Every prop, for telling a mistyped one. */
export const READERS_PROPS = {
  of: true,
  name: true,
  replicas: true,
  maxLag: true,
  sizeLimit: true,
  onNodeOfApp: true,
  image: true,
  port: true,
  command: true,
  args: true,
  env: true,
  envFrom: true,
  probes: true,
  resources: true,
  stopTimeout: true,
  followerResources: true,
  metricsPort: true,
  imagePullSecrets: true,
  nodeSelector: true,
  tolerations: true,
  priorityClassName: true,
} satisfies Keys<LitestreamReadersProps>;
