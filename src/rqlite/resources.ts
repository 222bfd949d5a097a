import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { JobV1 } from "@cdktf/provider-kubernetes/lib/job-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { StatefulSetV1SpecVolumeClaimTemplate } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { ANNOTATION, labels, MANAGED_BY, LABEL, selector, VOLUME } from "../kubernetes/names";
import { common, identityOf, metadataOf, namespaceName, type Owner } from "../kubernetes/owner";
import { identify } from "../kubernetes/resource";
import { type SecretReference, secretRevisionAnnotation } from "../kubernetes/secret";
import { ROLLING_UPDATE, StatefulSet } from "../kubernetes/stateful-set";
import type { Storage } from "../kubernetes/storage";
import { checksumOf } from "../terraform/expression";
import type { NodeRole } from "./arguments";
import type { RqliteConfig } from "./config";
import { clusterFiles } from "./files";
import { configMapName, HTTP_PORT, nodesService, PORT_NAME, RAFT_PORT, sizeMapName } from "./names";
import { egress, ingress } from "./network";
import { nodeLabels, nodePod } from "./pod";
import type { RqliteClusterProps } from "./props";
import { removalPod, removalSeconds } from "./removal";

const named = (owner: Owner, name: string): Owner => ({ ...owner, name });

/** The ConfigMap with scripts and rqlite's files. */
export function makeConfigMap(
  scope: Construct,
  owner: Owner,
  props: RqliteClusterProps,
): ConfigMapV1 {
  const mine = named(owner, configMapName(owner.name));
  const resource = new ConfigMapV1(scope, "config", {
    ...common(owner),
    metadata: metadataOf(mine),
    data: clusterFiles(props),
  });
  return identify(resource, identityOf(mine));
}

/** The ConfigMap with how many voters there are, apart from the other: another size replaces no pod. */
export function makeSizeMap(scope: Construct, owner: Owner, { voters }: RqliteConfig): ConfigMapV1 {
  const mine = named(owner, sizeMapName(owner.name));
  const resource = new ConfigMapV1(scope, "size", {
    ...common(owner),
    metadata: metadataOf(mine),
    data: { voters: String(voters) },
  });
  return identify(resource, identityOf(mine));
}

/** The nodes' service account, which nothing binds to any right. */
export function makeServiceAccount(scope: Construct, owner: Owner): ServiceAccountV1 {
  const resource = new ServiceAccountV1(scope, "account", {
    ...common(owner),
    metadata: metadataOf(owner),
    automountServiceAccountToken: false,
  });
  return identify(resource, identityOf(owner));
}

/** The Service by which nodes find each other, before they are ready, too. */
export function makeNodesService(scope: Construct, owner: Owner, id: string): ServiceV1 {
  const mine = named(owner, nodesService(owner.name));
  const resource = new ServiceV1(scope, id, {
    ...common(owner),
    metadata: metadataOf(mine),
    spec: {
      clusterIp: "None",
      publishNotReadyAddresses: true,
      selector: selector(owner.name),
      port: [
        { name: PORT_NAME.http, port: HTTP_PORT, targetPort: PORT_NAME.http },
        { name: PORT_NAME.raft, port: RAFT_PORT, targetPort: PORT_NAME.raft },
      ],
    },
  });
  return identify(resource, identityOf(mine));
}

/** The Service for clients, which has ready pods only. */
export function makeClientService(scope: Construct, owner: Owner, id: string): ServiceV1 {
  const resource = new ServiceV1(scope, id, {
    ...common(owner),
    metadata: metadataOf(owner),
    spec: {
      selector: selector(owner.name),
      port: [{ name: PORT_NAME.http, port: HTTP_PORT, targetPort: PORT_NAME.http }],
    },
  });
  return identify(resource, identityOf(owner));
}

