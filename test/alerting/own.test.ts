import { Alert } from "../../src";
import { url } from "../support/alerting";
import { type Line, type Message, OWN, type Told, told, withLua } from "../support/lua";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const own = (at: number, log: string, more: Partial<Line> = {}): Line => ({
  ...{ at, log, app: "alerts" },
  ...OWN,
  ...more,
});
/** What Fluent Bit 5.1.1 logs of a request. */
const says = (at: number, level: string, name: string, text: string, more?: Partial<Line>) =>
  own(at, `[2026/01/01 00:00:00.314] [${level.padStart(5)}] [output:http:${name}] ${text}`, more);
const taken = (at: number, name: string, status = 200, more?: Partial<Line>) =>
  says(at, "info", name, `127.0.0.1:8080, HTTP status=${status}`, more);
const refused = (at: number, name: string, status: number, more?: Partial<Line>) =>
  says(at, "error", name, `127.0.0.1:8080, HTTP status=${status}`, more);
const away = (at: number, name: string, more?: Partial<Line>) =>
  says(at, "error", name, "no upstream connections available to 127.0.0.1:8080", more);
const tick = (at: number, more?: Partial<Line>) =>
  own(at, '{"date":1767225600.310562,"msg":"tick"}', more);
const ticks = (from: number, to: number) =>
  [...Array(Math.floor((to - from) / MINUTE) + 1).keys()].map((n) => tick(from + n * MINUTE));

const receivers = [
  Alert.slack({ url }),
  Alert.webhook({ url }),
  Alert.webhook({ url, minimumLevel: "error" }),
];
const run = (lines: Line[], heartbeat?: string) => told(lines, { receivers, heartbeat });
const to = (all: Told[]) => all.map(({ tag }) => tag.split(".").slice(1, 2).join());
const hooks = (lines: Line[]) =>
  run(lines)
    .filter(({ tag }) => tag.startsWith("alert.webhook."))
    .map(({ at, body }) => ({ ...(JSON.parse(body) as Message), at }));
const beats = (lines: Line[], every = "5m") =>
  run(lines, every)
    .filter(({ tag }) => tag.startsWith("alert.heartbeat."))
    .map(({ at }) => at);

