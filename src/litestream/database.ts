import { posix } from "node:path";
import { isExpression } from "../terraform/expression";
import { flagProblems, type Keys, type Problem, unknownKeys, within } from "../terraform/problem";
import type { DatabaseSettings } from "./config";
import { type Directory, directoryFolder, directoryProblems, isDirectory } from "./directory";
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

/** The single databases among what an app declares. */
export function singleDatabases(declared: readonly (string | Database | Directory)[]): Database[] {
  return declared.flatMap((one) => (isDirectory(one) ? [] : [database(one)]));
}

/** The directories among what an app declares. */
export function directories(declared: readonly (string | Database | Directory)[]): Directory[] {
  return declared.filter(isDirectory);
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
export function databasesProblems(declared: readonly (string | Database | Directory)[]): Problem[] {
  if (!Array.isArray(declared) || declared.length === 0)
    return [
      {
        field: "databases",
        value: declared,
        wrong: "names no database, so nothing would be backed up",
        fix: 'Write the absolute path of each, for example ["/data/app.db"], or { dir: "/data/tenants", pattern: "*.db", atMost: 100 }.',
      },
    ];
  const entries = (declared as (string | Database | Directory)[]).map(entryOf);
  const repeated = (
    pick: (entry: Entry) => unknown,
    field: (index: number) => string,
    wrong: (first: number) => string,
    fix: string,
  ) =>
    duplicates(entries.map(pick)).map(([index, first]) => ({
      field: field(index),
      value: pick(entries[index] as Entry),
      wrong: wrong(first),
      fix,
    }));
  return [
    ...declared.flatMap((one, index) =>
      within(
        `databases[${index}]`,
        isDirectory(one) ? directoryProblems(one) : databaseProblems(database(one)),
      ),
    ),
    ...repeated(
      ({ metaPath }) => metaPath,
      (index) => `databases[${index}].settings.metaPath`,
      (first) => `is that of databases[${first}] already`,
      "Give each database a folder of its own, or leave it out.",
    ),
    ...repeated(
      ({ path }) => path,
      (index) => `databases[${index}]`,
      (first) => `is databases[${first}] again`,
      "Name each database once.",
    ),
    ...sharedFolders(entries),
    ...entries.flatMap(({ path }, index) => {
      const first = entries.findIndex((other) => inDirectory(other, path));
      if (first < 0) return [];
      return [
        {
          field: `databases[${index}]`,
          value: path,
          wrong: `lies in the directory of databases[${first}], and would be replicated twice`,
          fix: "Leave it out, or put it into another folder.",
        },
      ];
    }),
  ];
}

/** What has to differ between the entries of one app. */
interface Entry {
  readonly path: string;
  readonly folder: string | undefined;
  readonly metaPath?: string;
  readonly directory?: Directory;
}

function entryOf(declared: string | Database | Directory): Entry {
  if (isDirectory(declared))
    return { path: declared.dir, folder: directoryFolder(declared), directory: declared };
  const one = database(declared);
  const folder = isExpression(one.path) ? one.replicaPath : replicaFolder(one);
  return { path: one.path, folder, metaPath: one.settings?.metaPath };
}

/** Folders of the replica that two entries would write to, or one of them in that of the other. */
function sharedFolders(entries: readonly Entry[]): Problem[] {
  return entries.flatMap(({ path, folder, directory }, index) => {
    const first = entries.findIndex((other, at) => {
      if (at >= index || folder === undefined || other.folder === undefined) return false;
      if (isExpression(folder) || isExpression(other.folder) || other.path === path) return false;
      return (
        other.folder === folder ||
        (other.directory !== undefined && folder.startsWith(`${other.folder}/`)) ||
        (directory !== undefined && other.folder.startsWith(`${folder}/`))
      );
    });
    if (first < 0) return [];
    return [
      {
        field: `databases[${index}]`,
        value: path,
        wrong: `would share a folder of the replica with databases[${first}]`,
        fix: 'Give it a replicaPath of its own: { path: "…", replicaPath: "…" }.',
      },
    ];
  });
}

function inDirectory({ path, directory }: Entry, file: unknown): boolean {
  if (directory === undefined || typeof file !== "string" || isExpression(file)) return false;
  if (typeof path !== "string" || path === file) return false;
  const name = file.startsWith(`${path}/`) ? file.slice(path.length + 1) : undefined;
  return name !== undefined && (directory.recursive === true || !name.includes("/"));
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
