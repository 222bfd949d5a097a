import type { Place } from "./replica/type";

/** Where Litestream's containers have what they need besides the app's databases. */

/** The ConfigMap. */
export const CONFIG_FOLDER = "/etc/litestream";

/** The file in it that Litestream reads. */
export const CONFIG_FILE = `${CONFIG_FOLDER}/litestream.yml`;

/** A folder of the pod's own, for the control socket and what the containers tell each other. */
export const RUN_FOLDER = "/run/litestream";

/** A folder for files on their way to a replica, where Litestream writes those to disk first. */
export const UPLOADS_FOLDER = `${RUN_FOLDER}/uploads`;

/** The volume of a file replica, and the files of a replica's Secrets. */
export const REPLICA_PLACE = {
  mount: "/replica",
  secrets: "/run/secrets/litestream/replica",
} satisfies Omit<Place, "folder">;

/** The same of `restoreFrom`. */
export const RESTORE_FROM_PLACE = {
  mount: "/restore-from",
  secrets: "/run/secrets/litestream/restore-from",
} satisfies Omit<Place, "folder">;

/** What no volume of an app may meet. */
export const OWN_FOLDERS = [
  CONFIG_FOLDER,
  RUN_FOLDER,
  REPLICA_PLACE.mount,
  RESTORE_FROM_PLACE.mount,
  "/run/secrets",
];

/** In that folder: the process id of Litestream in its sidecar. */
export const PID_FILE = "litestream.pid";

/** The control socket, where Litestream may make it. */
export const SOCKET = `${RUN_FOLDER}/litestream.sock`;

/** Stands for a database's name in the entry that restore.sh makes for each database of a directory. */
export const DATABASE_MARKER = "@LITESTREAM_DATABASE@";
