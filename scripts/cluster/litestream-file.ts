import { parse, stringify } from "yaml";
import { DATABASE_MARKER } from "../../src/litestream/folders";
import { DOLLAR } from "../../src/litestream/keys";

/** An entry of litestream.yml; keys that the programs don't know stay as they are. */
export interface DatabaseEntry {
  readonly path?: string;
  readonly dir?: string;
  readonly pattern?: string;
  readonly recursive?: boolean;
  readonly "meta-path"?: string;
  readonly replica?: ReplicaEntry;
  /** Of 0.3. */
  readonly replicas?: readonly ReplicaEntry[];
}

export type ReplicaEntry = {
  readonly type?: string;
  readonly "sync-interval"?: string;
} & Readonly<Record<string, unknown>>;

/** litestream.yml as it is deployed. */
export interface LitestreamFile extends Readonly<Record<string, unknown>> {
  readonly dbs: readonly DatabaseEntry[];
}

/** What an app's ConfigMap says of its databases. */
export interface LitestreamFiles {
  readonly file: LitestreamFile;
  /** The files for one database of a directory, in the order of the directories. */
  readonly templates: readonly LitestreamFile[];
}

/** Reads an app's ConfigMap. What isn't in it has no databases. */
export function readLitestreamFiles(data: Readonly<Record<string, string>>): LitestreamFiles {
  const file = read(data["litestream.yml"]);
  const templates = directories({ file }).map((_, index) => read(data[`directory-${index}.yml`]));
  return { file, templates };
}

function read(text = ""): LitestreamFile {
  const file = (parse(text) ?? {}) as Partial<LitestreamFile>;
  return { ...file, dbs: file.dbs ?? [] };
}

/** As Litestream reads it. A long path in two lines reads badly, and one quoting fits all texts. */
export function litestreamText(file: LitestreamFile): string {
  return stringify(file, {
    lineWidth: 0,
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
  });
}

/** The databases that are declared by their paths. */
export function singlePaths({ file }: Pick<LitestreamFiles, "file">): string[] {
  return file.dbs.flatMap(({ path }) => (path === undefined ? [] : [plain(path)]));
}

export type DirectoryEntry = DatabaseEntry & { readonly dir: string };

/** The directories whose databases are found as they come. */
export function directories({ file }: Pick<LitestreamFiles, "file">): DirectoryEntry[] {
  return file.dbs.flatMap((one) =>
    one.dir === undefined ? [] : [{ ...one, dir: plain(one.dir) }],
  );
}

/** The entry of a database, also of one in a directory; undefined when the app has none of that path. */
export function databaseEntry(files: LitestreamFiles, path: string): DatabaseEntry | undefined {
  const single = files.file.dbs.find((one) => one.path !== undefined && plain(one.path) === path);
  return single ?? fileInDirectory(files, path)?.dbs[0];
}

/** The file for one database of a directory; undefined when it lies in none. */
export function fileInDirectory(files: LitestreamFiles, path: string): LitestreamFile | undefined {
  const all = directories(files);
  const index = all.findIndex(
    ({ dir, recursive }) =>
      path.startsWith(`${dir}/`) && isName(path.slice(dir.length + 1), recursive ?? false),
  );
  const [directory, template] = [all[index], files.templates[index]];
  if (!directory || !template) return undefined;
  return named(template, path.slice(directory.dir.length + 1)) as LitestreamFile;
}

/** Of a database in a directory. */
function isName(text: string, recursive: boolean): boolean {
  if (!/^[^\n]+$/.test(text) || text.split("/").includes("..")) return false;
  return recursive || !text.includes("/");
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

/** A text of the file as it is meant: a "$" that is meant literally has a variable of its own. */
function plain(text: string): string {
  return text.replaceAll(`\${${DOLLAR}}`, () => "$");
}
