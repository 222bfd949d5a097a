import { type Line, messages, runLua, withLua } from "../support/lua";

const HOUR = 3600;
const DAY = 24 * HOUR;

const error = (database: string, msg = "monitor error") =>
  JSON.stringify({ level: "ERROR", msg, db: database, error: "gone" });
const recovered = (database: string, msg = "replica sync recovered") =>
  JSON.stringify({ level: "INFO", msg, db: database });
/** What goes on for so long. */
const lasting = (seconds: number, more: Partial<Line> = {}): Line => ({
  at: 0,
  log: error("a.db"),
  times: seconds,
  ...more,
});
/** A pod's line by which the filter knows the time. */
const tick = (at: number): Line => ({
  at,
  pod: "alerts-x2x",
  namespace: "log-alerts",
  container: "log-alerts",
  log: '{"date":1767225600.5,"msg":"tick"}',
});
const times = (lines: Line[]) => messages(lines).map(({ at }) => at);
const counted = (lines: Line[]) =>
  messages(lines).reduce((sum, { leftOut }) => sum + 1 + leftOut, 0);

withLua("one problem", () => {
  const WINDOWS = [0, 1, 2, 902, 2702, 6302];

  test("that lasts is told 6 times in 2 hours and 12 times in a day", () => {
    expect(times([lasting(2 * HOUR)])).toEqual(WINDOWS);
    const day = messages([lasting(DAY)]);
    expect(day.map(({ at }) => at)).toEqual([
      ...WINDOWS,
      ...[13502, 27902, 42302, 56702, 71102, 85502],
    ]);
    expect(day.map(({ leftOut }) => leftOut)).toEqual([
      ...[0, 0, 0, 899, 1799, 3599],
      ...[7199, 14399, 14399, 14399, 14399, 14399],
    ]);
    expect(new Set(day.map(({ since }) => since))).toEqual(new Set(["2026-01-01T00:00:00Z"]));
  });

  test("that ends is counted to its last line, when its window does", () => {
    const lines = [
      lasting(1000, { log: error("a.db", "monitor error: {n}") }),
      ...[1000, 2700, 2760].map(tick),
    ];
    const found = messages(lines);
    expect(found.map(({ at, leftOut }) => [at, leftOut])).toEqual([
      ...[0, 1, 2].map((at) => [at, 0]),
      [902, 899],
      [2760, 96],
    ]);
    // It is the line that was last, and not one of the moment when it is told.
    expect(found.at(-1)).toMatchObject({
      message: "monitor error: 999: gone",
      time: "2026-01-01T00:16:39Z",
      since: "2026-01-01T00:00:00Z",
    });
    expect(counted(lines)).toBe(1000);
  });

  test("of 1,000 lines a second is told 3 times in the first minute", () => {
    const lines = [lasting(60_000, { every: 0.001 })];
    expect(times(lines)).toEqual([0, 0, 0]);
    expect(counted([...lines, tick(900), tick(901)])).toBe(60_000);
  });

  test("begins anew when it was quiet for the longest window", () => {
    const first = [lasting(3), { at: 4, log: error("a.db") }];
    const after = (at: number) => [0, 1, 2].map((more) => ({ at: at + more, log: error("a.db") }));
    expect(times([...first, ...after(4 + 4 * HOUR - 1)])).toEqual([0, 1, 2, 14403]);
    expect(messages([...first, ...after(4 + 4 * HOUR)])).toMatchObject([
      ...[0, 1, 2].map((at) => ({ at })),
      ...[14404, 14405, 14406].map((at) => ({ at, since: "2026-01-01T04:00:04Z", leftOut: 0 })),
    ]);
  });

  test("is told as often as declared", () => {
    const throttle = { burst: 1, window: "10s", longestWindow: "20s" };
    const found = messages([lasting(60)], { throttle });
    expect(found.map(({ at }) => at)).toEqual([0, 10, 30, 50]);
  });

  test("goes on where it was after the clock was set back, and isn't muted until that is where it was", () => {
    const before = lasting(1000);
    const after: Line = { at: 1000 - DAY, log: error("a.db"), times: 2000 };
    // At 902 a window of half an hour began, of which 97 s were over.
    expect(times([before, after])).toEqual([0, 1, 2, 902, 1000 - DAY + 1703]);
    expect(
      messages([before, tick(1000 - DAY), tick(1000 - DAY + 1702), tick(1000 - DAY + 1703)]).map(
        ({ at, leftOut }) => [at, leftOut],
      ),
    ).toEqual([...[0, 1, 2].map((at) => [at, 0]), [902, 899], [1000 - DAY + 1703, 96]]);
  });
});

