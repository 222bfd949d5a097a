import { Schedule } from "../../src";
import { graceSeconds, watchedScheduleProblems } from "../../src/services/watched";

const HOURS = 3600;
const MINUTES = 60;

describe("the grace covers what the CronJob may take", () => {
  test.each([
    ["0 2 * * 6", "15m", 6 * HOURS + 15 * MINUTES + 5 * MINUTES],
    ["0 2 * * *", "1h", 6 * HOURS + 60 * MINUTES + 5 * MINUTES],
    // A missed proof is made up for until the next one is due, no longer.
    ["0 * * * *", "15m", 1 * HOURS + 15 * MINUTES + 5 * MINUTES],
    ["*/10 * * * *", "5m", 10 * MINUTES + 5 * MINUTES + 5 * MINUTES],
    ["0 8,20 * * *", "15m", 6 * HOURS + 15 * MINUTES + 5 * MINUTES],
  ])("%s, at most %s", (cron, deadline, expected) => {
    const deadlineSeconds = Number.parseInt(deadline) * (deadline.endsWith("h") ? HOURS : MINUTES);
    const times = {
      schedule: Schedule.cron(cron),
      startsWithinSeconds: 6 * HOURS,
      deadlineSeconds,
    };
    expect(graceSeconds(times)).toBe(expected);
  });
});

describe("schedules that Kubernetes and healthchecks read alike", () => {
  test.each([
    "0 2 * * 6",
    "0 2 * * SAT",
    "0 2 */2 * *",
    "0 2 * * */2",
    "0 2 1-7 * 6",
    "0 2 1,*/5 * 6",
    "0 2 */1 * 6",
    "0/15 * * * *",
  ])("%s", (cron) => {
    expect(watchedScheduleProblems(Schedule.cron(cron))).toEqual([]);
  });

  test.each(["0 2 */2 * 6", "0 2 1 * */2", "0 2 */5,1 * 6"])("not %s", (cron) => {
    expect(watchedScheduleProblems(Schedule.cron(cron))).toHaveLength(1);
  });
});

describe("time zones", () => {
  test.each([
    "Etc/UTC",
    "UTC",
    "GMT",
    "Europe/Berlin",
    "Europe/Kyiv",
    "America/New_York",
    "Australia/Sydney",
  ])("%s", (timeZone) => {
    expect(watchedScheduleProblems(Schedule.weekly({ timeZone }))).toEqual([]);
  });

  test.each([
    "CET",
    "Japan",
    "US/Eastern",
    "Canada/Pacific",
    "Europe/Kiev",
    "Asia/Calcutta",
    "Australia/ACT",
    "Australia/North",
  ])("not %s", (timeZone) => {
    expect(watchedScheduleProblems(Schedule.weekly({ timeZone }))).toHaveLength(1);
  });
});
