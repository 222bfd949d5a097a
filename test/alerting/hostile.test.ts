import { Alert } from "../../src";
import { token, url } from "../support/alerting";
import { json } from "../support/lines/format";
import { type Line, messages, NULL, runLua, type Told, told, withLua } from "../support/lua";

/** What no program should log. */
const HOSTILE: [name: string, text: string | Buffer][] = [
  ["every byte", Buffer.from([...Array(256).keys()])],
  [
    "invalid UTF-8",
    Buffer.from(
      ["c0af", "e08080", "eda080", "f0808080", "f4908080", "f8888080", "e282", "20", "c3"].join(""),
      "hex",
    ),
  ],
  ["valid UTF-8", "äöü € 🚨 \u202e \u2028"],
  ["NUL", "a\0b\0"],
  ["line breaks", "a\r\nb\nTitle: injected\r\n\r\nbody"],
  ["colours", "\u001b[31;1mred\u001b[0m"],
  ["mentions", "@everyone @here <!channel> <@U123> <at>x</at> @channel"],
  ["markdown", "**a** _b_ ~c~ `d` ||e|| [f](http://g) # h > i"],
  ["Lua patterns", "%d %s %% [[ ]] ^( $) %f[ %b() .- *+?"],
  ["braces", '}}}{{{"]],,}"level":"ERROR"}'],
  ["templates", "${HOME} %{if} $${} $(id) `id`"],
  ["quotes", '"\\"\'\\\\"'],
];
const LONG: [name: string, text: string][] = [
  ["letters", "a".repeat(1e6)],
  ["digits", "1".repeat(1e6)],
  ["blanks", `${" ".repeat(1e6)}x`],
  ["slashes", "/".repeat(1e6)],
  ["colons", "a: ".repeat(333_333)],
  ["quotes", '"msg":"'.repeat(142_857)],
  ["backslashes", "\\".repeat(1e6)],
  ["parts of a rule", "fuse snapshot failed to generate ".repeat(30_000)],
  ["characters of three bytes", "€".repeat(333_333)],
];

const EVERYONE = [
  Alert.webhook,
  Alert.slack,
  Alert.gotify,
  Alert.ntfy,
  Alert.discord,
  Alert.teams,
].map((receiver) => receiver({ url, token } as never));
const CONTAINERS = ["litestream-sidecar", "litefs", "rqlite", "backup-verification"];

/** Lines that tell of something hostile. */
function linesWith(value: string | Buffer): (string | Buffer)[] {
  const bytes = Buffer.from(value);
  const around = (before: string, after: string) =>
    Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]);
  return [
    bytes,
    around('{"level":"ERROR","msg":"', '","db":"a.db"}'),
    around('{"level":"ERROR","msg":"x","error":"', '"}'),
    around('{"level":"ERROR","msg":"x","app":"y","db":"', '"}'),
    JSON.stringify({
      ...{ level: "ERROR", msg: `${value.toString()}: x` },
      ...{ app: value.toString(), db: value.toString(), error: value.toString() },
    }),
    around("level=ERROR msg=", ""),
    around('level=ERROR msg="', '" db=x error=y'),
    around('level=INFO msg="fuse: ', ' error: y"'),
    around("Error: ", ""),
    around("ERROR: ", ""),
    around("[raft] 2026/01/01 00:00:00 [ERROR] ", ": x"),
    around("[store] 2026/01/01 00:00:00 failed to auto-restore ", ""),
  ];
}

/** What every message must be, whatever it tells of. */
function expectSound(all: Told[]) {
  for (const { tag, body, headers } of all) {
    expect(tag).toMatch(/^alert\.[a-z0-9-]+\.[0-9-]+$/);
    for (const value of Object.values(headers)) expect(value).toMatch(/^[ -~]+$/);
    const [, kind] = tag.split(".");
    expect(Buffer.byteLength(body)).toBeLessThan(kind === "ntfy" ? 4096 : 20_000);
    if (kind === "ntfy") continue;
    const sent = JSON.parse(body);
    if (kind === "discord") {
      expect(sent.content.length).toBeLessThanOrEqual(2000);
      expect(sent.allowed_mentions).toEqual({ parse: [] });
    }
  }
}

