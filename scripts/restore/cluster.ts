import { setTimeout as sleep } from "node:timers/promises";
import type { V1ConfigMap, V1Pod } from "@kubernetes/client-node";
import { podOf } from "../cluster/apps";
import type { Cluster } from "../cluster/client";
import { isNotFound, statusCode } from "../cluster/explain";
import { Failure } from "../cluster/failure";
import { whyNotReady } from "../status/pods";

export interface Named {
  readonly name: string;
  readonly namespace: string;
}

/** For how long a cluster that doesn't answer is asked again. */
const PATIENCE_SECONDS = 120;

/** Asks again while the cluster doesn't answer: the app is stopped, and giving up would leave it so. */
export async function persistently<T>(ask: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const code = statusCode(error);
      const passes = code === undefined || code === 429 || code >= 500 || code === 409;
      if (!passes || Date.now() > end) throw error;
      await sleep(1000);
    }
  }
}

export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Sets the number of an app's pods. */
export function scale(cluster: Cluster, app: Named, replicas: number): Promise<unknown> {
  const { name, namespace } = app;
  return persistently(async () => {
    const body = await cluster.apps.readNamespacedStatefulSetScale({ name, namespace });
    body.spec = { ...body.spec, replicas };
    return cluster.apps.replaceNamespacedStatefulSetScale({ name, namespace, body });
  });
}

export async function replicasOf({ apps }: Cluster, app: Named): Promise<number> {
  const { name, namespace } = app;
  return (await apps.readNamespacedStatefulSet({ name, namespace })).spec?.replicas ?? 1;
}

export function readPod({ core }: Cluster, { name, namespace }: Named): Promise<V1Pod | undefined> {
  return unlessMissing(core.readNamespacedPod({ name, namespace }));
}

export function readConfigMap(
  { core }: Cluster,
  { name, namespace }: Named,
): Promise<V1ConfigMap | undefined> {
  return unlessMissing(core.readNamespacedConfigMap({ name, namespace }));
}

/** Writes into a ConfigMap. One that somebody has deleted must not keep the app from being started. */
export function note(
  cluster: Cluster,
  { name, namespace }: Named,
  data: Record<string, string>,
): Promise<unknown> {
  return persistently(async () => {
    const body = await readConfigMap(cluster, { name, namespace });
    if (!body) return undefined;
    body.data = { ...body.data, ...data };
    return cluster.core.replaceNamespacedConfigMap({ name, namespace, body });
  });
}

/**
 * Deletes a pod, and waits until it is gone: until then it holds its claims.
 *
 * @throws Failure when it doesn't go within its grace period: its node is dead, or doesn't answer.
 */
export async function deletePod(
  cluster: Cluster,
  { name, namespace }: Named,
  seconds: number,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  await persistently(() => unlessMissing(cluster.core.deleteNamespacedPod({ name, namespace })));
  while (await persistently(() => readPod(cluster, { name, namespace }))) {
    if (Date.now() > end)
      throw new Failure(
        `The pod ${namespace}/${name} hasn't ended within ${seconds} s: its node is dead, or doesn't answer.`,
      );
    await sleep(500);
  }
}

export async function deleteConfigMap({ core }: Cluster, one: Named): Promise<void> {
  const { name, namespace } = one;
  await persistently(() => unlessMissing(core.deleteNamespacedConfigMap({ name, namespace })));
}

export function appPod(cluster: Cluster, app: Named): Promise<V1Pod | undefined> {
  return persistently(() => podOf(cluster, app));
}

export function isReady(pod: V1Pod | undefined): boolean {
  return whyNotReady(pod, new Date()) === undefined;
}
