import { readLine, shown } from "../../../scripts/restore/log";
import { afterLoss, outcomeOf } from "../../../scripts/restore/outcome";
import { planned } from "./deployed";

const { plan } = planned();
const passing = {
  ...plan,
  databases: plan.databases.map((one) => ({ ...one, lies: "ephemeral" as const })),
};
const said = (level: string, msg: string, db = "/data/notes.db") =>
  JSON.stringify({ time: "2026-01-31T12:00:00Z", level, msg, db });
const RESULT = JSON.stringify({
  ...{ time: "t", level: "INFO", msg: "restored", db: "/data/notes.db", state: "01" },
  ...{ now: "03", before: "02", kept: "" },
});
const SENT = said("INFO", "making it the newest state in the replica");

describe("a line of the log", () => {
  test.each([
    [
      said("INFO", "checking the present database"),
      "  /data/notes.db: checking the present database",
    ],
    [said("WARN", "careful"), "  note: /data/notes.db: careful"],
    [said("ERROR", "restore failed: x"), "  error: /data/notes.db: restore failed: x"],
    ["Error: no matching backup files available", "  error: no matching backup files available"],
    [
      '{"time":"t","level":"INFO","msg":"replica sync","system":"store","db":"notes.db"}',
      undefined,
    ],
    ['{"time":"t","level":"INFO","msg":"litestream","version":"v0.5.16","level":""}', undefined],
    [
      '{"time":"t","level":"ERROR","msg":"compaction failed","level":1,"error":"no space"}',
      "  error: compaction failed: no space",
    ],
    [RESULT, undefined],
    ["", undefined],
  ])("%s", (line, text) => {
    expect(shown(readLine(line))).toBe(text);
  });

  test("of a result", () => {
    expect(readLine(RESULT)).toEqual({
      kind: "restored",
      restored: {
        database: "/data/notes.db",
        state: "01",
        now: "03",
        before: "02",
        kept: undefined,
      },
    });
  });
});

describe("an outcome", () => {
  test.each([
    [0, [RESULT], { kind: "restored" }],
    // The node went away when all was done.
    [undefined, [RESULT], { kind: "restored" }],
    [1, [said("ERROR", "restore failed: no room")], { kind: "unchanged", reason: "no room" }],
    [
      1,
      [
        "Error: no matching backup files available",
        said("ERROR", "the replica can't give that state: see the line before"),
        said("ERROR", "restore failed: the replica can't give that state: see the line before"),
      ],
      {
        kind: "unchanged",
        reason: "the replica can't give that state: no matching backup files available",
      },
    ],
    [1, [], { kind: "unchanged", reason: "it doesn't say why" }],
    [3, [said("ERROR", "restore failed: x")], { kind: "not whole", reason: "x" }],
    [137, [], { kind: "lost", reason: "its pod ended without having finished (exit code 137)" }],
    [0, [], { kind: "lost" }],
    [undefined, [SENT], { kind: "lost" }],
  ])("%s, %j", (code, log, outcome) => {
    expect(outcomeOf(plan, code, log)).toMatchObject(outcome);
  });

  test("of a lost pod is that nothing changed where nothing had reached the replica", () => {
    expect(afterLoss(plan, "lost", [SENT])).toEqual({ kind: "unchanged", reason: "lost" });
    expect(afterLoss(passing, "lost", [])).toEqual({ kind: "unchanged", reason: "lost" });
  });

  test("of a lost pod is unknown where the replica has the only state", () => {
    const reason = "lost; the newest state in the replica may be the restored one: /data/notes.db";
    expect(afterLoss(passing, "lost", [SENT])).toEqual({ kind: "not whole", reason });
    expect(afterLoss(passing, "lost", undefined)).toEqual({ kind: "not whole", reason });
  });
});
