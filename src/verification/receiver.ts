import type { EnvironmentValue } from "../kubernetes/environment";
import type { SecretKey } from "../kubernetes/secret";
import {
  noReceiverProblem,
  type SecretUrl,
  secretUrlEnvironment,
  secretUrlProblems,
  tokenProblems,
} from "../kubernetes/secret-url";
import { isExpression } from "../terraform/expression";
import { choiceProblem, type Problem, unknownKeys, within } from "../terraform/problem";

interface ReceiverOptions extends SecretUrl {
  /**
   * `"failure"` tells of failures only. A proof that never runs then looks like one that passes.
   *
   * @default "always"
   */
  readonly when?: "always" | "failure";
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
  if (!(kind in TOKEN)) return [noReceiverProblem(field, receiver, "Report", TOKEN)];
  const { token, when } = receiver;
  const keys = TOKEN[kind] === "none" ? KEYS : { ...KEYS, token: true };
  return within(field, [
    ...unknownKeys("", receiver, keys),
    ...secretUrlProblems(receiver),
    ...(token === undefined && TOKEN[kind] !== "must" ? [] : tokenProblems(token)),
    ...(when === undefined || when === "always" || (when === "failure" && kind !== "healthchecks")
      ? []
      : [whenProblem(kind, when)]),
  ]);
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

/** URLs and tokens, as report.sh finds them. */
export function receiverEnvironment(
  receivers: readonly Receiver[],
): Record<string, EnvironmentValue> {
  return secretUrlEnvironment(receivers, (part, index) => `REPORT_${index}_${part}`);
}
