import type { ClusterRoleBindingV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-binding-v1";
import type { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { DaemonSetV1 } from "@cdktf/provider-kubernetes/lib/daemon-set-v1";
import type { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { Namespace } from "../kubernetes/namespace";
import { requireKubernetesProvider } from "../kubernetes/provider";
import { check, type Claim, claim } from "../terraform/checks";
import { isExpression } from "../terraform/expression";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { alertsConfig, type LogAlertsConfig } from "./config";
import { alertsProblems } from "./problems";
import type { LogAlertsProps } from "./props";
import {
  makeClusterRole,
  makeClusterRoleBinding,
  makeConfigMap,
  makeDaemonSet,
  makeNetworkPolicy,
  makeServiceAccount,
} from "./resources";
import { alertsSummary } from "./summary";

/** The namespace that alerts have when they are given none. */
const OWN_NAMESPACE = "log-alerts";

/**
 * Tells people what goes wrong with databases and backups: on each node a Fluent Bit reads the logs of the containers
 * that this project makes, and sends what they say of trouble. One for a cluster is enough, whatever stacks its apps are in.
 *
 * A problem is told a few times at once and then ever more seldom, with the number of those left out; its end is told too.
 *
 * What is wrong with the props is reported at synth, together with the problems of all other
 * constructs of the tree; the constructor doesn't throw.
 *
 * @see docs/alerts.md
 */
export class LogAlerts extends Construct {
  /** The DaemonSet's name, and that of what belongs to it; `<namespace>-<name>` where the whole cluster shares names. */
  readonly name: string;
  readonly namespace: string;
  /** The declaration, and what it comes to with every default filled in. */
  readonly props: LogAlertsProps;
  readonly config!: LogAlertsConfig;

  readonly daemonSet!: DaemonSetV1;
  readonly configMap!: ConfigMapV1;
  readonly serviceAccount!: ServiceAccountV1;
  readonly clusterRole!: ClusterRoleV1;
  readonly clusterRoleBinding!: ClusterRoleBindingV1;
  /** Undefined with `networkPolicy: false`. */
  readonly networkPolicy?: NetworkPolicyV1;

  constructor(scope: Construct, id: string, props: LogAlertsProps) {
    super(scope, id);
    const { name = id, namespace = this.ownNamespace(props), provider } = props ?? {};
    this.name = name;
    this.namespace = typeof namespace === "string" ? namespace : (namespace?.name ?? "");
    this.props = props;

    requireKubernetesProvider(this);
    const [config, problems] = this.read();
    check(this, () => problems);
    if (!config) return;
    this.config = config;
    claim(this, () => this.stateFolderClaims(config.stateFolder));
    try {
      const alerts = { owner: { name, namespace, provider }, config, placement: props };
      this.configMap = makeConfigMap(this, alerts);
      this.serviceAccount = makeServiceAccount(this, alerts);
      this.clusterRole = makeClusterRole(this, alerts);
      this.clusterRoleBinding = makeClusterRoleBinding(
        this,
        alerts,
        this.clusterRole,
        this.serviceAccount,
      );
      if (props.networkPolicy ?? true) this.networkPolicy = makeNetworkPolicy(this, alerts);
      this.daemonSet = makeDaemonSet(this, alerts, this.configMap, this.clusterRoleBinding);
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
  }

  /** What the alerts come to, for a person to read before deploying them: headings and texts. */
  summary(): [string, string][] {
    return alertsSummary(this.props, this.config);
  }

  private ownNamespace(props: LogAlertsProps | undefined): Namespace {
    return new Namespace(this, OWN_NAMESPACE, {
      podSecurity: "privileged",
      // Nothing in it is of any worth: what was read and not delivered lies on the nodes.
      disposable: true,
      provider: props?.provider,
    });
  }

  /** Two that read and note in one folder of a node would take each other's places. */
  private stateFolderClaims(value: string): Claim[] {
    if (isExpression(value)) return [];
    const cluster = [TerraformStack.of(this).node.path, this.props.provider?.alias ?? ""];
    return [
      {
        what: "folder of the nodes",
        key: [...cluster, value].join("\0"),
        field: "stateFolder",
        value,
        fix: "Give one of the two another folder.",
      },
    ];
  }

  private read(): [LogAlertsConfig | undefined, Problem[]] {
    const { name, namespace, props } = this;
    let problems: Problem[] = [];
    try {
      problems = alertsProblems(name, namespace, props);
      return [alertsConfig(name, namespace, props), problems];
    } catch (error) {
      // What couldn't be read may have been found wrong before.
      return [undefined, problems.length > 0 ? problems : [unreadableProblem(error)]];
    }
  }
}
