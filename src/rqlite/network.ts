import { COMPONENT, dnsLabelProblems, LABEL, partOf, selector } from "../kubernetes/names";
import { type Destination, destinations, egressRules } from "../kubernetes/network";
import { isExpression } from "../terraform/expression";
import { type Problem, unknownKeys, within } from "../terraform/problem";
import { HTTP_PORT, RAFT_PORT, readersName } from "./names";
import type { RqliteClient, RqliteClusterProps } from "./props";
import { s3Destinations } from "./s3";

/** The pods of nodes, of the Job that removes some, and of proofs, which all talk to the HTTP port. */
export const REMOVER = "rqlite-remove";

/** Into a node: Raft's port for nodes only, the HTTP port for those who are named. */
export function ingress({ name, clients = [] }: RqliteClusterProps) {
  const nodes = [name, readersName(name)].map((set) => ({
    podSelector: { matchLabels: selector(set) },
  }));
  const of = (component: string) => ({
    podSelector: { matchLabels: { [LABEL.component]: component, ...partOf(name) } },
  });
  return [
    { from: nodes, ports: [{ port: String(RAFT_PORT), protocol: "TCP" }] },
    {
      from: [...nodes, of(REMOVER), of(COMPONENT.verification), ...clients.map(peer)],
      ports: [{ port: String(HTTP_PORT), protocol: "TCP" }],
    },
  ];
}

function peer({ pods, namespace }: RqliteClient) {
  return {
    podSelector: { matchLabels: pods && { ...pods } },
    ...(namespace === undefined
      ? {}
      : { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }),
  };
}

/** Out of a node: other nodes, the backup's place, and where changes go. */
export function egress(props: RqliteClusterProps, namespace: string) {
  const { name, backup, restore, cdc } = props;
  const nodes = [name, readersName(name)].flatMap((set): Destination[] =>
    [HTTP_PORT, RAFT_PORT].map((port) => ({ pods: selector(set), port })),
  );
  const places = [backup, restore?.from].filter((one) => one !== undefined);
  return egressRules([
    ...nodes,
    ...places.flatMap((one) => s3Destinations(one, namespace)),
    // A file of rqlite's own may name any endpoint.
    ...(cdc === undefined
      ? []
      : typeof cdc === "string"
        ? destinations(cdc, namespace, 443)
        : [{}]),
  ]);
}

/** Problems of those who may reach the cluster. */
export function clientProblems(clients: unknown = []): Problem[] {
  if (!Array.isArray(clients))
    return [
      {
        field: "clients",
        value: clients,
        wrong: "is not a list",
        fix: 'Write [{ pods: { "app.kubernetes.io/name": "web" } }].',
      },
    ];
  return clients.flatMap((client: RqliteClient, index) => {
    const { pods, namespace } = client ?? {};
    return within(`clients[${index}]`, [
      ...unknownKeys("", client, { pods: true, namespace: true }),
      ...(namespace === undefined ? [] : dnsLabelProblems("namespace", namespace)),
      ...(pods === undefined || (typeof pods === "object" && pods !== null) || isExpression(pods)
        ? []
        : [
            {
              field: "pods",
              value: pods,
              wrong: "is not a map of labels",
              fix: 'Write { "app.kubernetes.io/name": "web" }.',
            },
          ]),
      ...(pods === undefined && namespace === undefined
        ? [
            {
              field: "pods",
              wrong: "is missing, and so is namespace: nobody is named",
              fix: "Write the labels of pods, a namespace, or both.",
            },
          ]
        : []),
    ]);
  });
}
