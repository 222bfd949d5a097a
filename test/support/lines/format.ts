import type { Found } from "../lua";

/** Fields of a line besides time, level and text. */
export type Attributes = readonly (readonly [string, string | number])[];
/** What a line is found to tell of. */
export type Expected = Partial<Found>;
/** A container's line that tells of something. */
export type Telling = readonly [container: string, line: string, expected: Expected];

const TIME = "2026-01-01T00:00:00.123Z";

/** A line in Litestream's JSON. */
export const json = (level: string, msg: string, more: Attributes = []) =>
  `{${fieldsOf(level, msg, more)
    .map((pair) => pair.map((one) => JSON.stringify(one)).join(":"))
    .join(",")}}`;

/** The same in its text. */
export const text = (level: string, msg: string, more: Attributes = []) =>
  fieldsOf(level, msg, more)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(" ");

const fieldsOf = (level: string, msg: string, more: Attributes): Attributes => [
  ["time", TIME],
  ["level", level],
  ["msg", msg],
  ...more,
];

const quoted = (value: string | number) =>
  /^[^ ="]+$/.test(String(value)) ? value : JSON.stringify(value);

/** A line of rqlite with the time behind its module. */
export const timed = (line: string) => line.replace("] ", "] 2026/01/01 00:00:00 ");
