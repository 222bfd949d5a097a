import { textsModule } from "../../src/alerting/lua/texts";
import { json, type Telling } from "../support/lines/format";
import { LITEFS_LINES } from "../support/lines/litefs";
import { LITESTREAM_LINES } from "../support/lines/litestream";
import { NOISE } from "../support/lines/noise";
import { PLAIN_LINES, SCRIPT_LINES } from "../support/lines/plain";
import { RQLITE_LINES } from "../support/lines/rqlite";
import {
  type Found,
  found,
  type Line,
  literal,
  messages,
  NULL,
  runLua,
  withLua,
} from "../support/lua";

/** Every line that tells of something, and what that is. */
const ALL: Telling[] = [
  ...LITESTREAM_LINES,
  ...SCRIPT_LINES,
  ...PLAIN_LINES,
  ...LITEFS_LINES,
  ...RQLITE_LINES,
];

withLua("a line", () => {
  let results: (Found | undefined)[];
  beforeAll(() => void (results = found(ALL.map(([container, log]) => ({ container, log })))));

  test.each(ALL.map(([container, line, expected], index) => [container, line, expected, index]))(
    "of %s: %s",
    (_, __, expected, index) => {
      expect(results[index as number]).toMatchObject(expected as object);
    },
  );

  test("is there for every rule", () => {
    const rules = [...textsModule.matchAll(/^ {2}\{ ("\^?(.+?)"), (kind = "([^"]*)"|NOTHING)/gm)];
    expect(rules.length).toBeGreaterThan(80);
    const noise = Object.values(NOISE).flat();
    const cases = rules.map(([, , pattern, , kind]) => ({
      pattern,
      lines: kind
        ? ALL.filter((_, index) => results[index]?.kind === kind).map(([, line]) => line)
        : noise,
    }));
    const unused = runLua(`
local unused = {}
for _, rule in ipairs(${literal(cases)}) do
  local used
  for _, line in ipairs(rule.lines) do used = used or line:find(rule.pattern) end
  if not used then unused[#unused + 1] = rule.pattern end
end
return unused`);
    expect(unused).toEqual([]);
  });
});

withLua("noise", () => {
  test.each(Object.entries(NOISE))("of %s gives nothing", (container, lines) => {
    expect(messages(lines.map((log, at) => ({ at, container, log })))).toEqual([]);
  });
});

withLua("a line that is older than a day", () => {
  const DAY = 24 * 60 * 60;
  const line = (at: number): Line => ({ at, read: 0, log: json("ERROR", "monitor error") });

  test("when the filter starts is no news", () => {
    expect(messages([line(-DAY)])).toEqual([]);
    expect(messages([line(1 - DAY)])).toHaveLength(1);
  });

  test("later is: its node was behind", () => {
    const late = { ...line(1), read: 2 * DAY };
    expect(messages([line(0), late])).toHaveLength(2);
  });
});

withLua("a failed proof", () => {
  const PROOF = { container: "backup-verification" };
  const failed = (message: string, more: Record<string, string> = {}) =>
    json(
      "ERROR",
      `verification failed: ${message}`,
      Object.entries({ app: "tasks", db: "a.db", ...more }),
    );
  const step = { ...PROOF, log: failed("restore of a.db: no backup", { step: "restore" }) };
  const whole = { ...PROOF, log: failed("1 of 1 database", { db: "" }) };
  const report = {
    container: "backup-verification-report",
    log: failed("tasks in namespace apps: FAILED in restore", { db: "" }),
  };
  const all = (pod: string) => [step, whole, report].map((one, at) => ({ ...one, at, pod }));

  test("is told once, with its database", () => {
    expect(messages(all("verify-1-a"))).toMatchObject([
      { app: "tasks", database: "a.db", problem: "verification failed" },
    ]);
  });

  test.each([
    ["the container that proves", whole],
    ["the one that reports", report],
  ])("is told as a whole by %s where no step was", (_, line) => {
    expect(messages([{ ...line, at: 0 }])).toMatchObject([{ app: "tasks", database: "" }]);
  });

  test("is told for each pod", () => {
    expect(messages([...all("verify-1-a"), ...all("verify-2-b")])).toMatchObject([{}, {}]);
  });

  test("is forgotten of pods long gone", () => {
    const many = [...Array(101).keys()].map((number): Line => {
      const log = failed("restore of a.db: no backup", { app: `a${number}`, step: "restore" });
      return { ...PROOF, at: 2 * number, pod: `p-${number}`, log };
    });
    const whole = (number: number): Line => {
      return {
        ...PROOF,
        at: 300,
        pod: `p-${number}`,
        log: failed("1 of 1", { app: `a${number}` }),
      };
    };
    expect(messages([...many, whole(100)])).toHaveLength(101);
    expect(messages([...many, whole(0)])).toHaveLength(102);
  });
});

withLua("Litestream that is stopped in the middle of a failure", () => {
  const say = (at: number, level: string, msg: string, db = "a.db"): Line => ({
    at,
    log: json(level, msg, db === "" ? [] : [["db", db]]),
  });
  const stop = [
    say(0, "ERROR", "sync error"),
    say(1, "INFO", "signal received, litestream shutting down", ""),
    say(1, "INFO", "sync recovered"),
  ];

  test("isn't taken for recovered, whatever it says", () => {
    expect(messages(stop)).toMatchObject([{ level: "error" }]);
  });

  test.each([
    ["litestream shut down", "INFO"],
    ["litestream", "INFO"],
  ])("is when it says so after %s", (msg, level) => {
    const found = messages([...stop, say(2, level, msg, ""), say(3, "INFO", "sync recovered")]);
    expect(found).toMatchObject([{ level: "error" }, { at: 3, level: "recovery" }]);
  });

  test("is taken at its word for all else that it says", () => {
    const found = messages([...stop, say(2, "ERROR", "failed to close database")]);
    expect(found).toMatchObject([{}, { problem: "failed to close database" }]);
  });

  test("is when that was another pod", () => {
    const other = { ...say(2, "INFO", "sync recovered"), pod: "notes-1" };
    expect(messages([...stop, other])).toMatchObject([{ level: "error" }, { at: 2 }]);
    const elsewhere = { ...say(2, "INFO", "sync recovered"), namespace: "other" };
    expect(messages([...stop, elsewhere])).toMatchObject([{ level: "error" }, { at: 2 }]);
  });
});

withLua("an app", () => {
  const log = json("ERROR", "monitor error", [["db", "a.db"]]);
  const about = {
    pod_name: "notes-12",
    namespace_name: "apps",
    container_name: "litestream-sidecar",
  };
  const app = (kubernetes: object) => found([{ log, kubernetes }])[0]?.app;

  test("is called by its label, or by its pod without the number", () => {
    const labels = { "app.kubernetes.io/name": "one", app: "two" };
    expect(app({ ...about, labels })).toBe("one");
    expect(app({ ...about, labels: { app: "two" } })).toBe("two");
    expect(app({ ...about, labels: {} })).toBe("notes");
    expect(app({ ...about, labels: NULL })).toBe("notes");
    expect(app(about)).toBe("notes");
    expect(app({ ...about, pod_name: "web-5d9c-x2x" })).toBe("web-5d9c-x2x");
  });

  test("is known by its file's name while the API server is away", () => {
    const hash = "0123456789abcdef".repeat(4);
    const name = `my.notes-0_apps_litestream-sidecar-${hash}.log`;
    const tag = `kube.var.log.containers.${name}`;
    expect(messages([{ at: 0, log, kubernetes: undefined, tag }])).toMatchObject([
      {
        app: "my.notes",
        namespace: "apps",
        logs: "kubectl -n apps logs my.notes-0 -c litestream-sidecar --since=1h",
      },
    ]);
    expect(messages([{ at: 0, log, kubernetes: undefined, tag: "kube.other" }])).toEqual([]);
  });
});
