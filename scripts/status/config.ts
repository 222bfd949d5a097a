import { parse } from "yaml";
import { DATABASE_MARKER } from "../../src/litestream/folders";
import { milliseconds } from "../../src/kubernetes/duration";

/** What status needs of an app's Litestream configuration. */
export interface LitestreamFiles {
  /** Paths of the databases with an entry of their own. */
  readonly databases: readonly string[];
  readonly directories: readonly Directory[];
  /** The longest, in seconds. */
  readonly syncInterval: number;
}

interface Directory {
  readonly dir: string;
  /** The entry for one database of it, with the marker for its name. */
  readonly entry: string;
}

interface Entry {
  readonly path?: string;
  readonly dir?: string;
  readonly replica?: { readonly "sync-interval"?: string };
  readonly replicas?: readonly { readonly "sync-interval"?: string }[];
}

/** Reads the app's ConfigMap. */
export function readFiles(data: Readonly<Record<string, string>>): LitestreamFiles {
  const { dbs = [] } = (parse(data["litestream.yml"] ?? "") ?? {}) as { dbs?: Entry[] };
  const directories = dbs.filter(({ dir }) => dir !== undefined);
  const intervals = dbs
    .flatMap(({ replica, replicas = [] }) => [...(replica ? [replica] : []), ...replicas])
    .map((one) => milliseconds(String(one["sync-interval"] ?? "1s")) ?? 1000);
  return {
    databases: dbs.flatMap(({ path }) => (path === undefined ? [] : [unexpanded(path)])),
    directories: directories.map(({ dir = "" }, index) => ({
      dir: unexpanded(dir),
      entry: data[`directory-${index}.yml`] ?? "",
    })),
    syncInterval: Math.max(0, ...intervals) / 1000,
  };
}

/** A "$" that is meant literally has a variable of its own. */
function unexpanded(text: string): string {
  return text.replaceAll("${LITESTREAM_DOLLAR}", "$");
}

/** The configuration for one database of a directory; undefined when it lies in none. */
export function entryOf({ directories }: LitestreamFiles, path: string): string | undefined {
  const found = directories.find(({ dir }) => path.startsWith(`${dir}/`));
  if (!found) return undefined;
  // It stands in quotes, and where Litestream expands variables.
  const name = path
    .slice(found.dir.length + 1)
    .replace(/["\\]/g, "\\$&")
    .replaceAll("$", "${LITESTREAM_DOLLAR}");
  return found.entry.replaceAll(DATABASE_MARKER, () => name);
}
