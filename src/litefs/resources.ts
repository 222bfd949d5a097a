import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { DeploymentV1 } from "@cdktf/provider-kubernetes/lib/deployment-v1";
import { PodDisruptionBudgetV1 } from "@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { ANNOTATION, labels, partOf, PORT, selector } from "../kubernetes/names";
import { common, identityOf, metadataOf, type Owner } from "../kubernetes/owner";
import { identify } from "../kubernetes/resource";
import { ROLLING_UPDATE, StatefulSet } from "../kubernetes/stateful-set";
import { asText, checksumOf } from "../terraform/expression";
import type { LitefsClusterConfig } from "./config";
import {
  API_PORT,
  configMapName,
  headlessName,
  primaryName,
  PROXY_PORT,
  readName,
  routerName,
} from "./names";
import type { ClusterPod } from "./pod";
import type { LitefsClusterProps } from "./props";
import { routerPod } from "./router-pod";

/** The label that Kubernetes gives each pod of a StatefulSet. */
export const POD_LABEL = "statefulset.kubernetes.io/pod-name";

/** The same owner under another name. */
export function named(owner: Owner, name: string): Owner {
  return { ...owner, name };
}

/** Name, namespace and labels of what belongs to the cluster and bears a name of its own. */
function belonging(owner: Owner, name: string) {
  return { ...metadataOf(named(owner, name)), labels: { ...labels(owner.name) } };
}

function service(
  scope: Construct,
  id: string,
  owner: Owner,
  name: string,
  spec: ConstructorParameters<typeof ServiceV1>[2]["spec"],
): ServiceV1 {
  const resource = new ServiceV1(scope, id, {
    ...common(owner),
    metadata: belonging(owner, name),
    spec,
  });
  return identify(resource, identityOf(named(owner, name)));
}

export interface ClusterServices {
  /** The router's: the way in, by the cluster's name. */
  readonly service: ServiceV1;
  /** The names of the pods, ready or not: an empty primary asks those that wait for it. */
  readonly headless: ServiceV1;
  readonly primary: ServiceV1;
  readonly read: ServiceV1;
}

/**
 * None of them leads to LiteFS's API. Reads go to the app itself: LiteFS's proxy on a replica would answer a write with an
 * empty 200, the app with an error.
 */
export function makeServices(
  scope: Construct,
  owner: Owner,
  props: LitefsClusterProps,
): ClusterServices {
  const { name } = owner;
  return {
    service: service(scope, "service", owner, name, {
      selector: selector(routerName(name)),
      port: [{ name: PORT.app, port: props.port, targetPort: PORT.app }],
    }),
    headless: service(scope, "headless", owner, headlessName(name), {
      clusterIp: "None",
      publishNotReadyAddresses: true,
      selector: selector(name),
      port: [{ name: "litefs", port: API_PORT, targetPort: "litefs" }],
    }),
    primary: service(scope, "primary", owner, primaryName(name), {
      selector: { ...selector(name), [POD_LABEL]: `${name}-0` },
      port: [{ name: PORT.app, port: PROXY_PORT, targetPort: "litefs-proxy" }],
    }),
    read: service(scope, "read", owner, readName(name), {
      selector: selector(name),
      port: [{ name: PORT.app, port: props.port, targetPort: PORT.app }],
    }),
  };
}

/** One of the two ConfigMaps. */
export function makeConfigMap(
  scope: Construct,
  id: string,
  owner: Owner,
  name: string,
  data: Record<string, string>,
): ConfigMapV1 {
  const resource = new ConfigMapV1(scope, id, {
    ...common(owner),
    metadata: belonging(owner, name),
    data,
  });
  return identify(resource, identityOf(named(owner, name)));
}

/** The ConfigMap with litefs.yml and what runs in the pods. */
export function makeClusterConfigMap(
  scope: Construct,
  owner: Owner,
  data: Record<string, string>,
): ConfigMapV1 {
  return makeConfigMap(scope, "config", owner, configMapName(owner.name), data);
}

/** The StatefulSet. */
export function makeWorkload(
  scope: Construct,
  owner: Owner,
  pod: ClusterPod,
  options: {
    readonly replicas: number;
    readonly disposable: boolean | undefined;
    readonly annotations: Record<string, string>;
    readonly dependsOn: readonly (ITerraformDependable | undefined)[];
  },
): StatefulSet {
  const { name } = owner;
  const resource = new StatefulSet(scope, "workload", {
    provider: owner.provider,
    nativeSidecars: pod.nativeSidecars,
    metadata: metadataOf(owner),
    spec: {
      replicas: String(options.replicas),
      serviceName: headlessName(name),
      selector: { matchLabels: selector(name) },
      // An empty primary asks the others before it starts, so that they can't wait for it. Their apps do: see ready.sh.
      podManagementPolicy: "Parallel",
      updateStrategy: ROLLING_UPDATE,
      revisionHistoryLimit: 10,
      template: {
        metadata: { labels: labels(name), annotations: options.annotations },
        spec: pod.spec,
      },
      persistentVolumeClaimRetentionPolicy: [
        { whenDeleted: options.disposable ? "Delete" : "Retain", whenScaled: "Retain" },
      ],
      volumeClaimTemplate: pod.claims,
    },
    // A create that times out would taint it, and the next apply destroy it in the middle of a restore.
    waitForRollout: false,
    dependsOn: options.dependsOn.filter((one) => one !== undefined),
  });
  return identify(resource, identityOf(owner));
}

/** At most one pod goes by somebody's will at a time. */
export function makeDisruptionBudget(
  scope: Construct,
  id: string,
  owner: Owner,
  name: string,
): PodDisruptionBudgetV1 {
  const resource = new PodDisruptionBudgetV1(scope, id, {
    ...common(owner),
    metadata: belonging(owner, name),
    spec: { maxUnavailable: "1", selector: { matchLabels: selector(name) } },
  });
  return identify(resource, identityOf(named(owner, name)));
}

/** The router. */
export function makeRouter(
  scope: Construct,
  owner: Owner,
  props: LitefsClusterProps,
  config: LitefsClusterConfig,
  configMap: ConfigMapV1,
): DeploymentV1 {
  const name = routerName(owner.name);
  const own = { ...labels(name), ...partOf(owner.name) };
  const resource = new DeploymentV1(scope, "router", {
    provider: owner.provider,
    metadata: { ...metadataOf(named(owner, name)), labels: own },
    spec: {
      replicas: asText(config.routerReplicas),
      selector: { matchLabels: selector(name) },
      revisionHistoryLimit: 10,
      // The new one is there before the old one goes.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "1", maxUnavailable: "0" } },
      template: {
        metadata: {
          labels: own,
          annotations: {
            [ANNOTATION.configChecksum]: checksumOf(configMap.getAnyMapAttribute("data")),
          },
        },
        spec: routerPod(props),
      },
    },
    waitForRollout: false,
    dependsOn: [configMap as ITerraformDependable],
  });
  return identify(resource, identityOf(named(owner, name)));
}
