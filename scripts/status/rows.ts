import { title } from "../cluster/apps";
import { ago, ahead } from "../text/age";
import type { AppState, DatabaseState, VerificationState } from "./state";

export const HEADINGS = [
  "APP",
  "READY",
  "LAST SYNC",
  "LAG",
  "RESTARTS",
  "VERIFIED",
  "OUTCOME",
  "NEXT",
];

/** What there can't be, and what nobody knows. */
const NONE = "-";
const UNKNOWN = "?";

/** The row of an app: of several databases and verifications, the worst. */
export function row(app: AppState, now: Date): string[] {
  const { pods, replication, kind } = app;
  return [
    title(app),
    readiness(app),
    ...(kind === "readers"
      ? [NONE, NONE]
      : replicationCells(worst(replication?.databases ?? []), now)),
    String(pods.restarts),
    ...(kind === "readers" ? [NONE, "readers", NONE] : verificationCells(app.verifications, now)),
  ];
}

function readiness({ kind, pods }: AppState): string {
  if (kind === "readers") return `${pods.ready}/${pods.wanted}`;
  if (pods.wanted === 0) return "stopped";
  return pods.ready >= pods.wanted ? "yes" : "no";
}

const SEVERITY: readonly DatabaseState["state"][] = [
  "absent",
  "synced",
  "unknown",
  "behind",
  "ahead",
  "never",
  "unreachable",
];

/** Of those that are as bad, the one with the greatest lag; of these, the one that was synced last. */
export function worst(databases: readonly DatabaseState[]): DatabaseState | undefined {
  const rank = ({ state, lag = 0, lastSync = "" }: DatabaseState) =>
    [SEVERITY.indexOf(state), lag, lastSync] as const;
  return [...databases].sort((one, other) => {
    const [a, b] = [rank(one), rank(other)];
    return b[0] - a[0] || b[1] - a[1] || b[2].localeCompare(a[2]);
  })[0];
}

/** Last sync and lag. */
export function replicationCells(database: DatabaseState | undefined, now: Date): string[] {
  if (!database) return [UNKNOWN, UNKNOWN];
  const { state, lag, lastSync } = database;
  const synced = lastSync === undefined ? UNKNOWN : ago(new Date(lastSync), now);
  if (state === "unreachable") return ["unreachable", UNKNOWN];
  if (state === "never" || state === "absent")
    return [lastSync === undefined ? "never" : synced, NONE];
  return [synced, lag === undefined ? UNKNOWN : String(lag)];
}

/** When, how it ended, and when next: the one that failed, or was made last. */
export function verificationCells(all: readonly VerificationState[], now: Date): string[] {
  const one = worstVerification(all);
  if (!one) return [NONE, "none", NONE];
  const { outcome, at, running, suspended, missed } = one;
  const next = all
    .flatMap((each) => (each.next === undefined ? [] : [each.next]))
    .sort()
    .at(0);
  return [
    outcome === "unknown" ? UNKNOWN : at === undefined ? "never" : ago(new Date(at), now),
    running ? "running" : missed ? "overdue" : outcome === "never" ? NONE : outcome,
    suspended ? "suspended" : next === undefined ? UNKNOWN : ahead(new Date(next), now),
  ];
}

function worstVerification(all: readonly VerificationState[]): VerificationState | undefined {
  const rank = ({ outcome, missed }: VerificationState) =>
    outcome === "failed" ? 3 : outcome === "unknown" ? 2 : missed === undefined ? 0 : 1;
  return [...all].sort(
    (one, other) => rank(other) - rank(one) || (other.at ?? "").localeCompare(one.at ?? ""),
  )[0];
}

export const DATABASE_HEADINGS = ["DATABASE", "STATE", "LAST SYNC", "LAG", "APP AT", "REPLICA AT"];

/** The rows of each database of an app, for `--databases`. */
export function databaseRows(app: AppState, now: Date): string[][] {
  return (app.replication?.databases ?? []).map((database) => [
    `${title(app)} ${database.path}`,
    database.state,
    ...replicationCells(database, now),
    database.transaction === undefined ? UNKNOWN : String(database.transaction),
    database.replicated === undefined ? UNKNOWN : String(database.replicated),
  ]);
}

/** What isn't wrong, and yet should be known. */
export function notes(app: AppState): string[] {
  const { replication, verifications } = app;
  const asked = replication?.databases.length ?? 0;
  return [
    ...(replication?.notAsked
      ? [
          `${title(app)}: ${asked} of ${asked + replication.notAsked} databases were asked for, those that have written most; all of them: --databases`,
        ]
      : []),
    ...(replication?.databases ?? [])
      .filter(({ state, reason }) => state === "unknown" && reason !== undefined)
      .map(({ path, reason }) => `${title(app)}: ${path}: ${reason}`),
    ...verifications
      .filter(({ suspended }) => suspended)
      .map(({ name }) => `${title(app)}: ${name} is suspended`),
  ];
}