withLua("another problem is never muted", () => {
  const loud = lasting(600, { every: 0.01 });
  const others: [string, Partial<Line>][] = [
    ["app", { app: "other" }],
    ["namespace", { namespace: "other" }],
    ["database", { log: error("b.db") }],
    ["kind", { log: error("a.db", "compaction failed") }],
  ];

  test.each(others)("another %s", (_, other) => {
    const found = messages([loud, lasting(1, { at: 60, ...other })]);
    expect(found.map(({ at }) => at)).toEqual([0, 0, 0, 60]);
  });
});

withLua("many databases", () => {
  const everyone: Line = { at: 0, log: error("t{n}.db"), times: 1000, every: 0.001 };

  test("of one app have 10 throttles for one kind of problem, and share one from the 11th on", () => {
    const lines = [everyone, { ...everyone, at: 1 }, { ...everyone, at: 2 }];
    const found = messages(lines);
    for (const own of [...Array(10).keys()].map((number) => `t${number}.db`))
      expect(found.filter(({ database }) => database === own)).toHaveLength(3);
    expect(found).toHaveLength(33);
    expect(counted([...lines, tick(901), tick(902)])).toBe(3000);
  });

  test("don't take their own from those of another kind or app", () => {
    const kinds = ["one", "two"].flatMap((msg): Line[] => [
      { ...everyone, log: error("t{n}.db", msg), times: 11 },
      { ...everyone, log: error("t{n}.db", msg), times: 11, app: "other" },
    ]);
    expect(times(kinds)).toHaveLength(44);
  });
});

/** Lua with a throttle and ways to ask it. */
const THROTTLE = `
local throttle = require("throttle").new{ burst = 3, window = 900, longest = 14400 }
local function problem(app, more)
  local one = { app = app, namespace = "apps", kind = "k", database = "", level = "error" }
  for name, value in pairs(more or {}) do one[name] = value end
  return one
end
`;

withLua("100,000 problems, all different,", () => {
  const keys = `${THROTTLE}
local function fill(from, to, more)
  for number = from, to do throttle:seen(problem("app" .. number, more), 0, 0) end
  collectgarbage()
  return collectgarbage("count")
end
`;

  test("take no more memory than a few, nor much time", () => {
    const found = runLua(`${keys}
local few = fill(1, 2000)
local began = os.clock()
local many = fill(2001, 100000)
local seconds = os.clock() - began
local function size(all)
  local count = 0
  for _ in pairs(all) do count = count + 1 end
  return count
end
return { few = few, many = many, seconds = seconds, states = throttle.count, known = size(throttle.states),
  groups = size(throttle.databases), apps = size(throttle.kinds) }`);
    const { few, many, seconds, states, ...sizes } = found as Readonly<
      Record<"few" | "many" | "seconds" | "states" | "known" | "groups" | "apps", number>
    >;
    expect(states).toBeLessThanOrEqual(1000);
    expect(sizes).toEqual({ known: states, groups: states, apps: states });
    expect(many).toBeLessThan(few + 500);
    expect(seconds).toBeLessThan(5);
  });

  test("of one app are 20 and one that the others share", () => {
    const found = runLua(`${keys}
for number = 1, 100000 do throttle:seen(problem("app", { kind = "kind " .. number, database = "d" }), 0, 0) end
return throttle.count`);
    expect(found).toBe(21);
  });

  test("push out the quietest, and nothing that is still seen", () => {
    const found = runLua(`${THROTTLE}
local told = { loud = 0, quiet = 0 }
local function see(name, now)
  if throttle:seen(problem(name), now, now) then told[name] = told[name] + 1 end
end
for _ = 1, 5 do see("quiet", 0) end
for now = 1, 5000 do
  throttle:seen(problem("app" .. now), now, now)
  if now <= 800 then see("loud", now) end
  if now % 100 == 0 and now > 800 then see("loud", now) end
end
see("quiet", 5000)
return told`);
    // The loud one has its windows, the quiet one was forgotten and is told again.
    expect(found).toEqual({ loud: 5, quiet: 4 });
  });
});

