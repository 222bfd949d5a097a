import { posix } from "node:path";
import { isExpression } from "../terraform/expression";
import { flagProblems, type Keys, type Problem, unknownKeys, within } from "../terraform/problem";
import type { DatabaseSettings } from "./config";
import { databaseSettingsSchema } from "./keys";
import { schemaProblems } from "./schema";

/** A database of an app: its path in the app's container, or the path with what else is to be said. */
export interface Database {
  /** Absolute, in a folder of the app's storage or volumes. */
  readonly path: string;
  /**
   * Its folder in the replica. It stays when the database's file moves.
   *
   * @default the file's name
   */
  readonly replicaPath?: string;
  /**
   * The app may run without it: a database added to an app that runs already, or one the app makes
   * only when it first needs it. Otherwise a start at which the app's other databases are found and
   * this one isn't is refused, and the pod isn't ready before it is there.
   *
   * @default false
   */
  readonly optional?: boolean;
  /** Litestream's settings for this database. */
  readonly settings?: DatabaseSettings;
}

export function database(declared: string | Database): Database {
  return typeof declared === "string" || isExpression(declared)
    ? { path: declared as string }
    : declared;
}

const KEYS = {
  path: true,
  replicaPath: true,
  optional: true,
  settings: true,
} satisfies Keys<Database>;

/** A database's folder in the replica. */
export function replicaFolder({ path, replicaPath }: Database): string {
  return replicaPath ?? posix.basename(path);
}

/** What a path may be made of: it stands in scripts and in log lines. */
const PATH = /^\/[A-Za-z0-9._@+=,-]+(\/[A-Za-z0-9._@+=,-]+)*$/;

/** Problems of the databases of one app, whatever its storage. */
export function databasesProblems(declared: readonly (string | Database)[]): Problem[] {
  if (!Array.isArray(declared) || declared.length === 0)
    return [
      {
        field: "databases",
        value: declared,
        wrong: "names no database, so nothing would be backed up",
        fix: 'Write the absolute path of each, for example ["/data/app.db"].',
      },
    ];
  const databases = declared.map(database);
  return [
    ...databases.flatMap((one, index) => within(`databases[${index}]`, databaseProblems(one))),
    ...duplicates(databases.map(({ settings }) => settings?.metaPath)).map(([index, first]) => ({
      field: `databases[${index}].settings.metaPath`,
      value: databases[index]?.settings?.metaPath,
      wrong: `is that of databases[${first}] already`,
      fix: "Give each database a folder of its own, or leave it out.",
    })),
    ...duplicates(databases.map(({ path }) => path)).map(([index, first]) => ({
      field: `databases[${index}]`,
      value: databases[index]?.path,
      wrong: `is databases[${first}] again`,
      fix: "Name each database once.",
    })),
    ...duplicates(
      databases.map((one) => (isExpression(one.path) ? one.replicaPath : replicaFolder(one))),
    )
      .filter(([index, first]) => databases[index]?.path !== databases[first]?.path)
      .map(([index, first]) => ({
        field: `databases[${index}]`,
        value: databases[index]?.path,
        wrong: `would share a folder of the replica with databases[${first}]`,
        fix: 'Give it a replicaPath of its own: { path: "…", replicaPath: "…" }.',
      })),
  ];
}

function databaseProblems(declared: Database): Problem[] {
  const { path, replicaPath, optional, settings } = declared;
  const found = [...unknownKeys("", declared, KEYS), ...flagProblems({ optional })];
  if (isExpression(path)) {
    if (replicaPath === undefined)
      found.push({
        field: "replicaPath",
        wrong: "is missing, and can't be derived from a path that is known only at apply",
        fix: 'Write the folder of this database in the replica, for example "app.db".',
      });
  } else if (typeof path !== "string" || !path.startsWith("/"))
    found.push({
      field: "path",
      value: path,
      wrong: "is not an absolute path",
      fix: `Write the path in the app's container, for example "/data/${posix.basename(String(path ?? "app.db"))}".`,
    });
  else if (!PATH.test(path) || posix.normalize(path) !== path)
    found.push({
      field: "path",
      value: path,
      wrong:
        'has a "..", an empty part, or a character other than letters, digits and . _ @ + = , -',
      fix: "Write the plain path of the database's file.",
    });
  const folders = String(replicaPath).split("/");
  if (
    replicaPath !== undefined &&
    !isExpression(replicaPath) &&
    folders.some((part) => !/^[A-Za-z0-9._@+=,-]+$/.test(part) || part === "." || part === "..")
  )
    found.push({
      field: "replicaPath",
      value: replicaPath,
      wrong: "is not a folder",
      fix: 'Write a name, for example "app.db".',
    });
  if (
    settings?.metaPath !== undefined &&
    !isExpression(settings.metaPath) &&
    !PATH.test(settings.metaPath)
  )
    found.push({
      field: "settings.metaPath",
      value: settings.metaPath,
      wrong: "is not an absolute path",
      fix: "Write a folder of the app's storage, or leave it out.",
    });
  return [...found, ...schemaProblems("settings", settings, databaseSettingsSchema)];
}

/** Pairs of indexes: an item, and the first one that equals it. */
function duplicates(items: readonly unknown[]): [number, number][] {
  return items.flatMap((item, index): [number, number][] => {
    const first = items.indexOf(item);
    return item === undefined || isExpression(item) || first === index ? [] : [[index, first]];
  });
}
