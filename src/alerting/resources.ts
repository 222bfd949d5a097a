import { ClusterRoleBindingV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-binding-v1";
import { ClusterRoleV1 } from "@cdktf/provider-kubernetes/lib/cluster-role-v1";
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { DaemonSetV1 } from "@cdktf/provider-kubernetes/lib/daemon-set-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { ANNOTATION, labels, selector } from "../kubernetes/names";
import { egressRules } from "../kubernetes/network";
import { common, identityOf, metadataOf, namespaceName, type Owner } from "../kubernetes/owner";
import type { Placement } from "../kubernetes/placement";
import { identify } from "../kubernetes/resource";
import { type SecretReference, secretRevisionAnnotation } from "../kubernetes/secret";
import { secretUrlDestinations } from "../kubernetes/secret-url";
import { checksumOf } from "../terraform/expression";
import { endpoints, type LogAlertsConfig } from "./config";
import { alertFiles } from "./files";
import { HTTP_PORT } from "./pipeline";
import { alertsPod } from "./pod";

/** What the objects of alerts are made of. */
export interface Alerts {
  readonly owner: Owner;
  readonly config: LogAlertsConfig;
  readonly placement: Placement;
}

/** What only these pods have, should an app bear their name. */
function podLabels(name: string): Record<string, string> {
  return { ...selector(name), "app.kubernetes.io/component": "log-alerts" };
}

/** The ConfigMap with Fluent Bit's configuration and the programs. */
export function makeConfigMap(scope: Construct, { owner, config }: Alerts): ConfigMapV1 {
  const resource = new ConfigMapV1(scope, "config", {
    ...common(owner),
    metadata: metadataOf(owner),
    data: alertFiles(config),
  });
  return identify(resource, identityOf(owner));
}

/** The pods' service account; only they have a token of it. */
export function makeServiceAccount(scope: Construct, { owner }: Alerts): ServiceAccountV1 {
  const resource = new ServiceAccountV1(scope, "account", {
    ...common(owner),
    metadata: metadataOf(owner),
    automountServiceAccountToken: false,
  });
  return identify(resource, identityOf(owner));
}

/** What Fluent Bit asks the API server for: whose log it reads, and what its annotations say. */
export function makeClusterRole(scope: Construct, { owner }: Alerts): ClusterRoleV1 {
  const { provider } = owner;
  const name = clusterWideName(owner);
  const resource = new ClusterRoleV1(scope, "role", {
    provider,
    metadata: { name, labels: labels(owner.name) },
    rule: [{ apiGroups: [""], resources: ["namespaces", "pods"], verbs: ["get", "list", "watch"] }],
  });
  return identify(resource, { name, provider });
}

/** The role for the service account. */
export function makeClusterRoleBinding(
  scope: Construct,
  { owner }: Alerts,
  role: ClusterRoleV1,
  account: ServiceAccountV1,
): ClusterRoleBindingV1 {
  const { provider } = owner;
  const name = clusterWideName(owner);
  const resource = new ClusterRoleBindingV1(scope, "binding", {
    provider,
    metadata: { name, labels: labels(owner.name) },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subject: [{ kind: "ServiceAccount", name: owner.name, namespace: namespaceName(owner) }],
    dependsOn: [role as ITerraformDependable, account as ITerraformDependable],
  });
  return identify(resource, { name, provider });
}

/** Out to receivers, API server and name servers, and in to the metrics. */
export function makeNetworkPolicy(scope: Construct, { owner, config }: Alerts): NetworkPolicyV1 {
  const reaches = [
    ...config.apiServerPorts.map((port) => ({ port })),
    ...endpoints(config).flatMap(({ reaches }) => secretUrlDestinations(reaches)),
  ];
  const resource = new NetworkPolicyV1(scope, "network", {
    ...common(owner),
    metadata: metadataOf(owner),
    spec: {
      podSelector: { matchLabels: podLabels(owner.name) },
      policyTypes: ["Ingress", "Egress"],
      // From anywhere: who collects metrics, and where from, is not known here.
      ingress: [{ ports: [{ port: String(HTTP_PORT), protocol: "TCP" }] }],
      egress: egressRules(reaches),
    },
  });
  return identify(resource, identityOf(owner));
}

/** The DaemonSet. */
export function makeDaemonSet(
  scope: Construct,
  { owner, config, placement }: Alerts,
  configMap: ConfigMapV1,
  binding: ClusterRoleBindingV1,
): DaemonSetV1 {
  const { name } = owner;
  const secrets = secretsOf(config);
  const resource = new DaemonSetV1(scope, "daemon", {
    provider: owner.provider,
    metadata: metadataOf(owner),
    spec: {
      selector: { matchLabels: podLabels(name) },
      // One node at a time in a small cluster, a quarter of a large one.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
      template: {
        metadata: {
          labels: { ...labels(name), ...podLabels(name) },
          annotations: podAnnotations(configMap, secrets),
        },
        spec: alertsPod(config, placement, name),
      },
    },
    // A create that times out, for want of a Secret or as a node is down, is not in Terraform's state (provider 3.2.1):
    // every later apply would end in "already exists".
    waitForRollout: false,
    dependsOn: [
      ...(common(owner).dependsOn ?? []),
      configMap as ITerraformDependable,
      binding as ITerraformDependable,
      ...secrets.map(({ resource: one }) => one).filter((one) => one !== undefined),
    ],
  });
  return identify(resource, identityOf(owner));
}

/** What rolls the pods when it changes. */
function podAnnotations(
  configMap: ConfigMapV1,
  secrets: readonly SecretReference[],
): Record<string, string> {
  return {
    [ANNOTATION.configChecksum]: checksumOf(configMap.getAnyMapAttribute("data")),
    ...secretRevisionAnnotation(secrets),
  };
}

/** The Secrets of URLs and tokens, each once. */
function secretsOf(config: LogAlertsConfig): SecretReference[] {
  const all = endpoints(config).flatMap(({ url, token }) => [
    url.secret,
    ...(token ? [token.secret] : []),
  ]);
  return [...new Set(all)];
}

/** Of an object of the whole cluster. */
function clusterWideName(owner: Owner): string {
  return `${namespaceName(owner)}-${owner.name}`;
}