withLua("what has to last", () => {
  const waiting = { container: "rqlite", log: line("failed to heartbeat to: peer=a error=b") };
  function line(text: string) {
    return `[raft] 2026/01/01 00:00:00 [ERROR] ${text}`;
  }

  test("is told when it has, with its beginning", () => {
    const found = messages([{ at: 0, ...waiting, times: 100 }]);
    expect(found.map(({ at }) => at)).toEqual([60, 61, 62]);
    expect(found[0]?.since).toBe("2026-01-01T00:00:00Z");
  });

  test("begins anew after a pause, and isn't told when it never lasts", () => {
    const blips = [0, 1000, 2000, 3000].map((at) => ({ at, ...waiting, times: 30 }));
    expect(times(blips)).toEqual([]);
    expect(times([...blips, { at: 4000, ...waiting, times: 90 }])).toEqual([4060, 4061, 4062]);
  });

  test("goes by the time of the lines when a log is read from its beginning", () => {
    const blips = [0, 1000, 2000].map((at) => ({
      ...{ at, read: 3000, every: 0.01 },
      ...waiting,
      times: 3000,
    }));
    expect(times(blips)).toEqual([]);
    const long = [0, 30, 60].map((at) => ({ at, read: 3000, ...waiting }));
    expect(messages(long)).toMatchObject([{ at: 3000, time: "2026-01-01T00:01:00Z" }]);
  });

  test("stays told as long as it is one problem", () => {
    const lines = [
      { at: 0, ...waiting, times: 62 },
      { at: 500, ...waiting },
    ];
    expect(messages(lines)).toMatchObject([
      { at: 60 },
      { at: 61 },
      { at: 500, since: "2026-01-01T00:00:00Z" },
    ]);
  });

  test("has its beginning where its first line is, whichever was read first", () => {
    const lines = [30, 0, 60].map((at) => ({ at, read: 100, ...waiting }));
    expect(messages(lines)).toMatchObject([{ at: 100, since: "2026-01-01T00:00:00Z" }]);
  });

  test("begins anew with its recovery", () => {
    const election = {
      container: "rqlite",
      log: line("Election timeout reached, restarting election"),
    };
    const leader = {
      container: "rqlite",
      log: "[store] 2026/01/01 00:00:00 node 2 is now Leader",
    };
    const lines = [0, 10, 20, 30].flatMap((at) => [
      { at, ...election },
      { at: at + 8, ...election },
      { at: at + 9, ...leader },
    ]);
    expect(times(lines)).toEqual([]);
    const long = (at: number) => ({ at, ...election, times: 17 });
    expect(times([long(100), { at: 120, ...leader }, long(130)])).toEqual([115, 116, 120, 145]);
  });
});

