import { identityAnnotations } from "../kubernetes/workload-identity";
import { type Replica, replicaIdentity } from "./replica";

/** The annotations of a service account by which clouds know it, as part of its metadata; the last replica's prevail. */
export function serviceAccountAnnotations(...replicas: readonly (Replica | undefined)[]): {
  annotations?: Record<string, string>;
} {
  const annotations = Object.assign(
    {},
    ...replicas.map((replica) => {
      const identity = replica && replicaIdentity(replica);
      return identity ? identityAnnotations(identity) : {};
    }),
  ) as Record<string, string>;
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}
