import { slug } from "../../kubernetes/names";
import type { SecretKey, SecretReference } from "../../kubernetes/secret";
import { isIdentity } from "../../kubernetes/workload-identity";
import { isExpression } from "../../terraform/expression";
import { type Problem, shapeProblems } from "../../terraform/problem";
import type { NatsSettings, ReplicaConfig, ReplicaSettings } from "../config";
import { natsSettingsSchema, replicaSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  addressOf,
  alternativeProblems,
  bucketProblems,
  credentialsOf,
  credentialsProblems,
  noIdentityProblems,
  shown,
} from "./fields";
import type { ReplicaType } from "./type";

/** The file with a user's JWT and seed that `nsc generate creds` writes, from a Secret. */
export interface NatsCreds {
  readonly secret: SecretReference;
  /** @default "nats.creds" */
  readonly credsKey?: string;
}

/** A user and a password, the latter from a Secret. */
export interface NatsPassword {
  readonly username: string;
  readonly secret: SecretReference;
  /** Its value must be one line. @default "password" */
  readonly passwordKey?: string;
}

/** A token, from a Secret. */
export interface NatsToken {
  readonly secret: SecretReference;
  /** For example "token". */
  readonly tokenKey: string;
}

/** The certificate of a private authority, from a Secret. */
export interface NatsRootCa {
  readonly secret: SecretReference;
  /** @default "ca.crt" */
  readonly key?: string;
}

/** A client's certificate and its key, from a Secret. */
export interface NatsClientCertificate {
  readonly secret: SecretReference;
  /** @default "tls.crt", as in a Secret of type kubernetes.io/tls */
  readonly certificateKey?: string;
  /** @default "tls.key" */
  readonly privateKeyKey?: string;
}

export interface NatsReplicaOptions extends NatsSettings, ReplicaSettings {
  /** The server, for example "nats://nats.nats.svc:4222"; it tells Litestream of the others of its cluster. */
  readonly url: string;
  /**
   * What the names of the buckets (object stores) begin with. Litestream keeps no folders on NATS, so that each
   * database has a bucket of its own, `BUCKET-FOLDER`: with "notes" and /data/notes.db, "notes-notes-db".
   * They must exist before the app starts: `nats object add notes-notes-db --storage=file`.
   */
  readonly bucket: string;
  /** Creds file, password or token from a Secret; "none" where the server asks for none, or for a client certificate. */
  readonly credentials: SecretReference | NatsCreds | NatsPassword | NatsToken | "none";
  /** For a server whose certificate a private authority has signed. Encrypts also without `tls`. @default the image's roots */
  readonly rootCa?: SecretReference | NatsRootCa;
  /** For a server that asks clients for one. Encrypts also without `tls`. @default none */
  readonly clientCertificate?: SecretReference | NatsClientCertificate;
}

export type NatsReplica = { readonly kind: "nats" } & NatsReplicaOptions;

const VARIABLE = { password: "LITESTREAM_NATS_PASSWORD", token: "LITESTREAM_NATS_TOKEN" } as const;
const FILE = { creds: "nats.creds", ca: "nats-ca.crt", cert: "nats.crt", key: "nats.key" } as const;

