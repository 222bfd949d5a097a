import { asText, isExpression, literal } from "../terraform/expression";
import { has, SETTINGS } from "./flags";
import {
  CDC_FOLDER,
  CONFIG_FOLDER,
  HTTP_PORT,
  HTTP_TLS_FOLDER,
  NODE_TLS_FOLDER,
  NODES_USER,
  nodesService,
  RAFT_PORT,
  RUN_FOLDER,
  serviceHost,
} from "./names";
import type { RqliteClusterProps } from "./props";
import type { RqliteSettings } from "./settings";

/** Where a node stands: the StatefulSet it is of, its namespace, and whether it only reads. */
export interface NodeRole {
  readonly set: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly reader: boolean;
}

/** rqlited's flags for a node, but for those by which start.sh has it join or begin a cluster. */
export function nodeArguments(
  props: RqliteClusterProps,
  version: string,
  role: NodeRole,
): string[] {
  const { users, tls, backup, cdc } = props;
  const host = `$(POD_NAME).${serviceHost(nodesService(role.set), role.namespace)}`;
  return [
    "-node-id=$(POD_NAME)",
    `-http-addr=0.0.0.0:${HTTP_PORT}`,
    `-http-adv-addr=${host}:${HTTP_PORT}`,
    `-raft-addr=0.0.0.0:${RAFT_PORT}`,
    `-raft-adv-addr=${host}:${RAFT_PORT}`,
    ...(users ? [`-auth=${RUN_FOLDER}/users.json`, `-join-as=${NODES_USER}`] : []),
    ...(tls?.http ? certificate("http", HTTP_TLS_FOLDER) : []),
    ...(tls?.nodes
      ? [
          ...certificate("node", NODE_TLS_FOLDER),
          `-node-ca-cert=${NODE_TLS_FOLDER}/ca.crt`,
          "-node-verify-client=true",
          // Nodes find each other by address at first, which no certificate has.
          `-node-verify-server-name=${serviceHost(nodesService(role.cluster), role.namespace)}`,
        ]
      : []),
    // A reader is never the leader, who alone makes backups.
    ...(backup && !role.reader ? [`-auto-backup=${CONFIG_FOLDER}/backup.json`] : []),
    ...(cdc === undefined
      ? []
      : [`-cdc-config=${typeof cdc === "string" ? literal(cdc) : `${CDC_FOLDER}/cdc.json`}`]),
    ...(role.reader ? ["-raft-non-voter=true", "-raft-cluster-remove-shutdown=true"] : []),
    ...settingArguments(props.settings, version),
    ...(props.extraArgs ?? []).map(literal),
  ];
}

function certificate(of: "http" | "node", folder: string): string[] {
  return [`-${of}-cert=${folder}/tls.crt`, `-${of}-key=${folder}/tls.key`];
}

function settingArguments(settings: RqliteSettings = {}, version: string): string[] {
  return Object.entries(SETTINGS).flatMap(([name, { flags }]) => {
    const value = settings[name as keyof RqliteSettings];
    const flag = flags.find((one) => has(version, one));
    if (value === undefined || flag === undefined) return [];
    return [`-${flag.name}=${text(value)}`];
  });
}

function text(value: string | number | boolean | readonly string[]): string {
  if (typeof value === "object" && !isExpression(value)) return value.map(literal).join(",");
  return literal(asText(value as string | number | boolean));
}
