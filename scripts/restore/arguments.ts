import { isTime } from "../../src/litestream/time";
import { UsageFailure } from "../cluster/failure";
import { secondsOption } from "../text/duration";

/** An hour. */
const TIMEOUT_SECONDS = 3600;

export const USAGE = `Takes the databases of an app back to an older state, kept in its replica: stops the app, keeps the present state,
restores, proves that the replica gives back the same, and starts the app. When anything fails the old state stays.

usage: npm run restore -- <app> [--timestamp TIME | --txid TRANSACTION] [options]

  <app>              name of the app, or namespace/name
  --timestamp TIME   the last state before this time, with its zone: 2026-01-31T12:00:00Z
  --txid HEX         the state after this transaction, as "litestream ltx" lists it; for one database
                     neither: the newest state in the replica, for a database that is damaged on its volume
  --database PATH    this database only; may be repeated. Needed for each file of a directory
  --yes              doesn't ask
  --timeout TIME     undoes everything when the restore takes longer (default 1h)
  --image IMAGE      restores with this image instead of the app's Litestream; it needs sh and sqlite3
  --resume           carries on with a restore whose program was killed: waits for its end, starts the app`;

export const OPTIONS = {
  timestamp: { type: "string" },
  txid: { type: "string" },
  database: { type: "string", multiple: true },
  yes: { type: "boolean", short: "y" },
  timeout: { type: "string" },
  image: { type: "string" },
  resume: { type: "boolean" },
} as const;

/** The state to go back to, as restore-now.sh takes it. */
export interface Target {
  readonly flag: "-timestamp" | "-txid" | "newest";
  readonly value: string;
}

export interface Request {
  readonly target: Target;
  /** Empty: all. */
  readonly databases: readonly string[];
  readonly yes: boolean;
  readonly timeoutSeconds: number;
  readonly image: string | undefined;
  readonly resume: boolean;
}

interface Values {
  readonly timestamp?: string;
  readonly txid?: string;
  readonly database?: string[];
  readonly yes?: boolean;
  readonly timeout?: string;
  readonly image?: string;
  readonly resume?: boolean;
}

/**
 * What a person asks for.
 *
 * @throws UsageFailure for what can't be meant, before anything is asked of a cluster.
 */
export function request(values: Values, now: Date): Request {
  const { timestamp, txid, database = [], yes = false, timeout, image, resume } = values;
  if (timestamp !== undefined && txid !== undefined)
    throw new UsageFailure("Write --timestamp or --txid, not both.");
  if (resume && (timestamp ?? txid ?? image ?? database[0]) !== undefined)
    throw new UsageFailure("--resume carries on with what was begun, and takes no other state.");
  if (timestamp !== undefined) checkTime(timestamp, now);
  // Litestream takes 0 for none, and gives the newest state.
  if (txid !== undefined && (!/^[0-9a-f]{1,16}$/i.test(txid) || /^0+$/.test(txid)))
    throw new UsageFailure(
      `--txid ${txid} is not a transaction: write its digits as "litestream ltx" lists them, for example 00000000000000ff.`,
    );
  return {
    target: target(timestamp, txid),
    databases: [...new Set(database)],
    yes,
    timeoutSeconds: secondsOption("--timeout", timeout) ?? TIMEOUT_SECONDS,
    image,
    resume: resume ?? false,
  };
}

function target(timestamp?: string, txid?: string): Target {
  if (timestamp !== undefined) return { flag: "-timestamp", value: timestamp };
  if (txid !== undefined) return { flag: "-txid", value: txid.toLowerCase().padStart(16, "0") };
  return { flag: "newest", value: "" };
}

/** Litestream takes a time in the future, and gives the newest state. */
function checkTime(text: string, now: Date): void {
  const zoneless = isTime(`${text}Z`);
  if (!zoneless && !isTime(text))
    throw new UsageFailure(
      `--timestamp ${text} is not a time: write it as RFC 3339, for example 2026-01-31T12:00:00Z.`,
    );
  if (zoneless)
    throw new UsageFailure(
      `--timestamp ${text} has no time zone: write ${text}Z for UTC, or the zone's offset, for example ${text}+01:00.`,
    );
  if (Date.parse(text) > now.getTime())
    throw new UsageFailure(`--timestamp ${text} is in the future: it is ${now.toISOString()} now.`);
}
