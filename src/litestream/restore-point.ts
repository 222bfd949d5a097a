import { isExpression } from "../terraform/expression";
import { type Keys, type Problem, unknownKeys, within } from "../terraform/problem";
import { type LitestreamAppConfig, type Declared, holds } from "./app-config";
import type { DatabaseConfig, LitestreamConfig } from "./config";
import { type Database, replicaFolder } from "./database";
import { type Directory, directoryFolder } from "./directory";
import { REPLICA_PLACE, RUN_FOLDER } from "./folders";
import { type Replica, replicaConfig } from "./replica";
import { isTime } from "./time";

/**
 * An older state to go back to, once: a row was deleted by mistake, a migration went wrong. At the next start, before
 * the app runs, Litestream brings what the volume holds into the replica, restores the older state, and
 * replicates that as the newest. What came in between stays in the replica, as far back as snapshots are kept.
 *
 * That it was done is noted in the replica, for each database: neither a restart nor a lost volume does it again.
 * Take it out of the declaration all the same once it is done: a bucket rule that expires objects by age
 * takes the note one day.
 *
 * @see https://litestream.io/reference/restore/
 */
export interface RestorePoint {
  /** Names the operation; it is done once for each id. Letters, digits, ".", "_" and "-". */
  readonly id: string;
  /**
   * The last state before this time, as RFC 3339: "2026-01-31T12:00:00Z". It is exact to the sync interval for
   * the last five minutes, and to the first compaction level (30 s) before.
   */
  readonly timestamp?: string;
  /** Or the state after this transaction, as `litestream ltx` prints it, for one database. */
  readonly transaction?: string;
  /**
   * The databases to go back, by path.
   *
   * @default all; must be written out where a directory is declared
   */
  readonly databases?: readonly string[];
}

const KEYS = {
  id: true,
  timestamp: true,
  transaction: true,
  databases: true,
} satisfies Keys<RestorePoint>;

/** Paths of the databases that go back. */
export function restoreTargets(point: RestorePoint, { databases }: Declared): readonly string[] {
  return point.databases ?? databases.map(({ path }) => path);
}

/** Problems of a restore point of an app. */
export function restorePointProblems(
  point: RestorePoint | undefined,
  declared: Declared,
  replica: Replica | undefined,
): Problem[] {
  if (point === undefined) return [];
  const { id, timestamp, transaction, databases } = point;
  const found = unknownKeys("", point, KEYS);
  if (!isExpression(id) && (typeof id !== "string" || !/^[A-Za-z0-9][\w.-]{0,62}$/.test(id)))
    found.push({
      field: "id",
      value: id,
      wrong: "is not a name for the operation",
      fix: 'Write letters, digits, ".", "_" and "-", for example "undo-2026-01-31".',
    });
  if ((timestamp === undefined) === (transaction === undefined))
    found.push({
      field: "timestamp",
      wrong: timestamp === undefined ? "is missing" : "stands beside transaction",
      fix: 'Write either timestamp: "2026-01-31T12:00:00Z" or transaction: "00000000000000ff".',
    });
  if (timestamp !== undefined && !isExpression(timestamp) && !isTime(timestamp))
    found.push({
      field: "timestamp",
      value: timestamp,
      wrong: "is not a time with a time zone",
      fix: 'Write it as RFC 3339, for example "2026-01-31T12:00:00Z".',
    });
  if (
    transaction !== undefined &&
    !isExpression(transaction) &&
    !/^[0-9a-f]{16}$/.test(transaction)
  )
    found.push({
      field: "transaction",
      value: transaction,
      wrong: "is not a transaction",
      fix: 'Write its 16 digits as `litestream ltx` prints them, for example "00000000000000ff".',
    });
  const targets = restoreTargets(point, declared);
  if (transaction !== undefined && targets.length !== 1)
    found.push({
      field: "transaction",
      value: transaction,
      wrong: `counts for one database, and here are ${targets.length}`,
      fix: 'Name it: databases: ["/data/app.db"].',
    });
  if (databases === undefined && declared.directories.length > 0)
    found.push({
      field: "databases",
      wrong: "must be written out where a directory is declared",
      fix: `Name the databases that go back, for example ["${declared.directories[0]?.dir}/one.db"].`,
    });
  (databases ?? []).forEach((path, index) => {
    if (isExpression(path) || entryOf(path, declared) !== undefined) return;
    found.push({
      field: `databases[${index}]`,
      value: path,
      wrong: "is no database of the app",
      fix: "Write its path as in databases, or a file in a declared directory.",
    });
  });
  if (replica?.kind === ("nats" as string))
    found.push({
      field: "id",
      value: id,
      wrong: "can't be noted in a NATS replica, where a bucket holds one database",
      fix: "Restore by hand (docs/operations.md), and leave restoreTo out.",
    });
  return within("restoreTo", found);
}

/** litestream.yml with the databases that go back, each on its own. */
export function restoreToConfig(
  point: RestorePoint,
  replica: Replica,
  config: LitestreamAppConfig,
): LitestreamConfig {
  const dbs = restoreTargets(point, config).flatMap((path): DatabaseConfig[] => {
    const entry = entryOf(path, config);
    if (entry === undefined) return [];
    const { folder, settings } = entry;
    return [{ path, ...settings, replica: replicaConfig(replica, { ...REPLICA_PLACE, folder }) }];
  });
  return { ...settingsOf(config), dbs };
}

/** litestream.yml with a database for each that goes back, which says that it was done. */
export function operationConfig(
  point: RestorePoint,
  replica: Replica,
  config: LitestreamAppConfig,
): LitestreamConfig {
  const dbs = restoreTargets(point, config).map((target, index): DatabaseConfig => {
    const folder = `.restored/${entryOf(target, config)?.folder}/${point.id}`;
    return {
      path: `${RUN_FOLDER}/operation-${index + 1}.db`,
      replica: replicaConfig(replica, { ...REPLICA_PLACE, folder }),
    };
  });
  return { ...settingsOf(config), dbs };
}

function settingsOf({ litestream }: LitestreamAppConfig): Partial<LitestreamConfig> {
  const { snapshot, shutdownSyncTimeout, shutdownSyncInterval, logging } = litestream;
  return { snapshot, shutdownSyncTimeout, shutdownSyncInterval, logging };
}

/** Where in the replica a database is, by its path; undefined when the app has no such database. */
function entryOf(
  path: string,
  { databases, directories }: Declared,
): { folder: string; settings: (Database | Directory)["settings"] } | undefined {
  const one = databases.find((database) => database.path === path);
  if (one) return { folder: replicaFolder(one), settings: one.settings };
  const directory = directories.find(({ dir }) => typeof path === "string" && holds(dir, path));
  if (!directory) return undefined;
  const name = path.slice(directory.dir.length + 1);
  if (!/^[^\n]+$/.test(name) || (name.includes("/") && !directory.recursive)) return undefined;
  return { folder: `${directoryFolder(directory)}/${name}`, settings: directory.settings };
}
