import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import type { TerraformProvider } from "cdktf";
import type { Construct } from "constructs";
import { ANNOTATION, CONTAINER, labels, PORT, selector } from "../kubernetes/names";
import { Namespace } from "../kubernetes/namespace";
import { identify } from "../kubernetes/resource";
import type { SecretReference } from "../kubernetes/secret";
import { identityAnnotations, identityPodAnnotations } from "../kubernetes/workload-identity";
import { checksumOf } from "../terraform/expression";
import { configMapName } from "./names";
import { type Replica, replicaIdentity } from "./replica";

/** Whom the objects of an app, or of its readers, belong to. */
export interface Owner {
  readonly name: string;
  readonly namespace: Namespace | string;
  readonly provider?: TerraformProvider;
}

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
  const revisions = secrets.flatMap(({ revision }) => (revision === undefined ? [] : [revision]));
  return Object.assign(
    { [ANNOTATION.configChecksum]: checksumOf(configMap.getAnyMapAttribute("data")) },
    revisions.length === 0 ? {} : { [ANNOTATION.secretRevision]: revisions.join("-") },
    ...replicas.map((replica) => {
      const identity = replica && replicaIdentity(replica);
      return identity ? identityPodAnnotations(identity, CONTAINER.app) : {};
    }),
  ) as Record<string, string>;
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

/** Name, namespace and labels of what belongs to an owner. */
export function metadataOf(owner: Owner) {
  return { name: owner.name, namespace: namespaceName(owner), labels: labels(owner.name) };
}

export function identityOf(owner: Owner) {
  return { name: owner.name, namespace: namespaceName(owner), provider: owner.provider };
}

function namespaceName({ namespace }: Owner): string {
  return typeof namespace === "string" ? namespace : namespace.name;
}

/** What every object needs to be there first. */
function common({ namespace, provider }: Owner) {
  return {
    provider,
    dependsOn: namespace instanceof Namespace ? [namespace.resource] : undefined,
  };
}
