import { yamlText } from "../terraform/expression";
import type {
  AbsSettings,
  DatabaseConfig,
  DatabaseSettings,
  LitestreamConfig,
  LitestreamSettings,
  NatsSettings,
  OssSettings,
  ReplicaConfig,
  ReplicaSettings,
  S3Settings,
  SftpSettings,
  SnapshotConfig,
} from "./config";
import {
  boolean,
  duration,
  integer,
  object,
  type Rule,
  type Schema,
  type SchemaOf,
  text,
  toFile,
} from "./schema";

const snapshot = { interval: duration, retention: duration } satisfies SchemaOf<SnapshotConfig>;

export const settingsSchema = {
  snapshot: object(snapshot),
  levels: { kind: "list", of: object({ interval: duration }) },
  validation: object({ interval: duration }),
  l0Retention: duration,
  l0RetentionCheckInterval: duration,
  verifyCompaction: boolean,
  retention: object({ enabled: boolean }),
  heartbeatUrl: { kind: "secretKey" },
  heartbeatInterval: { kind: "duration", least: "1m" },
  shutdownSyncTimeout: { kind: "duration", least: "0s" },
  shutdownSyncInterval: duration,
  socket: object({ enabled: boolean, path: text, permissions: integer(0) }),
  logging: object({
    level: { kind: "choice", of: ["trace", "debug", "info", "warn", "error"] },
    type: { kind: "choice", of: ["text", "json"] },
    stderr: boolean,
    source: boolean,
  }),
} satisfies SchemaOf<LitestreamSettings>;

export const databaseSettingsSchema = {
  metaPath: text,
  monitorInterval: duration,
  checkpointInterval: { kind: "duration", least: "0s" },
  busyTimeout: duration,
  minCheckpointPageCount: integer(1),
  truncatePageN: integer(0),
  maxSyncWalBytes: integer(0),
} satisfies SchemaOf<DatabaseSettings>;

export const replicaSettingsSchema = {
  syncInterval: duration,
  validationInterval: duration,
  maxSyncLtxFiles: integer(0),
  autoRecover: boolean,
} satisfies SchemaOf<ReplicaSettings>;

export const s3SettingsSchema = {
  region: text,
  endpoint: { kind: "url" },
  forcePathStyle: boolean,
  signPayload: boolean,
  requireContentMd5: boolean,
  skipVerify: boolean,
  storageClass: text,
  partSize: { kind: "size" },
  concurrency: integer(1),
  sseKmsKeyId: text,
} satisfies SchemaOf<S3Settings>;

export const absSettingsSchema = {
  endpoint: { kind: "url" },
} satisfies SchemaOf<AbsSettings>;

export const ossSettingsSchema = {
  endpoint: { kind: "url" },
  partSize: { kind: "size" },
  concurrency: integer(1),
} satisfies SchemaOf<OssSettings>;

export const sftpSettingsSchema = {
  concurrentWrites: boolean,
} satisfies SchemaOf<SftpSettings>;

export const natsSettingsSchema = {
  tls: boolean,
  maxReconnects: integer(-1),
  reconnectWait: duration,
  timeout: duration,
} satisfies SchemaOf<NatsSettings>;

/** Every key of every type: each renders those that it has. */
const replicaSchema = {
  type: { kind: "choice", of: ["s3", "gs", "abs", "oss", "sftp", "nats", "webdav", "file"] },
  url: text,
  webdavUrl: text,
  webdavUsername: text,
  webdavPassword: { kind: "fromEnvironment" },
  accountName: text,
  host: text,
  user: text,
  ...sftpSettingsSchema,
  hostKey: text,
  keyPath: text,
  creds: text,
  username: text,
  password: { kind: "fromEnvironment" },
  token: { kind: "fromEnvironment" },
  ...natsSettingsSchema,
  rootCas: { kind: "list", of: text },
  clientCert: text,
  clientKey: text,
  bucket: text,
  path: text,
  // Also those of abs and oss, of the same names.
  ...s3SettingsSchema,
  sseCustomerKeyPath: text,
  ...replicaSettingsSchema,
} satisfies Readonly<Record<KeyOfAny<ReplicaConfig>, Rule>>;

type KeyOfAny<T> = T extends unknown ? keyof T : never;

const databaseSchema = {
  path: text,
  dir: text,
  pattern: text,
  recursive: boolean,
  watch: boolean,
  ...databaseSettingsSchema,
  metaDir: text,
  snapshot: object(snapshot),
  restoreIfDbNotExists: boolean,
  replica: object(replicaSchema),
} satisfies SchemaOf<DatabaseConfig>;

/** The whole file. */
export const configSchema: Schema = {
  addr: text,
  exec: text,
  mcpAddr: text,
  ...settingsSchema,
  heartbeatUrl: { kind: "fromEnvironment" },
  dbs: { kind: "list", of: object(databaseSchema) },
} satisfies SchemaOf<LitestreamConfig>;

/** The variable that stands for each "$" of a value: Litestream expands the file and knows no escape. */
export const DOLLAR = "LITESTREAM_DOLLAR";

/** litestream.yml, as Litestream reads it with its environment expanded. */
export function litestreamFile(config: LitestreamConfig): string {
  return yamlText(toFile(config, object(configSchema)) as object, { dollar: `\${${DOLLAR}}` });
}
