import { isExpression } from "../terraform/expression";
import { type Problem, within } from "../terraform/problem";
import type { EnvironmentValue } from "../kubernetes/environment";
import type { SecretReference } from "../kubernetes/secret";
import { claimProblems, dnsNameProblems } from "../kubernetes/storage";
import type { ReplicaConfig, ReplicaSettings, S3Settings } from "./config";
import { replicaSettingsSchema, s3SettingsSchema, schemaProblems } from "./schema";

/**
 * The two keys of an S3 account, from a Secret.
 *
 * @see https://litestream.io/guides/s3/
 */
export interface S3Credentials {
  readonly secret: SecretReference;
  /** @default "LITESTREAM_ACCESS_KEY_ID" */
  readonly accessKeyIdKey?: string;
  /** @default "LITESTREAM_SECRET_ACCESS_KEY" */
  readonly secretAccessKeyKey?: string;
}

export interface S3ReplicaOptions extends S3Settings, ReplicaSettings {
  /** The bucket's name. */
  readonly bucket: string;
  /**
   * The folder of this app in the bucket; each database has a folder in it. It is written out, not
   * derived from the construct, so that renaming the construct doesn't move the backup.
   */
  readonly path: string;
  readonly credentials: SecretReference | S3Credentials;
}

export interface FileReplicaOptions extends ReplicaSettings {
  /** A claim of its own, made with the StatefulSet and kept when that goes. */
  readonly claim?: { readonly size: string; readonly storageClass?: string };
  /** Or the name of a claim made elsewhere, in the app's namespace. */
  readonly existingClaim?: string;
  /** The folder of this app in the volume. @default the volume's root */
  readonly path?: string;
}

export type S3Replica = { readonly kind: "s3" } & S3ReplicaOptions;
export type FileReplica = { readonly kind: "file" } & FileReplicaOptions;

/** Where the backup of an app goes. */
export type Replica = S3Replica | FileReplica;

export const Replica = {
  /** A bucket of AWS S3 or of a service that speaks its API (with `endpoint`). */
  s3: (options: S3ReplicaOptions): S3Replica => ({ kind: "s3", ...options }),
  /** A folder of a volume. It is as safe as the volume: put it on other disks than the database. */
  file: (options: FileReplicaOptions): FileReplica => ({ kind: "file", ...options }),
};

/** Problems of a replica that stands at `field` of the props. */
export function replicaProblems(field: string, replica: Replica): Problem[] {
  switch (replica?.kind) {
    case "s3":
      return within(field, s3Problems(replica));
    case "file":
      return within(field, fileProblems(replica));
    default:
      return [
        {
          field,
          value: replica,
          wrong: "is not a replica",
          fix: 'Write Replica.s3({ bucket: "…", path: "…", credentials: … }) or Replica.file({ claim: { size: "10Gi" } }).',
        },
      ];
  }
}

/**
 * Problems of a bucket's name.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
function bucketProblems(value: unknown): Problem[] {
  if (isExpression(value)) return [];
  const name = typeof value === "string" ? value : "";
  const right = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name);
  if (right && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return [];
  const [, inner] = /^(?:s3:\/\/)?([^/]+)(?:\/.*)?$/.exec(name) ?? [];
  const hint =
    inner && inner !== name ? ` The folder belongs into path: did you mean bucket "${inner}"?` : "";
  return [
    {
      field: "bucket",
      value,
      wrong: "is not a bucket's name",
      fix: `Write 3 to 63 lower-case letters, digits, "." and "-".${hint}`,
    },
  ];
}

function pathProblems(value: unknown, example: string): Problem[] {
  if (isExpression(value)) return [];
  if (typeof value === "string" && /^[^/]+(\/[^/]+)*$/.test(value) && !value.includes("://")) {
    if (!value.split("/").some((part) => part === "." || part === "..")) return [];
  }
  return [
    {
      field: "path",
      value,
      wrong: 'is not a folder: names joined by "/", with none at its ends',
      fix: `Write for example "${example}".`,
    },
  ];
}

function s3Problems(replica: S3Replica): Problem[] {
  const { kind: _, bucket, path, credentials, ...settings } = replica;
  const found = [...bucketProblems(bucket), ...pathProblems(path, "notes")];
  const secret = s3Credentials(credentials)?.secret;
  if (typeof secret !== "object" || secret === null)
    found.push({
      field: "credentials",
      value: credentials,
      wrong: "names no Secret",
      fix: 'Write Secret.existing("name") or a WriteOnlySecret.',
    });
  else found.push(...dnsNameProblems("credentials.name", secret.name));
  const schema = { ...s3SettingsSchema, ...replicaSettingsSchema };
  return [...found, ...schemaProblems("", settings, schema)];
}

function fileProblems(replica: FileReplica): Problem[] {
  const { kind: _, claim, existingClaim, path, ...settings } = replica;
  const found: Problem[] = path === undefined ? [] : pathProblems(path, "notes");
  if ((claim === undefined) === (existingClaim === undefined))
    found.push({
      field: "claim",
      wrong: claim === undefined ? "is missing" : "stands beside existingClaim",
      fix: 'Write either claim: { size: "10Gi" } or existingClaim: "name".',
    });
  else if (claim !== undefined) found.push(...within("claim", claimProblems(claim)));
  else found.push(...dnsNameProblems("existingClaim", existingClaim));
  return [...found, ...schemaProblems("", settings, replicaSettingsSchema)];
}

function s3Credentials(
  credentials: SecretReference | S3Credentials | undefined,
): S3Credentials | undefined {
  if (credentials === undefined) return undefined;
  if (typeof credentials !== "object") return { secret: credentials };
  return "secret" in credentials ? credentials : { secret: credentials };
}

/** The Secret a replica needs, if any. */
export function replicaSecret(replica: Replica): SecretReference | undefined {
  return replica.kind === "s3" ? s3Credentials(replica.credentials)?.secret : undefined;
}

