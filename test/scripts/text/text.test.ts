import { ago, ahead, span } from "../../../scripts/text/age";
import { countOption, secondsOption } from "../../../scripts/text/duration";
import { logLine, merged, readable, shortTime } from "../../../scripts/text/log-line";
import { table } from "../../../scripts/text/table";

test.each([
  [-5000, "0 s"],
  [999, "0 s"],
  [119_000, "119 s"],
  [120_000, "2 min"],
  [119 * 60_000, "119 min"],
  [2 * 3_600_000, "2 h"],
  [47 * 3_600_000, "47 h"],
  [48 * 3_600_000, "2 d"],
  [30 * 86_400_000, "30 d"],
])("%d ms are %s", (milliseconds, text) => expect(span(milliseconds)).toBe(text));

test("ages are of a time and now", () => {
  const now = new Date("2026-01-01T12:00:00Z");
  expect(ago(new Date("2026-01-01T11:55:00Z"), now)).toBe("5 min ago");
  expect(ago(new Date("2026-01-01T12:00:09Z"), now)).toBe("0 s ago");
  expect(ahead(new Date("2026-01-04T13:00:00Z"), now)).toBe("in 3 d");
});

test("a table's columns are as wide as they need, and no line ends with spaces", () => {
  const text = table(
    ["APP", "LAG", "NEXT"],
    [
      ["home/notes", "0", "in 3 d"],
      ["home/wiki", "12", ""],
    ],
    (cell, row, column) => (row === 1 && column === 0 ? `<${cell}>` : cell),
  );
  expect(text.split("\n")).toEqual([
    "APP          LAG   NEXT",
    "home/notes   0     in 3 d",
    "<home/wiki >   12",
  ]);
});

test.each([
  ["90s", 90],
  ["1h30m", 5400],
  ["1500ms", 2],
  [undefined, undefined],
])("--since %s", (value, seconds) => expect(secondsOption("--since", value)).toBe(seconds));

test.each(["", "5", "1 h", "-1s", "0", "10ms"])("--since %j isn't a duration", (value) =>
  expect(() => secondsOption("--since", value)).toThrow(
    `--since ${value} isn't a duration of a second or more. Write for example 90s, 10m or 1h30m.`,
  ),
);

test("--tail takes whole numbers", () => {
  expect(countOption("--tail", "10")).toBe(10);
  expect(countOption("--tail", undefined)).toBeUndefined();
  for (const value of ["", "-1", "1.5", "x"])
    expect(() => countOption("--tail", value)).toThrow(
      `--tail ${value} isn't a whole number. Write for example --tail 100.`,
    );
});

test.each([
  ["2026-01-01T00:00:00.5Z it says", { time: "2026-01-01T00:00:00.5Z", text: "it says" }],
  ["2026-01-01T00:00:00Z ", { time: "2026-01-01T00:00:00Z", text: "" }],
  ["2026-01-01T00:00:00Z", { time: "2026-01-01T00:00:00Z", text: "" }],
  ["without a time", { time: "", text: "without a time" }],
])("%j has the node's time first", (line, parts) =>
  expect(logLine("app", line)).toEqual({ container: "app", ...parts }),
);

test("lines are merged by time, to the nanosecond", () => {
  const lines = (container: string, ...times: string[]) =>
    times.map((time) => logLine(container, `2026-01-01T00:00:${time} ${time}`));
  const all = merged([
    lines("app", "05Z", "05.1Z", "05.1Z", "06Z"),
    lines("litestream-sidecar", "04.999Z", "05.05Z", "05.100000001Z"),
  ]);
  expect(all.map(({ text }) => text)).toEqual([
    "04.999Z",
    "05Z",
    "05.05Z",
    "05.1Z",
    "05.1Z",
    "05.100000001Z",
    "06Z",
  ]);
});

test.each([
  ["plain text", { text: "plain text" }],
  ['{"no":"message"}', { text: '{"no":"message"}' }],
  ["{broken", { text: "{broken" }],
  [
    '{"time":"2026-01-01T00:00:00Z","level":"ERROR","msg":"sync error","db":"/data/app.db","error":"no such host"}',
    { level: "ERROR", text: 'ERROR sync error db=/data/app.db error="no such host"' },
  ],
  // A second key "level" is a number, and all that a parser keeps.
  [
    '{"level":"WARN","msg":"compaction failed","level":1,"error":"x"}',
    { level: "WARN", text: "WARN  compaction failed error=x level=1" },
  ],
  [
    '{"level":"INFO","msg":"integrity of /a.db: ok","app":"notes","namespace":"home","db":"/a.db","step":"integrity","outcome":"ok"}',
    { level: "INFO", text: "INFO  integrity of /a.db: ok" },
  ],
  ['{"msg":"numbers","count":2,"txid":{"min":"1"}}', { text: 'numbers count=2 txid={"min":"1"}' }],
])("%s is readable", (line, said) => expect(readable(line)).toEqual(said));

test("times are short", () =>
  expect(shortTime("2026-01-01T12:34:56.789Z")).toBe("2026-01-01 12:34:56"));
