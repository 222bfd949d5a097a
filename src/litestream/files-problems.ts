import {
  type ConfigFiles,
  configFilesPlace,
  configFilesProblems,
  configFilesVolume,
} from "../kubernetes/config-files";
import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { holds, type LitestreamAppConfig } from "./app-config";
import { OWN_FOLDERS } from "./folders";
import type { LitestreamAppProps } from "./props";

/** Files that SQLite has beside a database. */
const BESIDE = ["", "-wal", "-shm", "-journal"];

/** What is looked at of an app. */
type Files = Pick<LitestreamAppProps, "configFiles" | "volumes">;
type Folders = Pick<LitestreamAppConfig, "mountPath" | "databases" | "directories">;

/** Problems of an app's own files, and of where they are mounted. */
export function filesProblems(props: Files, config: Folders): Problem[] {
  const given: unknown = props.configFiles ?? [];
  if (!Array.isArray(given))
    return [
      {
        field: "configFiles",
        wrong: "is not a list",
        fix: 'Write [{ mountPath: "/etc/app", files: { "app.yml": "…" } }].',
      },
    ];
  const all: unknown[] = given;
  return all.flatMap((one, index) => {
    const field = `configFiles[${index}]`;
    const found = configFilesProblems(field, one);
    if (!isFiles(one)) return found;
    const before = all.slice(0, index).map((other) => (isFiles(other) ? other : undefined));
    return [...found, ...placeProblems(field, one, before, props, config)];
  });
}

function isFiles(value: unknown): value is ConfigFiles {
  return typeof value === "object" && value !== null && !isExpression(value);
}

/** At most one problem: one that is mended tells of the next. */
function placeProblems(
  entry: string,
  files: ConfigFiles,
  before: readonly (ConfigFiles | undefined)[],
  props: Files,
  config: Folders,
): Problem[] {
  const isFile = "path" in files;
  const field = `${entry}.${isFile ? "path" : "mountPath"}`;
  const value: unknown = configFilesPlace(files);
  const example = isFile ? "/etc/app.yml" : "/etc/app";
  // A file without a path is told of already.
  if (value === undefined && "text" in files) return [];
  if (isExpression(value))
    return [
      {
        field,
        wrong: "is known only at apply, but the volume is named after it",
        fix: `Write the path itself, for example "${example}".`,
      },
    ];
  if (typeof value !== "string" || !/^(\/(?!\.{1,2}(\/|$))[^/:]+)+$/.test(value))
    return [
      {
        field,
        value,
        wrong: `is not the absolute path of a ${isFile ? "file" : 'folder below "/"'}`,
        fix: `Write for example "${example}".`,
      },
    ];
  const problem = (wrong: string, fix: string): Problem[] => [{ field, value, wrong, fix }];
  const meets = (other: string) => other === value || holds(other, value) || holds(value, other);
  if (OWN_FOLDERS.some(meets))
    return problem(
      `meets a folder of Litestream's containers (${OWN_FOLDERS.join(", ")})`,
      `Mount it elsewhere, for example at "${example}".`,
    );
  const volume = volumesOf(props, config).find((mountPath) =>
    isFile ? mountPath === value || holds(value, mountPath) : meets(mountPath),
  );
  if (volume !== undefined)
    return problem(
      `meets ${volume}, where a volume of the app is`,
      isFile
        ? "Write the path of a file in it."
        : 'Mount the folder elsewhere, for example at "/etc/app". A single file may lie there: { path: "…", text: "…" }.',
    );
  if (isFile && isOfDatabases(value, config))
    return problem("is where databases are", "Write another path.");
  const other = before.findIndex(
    (one) => one !== undefined && meets(String(configFilesPlace(one))),
  );
  if (other >= 0)
    return problem(
      `meets configFiles[${other}], whose files are all that is there`,
      "Make one entry of the two, or mount one of them elsewhere.",
    );
  const name = configFilesVolume(files);
  if (before.some((one) => one !== undefined && configFilesVolume(one) === name))
    return problem(
      `gives the volume the name ${name}, as another one does`,
      "Mount one of the two elsewhere.",
    );
  return [];
}

function volumesOf({ volumes = [] }: Files, { mountPath }: Folders) {
  return [mountPath, ...volumes.map((volume) => volume.mountPath)].filter(
    (path): path is string => typeof path === "string" && !isExpression(path),
  );
}

function isOfDatabases(path: string, { databases, directories }: Folders): boolean {
  return (
    databases.some((one) => BESIDE.some((end) => path === `${one.path}${end}`)) ||
    directories.some(({ dir }) => holds(dir, path))
  );
}
