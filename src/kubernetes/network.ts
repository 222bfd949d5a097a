import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";

/**
 * Where a pod connects to, as far as a NetworkPolicy can say: it knows pods, address ranges and ports, but no
 * host names. Without a port any; without pods, namespace and range anywhere.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export interface Destination {
  /** The port of the pod or server itself, which is not always that of its Service. */
  readonly port?: number;
  /** Labels of pods, in `namespace` or the policy's own. */
  readonly pods?: Readonly<Record<string, string>>;
  /** A namespace of the cluster, by name. */
  readonly namespace?: string;
  /** Addresses, for example "169.254.169.254/32". */
  readonly cidr?: string;
}

/** Whether something is the number of a port. */
export function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

/** Problems of the port of something that may be left out. */
export function portProblems(field: string, port: unknown): Problem[] {
  if (port === undefined || isExpression(port) || isPort(port)) return [];
  return [{ field, value: port, wrong: "is not a port", fix: "Write a number from 1 to 65535." }];
}

/** Any TCP port of anything: of what is known only at apply. */
const ANYWHERE: Destination = {};

/**
 * Where a URL or "host:port" leads. A Service of the cluster may lead to any port of its pods; a name of two parts may be
 * a Service's or one of the internet, and both are allowed.
 *
 * @param ownNamespace for a name without a dot
 */
export function destinations(
  address: string,
  ownNamespace: string,
  defaultPort: number,
): Destination[] {
  if (isExpression(address)) return [ANYWHERE];
  const [, scheme = "", name = "", port] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?/i.exec(address) ??
    [];
  const known = { http: 80, https: 443 }[scheme.toLowerCase()];
  const outside = { port: Number(port ?? known ?? defaultPort) };
  if (name.startsWith("[") || /^[0-9.]+$/.test(name)) return [outside];
  const parts = name.replace(/\.$/, "").split(".");
  if (parts.length === 1) return [{ namespace: ownNamespace }, outside];
  if (parts[2] === "svc") return [{ namespace: parts[1] }];
  return parts.length === 2 ? [{ namespace: parts[1] }, outside] : [outside];
}

/** Name servers, wherever the cluster has them. */
const DNS = {
  ports: [
    { port: "53", protocol: "UDP" },
    { port: "53", protocol: "TCP" },
  ],
};

/** The egress rules of a pod that connects to these, and asks for names. */
export function egressRules(to: readonly Destination[]) {
  const different = new Map(to.map((one) => [JSON.stringify(one), one]));
  return [DNS, ...[...different.values()].map(egressRule)];
}

function egressRule({ port, pods, namespace, cidr }: Destination) {
  const peers = [
    ...(pods === undefined && namespace === undefined
      ? []
      : [
          {
            ...(pods && { podSelector: { matchLabels: { ...pods } } }),
            ...(namespace !== undefined && {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
            }),
          },
        ]),
    ...(cidr === undefined ? [] : [{ ipBlock: { cidr } }]),
  ];
  return {
    ports: [{ protocol: "TCP", ...(port === undefined ? {} : { port: String(port) }) }],
    ...(peers.length === 0 ? {} : { to: peers }),
  };
}
