import { type Destination, destinations } from "../../kubernetes/network";
import { isExpression } from "../../terraform/expression";
import { type Replica, replicaIdentity } from "./index";

const HTTPS: Destination = { port: 443 };

/**
 * Where GKE's metadata server gives the token of a pod's identity.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity
 */
const GKE_METADATA: readonly Destination[] = [
  { cidr: "169.254.169.252/32", port: 988 },
  { cidr: "169.254.169.254/32", port: 80 },
];

/** What a pod connects to that reads a replica. A volume is mounted by its node. */
export function replicaDestinations(replica: Replica, namespace: string): Destination[] {
  const kind = replicaIdentity(replica)?.kind;
  const tokens = kind === undefined ? [] : [HTTPS, ...(kind === "gcp" ? GKE_METADATA : [])];
  return [...storageDestinations(replica, namespace), ...tokens];
}

function storageDestinations(replica: Replica, namespace: string): Destination[] {
  switch (replica.kind) {
    case "file":
      return [];
    case "gs":
      return [HTTPS];
    case "s3":
    case "abs":
    case "oss":
      return replica.endpoint === undefined
        ? [HTTPS]
        : destinations(replica.endpoint, namespace, 443);
    case "webdav":
      return destinations(replica.url, namespace, 443);
    case "nats":
      return destinations(replica.url, namespace, 4222);
    case "sftp":
      return isExpression(replica.host) ? [{}] : destinations(replica.host, namespace, 22);
  }
}
