import type { EnvironmentValue } from "../kubernetes/environment";
import { type Destination, destinations } from "../kubernetes/network";
import { secretProblems, type SecretReference } from "../kubernetes/secret";
import { asText, isExpression } from "../terraform/expression";
import { flagProblems, type Problem, unknownKeys } from "../terraform/problem";
import { RQLITE_DEFAULTS } from "./defaults";

/** The two keys of an S3 account, from a Secret. */
export interface RqliteS3Credentials {
  readonly secret: SecretReference;
  /** @default "AWS_ACCESS_KEY_ID" */
  readonly accessKeyIdKey?: string;
  /** @default "AWS_SECRET_ACCESS_KEY" */
  readonly secretAccessKeyKey?: string;
}

/** An object in S3, or in what speaks its language. */
export interface RqliteS3 {
  readonly bucket: string;
  /** The object with the backup, for example "notes/db.sqlite.gz". */
  readonly path: string;
  /** @default "us-east-1" */
  readonly region?: string;
  /** The service's address, for example "https://minio.example.com". @default AWS */
  readonly endpoint?: string;
  /** Whether the bucket stands in the path rather than in the host's name. @default true with an endpoint */
  readonly forcePathStyle?: boolean;
  readonly credentials: SecretReference | RqliteS3Credentials;
}

/** The keys of {@link RqliteS3}. */
export const S3_KEYS = {
  bucket: true,
  path: true,
  region: true,
  endpoint: true,
  forcePathStyle: true,
  credentials: true,
} as const;

/** Problems of a place in S3. */
export function s3Problems(s3: RqliteS3): Problem[] {
  const { bucket, path, region, endpoint, forcePathStyle } = s3;
  const found = [
    ...credentialsProblems(s3.credentials),
    ...flagProblems({ forcePathStyle }),
    ...textProblems("bucket", bucket, /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, [
      "is not a bucket's name",
      'Write 3 to 63 lower-case letters, digits, "." and "-".',
    ]),
    ...textProblems("path", path, /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, [
      "is not the key of an object",
      'Write letters, digits, ".", "_" and "-", with "/" between folders, for example "notes/db.sqlite.gz".',
    ]),
  ];
  if (region !== undefined)
    found.push(
      ...textProblems("region", region, /^[a-z0-9-]+$/, [
        "is not a region",
        'Write for example "eu-central-1".',
      ]),
    );
  if (endpoint !== undefined)
    found.push(
      ...textProblems("endpoint", endpoint, /^https?:\/\/[A-Za-z0-9.-]+(:\d+)?$/, [
        "is not the address of a service",
        'Write for example "https://minio.example.com", without the bucket.',
      ]),
    );
  return found;
}

function textProblems(
  field: string,
  value: unknown,
  shape: RegExp,
  [wrong, fix]: readonly [string, string],
): Problem[] {
  if (isExpression(value) || (typeof value === "string" && shape.test(value))) return [];
  return [{ field, value, wrong: value === undefined ? "is missing" : wrong, fix }];
}

function credentialsProblems(given: unknown): Problem[] {
  const { secret, ...keys } = credentialsOf(given as SecretReference);
  return [
    ...secretProblems("credentials", secret),
    ...unknownKeys(
      "credentials",
      typeof given === "object" && "secret" in (given ?? {}) ? keys : {},
      {
        accessKeyIdKey: true,
        secretAccessKeyKey: true,
      },
    ),
  ];
}

/** The credentials with their keys' names. */
export function credentialsOf(given: RqliteS3["credentials"]): Required<RqliteS3Credentials> {
  const object = typeof given === "object" && given !== null && "secret" in given;
  const { accessKeyIdKey, secretAccessKeyKey } = RQLITE_DEFAULTS;
  return { accessKeyIdKey, secretAccessKeyKey, ...(object ? given : { secret: given }) };
}

/** The account as environment variables, whose names begin so: AWS's own for rqlite, S3's for s3.sh. */
export function keyEnvironment(s3: RqliteS3, of: "AWS" | "S3"): Record<string, EnvironmentValue> {
  const { secret, accessKeyIdKey, secretAccessKeyKey } = credentialsOf(s3.credentials);
  return {
    [`${of}_ACCESS_KEY_ID`]: { secret: secret.name, key: accessKeyIdKey },
    [`${of}_SECRET_ACCESS_KEY`]: { secret: secret.name, key: secretAccessKeyKey },
  };
}

/** The place as s3.sh takes it. */
export function placeEnvironment(
  s3: RqliteS3,
  timestamped: boolean,
): Record<string, EnvironmentValue> {
  return {
    S3_ENDPOINT: s3.endpoint ?? "",
    S3_REGION: region(s3),
    S3_BUCKET: s3.bucket,
    S3_PATH: s3.path,
    S3_PATH_STYLE: pathStyle(s3) ? "yes" : "no",
    S3_TIMESTAMPED: timestamped ? "yes" : "no",
  };
}

/** The place as rqlite's files have it; the keys come by the environment, and nothing secret stands here. */
export function subConfig(s3: RqliteS3): Record<string, unknown> {
  return {
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
    region: region(s3),
    bucket: s3.bucket,
    path: s3.path,
    force_path_style: pathStyle(s3),
  };
}

/** Where nodes and proofs connect to. */
export function s3Destinations(s3: RqliteS3, namespace: string): Destination[] {
  return s3.endpoint === undefined ? [{ port: 443 }] : destinations(s3.endpoint, namespace, 443);
}

/** The place in words. */
export function s3Text({ bucket, path, endpoint }: RqliteS3): string {
  const shown = (value: string) => (isExpression(value) ? "(known at apply)" : value);
  return `S3 bucket ${shown(bucket)}, ${shown(path)}${endpoint === undefined ? "" : ` at ${shown(endpoint)}`}`;
}

function region(s3: RqliteS3): string {
  return asText(s3.region ?? RQLITE_DEFAULTS.region);
}

function pathStyle({ forcePathStyle, endpoint }: RqliteS3): boolean {
  return forcePathStyle ?? endpoint !== undefined;
}
