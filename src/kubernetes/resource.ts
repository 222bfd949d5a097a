import { isExpression } from "../terraform/expression";
import { claim } from "../terraform/checks";
import type { TerraformProvider, TerraformResource } from "cdktf";

/** Where one Kubernetes object stands. */
export interface ObjectIdentity {
  /** Left out for objects of the whole cluster, such as a namespace. */
  readonly namespace?: string;
  readonly name: string;
  readonly provider?: TerraformProvider;
  /** @default made of provider, namespace and name */
  readonly address?: string;
}

/**
 * Gives a resource a Terraform address made of its Kubernetes name (`kubernetes_service_v1.notes_web`
 * for the Service web in notes), and refuses a second one of the same kind and name.
 *
 * CDKTF derives addresses from the construct's place in the tree, so that moving a construct would
 * destroy the object and make it again: for a namespace, with everything in it.
 */
export function identify<T extends TerraformResource>(resource: T, identity: ObjectIdentity): T {
  const { namespace, name, provider, address: given } = identity;
  const parts = [provider?.alias, namespace, name].filter((part) => part !== undefined);
  if (parts.some((part) => isExpression(part))) return resource;
  const address = terraformName(given ?? parts.join("_"));
  resource.overrideLogicalId(address);
  const { terraformResourceType: what, cdktfStack: stack } = resource;
  const value = namespace === undefined ? name : `${namespace}/${name}`;
  claim(resource, () => [
    {
      what,
      key: [stack.node.path, ...parts].join("/"),
      field: "name",
      value,
      fix: `Give one of the two another name${namespace === undefined ? "" : " or namespace"}.`,
    },
  ]);
  if (given !== undefined)
    claim(resource, () => [
      {
        what: `${what} called ${address} in Terraform`,
        key: stack.node.path,
        field: "id",
        value: given,
        fix: "Give one of the two constructs another id.",
      },
    ]);
  return resource;
}

/** A Kubernetes name as one in Terraform; the "." that a Secret's may have stays apart from "-". */
export function terraformName(text: string): string {
  const name = text.replaceAll(".", "__").replace(/[^a-zA-Z0-9_-]/g, "-");
  return /^[0-9-]/.test(name) ? `_${name}` : name;
}
