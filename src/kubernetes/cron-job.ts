import { CronJobV1, type CronJobV1Config } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import type { Construct } from "constructs";
import { type InitContainer, makeNativeSidecars } from "./native-sidecars";

export interface CronJobConfig extends CronJobV1Config {
  /** Names of the init containers that run beside the pod's containers until those have ended. */
  readonly nativeSidecars: readonly string[];
}

/**
 * A CronJob with native sidecars, which the bindings don't know. They don't keep its pods from ending.
 *
 * @throws Error when `nativeSidecars` names a container that isn't an init container.
 */
export class CronJob extends CronJobV1 {
  private readonly nativeSidecars: readonly string[];

  constructor(scope: Construct, id: string, { nativeSidecars, ...config }: CronJobConfig) {
    super(scope, id, config);
    this.nativeSidecars = nativeSidecars;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const attributes = super.synthesizeAttributes() as SynthesizedCronJob;
    const { init_container } = attributes.spec.job_template.spec.template.spec;
    makeNativeSidecars(init_container, this.nativeSidecars, this.node.path);
    return attributes;
  }
}

interface SynthesizedCronJob extends Record<string, unknown> {
  spec: {
    job_template: { spec: { template: { spec: { init_container?: InitContainer[] } } } };
  };
}
