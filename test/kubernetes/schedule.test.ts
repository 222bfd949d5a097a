import { Schedule } from "../../src";
import { longestInterval, scheduleProblems } from "../../src/kubernetes/schedule";

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
  });
});
