/** A synthesized init container, as far as it matters here. */
export interface InitContainer {
  readonly name: string;
  restart_policy?: string;
}

/**
 * Makes init containers native sidecars. The bindings are generated from provider 2.38.0, which has no
 * `init_container.restart_policy`; it is set here by container name, so that no index can be off.
 *
 * @param path of the construct, for the message
 * @throws Error when a name isn't one of an init container.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function makeNativeSidecars(
  containers: readonly InitContainer[] | undefined,
  names: readonly string[],
  path: string,
): void {
  for (const name of names) {
    const container = containers?.find((candidate) => candidate.name === name);
    if (!container) throw new Error(`${path}: no init container is named "${name}".`);
    container.restart_policy = "Always";
  }
}
