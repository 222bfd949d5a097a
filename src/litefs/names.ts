import { asText } from "../terraform/expression";

/** LiteFS's own API: the stream of changes, /info, /metrics, /export, and what must stay inside the cluster. */
export const API_PORT = 20202;

/** LiteFS's proxy in front of the app: it sets the transaction cookie, and has a read wait for it. */
export const PROXY_PORT = 20203;

/** Held by the guard, on the pod's loopback, once LiteFS may start. */
export const GUARD_PORT = 20204;

/** Where the primary's LiteFS listens, on the pod's loopback, while what was restored is put into it. */
export const IMPORT_PORT = 20205;

/** Where it is mounted meanwhile. */
export const IMPORT_FOLDER = "/run/litefs-import";

/** Where the router listens. */
export const ROUTER_PORT = 8080;

/** Where LiteFS keeps its own files: databases, their transactions, the cluster's id. */
export const DATA_FOLDER = "/var/lib/litefs";

/** litefs.yml, litestream.yml and the scripts. */
export const CONFIG_FOLDER = "/etc/litefs";

/** What an empty primary is to do, and how many it has to ask: apart, as both change without the pods being replaced. */
export const RECOVERY_FOLDER = "/etc/litefs-recovery";

/** The files in it. */
export const RECOVERY_FILE = { told: "when-primary-is-empty", pods: "pods" } as const;

/** Where the primary's databases are exported to on their way into the backup. */
export const BACKUP_FOLDER = "/var/lib/litefs-backup";

/** The app's pod in LiteFS's environment: nothing that an app's environment may set by accident. */
export const POD_VARIABLE = "LITEFS_POD";

/** What stands for "$" in litefs.yml, which LiteFS expands and has no escape for. */
export const DOLLAR_VARIABLE = "LITEFS_DOLLAR";

/** Names of the objects of a cluster. The plain name is the router's Service, the way in. */
export const headlessName = (cluster: string) => `${cluster}-headless`;
export const primaryName = (cluster: string) => `${cluster}-primary`;
export const readName = (cluster: string) => `${cluster}-read`;
export const routerName = (cluster: string) => `${cluster}-router`;
export const recoveryName = (cluster: string) => `${cluster}-recovery`;
export const configMapName = (cluster: string) => `${cluster}-litefs`;

/** Where a cluster's pods and Services are found. */
export interface ClusterPlace {
  readonly name: string;
  readonly namespace: string;
  readonly clusterDomain: string;
}

/** The domain of the pods behind the headless Service. */
export function podDomain({ name, namespace, clusterDomain }: ClusterPlace): string {
  return `${headlessName(name)}.${namespace}.svc.${clusterDomain}`;
}

/** The DNS name of one pod. */
export function podHost(place: ClusterPlace, ordinal: number): string {
  return `${place.name}-${ordinal}.${podDomain(place)}`;
}

/** The primary's address, which every node advertises, the replicas too: there is no other with a static lease. */
export function advertiseUrl(place: ClusterPlace): string {
  return `http://${podHost(place, 0)}:${asText(API_PORT)}`;
}
