import { App } from "cdktf";
import { Construct } from "constructs";
import { Schedule } from "../../src";
import { nightSlot } from "../../src/kubernetes/night";
import { longestInterval, scheduleProblems } from "../../src/kubernetes/schedule";
import { SLOTS, staggered } from "../../src/kubernetes/stagger";

const HOUR = 3_600_000;

test.each([
  ["0 2 * * 6", 168],
  ["0 2 * * SAT", 168],
  ["0 2 * * *", 24],
  ["*/15 * * * *", 0.25],
  ["0 2 1 * *", 31 * 24],
  ["* * * * 1", 6 * 24 + 1 / 60],
  ["0 2,14 * * *", 12],
  ["0 2,5 * * *", 21],
  ["0 2 1,15 * *", 17 * 24],
  ["0 2 1 * MON", 7 * 24],
  ["30 1 29 2 *", 1461 * 24],
])("%s is a cron line", (cron, hours) => {
  expect(scheduleProblems("schedule", Schedule.cron(cron))).toEqual([]);
  expect(longestInterval(Schedule.cron(cron))).toBeCloseTo(hours * HOUR, -1);
});

test.each([
  "",
  "0 2 * *",
  "0 0 2 * * 6",
  "60 * * * *",
  "0 24 * * *",
  "0 2 * * 7",
  "0 2 0 * *",
  "0 2 L * *",
  "H 2 * * *",
  "0 2 * * 1#2",
  "0 2 ? * *",
  "@weekly",
  "a b c d e",
  "0 2 31 2 *",
])("%j is none for Kubernetes", (cron) => {
  expect(scheduleProblems("schedule", Schedule.cron(cron))).toHaveLength(1);
  expect(longestInterval(Schedule.cron(cron))).toBeUndefined();
});

test("what is known of daily and weekly is what their lines come to", () => {
  const spelled = { daily: "00 2 * * *", weekly: "00 2 * * 6" };
  expect(longestInterval(Schedule.daily())).toBe(longestInterval(Schedule.cron(spelled.daily)));
  expect(longestInterval(Schedule.weekly())).toBe(longestInterval(Schedule.cron(spelled.weekly)));
});

test("daily and weekly", () => {
  expect(Schedule.daily()).toEqual({ cron: "0 2 * * *", timeZone: "Etc/UTC" });
  expect(Schedule.weekly({ timeZone: "Europe/Berlin" })).toEqual({
    cron: "0 2 * * 6",
    timeZone: "Europe/Berlin",
    staggered: true,
  });
});

describe("those that share a night", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => staggered(index));
  /** Minutes since Saturday 00:00. */
  const minutes = (count: number) =>
    lines(count).map((line) => {
      const [, minute, hour] = /^(\d+) (\d+) \* \* 6$/.exec(line) ?? [];
      return Number(hour) * 60 + Number(minute);
    });

  test.each([
    [0, "0 2 * * 6"],
    [1, "15 2 * * 6"],
    [39, "45 11 * * 6"],
    [40, "5 2 * * 6"],
    [79, "50 11 * * 6"],
    [80, "10 2 * * 6"],
    [119, "55 11 * * 6"],
    [120, "0 2 * * 6"],
    [161, "20 2 * * 6"],
  ])("number %d of them starts at %s", (index, line) => {
    expect(staggered(index)).toBe(line);
  });

  test("the first one starts when it would alone", () => {
    expect(staggered(0)).toBe(Schedule.weekly().cron);
  });

  test("forty start a quarter of an hour apart, from 02:00 on", () => {
    expect(SLOTS).toBe(40);
    const times = minutes(SLOTS);
    expect(new Set(times).size).toBe(40);
    const sorted = times.toSorted((a, b) => a - b);
    expect([sorted[0], sorted.at(-1)]).toEqual([120, 11 * 60 + 45]);
    const gaps = sorted.slice(1).map((time, index) => time - (sorted[index] ?? 0));
    expect(Math.min(...gaps)).toBe(15);
  });

  test("one more at the end moves none", () => {
    expect(lines(SLOTS + 1).slice(0, SLOTS)).toEqual(lines(SLOTS));
  });

  test("the first hundred and twenty all differ, and only then do two start together", () => {
    expect(new Set(minutes(3 * SLOTS)).size).toBe(3 * SLOTS);
    expect(lines(6 * SLOTS).slice(3 * SLOTS)).toEqual(lines(3 * SLOTS));
  });

  test("every line is one for Kubernetes, once a week", () => {
    for (const line of lines(3 * SLOTS)) {
      expect(scheduleProblems("schedule", Schedule.cron(line))).toEqual([]);
      expect(longestInterval(Schedule.cron(line))).toBe(longestInterval(Schedule.weekly()));
    }
  });

  test("each tree counts for itself, in the order of the calls", () => {
    const [one, other] = [new App(), new App()];
    const deep = new Construct(new Construct(one, "a"), "b");
    expect([nightSlot(deep), nightSlot(one), nightSlot(other), nightSlot(deep)]).toEqual([
      0, 1, 0, 2,
    ]);
  });
});
