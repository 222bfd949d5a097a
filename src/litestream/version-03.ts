import { yamlText } from "../terraform/expression";
import type { DatabaseConfig, LitestreamConfig, ReplicaConfig } from "./config";
import { databaseSettingsSchema, DOLLAR, settingsSchema } from "./keys";
import { boolean, duration, integer, object, type Schema, text, toFile } from "./schema";

/** The types of replicas that 0.3.13 has, by what they are called today. */
export const TYPES_03: Readonly<Record<string, string>> = {
  s3: "s3",
  file: "file",
  gs: "gcs",
  abs: "abs",
  sftp: "sftp",
};

/** The file's keys, of those that have a counterpart here. */
const replica: Schema = {
  type: text,
  bucket: text,
  path: text,
  region: text,
  endpoint: text,
  forcePathStyle: boolean,
  skipVerify: boolean,
  accountName: text,
  host: text,
  user: text,
  password: { kind: "fromEnvironment" },
  keyPath: text,
  syncInterval: duration,
  snapshotInterval: duration,
  retention: duration,
};

const file: Schema = {
  addr: text,
  logging: settingsSchema.logging,
  dbs: {
    kind: "list",
    of: object({
      path: text,
      metaPath: databaseSettingsSchema.metaPath,
      monitorInterval: databaseSettingsSchema.monitorInterval,
      checkpointInterval: databaseSettingsSchema.checkpointInterval,
      minCheckpointPageCount: databaseSettingsSchema.minCheckpointPageCount,
      maxCheckpointPageCount: integer(0),
      replicas: { kind: "list", of: object(replica) },
    }),
  },
};

/**
 * litestream.yml for Litestream 0.3.13, from what is declared for 0.5: snapshots and their retention belong
 * to each replica there. It expands its environment as 0.5 does.
 *
 * @see https://github.com/benbjohnson/litestream/blob/v0.3.13/cmd/litestream/main.go
 */
export function litestream03File({ dbs, snapshot, ...config }: LitestreamConfig): string {
  const data = { ...config, dbs: dbs.map((database) => databaseEntry(database, snapshot)) };
  return yamlText(toFile(data, object(file)) as object, { dollar: `\${${DOLLAR}}` });
}

function databaseEntry(
  { replica: one, truncatePageN, ...database }: DatabaseConfig,
  { interval, retention }: NonNullable<LitestreamConfig["snapshot"]> = {},
) {
  return {
    ...database,
    // Both are the pages in the WAL from which a checkpoint may block the app.
    maxCheckpointPageCount: truncatePageN,
    replicas: [{ ...typed(one), snapshotInterval: interval, retention }],
  };
}

function typed(one: ReplicaConfig): object {
  return { ...one, type: TYPES_03[one.type] };
}
