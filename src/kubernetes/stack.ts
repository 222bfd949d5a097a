import type { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { LocalBackend, TerraformBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { kubernetesProvider } from "./provider";

/**
 * A stack with the Kubernetes provider this project needs and a state file beside `cdktf.json`.
 * Another backend is one line: `new S3Backend(stack, {…})`.
 */
export class SqliteStack extends TerraformStack {
  readonly kubernetes: KubernetesProvider;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.kubernetes = kubernetesProvider(this);
  }

  /**
   * CDKTF's default backend writes the absolute path of the machine that synthesizes into the
   * output. Terraform runs in `cdktf.out/stacks/<id>`, three levels below.
   */
  override ensureBackendExists(): TerraformBackend {
    const declared = this.node.findAll().find(TerraformBackend.isBackend);
    if (declared) return declared;
    return new LocalBackend(this, { path: `../../../terraform.${this.node.id}.tfstate` });
  }
}
