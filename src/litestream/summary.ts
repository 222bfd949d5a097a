import type { Storage } from "../kubernetes/storage";
import { ingressUrl } from "../kubernetes/ingress";
import { VOLUME } from "../kubernetes/names";
import { isExpression } from "../terraform/expression";
import type { LitestreamAppConfig } from "./app-config";
import { claimName, volumeName } from "./names";
import type { LitestreamAppProps } from "./props";
import { replicaText } from "./replica";
import type { RestorePoint } from "./restore-point";

/** What a person wants to know of an app before deploying it: a heading and a text each. */
export function appSummary(
  name: string,
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): [string, string][] {
  const { storage, volumes = [], replica, restoreFrom, restoreTo, disposable = false } = props;
  const namespaceGoes = typeof props.namespace === "object" && props.namespace.disposable;
  const kept = namespaceGoes
    ? "kept until its disposable namespace goes"
    : "kept when the app is destroyed";
  const claims = disposable ? "deleted with the app" : kept;
  const text = (where: Storage, volume: string) =>
    storageText(where, claimName(name, volume), claims);
  const folders = [
    `everything else in ${shown(config.mountPath)} (uploads, the app's own backups)`,
    ...volumes.map(
      ({ mountPath, storage: where }) => `${mountPath}, on ${text(where, volumeName(mountPath))}`,
    ),
  ];
  const tenants = config.directories.map(
    ({ dir, pattern, recursive }) =>
      `${dir}/${pattern}${recursive ? " and in folders below it" : ""}`,
  );
  return [
    ["image", shown(props.image)],
    ...(props.ingress
      ? [["reached at", shown(ingressUrl(props.ingress))] as [string, string]]
      : []),
    ["databases", [...config.databases.map(({ path }) => shown(path)), ...tenants].join(", ")],
    ["lie on", text(storage, VOLUME.data)],
    ["backed up to", backupText(replicaText(replica, claimName(name, VOLUME.replica)), config)],
    ["not backed up", folders.join("; ")],
    ["no backup yet", noBackupText(config)],
    ...(restoreTo ? [["goes back", restoreToText(restoreTo)] as [string, string]] : []),
    ...(restoreFrom ? [["starts from", replicaText(restoreFrom, "")] as [string, string]] : []),
  ];
}

function storageText(storage: Storage, claim: string, claims: string): string {
  switch (storage.kind) {
    case "claim":
      return `volume claim ${claim} of ${shown(storage.size)}, ${claims}`;
    case "ephemeral":
      return `the node, gone with the pod; restored at every start; ${shown(storage.sizeLimit)} at most`;
    case "existingClaim":
      return `volume claim ${shown(storage.claimName)}, made elsewhere`;
  }
}

function backupText(replica: string, { litestream }: LitestreamAppConfig): string {
  const { interval = "", retention = "" } = litestream.snapshot ?? {};
  return `${replica}; a snapshot every ${shown(interval)}, kept for ${shown(retention)}`;
}

function restoreToText({ id, timestamp, transaction, databases }: RestorePoint): string {
  const point = timestamp ?? `transaction ${shown(transaction)}`;
  const which = databases === undefined ? "" : `, ${databases.map(shown).join(", ")}`;
  return `once, as ${shown(id)}, to ${shown(point)}${which}`;
}

function noBackupText({ whenNoBackup }: LitestreamAppConfig): string {
  if (isExpression(whenNoBackup)) return "(known at apply)";
  return whenNoBackup === "refuse"
    ? "the app doesn't start"
    : "the app starts with an empty database";
}

function shown(value: string | undefined): string {
  return isExpression(value) ? "(known at apply)" : (value ?? "");
}
