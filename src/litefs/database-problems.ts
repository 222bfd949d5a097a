import { posix } from "node:path";
import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { type LitefsClusterConfig, NOTE } from "./config";
import { BACKUP_FOLDER, CONFIG_FOLDER, DATA_FOLDER } from "./names";
import type { LitefsClusterProps } from "./props";

/** What a path may be made of: it stands in scripts, and in LiteFS's mount options. */
const PATH = /^(\/[A-Za-z0-9_][A-Za-z0-9._-]*){2,}$/;

/** What SQLite, and LiteFS, keep beside a database. */
const BESIDE = /-(journal|wal|shm|pos|lock)$/;

/** Problems of the databases: all in one folder, which becomes LiteFS's mount and can hold nothing else. */
export function databaseProblems(
  { databases, exec }: LitefsClusterProps,
  { mountPath, volumePath }: LitefsClusterConfig,
): Problem[] {
  if (!Array.isArray(databases) || databases.length === 0)
    return [
      {
        field: "databases",
        value: databases,
        wrong: "names no database",
        fix: 'Write the absolute path of each, for example ["/data/app.db"].',
      },
    ];
  const found = databases.flatMap((path: unknown, index) =>
    onePathProblems(`databases[${index}]`, path),
  );
  if (found.length > 0) return found;
  databases.forEach((path, index) => {
    const first = databases.indexOf(path);
    if (first < index)
      found.push({
        field: `databases[${index}]`,
        value: path,
        wrong: `is databases[${first}] again`,
        fix: "Name each database once.",
      });
  });
  if (mountPath === undefined) {
    const [first = ""] = databases;
    const other = databases.find((path) => posix.dirname(path) !== posix.dirname(first)) ?? "";
    found.push({
      field: "databases",
      value: [first, other],
      wrong: "lie in different folders, and LiteFS has one, without folders in it",
      fix: `Have the app keep all of them in one folder, for example "${posix.dirname(first)}".`,
    });
  } else if (exec === undefined && volumePath === "/")
    found.push({
      field: "databases",
      value: databases[0],
      wrong: `lies in a folder directly below "/"; LiteFS's is in a volume of its own, which takes the place of the folder above`,
      fix: `Have the app keep it one level deeper, for example at "${mountPath}/db/${posix.basename(String(databases[0]))}".`,
    });
  else if (
    [DATA_FOLDER, CONFIG_FOLDER, BACKUP_FOLDER].some((own) => meets(own, volumePath ?? mountPath))
  )
    found.push({
      field: "databases",
      value: mountPath,
      wrong: `meets a folder of LiteFS's own (${DATA_FOLDER}, ${CONFIG_FOLDER}, ${BACKUP_FOLDER})`,
      fix: 'Have the app keep its databases elsewhere, for example in "/data".',
    });
  return found;
}

function onePathProblems(field: string, path: unknown): Problem[] {
  if (isExpression(path))
    return [
      {
        field,
        wrong: "is known only at apply, but LiteFS is mounted by it",
        fix: "Write the path itself.",
      },
    ];
  if (typeof path !== "string" || !path.startsWith("/"))
    return [
      {
        field,
        value: path,
        wrong:
          "is not the absolute path of a database; LiteFS takes neither directories nor settings",
        fix: 'Write for example "/data/app.db".',
      },
    ];
  if (!PATH.test(path))
    return [
      {
        field,
        value: path,
        wrong:
          "is not the plain path of a file in a folder: letters, digits and . _ -, no part beginning with a dot",
        fix: 'Write for example "/data/app.db".',
      },
    ];
  const name = posix.basename(path);
  if (BESIDE.test(name))
    return [
      {
        field,
        value: path,
        wrong: "is the name of a file that belongs to another database",
        fix: "Write the path of the database itself.",
      },
    ];
  if (name !== NOTE.folder && name !== NOTE.file) return [];
  return [
    {
      field,
      value: path,
      wrong: "is what the note about the cluster is called in the replica",
      fix: "Give the database another name.",
    },
  ];
}

function meets(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}
