import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { Construct } from "constructs";
import { COMPONENT, LABEL, partOf, selector } from "../kubernetes/names";
import { egressRules } from "../kubernetes/network";
import { common, identityOf, metadataOf, type Owner } from "../kubernetes/owner";
import { identify } from "../kubernetes/resource";
import { asText } from "../terraform/expression";
import { API_PORT, PROXY_PORT, ROUTER_PORT, routerName } from "./names";
import { named, POD_LABEL } from "./resources";

const port = (number: number) => [{ port: asText(number), protocol: "TCP" }];
const pods = (matchLabels: Record<string, string>) => ({ podSelector: { matchLabels } });

/**
 * LiteFS's API, which asks nobody who he is and lets anyone replace a database, is for the cluster's own pods and the proof of
 * its backup. Its proxy is for the router, and on the primary for everyone: on a replica it answers a write with an
 * empty 200. The app's own port is open.
 */
export function makeNetworkPolicies(
  scope: Construct,
  owner: Owner,
  appPort: number,
): NetworkPolicyV1[] {
  const { name } = owner;
  const router = routerName(name);
  const proofs = { [LABEL.component]: COMPONENT.verification, ...partOf(name) };
  const own = selector(name);
  return [
    policy(scope, "network", owner, name, {
      podSelector: { matchLabels: own },
      policyTypes: ["Ingress"],
      ingress: [
        { from: [pods(own), pods(proofs)], ports: port(API_PORT) },
        // A replica waits for its primary to be ready.
        { from: [pods(selector(router)), pods(own)], ports: port(PROXY_PORT) },
        { ports: port(appPort) },
      ],
    }),
    policy(scope, "network-primary", owner, `${name}-primary`, {
      podSelector: { matchLabels: { ...own, [POD_LABEL]: `${name}-0` } },
      policyTypes: ["Ingress"],
      ingress: [{ ports: port(PROXY_PORT) }],
    }),
    policy(scope, "network-router", owner, router, {
      podSelector: { matchLabels: selector(router) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: port(ROUTER_PORT) }],
      egress: egressRules([{ pods: own, port: PROXY_PORT }]),
    }),
  ];
}

function policy(
  scope: Construct,
  id: string,
  owner: Owner,
  name: string,
  spec: ConstructorParameters<typeof NetworkPolicyV1>[2]["spec"],
): NetworkPolicyV1 {
  const resource = new NetworkPolicyV1(scope, id, {
    ...common(owner),
    metadata: metadataOf(named(owner, name)),
    spec,
  });
  return identify(resource, identityOf(named(owner, name)));
}
