import type { Problem } from "../terraform/problem";
import { dnsLabelProblems } from "./names";
import type { EnvironmentValue } from "./environment";
import { type Destination, portProblems } from "./network";
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
    ...portProblems("port", port),
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

/** What is said of something that none of the factories called `factory` has made. */
export function noReceiverProblem(
  field: string,
  receiver: unknown,
  factory: string,
  kinds: Readonly<Record<string, unknown>>,
): Problem {
  const ways = Object.keys(kinds).map((kind) => `${factory}.${kind}`);
  return {
    field,
    value: typeof receiver === "object" ? undefined : receiver,
    wrong: "is no receiver",
    fix: `Write ${ways.join(", ")} with the URL's Secret.`,
  };
}

/**
 * URLs and tokens as environment variables, for the script that finds them there.
 *
 * @param variable the name for the `index`-th URL or token
 */
export function secretUrlEnvironment(
  all: readonly { readonly url: SecretKey; readonly token?: SecretKey }[],
  variable: (part: "URL" | "TOKEN", index: number) => string,
): Record<string, EnvironmentValue> {
  const value = ({ secret, key }: SecretKey) => ({ secret: secret.name, key });
  return Object.assign(
    {},
    ...all.map(({ url, token }, index) => ({
      [variable("URL", index)]: value(url),
      ...(token && { [variable("TOKEN", index)]: value(token) }),
    })),
  ) as Record<string, EnvironmentValue>;
}
