import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * The kubeconfig files that count, as kubectl finds them: those of KUBECONFIG that are there, or ~/.kube/config.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export function kubeconfigFiles(
  environment: Readonly<Record<string, string | undefined>>,
  home = homedir(),
  exists: (path: string) => boolean = existsSync,
): { readonly named: readonly string[]; readonly found: readonly string[] } {
  const listed = (environment.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const named = listed.length > 0 ? listed : [join(home, ".kube", "config")];
  return { named, found: named.filter(exists) };
}

/** What a kubeconfig file holds, as far as files are merged. */
export interface KubeconfigContent<Cluster, User, Context> {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  readonly currentContext: string | undefined;
}

/** Several files as one: of what has the same name the first counts, as with kubectl. */
export function mergeKubeconfigs<
  Cluster extends { name: string },
  User extends { name: string },
  Context extends { name: string },
>(
  files: readonly KubeconfigContent<Cluster, User, Context>[],
): { clusters: Cluster[]; users: User[]; contexts: Context[]; currentContext: string } {
  return {
    clusters: firstOfEach(files.flatMap(({ clusters }) => clusters)),
    users: firstOfEach(files.flatMap(({ users }) => users)),
    contexts: firstOfEach(files.flatMap(({ contexts }) => contexts)),
    currentContext: files.map(({ currentContext }) => currentContext).find(Boolean) ?? "",
  };
}

function firstOfEach<T extends { name: string }>(all: readonly T[]): T[] {
  return all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index);
}
