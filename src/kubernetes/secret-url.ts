import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { dnsLabelProblems } from "./names";
import { type Destination, isPort } from "./network";
import { type SecretKey, secretKeyProblems } from "./secret";

/** A URL that only a Secret knows, and where it leads as far as a NetworkPolicy has to know. */
export interface SecretUrl {
  /** The URL, which holds a secret with most receivers and so comes from one. */
  readonly url: SecretKey;
  /**
   * The receiver's port, for the network policy, which can't read the URL. Of a Service of the cluster it is the port of
   * its pods.
   *
   * @default 443
   */
  readonly port?: number;
  /** The namespace of a receiver in the cluster, whose pods may then be reached at any port. @default none */
  readonly namespace?: string;
}

/** Problems of such a URL. */
export function secretUrlProblems({ url, port, namespace }: Partial<SecretUrl>): Problem[] {
  return [
    ...urlProblems(url),
    ...portProblems(port),
    ...(namespace === undefined ? [] : dnsLabelProblems("namespace", namespace)),
  ];
}

function urlProblems(url: unknown): Problem[] {
  if (typeof url === "object") return secretKeyProblems("url", url);
  return [
    {
      field: "url",
      wrong:
        url === undefined
          ? "is missing"
          : "is written out, and whoever has it can report in your name",
      fix: 'Put it into a Secret and write { secret: Secret.existing("name"), key: "url" }.',
    },
  ];
}

function portProblems(port: unknown): Problem[] {
  if (port === undefined || isExpression(port) || isPort(port)) return [];
  return [
    { field: "port", value: port, wrong: "is not a port", fix: "Write a number from 1 to 65535." },
  ];
}

/** Problems of the token that goes with a URL, where there has to be one. */
export function tokenProblems(token: unknown): Problem[] {
  if (token !== undefined) return secretKeyProblems("token", token);
  return [
    {
      field: "token",
      wrong: "is missing",
      fix: 'Write { secret: Secret.existing("name"), key: "token" }.',
    },
  ];
}

/** What a pod connects to that posts to such a URL. */
export function secretUrlDestinations({
  port = 443,
  namespace,
}: Pick<SecretUrl, "port" | "namespace">): Destination[] {
  return [{ port }, ...(namespace === undefined ? [] : [{ namespace }])];
}
