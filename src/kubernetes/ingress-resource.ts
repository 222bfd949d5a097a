import { IngressV1 } from "@cdktf/provider-kubernetes/lib/ingress-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { claim } from "../terraform/checks";
import { isExpression, terraformText } from "../terraform/expression";
import { type IngressOptions, ingressAnnotations, ingressSpec } from "./ingress";
import { PORT } from "./names";
import { common, identityOf, metadataOf, type Owner } from "./owner";
import { identify } from "./resource";

/**
 * The Ingress in front of the Service called after its owner. No other one of the tree may have its host and
 * path in the same cluster.
 *
 * @param more annotations besides those of the options
 */
export function makeIngress(
  scope: Construct,
  owner: Owner,
  options: IngressOptions,
  service: ITerraformDependable,
  more: Readonly<Record<string, string>> = {},
): IngressV1 {
  const { dependsOn = [], ...provider } = common(owner);
  const annotations = { ...ingressAnnotations(options), ...more };
  const resource = new IngressV1(scope, "ingress", {
    ...provider,
    dependsOn: [...dependsOn, service],
    metadata: {
      ...metadataOf(owner),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: ingressSpec(owner.name, PORT.app, options),
    // Many controllers at home never write an address, and Terraform would wait 20 minutes for one.
    waitForLoadBalancer: false,
  });
  claim(scope, () => [addressClaim(resource, owner, options)]);
  return identify(resource, identityOf(owner));
}

/** What two Ingresses must not share: the controller would take one of them, or both in turn. */
function addressClaim(resource: IngressV1, owner: Owner, options: IngressOptions) {
  const { host, path = "/", pathType = "Prefix" } = options;
  const text = (value: string) => terraformText(resource, value);
  // "/notes" and "/notes/" are one prefix; an exact path stands beside it, and goes before it.
  const place = pathType === "Exact" ? `=${text(path)}` : text(path).replace(/\/$/, "");
  return {
    what: "address",
    key: [resource.cdktfStack.node.path, owner.provider?.alias, text(host), place].join("\n"),
    field: "ingress.host",
    value: isExpression(host) || isExpression(path) ? undefined : `${host}${path}`,
    fix: "Give one of the two another host or path.",
  };
}
