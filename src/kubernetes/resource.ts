import { isExpression } from "../terraform/expression";
import { claim } from "../terraform/checks";
import type { TerraformProvider, TerraformResource } from "cdktf";

/** Where one Kubernetes object stands. */
export interface ObjectIdentity {
  /** Left out for objects of the whole cluster, such as a namespace. */
  readonly namespace?: string;
  readonly name: string;
  readonly provider?: TerraformProvider;
}

/**
 * Gives a resource a Terraform address made of its Kubernetes name (`kubernetes_service_v1.notes_web`
 * for the Service web in notes), and refuses a second one of the same kind and name.
 *
 * CDKTF derives addresses from the construct's place in the tree, so that moving a construct would
 * destroy the object and make it again: for a namespace, with everything in it.
 */
export function identify<T extends TerraformResource>(resource: T, identity: ObjectIdentity): T {
  const { namespace, name, provider } = identity;
  const parts = [provider?.alias, namespace, name].filter((part) => part !== undefined);
  if (parts.some((part) => isExpression(part))) return resource;
  const address = parts.join("_").replace(/[^a-zA-Z0-9_-]/g, "-");
  resource.overrideLogicalId(/^[0-9-]/.test(address) ? `_${address}` : address);
  claim(resource, () => [
    {
      what: resource.terraformResourceType,
      key: [resource.cdktfStack.node.path, ...parts].join("/"),
      field: "name",
      value: namespace === undefined ? name : `${namespace}/${name}`,
      fix: "Give one of the two another name or namespace.",
    },
  ]);
  return resource;
}