/** A StatefulSet of nodes. */
export function makeNodes(
  scope: Construct,
  owner: Owner,
  { id, role, storage, replicas, props, config, configMap, secrets, dependsOn }: Nodes,
): StatefulSet {
  const mine = named(owner, role.set);
  const keep = props.disposable ? "Delete" : "Retain";
  const claims = claimTemplates(storage, role.namespace);
  const resource = new StatefulSet(scope, id, {
    provider: owner.provider,
    nativeSidecars: [],
    metadata: metadataOf(mine),
    spec: {
      replicas: String(replicas),
      serviceName: nodesService(role.set),
      selector: { matchLabels: selector(role.set) },
      // Each voter waits for the others: one after the other none would ever be ready.
      podManagementPolicy: "Parallel",
      updateStrategy: ROLLING_UPDATE,
      revisionHistoryLimit: 10,
      template: {
        metadata: {
          labels: { ...nodeLabels(role), [LABEL.managedBy]: MANAGED_BY },
          annotations: {
            [ANNOTATION.configChecksum]: checksumOf(configMap.getAnyMapAttribute("data")),
            ...secretRevisionAnnotation(secrets),
          },
        },
        spec: nodePod(props, config, role),
      },
      persistentVolumeClaimRetentionPolicy:
        claims.length === 0 ? undefined : [{ whenDeleted: keep, whenScaled: "Retain" }],
      volumeClaimTemplate: claims,
    },
    // A create that times out would taint the StatefulSet, and a long restore would never end.
    waitForRollout: false,
    dependsOn: [...dependsOn],
  });
  return identify(resource, identityOf(mine));
}

interface Nodes {
  readonly id: string;
  readonly role: NodeRole;
  readonly storage: Storage;
  readonly replicas: number;
  readonly props: RqliteClusterProps;
  readonly config: RqliteConfig;
  readonly configMap: ConfigMapV1;
  readonly secrets: readonly SecretReference[];
  readonly dependsOn: readonly ITerraformDependable[];
}

function claimTemplates(
  storage: Storage,
  namespace: string,
): StatefulSetV1SpecVolumeClaimTemplate[] {
  if (storage.kind !== "claim") return [];
  return [
    {
      metadata: { name: VOLUME.data, namespace },
      spec: {
        accessModes: [storage.accessMode ?? "ReadWriteOncePod"],
        storageClassName: storage.storageClass,
        resources: { requests: { storage: storage.size } },
      },
    },
  ];
}

/** At most one voter is taken away at a time by who drains a node of Kubernetes. */
export function makeDisruptionBudget(scope: Construct, owner: Owner): PodDisruptionBudgetV1 {
  const resource = new PodDisruptionBudgetV1(scope, "budget", {
    ...common(owner),
    metadata: metadataOf(owner),
    spec: { maxUnavailable: "1", selector: { matchLabels: selector(owner.name) } },
  });
  return identify(resource, identityOf(owner));
}

/** Who may reach a set of nodes, and what they reach. */
export function makeNetworkPolicy(
  scope: Construct,
  owner: Owner,
  id: string,
  props: RqliteClusterProps,
): NetworkPolicyV1 {
  const resource = new NetworkPolicyV1(scope, id, {
    ...common(owner),
    metadata: metadataOf(owner),
    spec: {
      podSelector: { matchLabels: selector(owner.name) },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingress(props),
      egress: egress(props, namespaceName(owner)),
    },
  });
  return identify(resource, identityOf(owner));
}

/** The Job that removes the nodes of a cluster that was made smaller. */
export function makeRemoval(
  scope: Construct,
  owner: Owner,
  props: RqliteClusterProps,
  config: RqliteConfig,
  dependsOn: readonly ITerraformDependable[],
): JobV1 {
  const before = props.previousVoters ?? config.voters;
  const mine = named(owner, `${owner.name}-remove-${before}-to-${config.voters}`);
  const { podLabels, spec } = removalPod(props, config, before, namespaceName(owner));
  const resource = new JobV1(scope, "removal", {
    provider: owner.provider,
    metadata: metadataOf(mine),
    spec: {
      completions: 1,
      parallelism: 1,
      manualSelector: false,
      backoffLimit: 3,
      activeDeadlineSeconds: 3 * removalSeconds(config),
      template: { metadata: { labels: { ...labels(mine.name), ...podLabels } }, spec },
    },
    waitForCompletion: true,
    timeouts: { create: `${3 * removalSeconds(config)}s` },
    dependsOn: [...dependsOn],
  });
  return identify(resource, identityOf(mine));
}
