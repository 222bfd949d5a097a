import {
  StatefulSetV1,
  type StatefulSetV1Config,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import type { Construct } from "constructs";

export interface StatefulSetConfig extends StatefulSetV1Config {
  /** Names of the init containers that run beside the app for the pod's whole life. */
  readonly nativeSidecars: readonly string[];
}

/**
 * A StatefulSet with native sidecars. The bindings are generated from provider 2.38.0, which has no
 * `init_container.restart_policy`; it is set here by container name, so that no index can be off.
 *
 * @throws Error when `nativeSidecars` names a container that isn't an init container.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export class StatefulSet extends StatefulSetV1 {
  private readonly nativeSidecars: readonly string[];

  constructor(scope: Construct, id: string, { nativeSidecars, ...config }: StatefulSetConfig) {
    super(scope, id, config);
    this.nativeSidecars = nativeSidecars;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const attributes = super.synthesizeAttributes() as SynthesizedStatefulSet;
    const containers = attributes.spec.template.spec.init_container;
    for (const name of this.nativeSidecars) {
      const container = containers.find((candidate) => candidate.name === name);
      if (!container) throw new Error(`${this.node.path}: no init container is named "${name}".`);
      container.restart_policy = "Always";
    }
    return attributes;
  }
}

interface SynthesizedStatefulSet extends Record<string, unknown> {
  spec: { template: { spec: { init_container: { name: string; restart_policy?: string }[] } } };
}
