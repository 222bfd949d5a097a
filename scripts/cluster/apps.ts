import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { CONTAINER, LABEL, MANAGED_BY } from "../../src/kubernetes/names";
import type { Cluster } from "./client";
import { isForbidden, isNotFound } from "./explain";
import { Failure } from "./failure";

/** What everything of the project is found by. */
export const MANAGED = `${LABEL.managedBy}=${MANAGED_BY}`;

/** An app, or the readers of one, as a StatefulSet of the cluster. */
export interface FoundApp {
  readonly name: string;
  readonly namespace: string;
  /** `app` writes and has a backup; `readers` only follow one. */
  readonly kind: "app" | "readers";
  readonly statefulSet: V1StatefulSet;
}

/** The StatefulSets of the project, by namespace and name; of all namespaces when none is given. */
export async function listApps(cluster: Cluster, namespace?: string): Promise<FoundApp[]> {
  const { items } = await list(cluster, namespace);
  return items
    .map(foundApp)
    .filter((app) => app !== undefined)
    .sort((one, other) => title(one).localeCompare(title(other)));
}

async function list({ apps }: Cluster, namespace?: string) {
  if (namespace !== undefined)
    return apps.listNamespacedStatefulSet({ namespace, labelSelector: MANAGED });
  try {
    return await apps.listStatefulSetForAllNamespaces({ labelSelector: MANAGED });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new Failure(
      `You may not list StatefulSets of all namespaces. Name the namespace of your apps: -n <namespace>`,
      { cause: error },
    );
  }
}

/** A StatefulSet without Litestream isn't one that these programs know. */
export function foundApp(statefulSet: V1StatefulSet): FoundApp | undefined {
  const containers = containerNames(statefulSet.spec?.template.spec);
  const kind = containers.includes(CONTAINER.litestream)
    ? "app"
    : containers.includes(CONTAINER.follower)
      ? "readers"
      : undefined;
  const { name = "", namespace = "" } = statefulSet.metadata ?? {};
  return kind && { name, namespace, kind, statefulSet };
}

/** The names of a pod's containers, in the order in which they start. */
export function containerNames(
  spec:
    | {
        readonly initContainers?: readonly { readonly name: string }[];
        readonly containers: readonly { readonly name: string }[];
      }
    | undefined,
): string[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name);
}

/** `namespace/name`, as a person may write it, too. */
export function title({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/**
 * The app that a person means by `notes` or `home/notes`.
 *
 * @throws Failure which says which apps there are.
 */
export async function findApp(
  cluster: Cluster,
  reference: string,
  namespace?: string,
): Promise<FoundApp> {
  const [name, place] = parseReference(reference, namespace);
  return pick(await listApps(cluster, place), name, place);
}

/** Name and namespace of a reference. */
export function parseReference(
  reference: string,
  namespace?: string,
): [name: string, namespace: string | undefined] {
  const at = reference.indexOf("/");
  if (at < 0) return [reference, namespace];
  const written = reference.slice(0, at);
  if (namespace !== undefined && namespace !== written)
    throw new Failure(`"${reference}" isn't in the namespace of -n ${namespace}.`);
  return [reference.slice(at + 1), written];
}

/** The only one of that name; `namespace` is where was looked. */
export function pick<T extends { readonly name: string; readonly namespace: string }>(
  apps: readonly T[],
  name: string,
  namespace: string | undefined,
): T {
  const [first, ...others] = apps.filter((app) => app.name === name);
  const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
  if (!first) {
    const there =
      apps.length === 0
        ? `There are none at all${place} (StatefulSets with the label ${MANAGED}).`
        : `There are: ${apps.map(namespace === undefined ? title : (one) => one.name).join(", ")}.`;
    throw new Failure(`There is no app "${name}"${place}. ${there}`);
  }
  if (others.length > 0)
    throw new Failure(
      `There are several apps "${name}": ${[first, ...others].map(title).join(", ")}. Say which: -n ${first.namespace}`,
    );
  return first;
}

/** The app's only pod (or that of the given number); undefined when there is none. */
export async function podOf(
  { core }: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  number = 0,
): Promise<V1Pod | undefined> {
  try {
    return await core.readNamespacedPod({ name: `${name}-${number}`, namespace });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
