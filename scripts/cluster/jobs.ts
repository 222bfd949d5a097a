import type { V1CronJob, V1Job, V1Pod } from "@kubernetes/client-node";
import type { Cluster } from "./client";

/**
 * The Job that a CronJob would make, as `kubectl create job --from=cronjob/…` makes it.
 *
 * @see https://kubernetes.io/docs/reference/kubectl/generated/kubectl_create/kubectl_create_job/
 */
export function jobFrom(cronJob: V1CronJob, now: Date): V1Job {
  const { metadata, spec } = cronJob;
  const template = spec?.jobTemplate;
  const name = metadata?.name ?? "";
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(name, now),
      namespace: metadata?.namespace,
      labels: template?.metadata?.labels,
      annotations: {
        ...template?.metadata?.annotations,
        "cronjob.kubernetes.io/instantiate": "manual",
      },
      ownerReferences: [
        {
          apiVersion: "batch/v1",
          kind: "CronJob",
          name,
          uid: metadata?.uid ?? "",
          controller: true,
        },
      ],
    },
    spec: template?.spec,
  };
}

/** `notes-verify-20261121-210532`: pods carry a Job's name as a label, which has 63 characters at most. */
export function jobName(cronJob: string, now: Date): string {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/[-:]/g, "")
    .replace("T", "-");
  return `${cronJob.slice(0, 63 - time.length - 1).replace(/-+$/, "")}-${time}`;
}

export async function createJob({ batch }: Cluster, body: V1Job): Promise<V1Job> {
  return batch.createNamespacedJob({ namespace: body.metadata?.namespace ?? "", body });
}

export async function readJob({ batch }: Cluster, { metadata }: V1Job): Promise<V1Job> {
  return batch.readNamespacedJob({
    name: metadata?.name ?? "",
    namespace: metadata?.namespace ?? "",
  });
}

export async function podsOfJob({ core }: Cluster, { metadata }: V1Job): Promise<V1Pod[]> {
  const { items } = await core.listNamespacedPod({
    namespace: metadata?.namespace ?? "",
    labelSelector: `batch.kubernetes.io/job-name=${metadata?.name}`,
  });
  return items;
}
