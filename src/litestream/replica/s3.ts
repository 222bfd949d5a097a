import type { SecretReference } from "../../kubernetes/secret";
import { isIdentity, type WorkloadIdentity } from "../../kubernetes/workload-identity";
import { isExpression } from "../../terraform/expression";
import type { Problem } from "../../terraform/problem";
import type { ReplicaSettings, S3Settings } from "../config";
import { replicaSettingsSchema, s3SettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  addressOf,
  bucketProblems,
  credentialsOf,
  credentialsProblems,
  ofCloudProblems,
  pathProblems,
  shown,
  trimmed,
} from "./fields";
import { s3Lister } from "./lister";
import type { Access, ReplicaType } from "./type";

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

/** A key with which the service encrypts the backup, and without which nobody reads it, from a Secret (SSE-C). */
export interface S3EncryptionKey {
  readonly secret: SecretReference;
  /** 32 bytes in Base64. @default "SSE_CUSTOMER_KEY" */
  readonly key?: string;
}

export interface S3ReplicaOptions extends S3Settings, ReplicaSettings {
  /** The bucket's name. */
  readonly bucket: string;
  /**
   * The folder of this app in the bucket; each database has a folder in it. It is written out, not
   * derived from the construct, so that renaming the construct doesn't move the backup.
   */
  readonly path: string;
  /** Keys from a Secret, or `WorkloadIdentity.aws({…})` where the cluster vouches for the pod. */
  readonly credentials: SecretReference | S3Credentials | WorkloadIdentity;
  /** Losing it is losing the backup: keep a copy outside the cluster. @default none */
  readonly sseCustomerKey?: SecretReference | S3EncryptionKey;
}

export type S3Replica = { readonly kind: "s3" } & S3ReplicaOptions;

const ENCRYPTION_KEY_FILE = "sse-customer-key";

/** @see https://litestream.io/reference/config/#s3-replica */
export const s3Replica: ReplicaType<S3Replica> = {
  problems({ kind: _, bucket, path, credentials, sseCustomerKey, ...settings }) {
    return [
      ...bucketProblems(bucket, isBucket, BUCKET_FIX),
      ...pathProblems(path, "notes"),
      ...endpointProblems(settings.endpoint, bucket),
      ...accessProblems(credentials, settings.region),
      ...(sseCustomerKey === undefined
        ? []
        : credentialsProblems("sseCustomerKey", sseCustomerKey, { key: true })),
      ...(sseCustomerKey !== undefined && settings.sseKmsKeyId !== undefined
        ? [
            {
              field: "sseCustomerKey",
              wrong: "stands beside sseKmsKeyId, and S3 encrypts with one of the two",
              fix: "Leave one of them out.",
            },
          ]
        : []),
      ...schemaProblems("", settings, { ...s3SettingsSchema, ...replicaSettingsSchema }),
    ];
  },

  access: ({ credentials, sseCustomerKey, region }) => {
    const encryption = credentialsOf<S3EncryptionKey>(sseCustomerKey);
    return {
      ...keys(credentials, region),
      ...(encryption && {
        files: {
          [ENCRYPTION_KEY_FILE]: {
            secret: encryption.secret,
            key: encryption.key ?? "SSE_CUSTOMER_KEY",
          },
        },
      }),
    };
  },

  config({ kind: type, credentials: _, sseCustomerKey, path, ...rest }, { folder, secrets }) {
    return {
      type,
      ...rest,
      ...(sseCustomerKey && { sseCustomerKeyPath: `${secrets}/${ENCRYPTION_KEY_FILE}` }),
      path: `${path}/${folder}`,
    };
  },

  location: ({ endpoint, bucket, path }, folder) => [
    "s3",
    service(endpoint),
    bucket,
    trimmed(`${path}/${folder}`),
  ],

  text({ endpoint, bucket, path }) {
    const at = endpoint === undefined ? "" : ` at ${shown(endpoint)}`;
    return `S3 bucket ${shown(bucket)}, folder ${shown(path)}${at}`;
  },

  lister: (replica, place) => s3Lister(replica, s3Replica.access(replica, place.secrets)),
};

function accessProblems(
  credentials: S3ReplicaOptions["credentials"],
  region: string | undefined,
): Problem[] {
  if (!isIdentity(credentials))
    return credentialsProblems("credentials", credentials, {
      accessKeyIdKey: true,
      secretAccessKeyKey: true,
    });
  const fix = 'Write WorkloadIdentity.aws({ roleArn: "…" }), or a Secret with keys.';
  const found = ofCloudProblems(credentials, "aws", "S3", fix);
  if (region === undefined && credentials.kind === "aws")
    found.push({
      field: "region",
      wrong: "is missing; AWS gives out keys for a role in a region",
      fix: 'Write the bucket\'s, for example "eu-central-1".',
    });
  return found;
}

function keys(
  credentials: S3ReplicaOptions["credentials"],
  region: string | undefined,
): Pick<Access, "environment" | "identity"> {
  if (isIdentity(credentials))
    return { identity: credentials, environment: { AWS_REGION: region ?? "" } };
  const from = credentialsOf<S3Credentials>(credentials);
  if (!from) return {};
  const { secret, accessKeyIdKey, secretAccessKeyKey } = from;
  return {
    environment: {
      LITESTREAM_ACCESS_KEY_ID: { secret, key: accessKeyIdKey ?? "LITESTREAM_ACCESS_KEY_ID" },
      LITESTREAM_SECRET_ACCESS_KEY: {
        secret,
        key: secretAccessKeyKey ?? "LITESTREAM_SECRET_ACCESS_KEY",
      },
    },
  };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_FIX = 'Write 3 to 63 lower-case letters, digits, "." and "-".';

function isBucket(name: string): boolean {
  const right = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|\.-|-\./.test(name);
  return right && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}

/** Services whose consoles show an address with the bucket in it, which Litestream would put there once more. */
const BUCKET_IN_HOST =
  /\.(amazonaws\.com(\.cn)?|r2\.cloudflarestorage\.com|backblazeb2\.com|digitaloceanspaces\.com|your-objectstorage\.com|scw\.cloud|wasabisys\.com)$/;

function endpointProblems(endpoint: unknown, bucket: string): Problem[] {
  if (typeof endpoint !== "string" || isExpression(endpoint) || isExpression(bucket)) return [];
  const [, scheme, host = "", path = ""] = /^(https?:\/\/)([^/]+)(.*?)\/*$/.exec(endpoint) ?? [];
  const ofHost = host.startsWith(`${bucket}.`) && BUCKET_IN_HOST.test(host);
  const ofPath = path.endsWith(`/${bucket}`);
  if (!ofHost && !ofPath) return [];
  const alone = `${scheme}${ofHost ? host.slice(bucket.length + 1) : host}${ofPath ? path.slice(0, -bucket.length - 1) : path}`;
  return [
    {
      field: "endpoint",
      value: endpoint,
      wrong: "has the bucket in it, which would then be looked for in itself",
      fix: `Write "${alone}".`,
    },
  ];
}

/** An S3 service by its address; AWS has one for each region. */
function service(endpoint: string | undefined): string {
  if (endpoint === undefined) return "aws";
  const address = addressOf(endpoint);
  return /^s3[.-][^/]*amazonaws\.com(\.cn)?$/.test(address) ? "aws" : address;
}
