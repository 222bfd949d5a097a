import type { SecretReference } from "../../kubernetes/secret";
import { isIdentity } from "../../kubernetes/workload-identity";
import { shapeProblems } from "../../terraform/problem";
import type { ReplicaSettings } from "../config";
import { replicaSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  addressOf,
  credentialsOf,
  credentialsProblems,
  noIdentityProblems,
  pathProblems,
  shown,
  trimmed,
} from "./fields";
import { webdavLister } from "./lister";
import type { ReplicaType } from "./type";

/** The password of a WebDAV account, from a Secret. */
export interface WebdavPassword {
  readonly secret: SecretReference;
  /** Its value must be one line. @default "password" */
  readonly passwordKey?: string;
}

export interface WebdavReplicaOptions extends ReplicaSettings {
  /** The server's URL (`webdav-url`), for example "https://cloud.example.com/remote.php/dav/files/notes". */
  readonly url: string;
  /** The account's name (`webdav-username`). */
  readonly username: string;
  /** The folder of this app on the server; each database has a folder in it. */
  readonly path: string;
  /** The account's password from a Secret; a password for this app alone where the server has such. */
  readonly credentials: SecretReference | WebdavPassword;
}

export type WebdavReplica = { readonly kind: "webdav" } & WebdavReplicaOptions;

const PASSWORD = "LITESTREAM_WEBDAV_PASSWORD";

/** @see https://litestream.io/guides/webdav/ */
export const webdavReplica: ReplicaType<WebdavReplica> = {
  problems({ kind: _, url, username, path, credentials, ...settings }) {
    return [
      ...(url === undefined
        ? shapeProblems("url", url, /./, ["", 'Write for example "https://dav.example.com".'])
        : schemaProblems("", { url }, { url: { kind: "url" } })),
      ...shapeProblems("username", username, /./, ["is empty", "Write the account's name."]),
      ...pathProblems(path, "notes"),
      ...(isIdentity(credentials)
        ? noIdentityProblems(credentials, "WebDAV")
        : credentialsProblems("credentials", credentials, { passwordKey: true })),
      ...schemaProblems("", settings, replicaSettingsSchema),
    ];
  },

  access({ credentials }) {
    const from = credentialsOf<WebdavPassword>(credentials);
    if (!from) return {};
    return {
      environment: { [PASSWORD]: { secret: from.secret, key: from.passwordKey ?? "password" } },
    };
  },

  // It needs to know a file's length before it begins.
  uploadsFromDisk: true,

  config: ({ kind: type, url, username, credentials: _, path, ...rest }, { folder }) => ({
    type,
    webdavUrl: url,
    webdavUsername: username,
    webdavPassword: { variable: PASSWORD },
    ...rest,
    path: `${path}/${folder}`,
  }),

  location: ({ url, path }, folder) => [
    "webdav",
    `${addressOf(url)}/${trimmed(`${path}/${folder}`)}`,
  ],

  text: ({ url, path }) => `WebDAV server ${shown(url)}, folder ${shown(path)}`,

  lister: (replica, place) => webdavLister(replica, webdavReplica.access(replica, place.secrets)),
};
