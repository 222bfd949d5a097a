import { type Problem, within } from "../terraform/problem";
import { isExpression } from "../terraform/expression";
import { dnsLabelProblems } from "./names";
import { quantity, sizeProblems } from "./quantity";

interface ClaimOptions {
  /** How much to ask for, for example "10Gi". */
  readonly size: string;
  /** @default the cluster's default class */
  readonly storageClass?: string;
  /**
   * `ReadWriteOncePod` keeps a second pod out even on the same node; take `ReadWriteOnce` only where
   * the storage driver doesn't know the former.
   *
   * @default "ReadWriteOncePod"; "ReadWriteOnce" for a replica, which a verification reads meanwhile
   * @see https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
   */
  readonly accessMode?: "ReadWriteOncePod" | "ReadWriteOnce";
}

/** A claim that the StatefulSet makes for its pod, and that outlives both. */
export interface ClaimStorage extends ClaimOptions {
  readonly kind: "claim";
}

/** A folder of the node that goes with the pod (emptyDir). */
export interface EphemeralStorage {
  readonly kind: "ephemeral";
  /**
   * At most so much may lie in it, of everything: the database, its WAL (as large as the largest
   * burst of writes), Litestream's own files (about the size of what was written since the last
   * sync) and the app's files. One byte more and Kubernetes evicts the pod within seconds,
   * **without** its grace period: the last writes are then lost.
   */
  readonly sizeLimit: string;
  /** How large the databases together may become; a third of `sizeLimit` at most. */
  readonly expectedDatabaseSize: string;
}

/** A claim made elsewhere, in the app's namespace. */
export interface ExistingClaimStorage {
  readonly kind: "existingClaim";
  readonly claimName: string;
}

/** Where a folder of an app lies. */
export type Storage = ClaimStorage | EphemeralStorage | ExistingClaimStorage;

export const Storage = {
  /** A claim of its own. It is kept when the app is destroyed, unless the app is `disposable`. */
  claim: (options: ClaimOptions): ClaimStorage => ({ kind: "claim", ...options }),
  /** A folder of the node: fast, and gone with the pod. Everything is restored at every start. */
  ephemeral: (options: Omit<EphemeralStorage, "kind">): EphemeralStorage => ({
    kind: "ephemeral",
    ...options,
  }),
  /** A claim made elsewhere. It is never deleted from here. */
  existingClaim: (claimName: string): ExistingClaimStorage => ({
    kind: "existingClaim",
    claimName,
  }),
};

/** How much may lie on it; undefined of a claim made elsewhere. */
export function storageSize(storage: Storage): string | undefined {
  switch (storage.kind) {
    case "claim":
      return storage.size;
    case "ephemeral":
      return storage.sizeLimit;
    case "existingClaim":
      return undefined;
  }
}

/** Problems of a storage that stands at `field` of the props. */
export function storageProblems(field: string, storage: Storage): Problem[] {
  switch (storage?.kind) {
    case "claim":
      return within(field, claimProblems(storage));
    case "ephemeral":
      return within(field, ephemeralProblems(storage));
    case "existingClaim":
      return within(field, dnsNameProblems("claimName", storage.claimName));
    default:
      return [
        {
          field,
          value: storage,
          wrong: "is not a storage",
          fix: 'Write Storage.claim({ size: "10Gi" }), Storage.ephemeral({…}) or Storage.existingClaim("name").',
        },
      ];
  }
}

/** Problems of what a claim asks for. */
export function claimProblems({ size, accessMode }: ClaimOptions): Problem[] {
  const found = sizeProblems("size", size);
  const modes = ["ReadWriteOncePod", "ReadWriteOnce"];
  if (accessMode !== undefined && !isExpression(accessMode) && !modes.includes(accessMode))
    found.push({
      field: "accessMode",
      value: accessMode,
      wrong: "lets more than one node write, and SQLite's locks don't work there",
      fix: 'Write "ReadWriteOncePod", or "ReadWriteOnce" where the storage driver lacks it.',
    });
  return found;
}

function ephemeralProblems({ sizeLimit, expectedDatabaseSize }: EphemeralStorage): Problem[] {
  const found = [
    ...sizeProblems("sizeLimit", sizeLimit),
    ...sizeProblems("expectedDatabaseSize", expectedDatabaseSize),
  ];
  if (found.length > 0 || isExpression(sizeLimit) || isExpression(expectedDatabaseSize))
    return found;
  const limit = quantity(sizeLimit) ?? 0;
  const expected = quantity(expectedDatabaseSize) ?? 0;
  if (limit >= 3 * expected) return [];
  return [
    {
      field: "sizeLimit",
      value: sizeLimit,
      wrong: `is less than three times expectedDatabaseSize ${JSON.stringify(expectedDatabaseSize)}; database, WAL, Litestream's and the app's files share it, and going over it kills the pod without its last sync`,
      fix: `Write at least "${Math.ceil((3 * expected) / 2 ** 20)}Mi".`,
    },
  ];
}

/** Problems of the name of a claim or a Secret: DNS labels joined by dots. */
export function dnsNameProblems(field: string, value: unknown): Problem[] {
  if (typeof value === "string" && !isExpression(value) && value.length <= 253) {
    if (value.split(".").every((part) => dnsLabelProblems(field, part, 253).length === 0))
      return [];
  }
  return dnsLabelProblems(field, value, 253);
}
