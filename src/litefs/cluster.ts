import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import type { IngressV1 } from "@cdktf/provider-kubernetes/lib/ingress-v1";
import type { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import type { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import type { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type BackedUp, type BackupSource, sourceOf } from "../kubernetes/backup";
import { makeIngress } from "../kubernetes/ingress-resource";
import type { Owner } from "../kubernetes/owner";
import { requireKubernetesProvider } from "../kubernetes/provider";
import type { Schedule } from "../kubernetes/schedule";
import type { StatefulSet } from "../kubernetes/stateful-set";
import { replicaSecrets } from "../litestream/replica";
import {
  filesAnnotations,
  makeFileMaps,
  makeServiceAccount,
  podAnnotations,
} from "../litestream/resources";
import { check, claim } from "../terraform/checks";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { clusterClaims } from "./claims";
import { clusterConfig, type LitefsClusterConfig } from "./config";
import { deviceAnnotations } from "./containers";
import { clusterFiles } from "./files";
import { LITEFS_DEFAULTS } from "./defaults";
import { RECOVERY_FILE, recoveryName, routerName } from "./names";
import { makeNetworkPolicies } from "./network";
import { clusterPod } from "./pod";
import { clusterProblems, proofProblems } from "./problems";
import type { LitefsClusterProps } from "./props";
import {
  type ClusterServices,
  makeClusterConfigMap,
  makeConfigMap,
  makeDisruptionBudget,
  makeRouter,
  makeServices,
  makeWorkload,
} from "./resources";
import { routerFile } from "./router-file";
import { clusterSummary } from "./summary";
import { litefsSource } from "./verification/source";

/**
 * One app on several pods, each with its databases on its own disk: LiteFS carries what pod 0, the primary, writes to the
 * others within milliseconds. A router in front sends reads to any pod and everything else to the primary, and answers 503
 * while that is away.
 *
 * **The primary can't change.** While pod 0 is down, writes wait for it. What it has acknowledged is on its volume; the
 * others have it a moment later, and the backup at the next interval.
 *
 * What is wrong with the props is reported at synth, together with the problems of all other constructs of the tree; the
 * constructor doesn't throw.
 *
 * Not backed up, and not carried to other pods: whatever the app writes outside its databases.
 *
 * @see docs/litefs.md
 * @see https://fly.io/docs/litefs/how-it-works/
 */
export class LitefsCluster extends Construct implements BackedUp {
  /** The name of the StatefulSet, and of the Service that leads to the router. */
  readonly name: string;
  readonly namespace: string;
  /** The declaration, and what it comes to with every default filled in. */
  readonly props: LitefsClusterProps;
  readonly config: LitefsClusterConfig;

  readonly workload!: StatefulSet;
  readonly services!: ClusterServices;
  /** The router's Service, the way in. */
  readonly service!: ServiceV1;
  readonly ingress?: IngressV1;
  readonly configMap!: ConfigMapV1;
  /** What an empty primary is to do, and how many pods it asks. None is replaced when that changes. */
  readonly recoveryConfigMap!: ConfigMapV1;
  readonly routerConfigMap!: ConfigMapV1;
  /** Of `configFiles`: those that were made here. */
  readonly fileMaps: readonly ConfigMapV1[] = [];
  readonly serviceAccount!: ServiceAccountV1;
  readonly router!: DeploymentV1;
  readonly disruptionBudgets: readonly PodDisruptionBudgetV1[] = [];
  /** Empty with `networkPolicy: false`. */
  readonly networkPolicies: readonly NetworkPolicyV1[] = [];

  private readonly proofs: Schedule[] = [];
  private readonly problems: readonly Problem[];

  constructor(scope: Construct, id: string, props: LitefsClusterProps) {
    super(scope, id);
    const { name, namespace } = props;
    this.name = name;
    this.namespace = typeof namespace === "string" ? namespace : (namespace?.name ?? "");
    this.props = props;
    const [config, problems] = read(props);
    this.config = config;
    this.problems = problems;
    requireKubernetesProvider(this);
    check(this, () => problems);
    check(this, () => (this.workload ? proofProblems(props, this.proofs) : []));
    claim(this, () => (problems.length === 0 ? clusterClaims(this, this.workload) : []));
    try {
      const { owner } = this;
      this.configMap = makeClusterConfigMap(this, owner, clusterFiles(props, config));
      this.recoveryConfigMap = makeConfigMap(this, "recovery", owner, recoveryName(name), {
        [RECOVERY_FILE.told]: props.whenPrimaryIsEmpty ?? LITEFS_DEFAULTS.whenPrimaryIsEmpty,
        [RECOVERY_FILE.pods]: String(config.replicas),
      });
      this.fileMaps = makeFileMaps(this, owner, props.configFiles);
      this.serviceAccount = makeServiceAccount(this, owner, [props.replica]);
      this.services = makeServices(this, owner, props);
      this.service = this.services.service;
      this.workload = this.makeWorkload();
      this.routerConfigMap = makeConfigMap(this, "router-config", owner, routerName(name), {
        "haproxy.cfg": routerFile(config),
      });
      this.router = makeRouter(this, owner, props, config, this.routerConfigMap);
      this.disruptionBudgets = [
        makeDisruptionBudget(this, "budget", owner, name),
        makeDisruptionBudget(this, "router-budget", owner, routerName(name)),
      ];
      if (props.networkPolicy ?? true)
        this.networkPolicies = makeNetworkPolicies(this, owner, props.port);
      if (props.ingress)
        this.ingress = makeIngress(
          this,
          owner,
          props.ingress,
          this.service as ITerraformDependable,
        );
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
  }

  /** What the cluster comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    return clusterSummary(this.props, this.config);
  }

  backupSource(): BackupSource | undefined {
    const { owner, props, config, workload, problems } = this;
    return sourceOf(workload, problems, () => litefsSource(owner, props, config));
  }

  provenOn(schedule: Schedule): void {
    this.proofs.push(schedule);
  }

  private get owner(): Owner {
    const { namespace, provider } = this.props;
    return { name: this.name, namespace, provider };
  }

  private makeWorkload(): StatefulSet {
    const { props, config } = this;
    const secrets = replicaSecrets(props.replica);
    return makeWorkload(this, this.owner, clusterPod(props, config), {
      replicas: config.replicas,
      disposable: props.disposable,
      annotations: {
        ...podAnnotations(this.configMap, secrets, [props.replica]),
        ...filesAnnotations(this.fileMaps),
        ...deviceAnnotations(props),
      },
      dependsOn: [
        ...[this.configMap, this.recoveryConfigMap, ...this.fileMaps].map(
          (map) => map as ITerraformDependable,
        ),
        this.serviceAccount as ITerraformDependable,
        this.services.headless as ITerraformDependable,
        ...secrets.map(({ resource }) => resource),
      ],
    });
  }
}

/**
 * The configuration of a cluster, and what is wrong with its props. Props that can't even be read, which a type check
 * would have found, are a problem like any other.
 */
function read(props: LitefsClusterProps): [LitefsClusterConfig, Problem[]] {
  try {
    const config = clusterConfig(props);
    return [config, clusterProblems(props, config)];
  } catch (error) {
    return [
      clusterConfig({ ...props, databases: [], backup: {}, router: {} }),
      [unreadableProblem(error)],
    ];
  }
}
