import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import type { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import type { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { BackedUp, BackupSource } from "../kubernetes/backup";
import type { Owner } from "../kubernetes/owner";
import { requireKubernetesProvider } from "../kubernetes/provider";
import type { Schedule } from "../kubernetes/schedule";
import type { StatefulSet } from "../kubernetes/stateful-set";
import { check, claim } from "../terraform/checks";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { type RqliteConfig, rqliteConfig } from "./config";
import { clusterSecrets } from "./environment";
import { readersName } from "./names";
import { clusterProblems } from "./problems";
import type { RqliteClusterProps } from "./props";
import {
  makeClientService,
  makeConfigMap,
  makeDisruptionBudget,
  makeNetworkPolicy,
  makeNodes,
  makeNodesService,
  makeRemoval,
  makeServiceAccount,
  makeSizeMap,
} from "./resources";
import { clusterSummary } from "./summary";
import { backupClaims, proofProblems } from "./proof-problems";
import { rqliteSource } from "./verification/source";

/**
 * A cluster of rqlite: SQLite on several nodes, each with all the data on a volume of its own. A write is acknowledged when
 * a majority of the voters has it, and the cluster goes on while a majority is there.
 *
 * What is wrong with the props is reported at synth, together with the problems of all other
 * constructs of the tree; the constructor doesn't throw.
 *
 * Backed up is what `backup` says, at its interval; without it nothing is.
 *
 * @see docs/rqlite.md
 * @see https://rqlite.io/docs/guides/kubernetes/
 */
export class RqliteCluster extends Construct implements BackedUp {
  /** The name of everything in Kubernetes that belongs to the cluster. */
  readonly name: string;
  readonly namespace: string;
  /** The declaration, and what it comes to with every default filled in. */
  readonly props: RqliteClusterProps;
  readonly config: RqliteConfig;

  /** The voters. */
  readonly workload!: StatefulSet;
  /** For clients: ready voters. */
  readonly service!: ServiceV1;
  /** By which voters find each other. */
  readonly nodesService!: ServiceV1;
  readonly readers?: StatefulSet;
  /** For clients that only read: ready readers. */
  readonly readersService?: ServiceV1;
  readonly configMap!: ConfigMapV1;
  /** Undefined with one voter, whom nothing can replace meanwhile. */
  readonly disruptionBudget?: PodDisruptionBudgetV1;
  /** Undefined with `networkPolicy: false`. */
  readonly networkPolicy?: NetworkPolicyV1;
  /** Removes nodes, with `previousVoters`. */
  readonly removal?: JobV1;

  /** Whether somebody is to prove the backup. */
  private isProven = false;

  constructor(scope: Construct, id: string, props: RqliteClusterProps) {
    super(scope, id);
    const { name = id, namespace } = props;
    this.name = name;
    this.namespace = typeof namespace === "string" ? namespace : (namespace?.name ?? "");
    this.props = props;
    const [config, problems] = read(props);
    this.config = config;
    requireKubernetesProvider(this);
    check(this, () => problems);
    check(this, () => (problems.length === 0 && this.isProven ? proofProblems(props) : []));
    claim(this, () => (problems.length === 0 ? backupClaims(this) : []));
    // A size or a name that is none can't be put into resources.
    if (problems.length > 0) return;

    const { owner } = this;
    this.configMap = makeConfigMap(this, owner, props);
    const sizeMap = makeSizeMap(this, owner, config);
    const account = makeServiceAccount(this, owner);
    this.nodesService = makeNodesService(this, owner, "nodes");
    this.service = makeClientService(this, owner, "service");
    const secrets = clusterSecrets(props);
    const dependsOn = [this.configMap, sizeMap, account, this.nodesService, this.service]
      .map((one) => one as ITerraformDependable)
      .concat(secrets.flatMap(({ resource }) => (resource ? [resource] : [])));
    const role = { set: name, cluster: name, namespace: this.namespace, reader: false };
    const nodes = { props, config, configMap: this.configMap, secrets };
    this.workload = makeNodes(this, owner, {
      ...nodes,
      id: "workload",
      role,
      storage: props.storage,
      replicas: config.voters,
      dependsOn,
    });
    if (config.voters > 1) this.disruptionBudget = makeDisruptionBudget(this, owner);
    if (props.networkPolicy ?? true)
      this.networkPolicy = makeNetworkPolicy(this, owner, "network", props);

    if (config.readers) {
      const set = readersName(name);
      const mine = { ...owner, name: set };
      const found = makeNodesService(this, mine, "reader-nodes");
      this.readersService = makeClientService(this, mine, "readers-service");
      if (props.networkPolicy ?? true) makeNetworkPolicy(this, mine, "readers-network", props);
      this.readers = makeNodes(this, owner, {
        ...nodes,
        id: "readers",
        role: { ...role, set, reader: true },
        storage: config.readers.storage,
        replicas: config.readers.count,
        dependsOn: [
          ...dependsOn,
          found as ITerraformDependable,
          this.readersService as ITerraformDependable,
          this.workload as ITerraformDependable,
        ],
      });
    }
    if (props.previousVoters !== undefined)
      this.removal = makeRemoval(this, owner, props, config, [
        this.workload as ITerraformDependable,
        ...dependsOn,
      ]);
  }

  /** What the cluster comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    return clusterSummary(this.props, this.config, this.namespace);
  }

  backupSource(): BackupSource | undefined {
    const { owner, props, config, workload } = this;
    this.isProven = true;
    if (!workload || !props.backup) return undefined;
    return {
      ...rqliteSource(owner, props, config, props.backup),
      dependsOn: workload as ITerraformDependable,
    };
  }

  /** Nothing: how long backups are kept is up to the bucket's rules, which aren't known here. */
  provenOn(_schedule: Schedule): void {}

  private get owner(): Owner {
    const { namespace, provider } = this.props;
    return { name: this.name, namespace, provider };
  }
}

/** The configuration of a cluster, and what is wrong with its props. */
function read(props: RqliteClusterProps): [RqliteConfig, Problem[]] {
  try {
    return [rqliteConfig(props), clusterProblems(props)];
  } catch (error) {
    return [
      rqliteConfig({ name: "", namespace: "", storage: { kind: "claim", size: "1Gi" } }),
      [unreadableProblem(error)],
    ];
  }
}
