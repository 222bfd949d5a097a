import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type {
  StatefulSetV1Spec,
  StatefulSetV1SpecTemplateSpec,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import {
  type ConfigFiles,
  configFilesMap,
  configFilesTexts,
  configFilesVolume,
} from "../kubernetes/config-files";
import { ANNOTATION, CONTAINER, labels, PORT, selector } from "../kubernetes/names";
import { common, identityOf, metadataOf, type Owner } from "../kubernetes/owner";
import { identify } from "../kubernetes/resource";
import { type SecretReference, secretRevisionAnnotation } from "../kubernetes/secret";
import { ROLLING_UPDATE, StatefulSet } from "../kubernetes/stateful-set";
import { identityAnnotations, identityPodAnnotations } from "../kubernetes/workload-identity";
import { checksumOf, literals } from "../terraform/expression";
import { configMapName } from "./names";
import { type Replica, replicaIdentity } from "./replica";

/** The ConfigMap with litestream.yml and the scripts. */
export function makeConfigMap(
  scope: Construct,
  owner: Owner,
  data: Record<string, string>,
): ConfigMapV1 {
  const name = configMapName(owner.name);
  const metadata = { ...metadataOf(owner), name };
  const resource = new ConfigMapV1(scope, "config", { ...common(owner), metadata, data });
  return identify(resource, { ...identityOf(owner), name });
}

/** The ConfigMaps of an app's own files. */
export function makeFileMaps(
  scope: Construct,
  owner: Owner,
  configFiles: readonly ConfigFiles[] = [],
): ConfigMapV1[] {
  return configFiles.flatMap((files, index) => {
    const texts = configFilesTexts(files);
    const volume = configFilesVolume(files);
    const again = configFiles.findIndex((one) => configFilesVolume(one) === volume) !== index;
    // What is there twice is a problem already.
    if (texts === undefined || again) return [];
    const name = configFilesMap(owner.name, files);
    const resource = new ConfigMapV1(scope, `files-${index}`, {
      ...common(owner),
      metadata: { ...metadataOf(owner), name },
      data: literals(texts),
    });
    return [identify(resource, { ...identityOf(owner), name })];
  });
}

/** The pods' service account, by whose annotations clouds know it; the last replica's prevail. */
export function makeServiceAccount(
  scope: Construct,
  owner: Owner,
  replicas: readonly (Replica | undefined)[],
): ServiceAccountV1 {
  const annotations = Object.assign(
    {},
    ...replicas.map((replica) => {
      const identity = replica && replicaIdentity(replica);
      return identity ? identityAnnotations(identity) : {};
    }),
  ) as Record<string, string>;
  const resource = new ServiceAccountV1(scope, "account", {
    ...common(owner),
    metadata: {
      ...metadataOf(owner),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    automountServiceAccountToken: false,
  });
  return identify(resource, identityOf(owner));
}

/** Annotations of the pods: what rolls them when it changes, and who has the cloud's identity. */
export function podAnnotations(
  configMap: ConfigMapV1,
  secrets: readonly SecretReference[],
  replicas: readonly (Replica | undefined)[],
): Record<string, string> {
  return Object.assign(
    { [ANNOTATION.configChecksum]: checksumOf(configMap.getAnyMapAttribute("data")) },
    secretRevisionAnnotation(secrets),
    ...replicas.map((replica) => {
      const identity = replica && replicaIdentity(replica);
      return identity ? identityPodAnnotations(identity, CONTAINER.app) : {};
    }),
  ) as Record<string, string>;
}

/** What rolls the pods when the app's own files change; nothing where there are none. */
export function filesAnnotations(maps: readonly ConfigMapV1[]): Record<string, string> {
  if (maps.length === 0) return {};
  return {
    [ANNOTATION.filesChecksum]: checksumOf(maps.map((map) => map.getAnyMapAttribute("data"))),
  };
}

/** What differs between the workload of an app and that of its readers. */
export interface Workload {
  readonly replicas: string;
  readonly nativeSidecars: readonly string[];
  readonly annotations: Record<string, string>;
  readonly pod: StatefulSetV1SpecTemplateSpec;
  readonly claims?: Pick<
    StatefulSetV1Spec,
    "persistentVolumeClaimRetentionPolicy" | "volumeClaimTemplate"
  >;
  readonly dependsOn: readonly (ITerraformDependable | undefined)[];
}

/** The StatefulSet. */
export function makeWorkload(scope: Construct, owner: Owner, workload: Workload): StatefulSet {
  const { name } = owner;
  const resource = new StatefulSet(scope, "workload", {
    provider: owner.provider,
    nativeSidecars: workload.nativeSidecars,
    metadata: metadataOf(owner),
    spec: {
      replicas: workload.replicas,
      serviceName: name,
      selector: { matchLabels: selector(name) },
      // With the default, OrderedReady, a pod that can't start keeps the old revision for good.
      podManagementPolicy: "Parallel",
      updateStrategy: ROLLING_UPDATE,
      // The provider writes 0 where it is left out, and kubectl rollout undo would find nothing.
      revisionHistoryLimit: 10,
      template: {
        metadata: { labels: labels(name), annotations: workload.annotations },
        spec: workload.pod,
      },
      ...workload.claims,
    },
    // A create that times out would taint the StatefulSet: the next apply would destroy it, and a
    // restore, or a wait for the first backup, that takes longer than the timeout would never end.
    waitForRollout: false,
    dependsOn: workload.dependsOn.filter((one) => one !== undefined),
  });
  return identify(resource, identityOf(owner));
}

/** The Service for the app and for Litestream's metrics. */
export function makeService(
  scope: Construct,
  owner: Owner,
  ports: { readonly port: number; readonly metricsPort: number },
): ServiceV1 {
  const port = [
    { name: PORT.app, port: ports.port, targetPort: PORT.app },
    { name: PORT.metrics, port: ports.metricsPort, targetPort: PORT.metrics },
  ];
  const spec = { selector: selector(owner.name), port };
  const resource = new ServiceV1(scope, "service", {
    ...common(owner),
    metadata: metadataOf(owner),
    spec,
  });
  return identify(resource, identityOf(owner));
}
