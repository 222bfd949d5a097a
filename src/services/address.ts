import { TerraformStack, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { terraformName } from "../kubernetes/resource";
import { claim } from "../terraform/checks";

/**
 * Gives a resource the Terraform address of its construct's id, whatever its place in the tree: under another address Terraform
 * would delete it in spite of `prevent_destroy`, which stands in the declaration too.
 */
export function addressedById<T extends TerraformResource>(scope: Construct, resource: T): T {
  const { id } = scope.node;
  const address = terraformName(id);
  resource.overrideLogicalId(address);
  claim(scope, () => [
    {
      what: `${resource.terraformResourceType} called ${address} in Terraform`,
      key: TerraformStack.of(scope).node.path,
      field: "id",
      value: id,
      fix: "Give one of the two constructs another id.",
    },
  ]);
  return resource;
}
