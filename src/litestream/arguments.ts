import { literal } from "../terraform/expression";
import type { LitestreamAppConfig } from "./app-config";
import { type Directory, directoryFolder } from "./directory";
import { REPLICA_PLACE, RESTORE_FROM_PLACE } from "./folders";
import type { LitestreamAppProps } from "./props";
import type { Replica } from "./replica";
import { type RestorePoint, restoreTargets } from "./restore-point";

/** The databases, as replicate.sh and guard.sh take them. */
export function databaseArguments(config: LitestreamAppConfig): string[] {
  return [...singleArguments(config), ...config.directories.flatMap(directoryArguments)];
}

/** The databases, as restore.sh takes them. */
export function restoreArguments(
  { replica, restoreFrom, restoreTo }: LitestreamAppProps,
  config: LitestreamAppConfig,
): string[] {
  return [
    ...singleArguments(config),
    ...config.directories.flatMap((one, index) => [
      ...directoryArguments(one),
      String(index),
      literal(walkedFolder(replica, REPLICA_PLACE.mount, one)),
      literal(restoreFrom ? walkedFolder(restoreFrom, RESTORE_FROM_PLACE.mount, one) : ""),
    ]),
    ...(restoreTo ? restoreToArguments(restoreTo, config) : []),
  ];
}

function restoreToArguments(point: RestorePoint, config: LitestreamAppConfig): string[] {
  const { id, timestamp, transaction = "" } = point;
  return [
    "--to",
    literal(id),
    ...(timestamp === undefined
      ? ["-txid", literal(transaction)]
      : ["-timestamp", literal(timestamp)]),
    ...restoreTargets(point, config).map(literal),
  ];
}

/** The single databases, with what is to be said of each before it. */
export function singleArguments({ databases }: LitestreamAppConfig): string[] {
  return databases.flatMap(({ path, optional }) => [
    ...(optional ? ["--optional"] : []),
    literal(path),
  ]);
}

function directoryArguments({ dir, pattern, recursive = false }: Directory): string[] {
  return ["--directory", dir, literal(pattern), recursive ? "yes" : "no"];
}

/** Where a file replica keeps a directory; empty for others, which are listed before. */
function walkedFolder(replica: Replica, mount: string, one: Directory): string {
  if (replica.kind !== "file") return "";
  return [mount, replica.path, directoryFolder(one)].filter((part) => part !== undefined).join("/");
}
