import type { TerraformProvider } from "cdktf";
import type { Namespace } from "../kubernetes/namespace";
import type { Placement } from "../kubernetes/placement";
import type { ContainerResources } from "../kubernetes/quantity";
import type { SecretKey } from "../kubernetes/secret";
import type { PodUser } from "../kubernetes/security";
import type { ClaimStorage, EphemeralStorage } from "../kubernetes/storage";
import type { Keys } from "../terraform/problem";
import type { RqliteBackup, RqliteRestore } from "./backup";
import type { RqliteSettings } from "./settings";
import type { RqliteTls } from "./tls";
import type { RqliteUsers } from "./users";

/** Pods that may talk to the cluster. */
export interface RqliteClient {
  /** Labels that they have. @default any pod */
  readonly pods?: Readonly<Record<string, string>>;
  /** The namespace they are in, by name. @default the cluster's own */
  readonly namespace?: string;
}

/** Nodes that have all the data and no vote: more of them make reads faster and no write slower. */
export interface RqliteReaders {
  readonly count: number;
  /** A claim each, or a folder of the node, which costs a copy of all data at each start. @default that of the voters */
  readonly storage?: ClaimStorage | EphemeralStorage;
  /** What each reader asks for and may use. @default those of the voters */
  readonly resources?: ContainerResources;
}

export interface RqliteClusterProps extends Omit<PodUser, "allowRoot">, Placement {
  /**
   * The name of everything in Kubernetes that belongs to the cluster: a DNS label of at most 40 characters. It must be
   * written out, as claims and certificates are called after it.
   */
  readonly name: string;
  /** A {@link Namespace}, or the name of one that exists. */
  readonly namespace: Namespace | string;
  /** rqlite's version: which flags there are. @default "10.2.7" */
  readonly version?: string;
  /** An image with rqlited of that version, and sh. @default the official one */
  readonly image?: string;

  /**
   * How many nodes have a vote: 1, 3, 5 or 7. With 3 the cluster goes on while one is lost, with 5 while two are. To
   * make it larger, write the larger number.
   *
   * @default 3
   */
  readonly voters?: number;
  /**
   * How many there were, while the cluster is made smaller: the pods beyond `voters` end, and a Job then removes their
   * nodes from the cluster. Take it out afterwards.
   *
   * @default none
   */
  readonly previousVoters?: number;
  /** @default none */
  readonly readers?: RqliteReaders;
  /** Where each node has its data: a claim of its own, which stays when the cluster goes. */
  readonly storage: ClaimStorage;
  /**
   * Whether two voters may share a node of Kubernetes when there is no other: `"prefer"` has them start there, and a node's
   * death may then take the quorum along.
   *
   * @default "require"
   */
  readonly spread?: "require" | "prefer";
  /**
   * Whether the claims go with the cluster.
   *
   * @default false
   */
  readonly disposable?: boolean;

  /** @default anybody who reaches the cluster may do everything */
  readonly users?: RqliteUsers;
  /** @default none */
  readonly tls?: RqliteTls;
  /** Who may reach the HTTP port, besides nodes and proofs. @default nobody */
  readonly clients?: readonly RqliteClient[];
  /**
   * Whether NetworkPolicies let only nodes reach nodes, and only `clients` the HTTP port.
   *
   * @default true
   */
  readonly networkPolicy?: boolean;

  /** @default none: what all volumes lose is lost */
  readonly backup?: RqliteBackup;
  /** @default the cluster begins empty */
  readonly restore?: RqliteRestore;

  /** @default rqlite's own */
  readonly settings?: RqliteSettings;
  /**
   * Change data capture: an endpoint's URL, or rqlite's file for it from a Secret. From 9.0.0.
   *
   * @default none
   * @see https://rqlite.io/docs/guides/cdc/
   */
  readonly cdc?: string | SecretKey;
  /** Further flags of rqlited, each "-flag=value". They may set nothing that is set otherwise. @default none */
  readonly extraArgs?: readonly string[];

  /**
   * How long a node may take until it answers, a restore's download included.
   *
   * @default "10m", and a restore's timeout
   */
  readonly startupTimeout?: string;
  /** @default 10 seconds, and one for each gibibyte of the claim */
  readonly terminationGracePeriodSeconds?: number;
  /** Of each node. @default requests of 100m CPU and 256Mi, limits of 2 CPU and 1Gi */
  readonly resources?: ContainerResources;
  /** What prepares a node's start, and removes nodes. @default "curlimages/curl:8.16.0" */
  readonly curlImage?: string;
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/** Every prop, for telling a mistyped one. */
export const RQLITE_PROPS = {
  user: true,
  group: true,
  name: true,
  namespace: true,
  version: true,
  image: true,
  voters: true,
  previousVoters: true,
  readers: true,
  storage: true,
  spread: true,
  disposable: true,
  users: true,
  tls: true,
  clients: true,
  networkPolicy: true,
  backup: true,
  restore: true,
  settings: true,
  cdc: true,
  extraArgs: true,
  startupTimeout: true,
  terminationGracePeriodSeconds: true,
  resources: true,
  curlImage: true,
  imagePullSecrets: true,
  nodeSelector: true,
  tolerations: true,
  priorityClassName: true,
  provider: true,
} satisfies Keys<RqliteClusterProps>;
