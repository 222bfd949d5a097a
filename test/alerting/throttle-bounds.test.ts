import { type Line, messages, withLua } from "../support/lua";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

const error = (database: string, msg = "monitor error") =>
  JSON.stringify({ level: "ERROR", msg, db: database });
const recovered = (database: string) =>
  JSON.stringify({ level: "INFO", msg: "sync recovered", db: database });
const tick = (at: number): Line => ({
  at,
  pod: "alerts-x2x",
  namespace: "log-alerts",
  container: "log-alerts",
  log: '{"date":1767225600.5,"msg":"tick"}',
});
const ticks = (until: number) =>
  [...Array(Math.floor(until / MINUTE)).keys()].map((number) => tick((number + 1) * MINUTE));
const inOrder = (lines: Line[]) => lines.sort((one, other) => one.at - other.at);

withLua("more problems than 60 in a minute", () => {
  const apps = [...Array(200).keys()].map((number) => `app-${number}`);
  const lines = [...apps.map((app): Line => ({ at: 1, app, log: error("a.db") })), ...ticks(300)];

  test("wait for the next, and each is told", () => {
    const found = messages(lines);
    const perMinute = [0, 1, 2, 3].map(
      (minute) => found.filter(({ at }) => Math.floor(at / MINUTE) === minute).length,
    );
    expect(perMinute).toEqual([60, 60, 60, 20]);
    expect(new Set(found.map(({ app }) => app))).toEqual(new Set(apps));
    expect(found.every(({ leftOut }) => leftOut === 0)).toBe(true);
  });
});

withLua("kinds of problems of one app", () => {
  const kinds = [..."abcdefghijklmnopqrstuvwxyz"].flatMap((one) => [`${one} fails`, `${one} ends`]);
  const lines = kinds.map((kind, index): Line => ({ at: 61 * index, log: error("a.db", kind) }));

  test("have 20 throttles, and share one from the 21st on, so that an endless number is no flood", () => {
    const found = messages(lines);
    expect(found).toHaveLength(20 + 3 + 1);
    // The shared one: three at once, and one when its first window has ended.
    expect(found.slice(20).map(({ at }) => at / 61)).toEqual([20, 21, 22, 37]);
  });

  test("take no place of those of another app", () => {
    const other: Line = { at: HOUR, app: "other", log: error("a.db", "another") };
    expect(messages([...lines, other]).at(-1)).toMatchObject({ app: "other", leftOut: 0 });
  });
});

withLua("a problem that comes again after people were told of its end", () => {
  const outage: Line = { at: 0, log: error("a.db"), times: 12 * HOUR };
  const end: Line = { at: 12 * HOUR, log: recovered("a.db") };

  test("is told within a first window", () => {
    const again: Line = { at: 12 * HOUR + 300, log: error("a.db"), times: HOUR };
    const found = messages([outage, end, again]).filter(({ at }) => at >= 12 * HOUR);
    expect(found.slice(0, 2)).toMatchObject([
      { at: 12 * HOUR, level: "recovery" },
      { at: 12 * HOUR + 900, level: "error", since: "2026-01-01T12:05:00Z" },
    ]);
  });

  test("later each time, when it comes and goes", () => {
    const flapping = [...Array(24 * 30).keys()].flatMap((number): Line[] => [
      { at: 2 * MINUTE * number, log: error("a.db") },
      { at: 2 * MINUTE * number + 30, log: recovered("a.db") },
    ]);
    expect(messages(inOrder([...flapping, ...ticks(24 * HOUR)])).length).toBeLessThanOrEqual(24);
  });
});

withLua("what databases share", () => {
  test("goes on when one of them has recovered", () => {
    const names = [...Array(30).keys()].map((number) => `${number}.db`);
    const lines: Line[] = [
      ...names.map((name): Line => ({ at: 1, log: error(name) })),
      { at: 2, log: recovered("29.db") },
      ...ticks(HOUR),
    ];
    const found = messages(lines);
    expect(found.filter(({ level }) => level === "recovery")).toEqual([
      expect.objectContaining({ database: "29.db", leftOut: 0 }),
    ]);
    const told = found.filter(({ level }) => level === "error");
    expect(told.reduce((sum, { leftOut }) => sum + 1 + leftOut, 0)).toBe(30);
  });
});
