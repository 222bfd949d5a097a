import { LocalBackend, TerraformBackend, TerraformStack } from "cdktf";

/**
 * A stack with a state file of its own beside `cdktf.json`. Another backend is one line:
 * `new S3Backend(stack, {…})`.
 */
export class LocalStateStack extends TerraformStack {
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
