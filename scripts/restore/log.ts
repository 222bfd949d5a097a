import { levelOf } from "../text/log-line";

/** What restore-now.sh says of a database that it has restored. */
export interface Restored {
  readonly database: string;
  /** The transaction whose state it is. */
  readonly state: string;
  /** The transaction that it is now. */
  readonly now: string;
  /** The transaction that the present state was; undefined when it isn't in the replica. */
  readonly before?: string;
  /** The file that was there before; undefined where nothing can be kept. */
  readonly kept?: string;
}

export type LogLine =
  | { readonly kind: "restored"; readonly restored: Restored }
  | {
      readonly kind: "said";
      readonly level: string;
      readonly text: string;
      readonly database: string;
    }
  /** Of Litestream, when it isn't worth a person's attention. */
  | { readonly kind: "detail" };

/** A line of the pod's log. */
export function readLine(line: string): LogLine {
  const fields = object(line);
  // Litestream's last words are plain text.
  if (!fields)
    return line.trim() === ""
      ? { kind: "detail" }
      : { kind: "said", level: "ERROR", text: line.trim().replace(/^Error: /, ""), database: "" };
  const { msg = "", db = "", state, now, before, kept, error } = fields;
  const level = levelOf(line) ?? "INFO";
  if (msg === "restored" && state !== undefined && now !== undefined)
    return {
      kind: "restored",
      restored: { database: db, state, now, before: before || undefined, kept: kept || undefined },
    };
  if ("system" in fields || !("db" in fields) || !/^(\/|$)/.test(db))
    return /^(WARN|ERROR)$/.test(level)
      ? { kind: "said", level, text: error ? `${msg}: ${error}` : msg, database: db }
      : { kind: "detail" };
  return { kind: "said", level, text: msg, database: db };
}

function object(line: string): Record<string, string> | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === "object" && value !== null
      ? (value as Record<string, string>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** How a line is shown; undefined when it isn't. */
export function shown(line: LogLine): string | undefined {
  if (line.kind !== "said") return undefined;
  const { level, text, database } = line;
  const mark = level === "INFO" ? "" : level === "WARN" ? "note: " : "error: ";
  return `  ${mark}${database === "" ? "" : `${database}: `}${text}`;
}
