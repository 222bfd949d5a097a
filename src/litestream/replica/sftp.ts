import type { SecretReference } from "../../kubernetes/secret";
import { isIdentity } from "../../kubernetes/workload-identity";
import { isExpression } from "../../terraform/expression";
import { flagProblems, shapeProblems } from "../../terraform/problem";
import type { ReplicaSettings, SftpSettings } from "../config";
import { replicaSettingsSchema, sftpSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  alternativeProblems,
  credentialsOf,
  credentialsProblems,
  noIdentityProblems,
  serverPathProblems,
  shown,
  trimmed,
} from "./fields";
import { hostKeyProblems } from "./host-key";
import { sftpLister } from "./lister";
import type { Access, ReplicaType } from "./type";

/** A private SSH key without a passphrase, from a Secret. */
export interface SftpPrivateKey {
  readonly secret: SecretReference;
  /** @default "ssh-privatekey", as in a Secret of type kubernetes.io/ssh-auth */
  readonly privateKeyKey?: string;
}

/** A password, from a Secret. */
export interface SftpPassword {
  readonly secret: SecretReference;
  /** For example "password". Its value must be one line. */
  readonly passwordKey: string;
}

export interface SftpReplicaOptions extends SftpSettings, ReplicaSettings {
  /** Name or address, and a port where it isn't 22: "backup.example.com:2222". */
  readonly host: string;
  readonly user: string;
  /**
   * The folder of this app, from the folder on in which the user begins, or with a "/" in front from the
   * server's root; each database has a folder in it.
   */
  readonly path: string;
  /** A private key or a password from a Secret. */
  readonly credentials: SecretReference | SftpPrivateKey | SftpPassword;
  /**
   * The server's public key, by which Litestream knows that it talks to no other: the type and the key of a
   * line of `ssh-keyscan`, "ecdsa-sha2-nistp256 AAAA…". A server has several, and Litestream asks for them in
   * this order: ECDSA, RSA, Ed25519. Write the first of them that the server has; another one isn't
   * looked at.
   */
  readonly hostKey?: string;
  /** Send the backup, and the password, to whoever answers. @default false */
  readonly skipHostKeyCheck?: boolean;
}

export type SftpReplica = { readonly kind: "sftp" } & SftpReplicaOptions;

const PASSWORD = "LITESTREAM_SFTP_PASSWORD";
const KEY_FILE = "ssh-private-key";

/** @see https://litestream.io/guides/sftp/ */
export const sftpReplica: ReplicaType<SftpReplica> = {
  problems(replica) {
    const {
      kind: _,
      host,
      user,
      path,
      credentials,
      hostKey,
      skipHostKeyCheck,
      ...settings
    } = replica;
    return [
      ...shapeProblems("host", host, HOST, HOST_WRONG),
      ...shapeProblems("user", user, /./, ["is empty", "Write the user's name."]),
      ...serverPathProblems(path, "backups/notes"),
      ...(isIdentity(credentials)
        ? noIdentityProblems(credentials, "SFTP")
        : [
            ...credentialsProblems("credentials", credentials, KEYS),
            ...alternativeProblems("credentials", credentials, Object.keys(KEYS)),
          ]),
      ...flagProblems({ skipHostKeyCheck }),
      ...hostKeyProblems(hostKey, skipHostKeyCheck),
      ...schemaProblems("", settings, { ...sftpSettingsSchema, ...replicaSettingsSchema }),
    ];
  },

  access({ credentials }): Access {
    const from = credentialsOf<Both>(credentials as Both);
    if (!from) return {};
    const { secret, passwordKey, privateKeyKey = "ssh-privatekey" } = from;
    if (passwordKey !== undefined)
      return { environment: { [PASSWORD]: { secret, key: passwordKey } } };
    return { files: { [KEY_FILE]: { secret, key: privateKeyKey } } };
  },

  config(replica, { folder, secrets }) {
    const { kind: type, credentials, skipHostKeyCheck: _, path, ...rest } = replica;
    const { passwordKey } = credentialsOf<Both>(credentials as Both) ?? {};
    return {
      type,
      ...rest,
      ...(passwordKey === undefined
        ? { keyPath: `${secrets}/${KEY_FILE}` }
        : { password: { variable: PASSWORD } }),
      path: `${path}/${folder}`,
    };
  },

  // A path from the root on is one for all users; where each has a root of his own, it costs another name.
  location: ({ host, user, path }, folder) => [
    "sftp",
    isExpression(host) ? host : host.toLowerCase().replace(/^\[|\]?:22$/g, ""),
    ...(!isExpression(path) && path.startsWith("/") ? [] : [user]),
    trimmed(`${path}/${folder}`),
  ],

  text: ({ host, path }) => `SFTP server ${shown(host)}, folder ${shown(path)}`,

  lister: (replica, place) =>
    sftpLister(replica, sftpReplica.access(replica, place.secrets), place),
};

type Both = Partial<SftpPassword> & SftpPrivateKey;

const KEYS = { privateKeyKey: true, passwordKey: true } as const;

/** Name or IPv4 address, or an IPv6 address, which stands in brackets before a port. */
const HOST = /^([^\s:/@[\]]+(:\d{1,5})?|[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*|\[[0-9a-f:]+\]:\d{1,5})$/i;
const HOST_WRONG = [
  "is not a host with or without a port",
  'Write for example "backup.example.com" or "backup.example.com:2222", without user and folder.',
] as const;
