import type { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import type { Construct } from "constructs";
import { LocalStateStack } from "../terraform/stack";
import { kubernetesProvider } from "./provider";

/**
 * A stack with the Kubernetes provider this project needs and a state file beside `cdktf.json`.
 * Another backend is one line: `new S3Backend(stack, {…})`.
 */
export class SqliteStack extends LocalStateStack {
  readonly kubernetes: KubernetesProvider;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.kubernetes = kubernetesProvider(this);
  }
}
