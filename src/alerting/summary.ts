import { isExpression } from "../terraform/expression";
import type { AlertReceiverConfig, LogAlertsConfig } from "./config";
import type { LogAlertsProps } from "./props";

/** What a person wants to know of alerts before deploying them: a heading and a text each. */
export function alertsSummary(
  props: LogAlertsProps,
  { receivers, heartbeat, logFolder, stateFolder }: LogAlertsConfig,
): [string, string][] {
  return [
    ["tells", receivers.map(receiverText).join(", ")],
    [
      "heartbeat",
      heartbeat
        ? `a ping every ${heartbeat.everySeconds / 60} min while alerts work`
        : "nobody notices when alerts stop: set heartbeat",
    ],
    ["reads", `${shown(logFolder)}/containers of ${nodesText(props)}`],
    ["stays behind", `${shown(stateFolder)} on each node, also when the stack is destroyed`],
  ];
}

function receiverText({ name, kind, minimumLevel }: AlertReceiverConfig): string {
  const who = kind === "stdout" ? "the pods' own log" : name;
  return minimumLevel === "error" ? `${who} (errors only)` : who;
}

function nodesText({ nodeSelector, tolerations }: LogAlertsProps): string {
  const wanted = Object.entries(nodeSelector ?? {}).map(
    ([label, value]) => `${label}=${shown(value)}`,
  );
  const nodes = wanted.length === 0 ? "every node" : `nodes with ${wanted.join(", ")}`;
  return tolerations ? `${nodes}, those with other taints than tolerations names excepted` : nodes;
}

function shown(value: string): string {
  return isExpression(value) ? "(known at apply)" : value;
}
