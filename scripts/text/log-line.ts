/** A line of a container's log with the node's time before it, as `timestamps` asks for. */
export interface LogLine {
  /** ISO 8601 in UTC, with nanoseconds; empty where there is none. */
  readonly time: string;
  readonly container: string;
  readonly text: string;
}

export function logLine(container: string, line: string): LogLine {
  const [, time, text] = /^(\d{4}-\d\d-\d\dT\S+) (.*)$/s.exec(line) ?? [];
  // A line without text has nothing but the time.
  if (time === undefined || text === undefined)
    return /^\d{4}-\d\d-\d\dT\S+$/.test(line)
      ? { time: line, container, text: "" }
      : { time: "", container, text: line };
  return { time, container, text };
}

/** All lines by their time; those of one container stay in their order. */
export function merged(logs: readonly (readonly LogLine[])[]): LogLine[] {
  // The node cuts trailing zeros off: with its "Z", "…05Z" would come after "…05.1Z".
  const key = ({ time }: LogLine) => time.replace(/Z$/, "");
  return logs
    .flat()
    .map((line) => ({ line, at: key(line) }))
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
    .map(({ line }) => line);
}

/** What a line of JSON says, for a person; any other is left as it is. */
export function readable(text: string): { readonly level?: string; readonly text: string } {
  const fields = jsonObject(text);
  if (typeof fields?.msg !== "string") return { text };
  const level = levelOf(text);
  const { time: _, level: again, msg, ...rest } = fields;
  const more = typeof again === "number" ? { ...rest, level: again } : rest;
  const told = Object.entries(more)
    .filter(([name, value]) => !LEFT_OUT.includes(name) && value !== "" && value !== null)
    .filter(([, value]) => typeof value !== "string" || !String(msg).includes(value))
    .map(([name, value]) => `${name}=${word(value)}`);
  return { level, text: [...(level ? [level.padEnd(5)] : []), msg, ...told].join(" ") };
}

/** Litestream writes some lines with a second key "level", a number, and JSON.parse keeps the last. */
export function levelOf(json: string): string | undefined {
  return /"level":"([A-Z]+)"/.exec(json)?.[1];
}

/** Whose log it is, is known; a proof's message repeats these. */
const LEFT_OUT = ["app", "namespace", "step", "outcome", "version"];

function jsonObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function word(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return /[\s"]/.test(value) ? JSON.stringify(value) : value;
}

/** "2026-11-21 21:05:32" in UTC. */
export function shortTime(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}