/** @see https://litestream.io/guides/nats/ */
export const natsReplica: ReplicaType<NatsReplica> = {
  problems(replica) {
    const { kind: _, url, bucket, credentials, rootCa, clientCertificate, ...others } = replica;
    const { path, ...settings } = others as typeof others & { path?: unknown };
    return [
      ...shapeProblems("url", url, URL, URL_WRONG),
      ...bucketProblems(bucket, isBucket, BUCKET_FIX),
      ...accessProblems(credentials),
      ...(rootCa === undefined ? [] : credentialsProblems("rootCa", rootCa, { key: true })),
      ...(clientCertificate === undefined
        ? []
        : credentialsProblems("clientCertificate", clientCertificate, {
            certificateKey: true,
            privateKeyKey: true,
          })),
      ...pathProblems(path),
      ...schemaProblems("", settings, { ...natsSettingsSchema, ...replicaSettingsSchema }),
    ];
  },

  access({ credentials, rootCa, clientCertificate }) {
    const given = secretOf(credentials);
    const ca = credentialsOf<NatsRootCa>(rootCa);
    const client = credentialsOf<NatsClientCertificate>(clientCertificate);
    const { username, tokenKey, passwordKey = "password", credsKey = "nats.creds" } = given ?? {};
    const environment: Record<string, SecretKey> = {};
    const files: Record<string, SecretKey> = {};
    if (given !== undefined) {
      const { secret } = given;
      if (username !== undefined) environment[VARIABLE.password] = { secret, key: passwordKey };
      else if (tokenKey !== undefined) environment[VARIABLE.token] = { secret, key: tokenKey };
      else files[FILE.creds] = { secret, key: credsKey };
    }
    if (ca) files[FILE.ca] = { secret: ca.secret, key: ca.key ?? "ca.crt" };
    if (client) {
      const { secret, certificateKey = "tls.crt", privateKeyKey = "tls.key" } = client;
      files[FILE.cert] = { secret, key: certificateKey };
      files[FILE.key] = { secret, key: privateKeyKey };
    }
    return { environment, files };
  },

  config(replica, { folder, secrets }): ReplicaConfig {
    const { kind: type, url, bucket, credentials, rootCa, clientCertificate, ...rest } = replica;
    const given = secretOf(credentials);
    return {
      type,
      // Without the bucket in it, Litestream would look for a bucket ".".
      url: `${url}/${bucketOf(bucket, folder)}`,
      ...(given && login(given, secrets)),
      ...rest,
      ...(rootCa && { rootCas: [`${secrets}/${FILE.ca}`] }),
      ...(clientCertificate && {
        clientCert: `${secrets}/${FILE.cert}`,
        clientKey: `${secrets}/${FILE.key}`,
      }),
    };
  },

  location: ({ url, bucket }, folder) => ["nats", addressOf(url), bucketOf(bucket, folder)],

  text: ({ url, bucket }) =>
    `NATS server ${shown(url)}, buckets ${shown(bucket)}-…, one for each database`,
};

type Given = Partial<NatsCreds & NatsPassword & NatsToken> & { readonly secret: SecretReference };

function secretOf(credentials: NatsReplicaOptions["credentials"]): Given | undefined {
  return credentials === "none" ? undefined : credentialsOf<Given>(credentials as Given);
}

function login({ username, tokenKey }: Given, secrets: string) {
  if (username !== undefined) return { username, password: { variable: VARIABLE.password } };
  if (tokenKey !== undefined) return { token: { variable: VARIABLE.token } };
  return { creds: `${secrets}/${FILE.creds}` };
}

/** The bucket of one database. */
function bucketOf(bucket: string, folder: string): string {
  return `${bucket}-${isExpression(folder) ? folder : slug(folder)}`;
}

function accessProblems(credentials: unknown): Problem[] {
  if (credentials === "none") return [];
  if (credentials === undefined)
    return [
      {
        field: "credentials",
        wrong: "is missing",
        fix: 'Write Secret.existing("name"), or "none" where the server asks for none.',
      },
    ];
  if (isIdentity(credentials)) return noIdentityProblems(credentials, "NATS");
  const { username, ...given } = Object(credentials) as Partial<NatsPassword>;
  const isPassword = typeof credentials === "object" && username !== undefined;
  return [
    ...credentialsProblems("credentials", isPassword ? given : credentials, KEYS),
    ...alternativeProblems("credentials", credentials, [
      "credsKey",
      isPassword ? "username" : "passwordKey",
      "tokenKey",
    ]),
    ...(isPassword
      ? shapeProblems("credentials.username", username, /./, ["is empty", "Write the user's name."])
      : passwordAlone(credentials)),
  ];
}

function passwordAlone(credentials: unknown): Problem[] {
  if ((credentials as Partial<NatsPassword> | undefined)?.passwordKey === undefined) return [];
  return shapeProblems("credentials.username", undefined, /./, ["", "Write the user's name."]);
}

/** Litestream reads `path` and doesn't use it: two apps would write into one bucket. */
function pathProblems(path: unknown): Problem[] {
  if (path === undefined) return [];
  const wrong = "isn't used on NATS, where each database has a bucket of its own";
  return [{ field: "path", value: path, wrong, fix: "Leave it out, and give each app a bucket." }];
}

const KEYS = { credsKey: true, passwordKey: true, tokenKey: true } as const;

/** Litestream takes one host of it, and nothing else. */
const URL = /^nats:\/\/[^\s/@,?#]+$/;
const URL_WRONG = [
  "is not the URL of one server, or has a user, a password or a folder in it",
  'Write for example "nats://nats.nats.svc:4222", and the password into a Secret.',
] as const;

const BUCKET_FIX = 'Write letters, digits, "_" and "-".';

function isBucket(name: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(name);
}
