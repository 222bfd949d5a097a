import { stringify } from "yaml";
import { DATABASE_MARKER } from "../../src/litestream/folders";
import { DOLLAR } from "../../src/litestream/keys";
import { Failure } from "../cluster/failure";
import type { DatabaseEntry, DeployedApp } from "./deployed";

/** What a program that ends by itself has no use for, or would do as if it were the app's Litestream. */
const LEFT_OUT = ["addr", "exec", "mcp-addr", "heartbeat-url", "heartbeat-interval", "socket"];

/** The databases that are declared by their paths. */
export function singlePaths({ file }: DeployedApp): string[] {
  return file.dbs.flatMap(({ path }) => (path === undefined ? [] : [plain(path)]));
}

/**
 * litestream.yml reduced to some databases. Litestream is told to stop within seconds, and speaks JSON, which the log
 * is read by.
 */
export function litestreamFileFor(app: DeployedApp, paths: readonly string[]): string {
  const settings = Object.entries(app.file).filter(([key]) => !LEFT_OUT.includes(key));
  const dbs = paths.map((path) => {
    const entry = databaseEntry(app, path);
    if (!entry) throw new Failure(`${app.name} has no database ${path}.`);
    return entry;
  });
  const logging = { ...(app.file.logging as object | undefined), type: "json" };
  const shutdown = { "shutdown-sync-timeout": "10s" };
  // A long path in two lines reads badly, and one quoting fits all texts.
  return stringify(
    { ...Object.fromEntries(settings), ...shutdown, logging, dbs },
    { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" },
  );
}

/** The entry of a database, also of one in a directory; undefined when the app has none of that path. */
export function databaseEntry(app: DeployedApp, path: string): DatabaseEntry | undefined {
  const single = app.file.dbs.find((one) => one.path !== undefined && plain(one.path) === path);
  if (single) return single;
  const folders = app.file.dbs.filter(({ dir }) => dir !== undefined);
  const index = folders.findIndex(
    ({ dir, recursive }) =>
      path.startsWith(`${dir}/`) &&
      /^[^\n]+$/.test(path.slice(`${dir}/`.length)) &&
      !path.includes("/../") &&
      (recursive === true || !path.slice(`${dir}/`.length).includes("/")),
  );
  const template = app.templates[index]?.dbs[0];
  const name = path.slice(`${folders[index]?.dir}/`.length);
  return template && (named(template, name) as DatabaseEntry);
}

/** Puts the database's name where the template has the marker. Litestream expands variables in the file. */
function named(value: unknown, name: string): unknown {
  if (typeof value === "string")
    return value.replaceAll(DATABASE_MARKER, () => name.replaceAll("$", () => `\${${DOLLAR}}`));
  if (Array.isArray(value)) return value.map((one) => named(one, name));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, named(one, name)]));
  return value;
}

/** A text of the file as it is meant. */
function plain(text: string): string {
  return text.replaceAll(`\${${DOLLAR}}`, () => "$");
}
