import type { V1CronJob, V1Job, V1Pod } from "@kubernetes/client-node";
import { COMPONENT, LABEL, MANAGED_BY } from "../../src/kubernetes/names";
import type { Cluster } from "./client";

/** Everything that proves backups has these labels, and `LABEL.partOf` with the app's name. */
const PROOFS = `${LABEL.managedBy}=${MANAGED_BY},${LABEL.component}=${COMPONENT.verification}`;

/** The verifications of a namespace, or of all; with an app's name: of that one. */
export async function listCronJobs(
  { batch }: Cluster,
  { namespace, app }: { readonly namespace?: string; readonly app?: string } = {},
): Promise<V1CronJob[]> {
  const labelSelector = app === undefined ? PROOFS : `${PROOFS},${LABEL.partOf}=${app}`;
  const { items } =
    namespace === undefined
      ? await batch.listCronJobForAllNamespaces({ labelSelector })
      : await batch.listNamespacedCronJob({ namespace, labelSelector });
  return items;
}

/** Their Jobs, also those that a person has started. */
export async function listJobs({ batch }: Cluster, namespace?: string): Promise<V1Job[]> {
  const { items } =
    namespace === undefined
      ? await batch.listJobForAllNamespaces({ labelSelector: PROOFS })
      : await batch.listNamespacedJob({ namespace, labelSelector: PROOFS });
  return items;
}

/** The pods of those Jobs. */
export async function listProofPods({ core }: Cluster, namespace?: string): Promise<V1Pod[]> {
  const { items } =
    namespace === undefined
      ? await core.listPodForAllNamespaces({ labelSelector: PROOFS })
      : await core.listNamespacedPod({ namespace, labelSelector: PROOFS });
  return items;
}

/** The app whose backup is proven. */
export function provenApp({ metadata }: Pick<V1CronJob, "metadata">): string | undefined {
  return metadata?.labels?.[LABEL.partOf];
}

/** Whether a CronJob has made a Job, or a person has made it of the CronJob. */
export function isOf(job: V1Job, cronJob: V1CronJob): boolean {
  return job.metadata?.ownerReferences?.some(({ uid }) => uid === cronJob.metadata?.uid) ?? false;
}
