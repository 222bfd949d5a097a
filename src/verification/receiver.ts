import type { EnvironmentValue } from "../kubernetes/environment";
import type { Destination } from "../kubernetes/network";
import { dnsLabelProblems } from "../kubernetes/names";
import { type SecretKey, secretKeyProblems } from "../kubernetes/secret";
import { isExpression } from "../terraform/expression";
import { choiceProblem, type Problem, unknownKeys, within } from "../terraform/problem";

interface ReceiverOptions {
  /** The URL, which holds a secret with most receivers and so comes from one. */
  readonly url: SecretKey;
  /**
   * `"failure"` tells of failures only. A proof that never runs then looks like one that passes.
   *
   * @default "always"
   */
  readonly when?: "always" | "failure";
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

/** Somebody who is told how a proof ended. */
export type Receiver = ReceiverOptions & {
  readonly kind: "healthchecks" | "webhook" | "ntfy" | "gotify" | "slack";
  readonly token?: SecretKey;
};

export const Report = {
  /**
   * A check of healthchecks.io, hosted there or by oneself: told when a proof starts and how it ended. It is the only
   * receiver that notices a proof which never runs. `url` is the check's ping URL.
   *
   * @see https://healthchecks.io/docs/http_api/
   */
  healthchecks: (options: Omit<ReceiverOptions, "when">): Receiver => ({
    kind: "healthchecks",
    ...options,
  }),
  /**
   * A POST of the whole report as JSON (docs/verification.md). `token`, if any, is the value of the header Authorization,
   * for example "Bearer …".
   */
  webhook: (options: ReceiverOptions & { readonly token?: SecretKey }): Receiver => ({
    kind: "webhook",
    ...options,
  }),
  /**
   * A topic of ntfy: `url` is server and topic, for example "https://ntfy.sh/my-backups".
   *
   * @see https://docs.ntfy.sh/publish/
   */
  ntfy: (options: ReceiverOptions & { readonly token?: SecretKey }): Receiver => ({
    kind: "ntfy",
    ...options,
  }),
  /**
   * An application of Gotify: `url` is the server's, `token` the application's.
   *
   * @see https://gotify.net/docs/pushmsg
   */
  gotify: (options: ReceiverOptions & { readonly token: SecretKey }): Receiver => ({
    kind: "gotify",
    ...options,
  }),
  /**
   * A channel of Slack, or of what takes its messages (Mattermost): `url` is that of an incoming webhook.
   *
   * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
   */
  slack: (options: ReceiverOptions): Receiver => ({ kind: "slack", ...options }),
};

const TOKEN = { healthchecks: "none", slack: "none", webhook: "may", ntfy: "may", gotify: "must" };
const KEYS = { kind: true, url: true, when: true, port: true, namespace: true };

/** Problems of one receiver. */
export function receiverProblems(field: string, receiver: Receiver): Problem[] {
  const kind = receiver?.kind;
  if (!(kind in TOKEN))
    return [
      {
        field,
        value: typeof receiver === "object" ? undefined : receiver,
        wrong: "is no receiver",
        fix: `Write Report.${Object.keys(TOKEN).join(", Report.")} with the URL's Secret.`,
      },
    ];
  const { url, token, when, port, namespace } = receiver;
  const keys = TOKEN[kind] === "none" ? KEYS : { ...KEYS, token: true };
  return within(field, [
    ...unknownKeys("", receiver, keys),
    ...urlProblems(url),
    ...(token === undefined && TOKEN[kind] !== "must" ? [] : tokenProblems(token)),
    ...(when === undefined || when === "always" || (when === "failure" && kind !== "healthchecks")
      ? []
      : [whenProblem(kind, when)]),
    ...portProblems(port),
    ...(namespace === undefined ? [] : dnsLabelProblems("namespace", namespace)),
  ]);
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

function tokenProblems(token: unknown): Problem[] {
  if (token !== undefined) return secretKeyProblems("token", token);
  return [
    {
      field: "token",
      wrong: "is missing",
      fix: 'Write { secret: Secret.existing("name"), key: "token" }.',
    },
  ];
}

function whenProblem(kind: string, when: unknown): Problem {
  const field = "when";
  if (kind === "healthchecks" && !isExpression(when))
    return {
      field,
      value: when,
      wrong: "is not possible: a check that hears nothing takes the proof for missing",
      fix: "Leave it out.",
    };
  return choiceProblem(field, when, 'Write "always" or "failure".');
}

function portProblems(port: unknown): Problem[] {
  if (port === undefined || isExpression(port)) return [];
  if (Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535) return [];
  return [
    { field: "port", value: port, wrong: "is not a port", fix: "Write a number from 1 to 65535." },
  ];
}

/** What the pod connects to in order to tell a receiver. */
export function receiverDestinations({ port = 443, namespace }: Receiver): Destination[] {
  return [{ port }, ...(namespace === undefined ? [] : [{ namespace }])];
}

/** URLs and tokens, as report.sh finds them. */
export function receiverEnvironment(
  receivers: readonly Receiver[],
): Record<string, EnvironmentValue> {
  const value = ({ secret, key }: SecretKey) => ({ secret: secret.name, key });
  return Object.assign(
    {},
    ...receivers.map(({ url, token }, index) => ({
      [`REPORT_${index}_URL`]: value(url),
      ...(token && { [`REPORT_${index}_TOKEN`]: value(token) }),
    })),
  ) as Record<string, EnvironmentValue>;
}
