import type { SecretKey } from "../kubernetes/secret";
import {
  noReceiverProblem,
  type SecretUrl,
  secretUrlProblems,
  tokenProblems,
} from "../kubernetes/secret-url";
import { choiceProblem, type Problem, unknownKeys, within } from "../terraform/problem";

/** How bad something is: `"warning"` may mend itself, `"error"` is a backup that doesn't work now. */
export type AlertLevel = "warning" | "error";

interface AlertReceiverOptions {
  /**
   * The least that is sent here. A recovery goes wherever its problem went.
   *
   * @default "warning"
   */
  readonly minimumLevel?: AlertLevel;
}

type PostOptions = AlertReceiverOptions & SecretUrl;

/** Somebody who is told of problems. */
export type AlertReceiver = AlertReceiverOptions &
  Partial<SecretUrl> & {
    readonly kind: "slack" | "gotify" | "ntfy" | "discord" | "teams" | "webhook" | "stdout";
    readonly token?: SecretKey;
  };

export const Alert = {
  /**
   * A channel of Slack, or of what takes its messages (Mattermost): `url` is that of an incoming webhook.
   *
   * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
   */
  slack: (options: PostOptions): AlertReceiver => ({ kind: "slack", ...options }),
  /**
   * An application of Gotify: `url` is the server's, `token` the application's. Errors have priority 8, warnings 5,
   * recoveries 4.
   *
   * @see https://gotify.net/docs/pushmsg
   */
  gotify: (options: PostOptions & { readonly token: SecretKey }): AlertReceiver => ({
    kind: "gotify",
    ...options,
  }),
  /**
   * A topic of ntfy: `url` is server and topic, for example "https://ntfy.sh/my-alerts".
   *
   * @see https://docs.ntfy.sh/publish/
   */
  ntfy: (options: PostOptions & { readonly token?: SecretKey }): AlertReceiver => ({
    kind: "ntfy",
    ...options,
  }),
  /**
   * A channel of Discord: `url` is that of a webhook.
   *
   * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
   */
  discord: (options: PostOptions): AlertReceiver => ({ kind: "discord", ...options }),
  /**
   * A channel of Microsoft Teams: `url` is that of a workflow which posts to it when a webhook request is received.
   *
   * @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
   */
  teams: (options: PostOptions): AlertReceiver => ({ kind: "teams", ...options }),
  /**
   * A POST of the message as JSON (docs/alerts.md). `token`, if any, is the value of the header Authorization, for
   * example "Bearer …".
   */
  webhook: (options: PostOptions & { readonly token?: SecretKey }): AlertReceiver => ({
    kind: "webhook",
    ...options,
  }),
  /** The log of the pods themselves, one JSON object a line: for another collector, or to look at. */
  stdout: (options: AlertReceiverOptions = {}): AlertReceiver => ({ kind: "stdout", ...options }),
};

const TOKEN = {
  slack: "none",
  gotify: "must",
  ntfy: "may",
  discord: "none",
  teams: "none",
  webhook: "may",
  stdout: "none",
};
const POSTED = { url: true, port: true, namespace: true };

/** Problems of one receiver. */
export function alertReceiverProblems(field: string, receiver: AlertReceiver): Problem[] {
  const kind = receiver?.kind;
  if (!(kind in TOKEN)) return [noReceiverProblem(field, receiver, "Alert", TOKEN)];
  const { minimumLevel, token } = receiver;
  const posted = kind === "stdout" ? {} : POSTED;
  const keys = {
    kind: true,
    minimumLevel: true,
    ...posted,
    ...(TOKEN[kind] === "none" ? {} : { token: true }),
  };
  return within(field, [
    ...unknownKeys("", receiver, keys),
    ...(kind === "stdout" ? [] : secretUrlProblems(receiver)),
    ...(TOKEN[kind] === "must" || token !== undefined ? tokenProblems(token) : []),
    ...(minimumLevel === undefined || minimumLevel === "warning" || minimumLevel === "error"
      ? []
      : [choiceProblem("minimumLevel", minimumLevel, 'Write "warning" or "error".')]),
  ]);
}
