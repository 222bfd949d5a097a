import type { Problem } from "../terraform/problem";
import { isExpression } from "../terraform/expression";

/**
 * Names that more than one room relies on: the alert pipeline finds containers by name, a
 * verification finds ports and volumes by name.
 */
export const CONTAINER = {
  app: "app",
  litestream: "litestream-sidecar",
  restore: "litestream-restore-snapshot",
  list: "litestream-list-databases",
  listRestoreFrom: "litestream-list-restore-from",
  follower: "litestream-follower",
  fetch: "backup-verification-fetch",
  proof: "backup-verification",
  report: "backup-verification-report",
  endpoints: "log-alerts-endpoints",
  alerts: "log-alerts",
  litefs: "litefs",
  litefsBackup: "litefs-backup",
  router: "litefs-router",
  rqlite: "rqlite",
  rqlitePrepare: "rqlite-prepare",
  rqliteRemove: "rqlite-remove",
} as const;

export const PORT = { app: "http", metrics: "metrics" } as const;

export const VOLUME = { data: "data", replica: "replica", restoreFrom: "restore-from" } as const;

export const ANNOTATION = {
  configChecksum: "cdktf-sqlite/config-checksum",
  filesChecksum: "cdktf-sqlite/files-checksum",
  secretRevision: "cdktf-sqlite/secret-revision",
} as const;

export const LABEL = {
  name: "app.kubernetes.io/name",
  component: "app.kubernetes.io/component",
  partOf: "app.kubernetes.io/part-of",
  managedBy: "app.kubernetes.io/managed-by",
} as const;

export const MANAGED_BY = "cdktf-sqlite";

export const COMPONENT = { verification: "backup-verification" } as const;

/** The labels of everything that belongs to one app; `selector` is the part that never changes. */
export function labels(name: string): Record<string, string> {
  return { ...selector(name), [LABEL.managedBy]: MANAGED_BY };
}

/** The label of what has a name of its own and yet belongs to an app. */
export function partOf(app: string): Record<string, string> {
  return { [LABEL.partOf]: app };
}

/**
 * The labels by which Services and the StatefulSet find an app's pods.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function selector(name: string): Record<string, string> {
  return { [LABEL.name]: name };
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Problems of a name that becomes a DNS label (a StatefulSet, a Service, a namespace).
 *
 * @param longest 63 for a label; 52 for a StatefulSet, whose pods carry `<name>-<10 characters>`.
 */
export function dnsLabelProblems(field: string, value: unknown, longest = 63): Problem[] {
  if (isExpression(value)) return [];
  if (typeof value === "string" && DNS_LABEL.test(value) && value.length <= longest) return [];
  return [
    {
      field,
      value,
      wrong: "is not a DNS label",
      fix: `Write at most ${longest} lower-case letters, digits and "-", beginning and ending with a letter or digit${suggestion(value, longest)}.`,
    },
  ];
}

function suggestion(value: unknown, longest: number): string {
  if (typeof value !== "string") return "";
  const label = slug(value).slice(0, longest).replace(/-+$/, "");
  return DNS_LABEL.test(label) ? `, for example "${label}"` : "";
}

/** Text as a DNS label: "/pb_data/storage" becomes "pb-data-storage". */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
