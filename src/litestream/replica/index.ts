import { type Problem, within } from "../../terraform/problem";
import type { EnvironmentValue } from "../../kubernetes/environment";
import type { SecretKey, SecretReference } from "../../kubernetes/secret";
import {
  identityEnvironment,
  TOKEN_FILE,
  tokenAudience,
  type WorkloadIdentity,
} from "../../kubernetes/workload-identity";
import type { ReplicaConfig } from "../config";
import { type AbsReplica, absReplica, type AbsReplicaOptions } from "./abs";
import { type FileReplica, fileReplica, type FileReplicaOptions } from "./file";
import { type GsReplica, gsReplica, type GsReplicaOptions } from "./gs";
import { type NatsReplica, natsReplica, type NatsReplicaOptions } from "./nats";
import { type OssReplica, ossReplica, type OssReplicaOptions } from "./oss";
import { type S3Replica, s3Replica, type S3ReplicaOptions } from "./s3";
import { type SftpReplica, sftpReplica, type SftpReplicaOptions } from "./sftp";
import type { Access, Home, Lister, ListerPlace, Place, ReplicaType } from "./type";
import { type WebdavReplica, webdavReplica, type WebdavReplicaOptions } from "./webdav";

/** Where the backup of an app goes. */
export type Replica =
  | S3Replica
  | GsReplica
  | AbsReplica
  | OssReplica
  | SftpReplica
  | NatsReplica
  | WebdavReplica
  | FileReplica;

/** What each needs and what can go wrong with it: docs/replicas.md. */
export const Replica = {
  /** A bucket of AWS S3 or of a service that speaks its API (with `endpoint`). */
  s3: (options: S3ReplicaOptions): S3Replica => ({ kind: "s3", ...options }),
  /** A bucket of Google Cloud Storage. */
  gs: (options: GsReplicaOptions): GsReplica => ({ kind: "gs", ...options }),
  /** A container of Azure Blob Storage. */
  abs: (options: AbsReplicaOptions): AbsReplica => ({ kind: "abs", ...options }),
  /** A bucket of Alibaba Cloud OSS. */
  oss: (options: OssReplicaOptions): OssReplica => ({ kind: "oss", ...options }),
  /** A folder of a server that is reached by SSH. */
  sftp: (options: SftpReplicaOptions): SftpReplica => ({ kind: "sftp", ...options }),
  /** Object stores of NATS JetStream, one for each database. */
  nats: (options: NatsReplicaOptions): NatsReplica => ({ kind: "nats", ...options }),
  /** A folder of a WebDAV server, such as Nextcloud. */
  webdav: (options: WebdavReplicaOptions): WebdavReplica => ({ kind: "webdav", ...options }),
  /** A folder of a volume. It is as safe as the volume: put it on other disks than the database. */
  file: (options: FileReplicaOptions): FileReplica => ({ kind: "file", ...options }),
};

const TYPES: { readonly [K in Replica["kind"]]: ReplicaType<Extract<Replica, { kind: K }>> } = {
  s3: s3Replica,
  gs: gsReplica,
  abs: absReplica,
  oss: ossReplica,
  sftp: sftpReplica,
  nats: natsReplica,
  webdav: webdavReplica,
  file: fileReplica,
};

function typeOf(replica: Replica): ReplicaType<Replica> {
  return TYPES[replica.kind] as ReplicaType<Replica>;
}

/** Problems of a replica that stands at `field` of the props. */
export function replicaProblems(field: string, replica: Replica): Problem[] {
  if (replica?.kind in TYPES) return within(field, typeOf(replica).problems(replica));
  return [
    {
      field,
      value: replica,
      wrong: "is not a replica",
      fix: `Write Replica.s3({ bucket: "…", path: "…", credentials: … }), Replica.file({ claim: { size: "10Gi" } }), or another of Replica.${Object.keys(TYPES).join(", ")}.`,
    },
  ];
}

/** The Secrets a replica needs, each once. */
export function replicaSecrets(replica: Replica): SecretReference[] {
  const { environment = {}, files = {} } = access(replica);
  const keys = [...Object.values(environment), ...Object.values(files)];
  const secrets = keys.flatMap((value) => (typeof value === "string" ? [] : [value.secret]));
  return secrets.filter((secret, index) => secrets.indexOf(secret) === index);
}

/** Variables with keys of Secrets as a container takes them. */
export function environmentValues(
  environment: Readonly<Record<string, SecretKey | string>>,
): Record<string, EnvironmentValue> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      typeof value === "string" ? value : { secret: value.secret.name, key: value.key },
    ]),
  );
}

/** The environment in which Litestream finds the way into a replica whose files are in `secrets`. */
export function replicaEnvironment(
  replica: Replica,
  secrets: string,
): Record<string, EnvironmentValue> {
  const { environment = {}, identity } = access(replica, secrets);
  return {
    ...environmentValues(environment),
    ...(identity && identityEnvironment(identity, secrets)),
  };
}

/** The files that a replica needs: keys of Secrets, and a token of the service account. */
export interface ReplicaFiles {
  readonly keys: readonly (SecretKey & { readonly file: string })[];
  readonly token?: { readonly file: string; readonly audience: string };
}

export function replicaFiles(replica: Replica): ReplicaFiles {
  const { files = {}, identity } = access(replica);
  const audience = identity && tokenAudience(identity);
  return {
    keys: Object.entries(files).map(([file, key]) => ({ file, ...key })),
    ...(audience === undefined ? {} : { token: { file: TOKEN_FILE, audience } }),
  };
}

/** Who the pod is to the replica's cloud, where that needs no key. */
export function replicaIdentity(replica: Replica): WorkloadIdentity | undefined {
  return access(replica).identity;
}

/** Whether Litestream writes a file to disk before it uploads it. */
export function uploadsFromDisk(replica: Replica): boolean {
  return replica?.kind in TYPES && typeOf(replica).uploadsFromDisk === true;
}

/** The `replica` of one database in litestream.yml. */
export function replicaConfig(replica: Replica, place: Place): ReplicaConfig {
  return typeOf(replica).config(replica, place);
}

/** What tells one database's folder from every other: two of the same are two writers on one backup. */
export function replicaLocation(replica: Replica, folder: string, home: Home): string[] {
  return typeOf(replica).location(replica, folder, home);
}

/** Where the backup lies, in words. */
export function replicaText(replica: Replica, claimName: string): string {
  return typeOf(replica).text(replica, claimName);
}

/** How rclone lists the folders in it; undefined where it can't, or needn't (a volume). */
export function replicaLister(replica: Replica, place: ListerPlace): Lister | undefined {
  return typeOf(replica).lister?.(replica, place);
}

function access(replica: Replica, secrets = ""): Access {
  return replica?.kind in TYPES ? typeOf(replica).access(replica, secrets) : {};
}
