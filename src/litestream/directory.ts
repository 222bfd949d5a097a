import { posix } from "node:path";
import { isExpression } from "../terraform/expression";
import { flagProblems, type Keys, type Problem, unknownKeys } from "../terraform/problem";
import type { DatabaseSettings } from "./config";
import { databaseSettingsSchema } from "./keys";
import { schemaProblems } from "./schema";

/**
 * All databases of a folder: tenants that come and go. One that appears is replicated from then on; one whose
 * file goes is no longer. A lost volume comes back with every database that the replica holds, **also
 * those that the app had deleted**: to forget a tenant, delete its folder in the replica too.
 *
 * @see https://litestream.io/reference/config/#directory-replication
 */
export interface Directory {
  /** Absolute, in a folder of the app's storage or volumes. It is made if it isn't there. */
  readonly dir: string;
  /** The names of the databases in it, as a shell pattern: "*.db". */
  readonly pattern: string;
  /**
   * How many databases there may be. Litestream closes them one after another, so that the pod's grace
   * period must cover the last sync of so many.
   */
  readonly atMost: number;
  /** Whether databases in folders below it count. @default false */
  readonly recursive?: boolean;
  /**
   * Whether databases made while the pod runs are replicated. Without it they wait for the next start,
   * and a folder without any database is refused.
   *
   * @default true
   */
  readonly watch?: boolean;
  /** Its folder in the replica; each database has a folder in it. @default the folder's name */
  readonly replicaPath?: string;
  /** Litestream's settings for each database. */
  readonly settings?: Omit<DatabaseSettings, "metaPath">;
}

const KEYS = {
  dir: true,
  pattern: true,
  atMost: true,
  recursive: true,
  watch: true,
  replicaPath: true,
  settings: true,
} satisfies Keys<Directory>;

/** Whether an entry of `databases` means a directory, whatever its fields hold. */
export function isDirectory(declared: unknown): declared is Directory {
  return typeof declared === "object" && declared !== null && "dir" in declared;
}

/** The directory's folder in the replica. */
export function directoryFolder({ dir, replicaPath }: Directory): string {
  return replicaPath ?? posix.basename(dir);
}

const { metaPath: _, ...settingsSchema } = databaseSettingsSchema;

/** Problems of one directory. */
export function directoryProblems(declared: Directory): Problem[] {
  const { dir, pattern, atMost, recursive, watch, replicaPath, settings } = declared;
  const found = [...unknownKeys("", declared, KEYS), ...flagProblems({ recursive, watch })];
  if (isExpression(dir) || isExpression(pattern) || isExpression(replicaPath))
    found.push({
      field: isExpression(dir) ? "dir" : isExpression(pattern) ? "pattern" : "replicaPath",
      wrong: "is known only at apply, but decides what is restored",
      fix: "Write the text itself.",
    });
  if (
    typeof dir !== "string" ||
    !/^(\/[A-Za-z0-9._@+=,-]+)+$/.test(dir) ||
    posix.normalize(dir) !== dir
  )
    if (!isExpression(dir))
      found.push({
        field: "dir",
        value: dir,
        wrong: "is not the absolute path of a folder",
        fix: 'Write for example "/data/tenants".',
      });
  if (!isExpression(pattern) && (typeof pattern !== "string" || !/^[^/{}\s]+$/.test(pattern)))
    found.push({
      field: "pattern",
      value: pattern,
      wrong: "is not a pattern for the names of files",
      fix: 'Write for example "*.db", without folders and braces; recursive: true looks into folders.',
    });
  if (!Number.isInteger(atMost) || atMost < 1)
    found.push({
      field: "atMost",
      value: isExpression(atMost) ? undefined : atMost,
      wrong: isExpression(atMost)
        ? "is known only at apply, but the pod's grace period is computed from it"
        : "is not a number of databases",
      fix: "Write how many databases there may be, for example 100.",
    });
  if (
    replicaPath !== undefined &&
    !isExpression(replicaPath) &&
    !/^[A-Za-z0-9_@+=,-][A-Za-z0-9._@+=,-]*(\/[A-Za-z0-9_@+=,-][A-Za-z0-9._@+=,-]*)*$/.test(
      replicaPath,
    )
  )
    found.push({
      field: "replicaPath",
      value: replicaPath,
      wrong: "is not a folder",
      fix: 'Write a name, for example "tenants".',
    });
  return [...found, ...schemaProblems("settings", settings, settingsSchema)];
}
