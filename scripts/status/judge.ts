import { milliseconds } from "../../src/kubernetes/duration";
import type { LitestreamFiles } from "../cluster/litestream-file";
import type { ReplicaEnd } from "./positions";
import type { DatabaseState } from "./state";

/** What was seen of one database. */
export interface Seen {
  readonly path: string;
  /** At the first look; undefined when Litestream doesn't know it. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** After the replica was listed; undefined when it wasn't asked again (`asksAgain`), or doesn't know it any more. */
  readonly live?: Readonly<Record<string, number>>;
  readonly version03: boolean;
  /** The app needn't have it. */
  readonly optional: boolean;
  /** How long Litestream has been running. */
  readonly startedSeconds: number;
  readonly syncInterval: number;
  readonly end: ReplicaEnd | { readonly unreachable: string };
  /** Seconds since the first look. */
  readonly waited: number;
}

/** An upload takes so long besides the sync interval. Seconds. */
const UPLOAD = 6;
/** Litestream has looked at every database by then. Seconds. */
const STARTING = 60;
/** Longer nobody wants to wait for a status. Seconds. */
const LONGEST = 30;

/** Of all the app's databases. Seconds. */
export function longestSyncInterval({ file }: Pick<LitestreamFiles, "file">): number {
  const intervals = file.dbs
    .flatMap(({ replica, replicas = [] }) => [...(replica ? [replica] : []), ...replicas])
    .map((one) => milliseconds(String(one["sync-interval"] ?? "1s")) ?? 1000);
  return Math.max(0, ...intervals) / 1000;
}

/** What the app has written should have arrived after so many seconds; 0: nobody waits that long. */
export function patience(syncInterval: number): number {
  const seconds = syncInterval + UPLOAD;
  return seconds > LONGEST ? 0 : seconds;
}

/**
 * Whether Litestream must say again where it is, once the replica is listed. What has arrived between the two looks isn't
 * the app's at the first, and 0.3 says itself how far it has uploaded.
 */
export function asksAgain({
  metrics = {},
  end,
  version03,
}: Omit<Seen, "live" | "waited">): boolean {
  if (version03) return true;
  return "transaction" in end && !!metrics.txid && (end.transaction ?? 0) > metrics.txid;
}

/** How a database is, by what was seen of it. */
export function judge(seen: Seen): DatabaseState {
  const { path, metrics = {}, end, version03 } = seen;
  const common = {
    path,
    ...(metrics.txid ? { transaction: metrics.txid } : {}),
    ...(metrics.sync_error_count ? { syncErrors: metrics.sync_error_count } : {}),
  };
  if ("unreachable" in end) return { ...common, state: "unreachable", reason: end.unreachable };
  const lastSync = end.at && { lastSync: end.at.toISOString() };
  if (version03) return { ...common, ...lastSync, ...judge03(seen) };
  if (!metrics.txid) return { ...common, ...lastSync, ...unsynced(seen, end) };
  const replicated = end.transaction ?? 0;
  if (replicated > metrics.txid)
    return { ...common, ...lastSync, replicated, ...beyond(seen, replicated) };
  const lag = metrics.txid - replicated;
  return { ...common, ...lastSync, replicated, lag, ...arrival(lag > 0, seen) };
}

/** The replica holds more than the app had written at the first look. Litestream counts what it uploads before it does. */
function beyond(
  { live = {} }: Seen,
  replicated: number,
): Pick<DatabaseState, "state" | "reason" | "lag"> {
  if (!live.txid)
    return { state: "unknown", reason: "Litestream was restarted meanwhile: look again" };
  if (replicated <= live.txid) return { state: "synced", lag: 0 };
  return {
    state: "ahead",
    reason: `the replica holds transaction ${replicated}, and the app is at ${live.txid} only: somebody else writes to it, or the volume is an old one`,
  };
}

function arrival(
  behind: boolean,
  { syncInterval, waited }: Seen,
): Pick<DatabaseState, "state" | "reason"> {
  if (!behind) return { state: "synced" };
  if (patience(syncInterval) > 0) return { state: "behind", reason: notArrived(waited) };
  return {
    state: "unknown",
    reason: `Litestream uploads every ${syncInterval} s only: look again later`,
  };
}

function notArrived(waited: number): string {
  return `what it had written ${Math.round(waited)} s ago isn't in the replica`;
}

/** Litestream has no position of it: it was only just started, or can't sync. */
function unsynced(
  { metrics = {}, optional, startedSeconds }: Seen,
  end: ReplicaEnd,
): Pick<DatabaseState, "state" | "reason" | "replicated"> {
  const replicated = end.transaction ? { replicated: end.transaction } : {};
  if (optional && !metrics.sync_error_count)
    return { state: "absent", ...replicated, reason: "the app doesn't have it" };
  return { ...replicated, ...never(startedSeconds) };
}

function never(startedSeconds: number): Pick<DatabaseState, "state" | "reason"> {
  return startedSeconds < STARTING
    ? { state: "unknown", reason: "Litestream has only just started" }
    : { state: "never", reason: "Litestream hasn't synced it since it started" };
}

/** 0.3 has no transactions: its own word is how far it has uploaded the WAL. */
function judge03(seen: Seen): Pick<DatabaseState, "state" | "reason" | "lag"> {
  const { metrics = {}, live = metrics, end, optional, startedSeconds } = seen;
  if (!metrics.db_size)
    return optional && !metrics.sync_error_count
      ? { state: "absent", reason: "the app doesn't have it" }
      : never(startedSeconds);
  if (live.replica_wal_index === undefined)
    return "at" in end && end.at
      ? {
          state: "unknown",
          reason:
            "Litestream 0.3 has uploaded nothing since it started, and counts no transactions",
        }
      : { state: "never", reason: "the replica holds nothing" };
  const at = [live.replica_wal_index, live.replica_wal_offset ?? 0] as const;
  const wanted = [metrics.shadow_wal_index ?? 0, metrics.shadow_wal_size ?? 0] as const;
  const there = at[0] > wanted[0] || (at[0] === wanted[0] && at[1] >= wanted[1]);
  return there ? { state: "synced", lag: 0 } : arrival(true, seen);
}
