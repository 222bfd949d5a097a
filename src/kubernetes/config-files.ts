import { isExpression } from "../terraform/expression";
import { type Problem, unknownKeys, within } from "../terraform/problem";
import { textProblems } from "./annotations";
import { slug } from "./names";
import { dnsNameProblems } from "./storage";

/** A folder of files for the app's container, which holds these and nothing else. */
export interface ConfigFolder {
  /** Where the folder is. */
  readonly mountPath: string;
  /** The files' texts, by name; at most 1 MiB together. Another text replaces the pod. */
  readonly files: Readonly<Record<string, string>>;
}

/** The same with a ConfigMap made elsewhere, in the app's namespace. What changes in it doesn't replace the pod. */
export interface ConfigFolderElsewhere {
  readonly mountPath: string;
  /** The name of the ConfigMap. */
  readonly configMap: string;
}

/** One file, in a folder of the image or of a volume that holds others. */
export interface ConfigFile {
  /** Where the file is. */
  readonly path: string;
  /** At most 1 MiB. Another text replaces the pod: a single file isn't renewed while it is mounted (subPath). */
  readonly text: string;
}

/**
 * Files that the app's container reads, and can't write. They are in a ConfigMap, which is no place for
 * secrets: those go into a Secret, and into `env`.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/
 */
export type ConfigFiles = ConfigFolder | ConfigFolderElsewhere | ConfigFile;

const KEYS = { mountPath: true, files: true, configMap: true, path: true, text: true };

/** What Kubernetes takes in one ConfigMap. */
const MOST_BYTES = 1_048_576;

const FILE_NAME = /^(?!\.{1,2}$|\.\.)[-._a-zA-Z0-9]{1,253}$/;

/** Where files are mounted. */
export function configFilesPlace(files: ConfigFiles): string {
  return "path" in files ? files.path : files.mountPath;
}

/** Files by name; none of a ConfigMap made elsewhere. */
export function configFilesTexts(files: ConfigFiles): Readonly<Record<string, string>> | undefined {
  if ("configMap" in files) return undefined;
  return "path" in files ? { [fileName(files.path)]: files.text } : files.files;
}

/** The volume with these files in the pod. */
export function configFilesVolume(files: ConfigFiles): string {
  return `files-${slug(configFilesPlace(files))}`.slice(0, 63).replace(/-+$/, "");
}

/** The ConfigMap with these files. */
export function configFilesMap(app: string, files: ConfigFiles): string {
  return "configMap" in files ? files.configMap : `${app}-${configFilesVolume(files)}`;
}

/** The one file that is mounted, if it isn't the folder. */
export function configFilesSubPath(files: ConfigFiles): string | undefined {
  return "path" in files ? fileName(files.path) : undefined;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Problems of some files, besides where they are mounted. */
export function configFilesProblems(field: string, given: unknown): Problem[] {
  if (typeof given !== "object" || given === null || isExpression(given))
    return [
      {
        field,
        value: isExpression(given) ? undefined : given,
        wrong: "is neither a folder nor a file",
        fix: 'Write { mountPath: "/etc/app", files: { "app.yml": "…" } }, or { path: "/etc/app.yml", text: "…" }.',
      },
    ];
  return within(field, [
    ...unknownKeys("", given, KEYS),
    ...("path" in given || "text" in given ? fileProblems(given) : folderProblems(given)),
  ]);
}

function fileProblems(given: object): Problem[] {
  const extra = ["mountPath", "files", "configMap"].filter((key) => key in given);
  if (extra.length > 0 || !("path" in given) || !("text" in given))
    return [
      {
        field: extra[0] ?? ("path" in given ? "text" : "path"),
        wrong:
          extra.length > 0 ? "belongs to a folder, and path and text to one file" : "is missing",
        fix: 'Write { path: "/etc/app.yml", text: "…" } for one file, { mountPath: "/etc/app", files: { … } } for a folder.',
      },
    ];
  const { path, text } = given as Partial<ConfigFile>;
  return [
    ...(typeof path === "string" && !isExpression(path)
      ? nameProblems("path", fileName(path))
      : []),
    ...textProblems("text", text),
    ...sizeProblems("text", [text]),
  ];
}

function folderProblems(given: object): Problem[] {
  const { files, configMap } = given as Partial<ConfigFolder & ConfigFolderElsewhere>;
  if ((files === undefined) === (configMap === undefined))
    return [
      {
        field: "files",
        wrong:
          files === undefined
            ? "is missing"
            : "stands beside configMap, which has files of its own",
        fix: 'Write files: { "app.yml": "…" }, or the name of a ConfigMap that is there: configMap: "notes-config".',
      },
    ];
  if (files === undefined) return dnsNameProblems("configMap", configMap);
  if (typeof files !== "object" || files === null || Array.isArray(files) || isExpression(files))
    return [
      {
        field: "files",
        value: isExpression(files) ? undefined : files,
        wrong: "is no map of texts by name",
        fix: 'Write { "app.yml": "…" }; each text may be an expression.',
      },
    ];
  if (Object.keys(files).length === 0)
    return [
      {
        field: "files",
        value: files,
        wrong: "names no file",
        fix: 'Write { "app.yml": "…" }, or leave the entry out.',
      },
    ];
  return [
    ...Object.entries(files).flatMap(([name, text]) => {
      const field = `files[${JSON.stringify(name)}]`;
      return [...nameProblems(field, name), ...textProblems(field, text)];
    }),
    ...sizeProblems("files", Object.values(files)),
  ];
}

function nameProblems(field: string, name: string): Problem[] {
  if (FILE_NAME.test(name)) return [];
  return [
    {
      field,
      ...(field === "path" ? { value: name } : {}),
      wrong: "is not a plain file name",
      fix: name.includes("/")
        ? 'Write letters, digits, "-", "_" and "."; a folder below is an entry of its own.'
        : 'Write letters, digits, "-", "_" and ".".',
    },
  ];
}

/** Texts known only at apply are left to Kubernetes. */
function sizeProblems(field: string, texts: readonly unknown[]): Problem[] {
  const bytes = texts
    .filter((text): text is string => typeof text === "string" && !isExpression(text))
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes <= MOST_BYTES) return [];
  return [
    {
      field,
      wrong: `has ${bytes} bytes, more than the ${MOST_BYTES} that fit into a ConfigMap`,
      fix: "Divide them into several entries, or put large files into the image or on a volume.",
    },
  ];
}
