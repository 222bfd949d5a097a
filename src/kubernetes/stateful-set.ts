import {
  StatefulSetV1,
  type StatefulSetV1Config,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import type { Construct } from "constructs";
import { type InitContainer, makeNativeSidecars } from "./native-sidecars";

export interface StatefulSetConfig extends StatefulSetV1Config {
  /** Names of the init containers that run beside the app for the pod's whole life. */
  readonly nativeSidecars: readonly string[];
}

/**
 * With the partition said, a pod that is deleted comes back as it is declared now. Without it, while a rollout waits for others,
 * it comes back as it was declared before (Kubernetes 1.34): nobody could mend by hand what the rollout can't.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/controller/statefulset/stateful_set_utils.go
 */
export const ROLLING_UPDATE = [{ type: "RollingUpdate", rollingUpdate: [{ partition: 0 }] }];

/**
 * A StatefulSet with native sidecars, which the bindings don't know.
 *
 * @throws Error when `nativeSidecars` names a container that isn't an init container.
 */
export class StatefulSet extends StatefulSetV1 {
  private readonly nativeSidecars: readonly string[];

  constructor(scope: Construct, id: string, { nativeSidecars, ...config }: StatefulSetConfig) {
    super(scope, id, config);
    this.nativeSidecars = nativeSidecars;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const attributes = super.synthesizeAttributes() as SynthesizedStatefulSet;
    const { init_container } = attributes.spec.template.spec;
    makeNativeSidecars(init_container, this.nativeSidecars, this.node.path);
    return attributes;
  }
}

interface SynthesizedStatefulSet extends Record<string, unknown> {
  spec: { template: { spec: { init_container?: InitContainer[] } } };
}
