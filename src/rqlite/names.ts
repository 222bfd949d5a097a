/** Where a node listens: for clients, and for other nodes. */
export const HTTP_PORT = 4001;
export const RAFT_PORT = 4002;

/** The port's names in pods and Services. */
export const PORT_NAME = { http: "http", raft: "raft" } as const;

/** Where a node's volume is, its data on it, and what it writes meanwhile. */
export const VOLUME_FOLDER = "/rqlite/file";
export const DATA_FOLDER = `${VOLUME_FOLDER}/data`;
export const TEMPORARY_FOLDER = `${VOLUME_FOLDER}/temporary`;

/** Where a node finds the scripts and rqlite's files, the cluster's size, and what was prepared for this start. */
export const CONFIG_FOLDER = "/etc/rqlite";
export const SIZE_FOLDER = "/etc/rqlite-size";
export const RUN_FOLDER = "/run/rqlite";
export const HTTP_TLS_FOLDER = "/etc/rqlite-http-tls";
export const NODE_TLS_FOLDER = "/etc/rqlite-node-tls";
export const CDC_FOLDER = "/etc/rqlite-cdc";

/** The users that nodes and a verification are; declared ones have other names. */
export const NODES_USER = "rqlite-nodes";
export const VERIFICATION_USER = "rqlite-verification";

/** The Service by which nodes find each other, also while they aren't ready. */
export function nodesService(set: string): string {
  return `${set}-nodes`;
}

/** The StatefulSet and the Service of the read-only nodes. */
export function readersName(name: string): string {
  return `${name}-readers`;
}

/** The ConfigMap with what nodes run, and the one with how many they are. */
export function configMapName(name: string): string {
  return `${name}-rqlite`;
}
export function sizeMapName(name: string): string {
  return `${name}-size`;
}

/** The name of a Service within the cluster. */
export function serviceHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc`;
}