withLua("the heartbeat", () => {
  test("goes out with the first tick, and then as often as declared", () => {
    expect(beats(ticks(0, 20 * MINUTE))).toEqual([0, 300, 600, 900, 1200]);
    expect(beats(ticks(0, 5 * MINUTE), "1m")).toEqual([0, 60, 120, 180, 240, 300]);
    const [beat] = run([tick(0)], "5m");
    expect(beat).toMatchObject({
      body: "alerts are read and delivered\n",
      headers: { "Content-Type": "text/plain" },
    });
    expect(beat?.tag).toMatch(/^alert\.heartbeat\.[0-9-]+$/);
  });

  test("goes out nowhere where it isn't declared", () => {
    expect(run([tick(0)])).toEqual([]);
  });

  test("comes a little earlier rather than a minute later when a tick is early", () => {
    expect(beats([tick(0), tick(299), tick(600)])).toEqual([0, 299, 600]);
  });

  test("takes no tick that is older than two minutes: lines that come late don't show that others come", () => {
    expect(beats([tick(0, { read: 119 })])).toEqual([119]);
    expect(beats([tick(0, { read: 120 })])).toEqual([]);
  });

  test.each([
    ["a line of the app's", { log: '{"level":"INFO","msg":"tick"}' }],
    ["something told on stdout", { log: '{"date":1.0,"message":"\\"msg\\":\\"tick\\""}' }],
    ["what a receiver answers", { log: 'ok {"date":1.0,"msg":"tick"}' }],
    ["another pod's", { pod: "alerts-other" }],
    ["another namespace's", { namespace: "other" }],
    ["another container's", { container: "litestream-sidecar" }],
  ])("takes no other line for a tick: %s", (_, more) => {
    expect(beats([tick(0, more)])).toEqual([]);
  });

  test("goes on when the clock was set back", () => {
    expect(beats([tick(100_000), tick(0), ...ticks(MINUTE, 10 * MINUTE)])).toEqual([
      100_000, 0, 300, 600,
    ]);
  });

  test("stays away while a receiver fails, and comes again with the next tick after it takes something", () => {
    const lines = [
      ...ticks(0, 5 * MINUTE),
      away(310, "slack"),
      ...ticks(6 * MINUTE, 20 * MINUTE),
      taken(1210, "webhook"),
      tick(1220),
      taken(1230, "slack"),
      tick(1260),
    ];
    expect(beats(lines)).toEqual([0, 300, 1260]);
  });

  test("stays away after a message was lost until the receiver takes one, however long that is", () => {
    const lines = [refused(0, "slack", 404), ...ticks(MINUTE, 5 * HOUR)];
    expect(beats(lines)).toEqual([]);
    expect(beats([...lines, taken(5 * HOUR + 1, "slack"), tick(5 * HOUR + 2)])).toHaveLength(1);
  });

  test.each([
    [
      "is paused",
      "[2026/01/01 00:00:00.000] [ warn] [input] alerts paused (storage buf overlimit 512/512)",
    ],
    [
      "can't keep a message",
      "[2026/01/01 00:00:00.000] [error] [input chunk] could not create chunk file: 1-2.3.flb",
    ],
    ["can't write its storage", "[2026/01/01 00:00:00.000] [error] [storage] cannot create chunk"],
    ["can't read a line", "[error] [alerts] a line can't be read: x"],
  ])("stays away for an hour when Fluent Bit %s", (_, line) => {
    expect(beats([own(0, line), ...ticks(MINUTE, 62 * MINUTE)])).toEqual([HOUR]);
  });

  test("comes again when Fluent Bit goes on reading", () => {
    const paused =
      "[2026/01/01 00:00:00.000] [ warn] [input] alerts paused (storage buf overlimit 512/512)";
    const goes =
      "[2026/01/01 00:00:00.000] [ info] [input] alerts resume (storage buf overlimit 511/512)";
    expect(beats([own(0, paused), tick(1), own(2, goes), tick(3)])).toEqual([3]);
  });

  test.each([
    "[2026/01/01 00:00:00.000] [ info] [input] pausing logs",
    "[2026/01/01 00:00:00.000] [ warn] [input:tail:logs] file=/var/log/containers/a.log has a long line",
    "[2026/01/01 00:00:00.000] [ warn] [engine] failed to flush chunk '1-2.3.flb', retry in 9 seconds",
  ])("takes no harm by %s", (line) => {
    expect(beats([own(0, line), tick(1)])).toEqual([1]);
  });

  test("isn't kept back by itself", () => {
    expect(beats([away(0, "heartbeat"), tick(MINUTE), refused(70, "heartbeat", 404)])).toEqual([
      60,
    ]);
  });
});

