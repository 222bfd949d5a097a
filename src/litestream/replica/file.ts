import { type Problem, within } from "../../terraform/problem";
import { claimProblems, dnsNameProblems } from "../../kubernetes/storage";
import type { ReplicaSettings } from "../config";
import { replicaSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import { pathProblems, shown, trimmed } from "./fields";
import type { ReplicaType } from "./type";

export interface FileReplicaOptions extends ReplicaSettings {
  /** A claim of its own, made with the StatefulSet and kept when that goes. */
  readonly claim?: { readonly size: string; readonly storageClass?: string };
  /** Or the name of a claim made elsewhere, in the app's namespace. */
  readonly existingClaim?: string;
  /** The folder of this app in the volume. @default the volume's root */
  readonly path?: string;
}

export type FileReplica = { readonly kind: "file" } & FileReplicaOptions;

/** @see https://litestream.io/reference/config/#file-replica */
export const fileReplica: ReplicaType<FileReplica> = {
  problems({ kind: _, claim, existingClaim, path, ...settings }) {
    const found: Problem[] = path === undefined ? [] : pathProblems(path, "notes");
    if ((claim === undefined) === (existingClaim === undefined))
      found.push({
        field: "claim",
        wrong: claim === undefined ? "is missing" : "stands beside existingClaim",
        fix: 'Write either claim: { size: "10Gi" } or existingClaim: "name".',
      });
    else if (claim !== undefined) found.push(...within("claim", claimProblems(claim)));
    else found.push(...dnsNameProblems("existingClaim", existingClaim));
    return [...found, ...schemaProblems("", settings, replicaSettingsSchema)];
  },

  access: () => ({}),

  config({ kind: type, claim: _c, existingClaim: _e, path, ...settings }, { mount, folder }) {
    const parts = [mount, path, folder].filter((part) => part !== undefined);
    return { type, ...settings, path: parts.join("/") };
  },

  location: ({ existingClaim, path = "" }, folder, { cluster, claim }) => [
    "file",
    cluster,
    existingClaim ?? claim,
    trimmed(`${path}/${folder}`),
  ],

  text({ path, existingClaim }, claimName) {
    const folder = path === undefined ? "" : `, folder ${shown(path)}`;
    return `volume claim ${shown(existingClaim ?? claimName)}${folder}`;
  },
};