withLua("a hostile line", () => {
  const throttle = { burst: 100 };

  test.each(HOSTILE)("with %s gives sound messages", (_, value) => {
    const lines = CONTAINERS.flatMap((container) =>
      linesWith(value).map((log, index) => ({
        at: 60 * index,
        app: `app-${index}`,
        container,
        log,
      })),
    );
    const all = told(lines, { receivers: EVERYONE, throttle });
    expect(all.length).toBeGreaterThan(60);
    expectSound(all);
  });

  test.each(LONG)("of a megabyte of %s takes no time", (_, long) => {
    const lines = CONTAINERS.flatMap((container) =>
      linesWith("{long}").map((log, index) => ({
        at: 60 * index,
        app: `app-${index}`,
        container,
        log,
      })),
    );
    const all = told(lines, { receivers: EVERYONE, throttle, long, seconds: 0.2 });
    expect(all.length).toBeGreaterThan(60);
    expectSound(all);
  });

  test("with endless names takes no more memory than others", () => {
    const kilobytes = runLua(`
dofile(FOLDER .. "/alerts.lua")
local about = { pod_name = "p", namespace_name = "n", container_name = "litestream-sidecar" }
for number = 1, 1000 do
  local name = number .. ("x"):rep(100000)
  local parsed = { msg = name, db = name, error = name }
  about.labels = { app = name }
  alerts("", os.time(), { log = '{"level":"ERROR"}', parsed = parsed, kubernetes = about })
end
collectgarbage()
return collectgarbage("count")`);
    expect(kilobytes).toBeLessThan(64 * 1024);
  });

  const WRONG = {
    "a number": 7,
    "a flag": true,
    "a list": ["x"],
    "an object": { x: 1 },
    "an empty text": "",
    null: NULL,
  };
  const good = JSON.parse(json("ERROR", "monitor error", [["db", "a.db"]])) as object;
  const about = {
    pod_name: "notes-0",
    namespace_name: "apps",
    container_name: "litestream-sidecar",
    host: "node-1",
    labels: { "app.kubernetes.io/name": "notes" },
  };

  test.each(Object.entries(WRONG))("with %s wherever a text should be", (_, value) => {
    const log = JSON.stringify(good);
    const lines: Line[] = [
      { at: 0, log: value },
      { at: 0, log: value, parsed: good },
      { at: 0, log, parsed: value },
      { at: 0, log, kubernetes: value },
      ...["msg", "db", "error", "err", "app", "step", "level"].flatMap((name) =>
        ["litestream-sidecar", "backup-verification"].map((container) => {
          return { at: 0, container, log, parsed: { ...good, [name]: value } };
        }),
      ),
      ...Object.keys(about).map((name) => {
        return { at: 0, log, kubernetes: { ...about, [name]: value } };
      }),
      { at: 0, log, kubernetes: { ...about, labels: { "app.kubernetes.io/name": value } } },
    ];
    const spread = lines.map((line, index) => ({ ...line, at: 10 * index }));
    const all = told(spread, { receivers: EVERYONE, throttle });
    expect(all.length).toBeGreaterThan(100);
    expectSound(all);
  });

  test("without anything gives nothing", () => {
    const nothing = { at: 0, log: undefined, kubernetes: undefined, parsed: undefined };
    expect(messages([nothing, { ...nothing, kubernetes: {} }, { ...nothing, log: "" }])).toEqual(
      [],
    );
  });

  test("that can't be read is left out, and that is said", () => {
    const found = runLua(`
local said = ""
io.stderr = { write = function(_, text) said = said .. text end }
dofile(FOLDER .. "/alerts.lua")
local code, time, record = alerts(nil, 0, {})
return { code, time, record, said }`);
    expect(found).toEqual([
      ...[-1, 0, 0],
      expect.stringMatching(/^\[error\] \[alerts\] a line can't be read: .*\n$/),
    ]);
  });

  test("with colours is read without them", () => {
    expect(messages([{ at: 0, log: "Error: \u001b[31mgone\u001b[0m\u0007" }])).toMatchObject([
      { message: "Error: gone " },
    ]);
  });

  test("keeps every character there is", () => {
    const log = "Error: ~\u0080éߘࠀहக\ud7ff\ue000한\ufffd\u{10000}\u{40000}🚨\u{10ffff}";
    expect(messages([{ at: 0, log }])).toMatchObject([{ message: log }]);
  });

  test("says what it can of text that is no UTF-8", () => {
    const log = Buffer.concat([
      Buffer.from("Error: a"),
      Buffer.from([0xff, 0xc3]),
      Buffer.from("b€"),
    ]);
    expect(messages([{ at: 0, log }])).toMatchObject([{ message: "Error: a??b€" }]);
  });
});