/**
 * The environment in which Litestream finds the replica's credentials.
 *
 * @see https://litestream.io/reference/config/#s3-replica
 */
export function replicaEnvironment(replica: Replica): Record<string, EnvironmentValue> {
  if (replica.kind !== "s3") return {};
  const credentials = s3Credentials(replica.credentials);
  if (!credentials) return {};
  const { secret, accessKeyIdKey, secretAccessKeyKey } = credentials;
  return {
    LITESTREAM_ACCESS_KEY_ID: {
      secret: secret.name,
      key: accessKeyIdKey ?? "LITESTREAM_ACCESS_KEY_ID",
    },
    LITESTREAM_SECRET_ACCESS_KEY: {
      secret: secret.name,
      key: secretAccessKeyKey ?? "LITESTREAM_SECRET_ACCESS_KEY",
    },
  };
}

/** The `replica` of one database in litestream.yml. `mountPath` is where a file replica's volume is. */
export function replicaConfig(replica: Replica, folder: string, mountPath: string): ReplicaConfig {
  if (replica.kind === "s3") {
    const { kind: type, credentials: _, path, ...rest } = replica;
    return { type, ...rest, path: `${path}/${folder}` };
  }
  const { kind: type, claim: _c, existingClaim: _e, path, ...rest } = replica;
  return {
    type,
    ...rest,
    path: [mountPath, path, folder].filter((part) => part !== undefined).join("/"),
  };
}

/**
 * What tells one database's folder from every other: two of the same are two writers on one backup.
 *
 * @param cluster tells the namespace from every other, also of other clusters
 * @param claim the claim of the app's own, should the replica be on it
 */
export function replicaLocation(
  replica: Replica,
  folder: string,
  { cluster, claim }: { readonly cluster: string; readonly claim: string },
): string[] {
  const trimmed = (text: string) => text.replace(/^\/+|\/+$/g, "");
  if (replica.kind === "s3")
    return ["s3", service(replica.endpoint), replica.bucket, trimmed(`${replica.path}/${folder}`)];
  const volume = [cluster, replica.existingClaim ?? claim];
  return ["file", ...volume, trimmed(`${replica.path ?? ""}/${folder}`)];
}

/** An S3 service by its address; AWS has one for each region. */
function service(endpoint = "aws"): string {
  if (isExpression(endpoint)) return endpoint;
  const address = endpoint.toLowerCase().replace(/\/+$/, "");
  return /^https?:\/\/s3[.-][^/]*amazonaws\.com(\.cn)?$/.test(address) ? "aws" : address;
}

/** Where the backup lies, in words. */
export function replicaText(replica: Replica, claimName: string): string {
  if (replica.kind === "file") {
    const folder = replica.path === undefined ? "" : `, folder ${shown(replica.path)}`;
    return `volume claim ${shown(replica.existingClaim ?? claimName)}${folder}`;
  }
  const at = replica.endpoint === undefined ? "" : ` at ${shown(replica.endpoint)}`;
  return `S3 bucket ${shown(replica.bucket)}, folder ${shown(replica.path)}${at}`;
}

function shown(value: string): string {
  return isExpression(value) ? "(known at apply)" : value;
}