withLua("a receiver", () => {
  test.each([400, 401, 403, 404, 410, 413])(
    "that refuses a message with %d is told of at once, to the others",
    (status) => {
      const all = run([refused(5, "slack", status)]);
      expect(to(all)).toEqual(["webhook", "webhook-2"]);
      expect(JSON.parse(all[0]?.body ?? "")).toMatchObject({
        level: "error",
        problem: "slack takes no alerts",
        message: `the receiver slack refused a message: HTTP ${status}`,
        app: "alerts",
        namespace: "log-alerts",
        database: "",
        logs: "kubectl -n log-alerts logs alerts-x2x -c log-alerts --since=1h",
      });
    },
  );

  test("that is the second of its kind is known by its own name", () => {
    expect(to(run([refused(5, "webhook-2", 400)]))).toEqual(["slack", "webhook"]);
  });

  /** What Fluent Bit 5.1.1 says when it will try again. */
  const LATER: [what: string, text: string, why: string][] = [
    ["is busy", "127.0.0.1:8080, HTTP status=408", "HTTP 408"],
    ["is asked too often", "127.0.0.1:8080, HTTP status=429", "HTTP 429"],
    ["moved", "127.0.0.1:8080, HTTP status=302", "HTTP 302"],
    ["is broken", "127.0.0.1:8080, HTTP status=500", "HTTP 500"],
    ["is being restarted", "example.com:443, HTTP status=503", "HTTP 503"],
    ["is not there", "no upstream connections available to 127.0.0.1:1", "no connection"],
    ["has no address", "no upstream connections available to nowhere.invalid:80", "no connection"],
    ["hangs up", "could not flush records to 127.0.0.1:8080 (http_do=-1)", "no connection"],
  ];

  test.each(LATER)("that %s is told of after 5 minutes", (_, text, why) => {
    const fails = [0, 10, 100, 299].map((at) => says(at, "error", "slack", text));
    expect(run(fails)).toEqual([]);
    const all = run([...fails, says(300, "error", "slack", text)]);
    expect(to(all)).toEqual(["webhook", "webhook-2"]);
    expect(JSON.parse(all[0]?.body ?? "").message).toBe(
      `the receiver slack can't be reached: ${why}`,
    );
  });

  test("that takes something in between has its 5 minutes anew", () => {
    const lines = [away(0, "slack"), taken(250, "slack"), away(260, "slack"), away(550, "slack")];
    expect(hooks(lines)).toEqual([]);
    expect(hooks([...lines, away(560, "slack")])).toHaveLength(1);
  });

  test.each([200, 201, 202, 203, 204, 205])("takes it with %d", (status) => {
    const lines = [refused(0, "slack", 400), taken(5, "slack", status)];
    expect(hooks(lines)).toMatchObject([
      { level: "error" },
      {
        level: "recovery",
        problem: "slack takes alerts again",
        message: "the receiver slack can be reached again",
      },
    ]);
  });

  test("hears neither of its own failure nor of its return", () => {
    const all = run([refused(0, "slack", 400), taken(5, "slack")]);
    expect(to(all)).toEqual(["webhook", "webhook-2", "webhook", "webhook-2"]);
  });

  test("doesn't take it with what Fluent Bit sends again", () => {
    const lines = [refused(0, "slack", 206), refused(300, "slack", 206)];
    expect(hooks(lines)).toMatchObject([
      { message: "the receiver slack can't be reached: HTTP 206" },
    ]);
  });

  test("that was away for a moment is no news when it is back", () => {
    expect(run([away(0, "slack"), taken(5, "slack"), taken(6, "slack")])).toEqual([]);
  });

  test("is told of as often as any problem", () => {
    const all = hooks([refused(0, "slack", 404, { times: 1000 })]);
    expect(all.map(({ at }) => at)).toEqual([0, 1, 2, 902]);
    expect(all[3]?.leftOut).toBe(899);
  });

  test("isn't told of by lines that are two minutes old", () => {
    expect(run([refused(0, "slack", 404, { read: 120 })])).toEqual([]);
    expect(run([refused(0, "slack", 404, { read: 119 })])).toHaveLength(2);
  });

  test("isn't told of when it is the heartbeat's", () => {
    expect(
      run([refused(0, "heartbeat", 404), away(0, "heartbeat"), away(600, "heartbeat")]),
    ).toEqual([]);
  });

  test.each([
    ["it starts", "info", "worker #0 started"],
    [
      "a chunk is given up",
      "warn",
      "could not flush records to 127.0.0.1:1 (http_do=0), chunk will not be retried",
    ],
  ])("isn't told of when %s", (_, level, text) => {
    expect(run([says(0, level, "slack", text), says(600, level, "slack", text)])).toEqual([]);
  });

  test("isn't told of by anything but the beginning of a line of Fluent Bit's own", () => {
    const line = "[2026/01/01 00:00:00.314] [error] [output:http:slack] a:1, HTTP status=400";
    expect(run([own(0, `{"date":1.0,"message":"${line}"}`)])).toEqual([]);
    expect(run([own(0, `answer ${line}`)])).toEqual([]);
    expect(run([own(0, line)])).toHaveLength(2);
  });
});

withLua("the log of another pod of alerts", () => {
  const LOG = [
    "[2026/01/01 00:00:00.314] [error] [output:http:slack] 127.0.0.1:1, HTTP status=400",
    '{"date":1.0,"level":"error","problem":"monitor error","msg":"monitor error"}',
    '{"level":"ERROR","msg":"monitor error"}',
    "panic: runtime error",
  ];
  const others: [string, Partial<Line>][] = [
    ["on another node", { pod: "alerts-other" }],
    ["of the same name elsewhere", { namespace: "other" }],
  ];

  test.each(others)("%s is its own to tell of", (_, more) => {
    expect(run(LOG.map((log) => own(0, log, more)))).toEqual([]);
  });

  test("is no news where it is one's own, either", () => {
    expect(run(LOG.slice(1).map((log) => own(0, log)))).toEqual([]);
  });
});