withLua("a recovery", () => {
  test("goes out once for what was told", () => {
    const found = messages([
      lasting(3),
      { at: 10, log: recovered("a.db") },
      { at: 11, log: recovered("a.db") },
      { at: 20, log: error("a.db") },
    ]);
    expect(found.map(({ at, level }) => [at, level])).toEqual([
      ...[0, 1, 2].map((at) => [at, "error"]),
      [10, "recovery"],
    ]);
  });

  test("has the count of what was left out before it, which is not told after it", () => {
    const ended = [lasting(100), { at: 200, log: recovered("a.db") }, tick(1200)];
    const found = messages(ended);
    expect(found).toHaveLength(4);
    expect(counted([...ended, { at: 2000, log: error("a.db") }])).toBe(102);
    expect(found[3]).toMatchObject({
      ...{ at: 200, level: "recovery", leftOut: 97 },
      ...{ time: "2026-01-01T00:03:20Z", since: "2026-01-01T00:03:20Z" },
    });
  });

  test.each<[string, Partial<Line>]>([
    ["database", { log: error("b.db") }],
    ["app", { app: "other" }],
    ["namespace", { namespace: "other" }],
  ])("is of one %s", (_, other) => {
    const end = { ...other, log: recovered(other.log ? "b.db" : "a.db") };
    const lines = [
      { at: 0, log: error("a.db") },
      { at: 1, log: error("a.db"), ...other },
      { at: 10, log: recovered("a.db") },
      { at: 11, ...end },
    ];
    expect(times(lines)).toEqual([0, 1, 10, 11]);
  });

  test("is of everything that a database had", () => {
    const lines = [
      { at: 0, log: error("a.db") },
      { at: 0, log: error("a.db", "sync error") },
      { at: 0, log: error("b.db") },
      { at: 10, log: recovered("a.db") },
      { at: 20, log: error("b.db"), times: 3 },
      { at: 30, log: recovered("b.db") },
    ];
    expect(messages(lines).filter(({ level }) => level === "recovery")).toMatchObject([
      { at: 10, database: "a.db", leftOut: 0 },
      { at: 30, database: "b.db", leftOut: 1 },
    ]);
  });

  test("of what comes and goes makes no more messages than that, and the last one is true", () => {
    const rounds = [...Array(100).keys()].flatMap((round) => [
      { at: 20 * round, log: error("a.db") },
      { at: 20 * round + 10, log: recovered("a.db") },
    ]);
    const found = messages([...rounds, tick(2000), { at: 2010, log: error("a.db") }, tick(4000)]);
    expect(found.map(({ at, level }) => [at, level])).toEqual([
      ...[0, 20, 40].flatMap((at) => [
        [at, "error"],
        [at + 10, "recovery"],
      ]),
      [940, "error"],
      [950, "recovery"],
      [4000, "error"],
    ]);
  });

  test("is the last that is told of what has come and gone since, untold", () => {
    const rounds = [0, 20, 40, 60].flatMap((at) => [
      { at, log: error("a.db") },
      { at: at + 10, log: recovered("a.db") },
    ]);
    expect(times([...rounds, tick(5000), tick(10_000)])).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test("of what nobody knows any more is told, with a throttle of its own", () => {
    const found = messages([{ at: 0, log: recovered("a.db"), times: 800 }]);
    expect(found.map(({ at }) => at)).toEqual([0, 1, 2]);
    expect(found[2]).toMatchObject({ time: "2026-01-01T00:00:02Z", since: "2026-01-01T00:00:02Z" });
    // It may not be true any more.
    expect(times([{ at: 0, log: recovered("a.db"), times: 800 }, tick(5000)])).toHaveLength(3);
  });

  test("that comes with every start is told only where something had been", () => {
    const container = "rqlite";
    const leader = {
      container,
      log: "[store] 2026/01/01 00:00:00 this node (ID=1) is now Leader",
    };
    const quorum = {
      container,
      log: "[raft] 2026/01/01 00:00:00 [WARN]  failed to contact quorum of nodes, stepping down",
    };
    const other = { container, log: "[store] 2026/01/01 00:00:00 failed to snapshot due to disk" };
    expect(times([{ at: 0, ...leader }])).toEqual([]);
    expect(
      times([
        { at: 0, ...other },
        { at: 1, ...leader },
      ]),
    ).toEqual([0]);
    expect(
      messages([
        { at: 0, ...quorum },
        { at: 1, ...leader },
        { at: 2, ...leader },
      ]),
    ).toMatchObject([{ problem: "lost quorum" }, { at: 1, problem: "has a leader again" }]);
  });
});

withLua("what is due", () => {
  test("comes oldest first, each problem once", () => {
    const apps = ["c", "a", "d", "b"].map((app, index) =>
      lasting(10, { at: 10 * index, every: 1, app }),
    );
    const found = messages([...apps, tick(1000), tick(1060)]).filter(({ at }) => at >= 1000);
    expect(found.map(({ at, app, leftOut }) => [at, app, leftOut])).toEqual(
      ["c", "a", "d", "b"].map((app) => [1000, app, 6]),
    );
  });

  test("forgets what was quiet for the longest window", () => {
    const found = runLua(`${THROTTLE}
throttle:seen(problem("a"), 0, 0)
throttle:seen(problem("b"), 10, 10)
throttle:due(14399)
local before = throttle.count
throttle:due(14400)
return { before, throttle.count }`);
    expect(found).toEqual([2, 1]);
  });
});
