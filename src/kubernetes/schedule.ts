import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";

/** When a CronJob runs. */
export interface Schedule {
  readonly cron: string;
  /** A name of the tz database, for example "Europe/Berlin". */
  readonly timeZone: string;
  /**
   * Whether all that run by this schedule share the night: each gets a time of its own after the line's,
   * because together they would load the cluster and the replicas at once.
   *
   * @default false
   */
  readonly staggered?: boolean;
}

export interface ScheduleOptions {
  /** @default "Etc/UTC" */
  readonly timeZone?: string;
}

export const Schedule = {
  /** A cron line as Kubernetes reads it: minute, hour, day of month, month, day of week (0 to 6). */
  cron: (cron: string, { timeZone = "Etc/UTC" }: ScheduleOptions = {}): Schedule => ({
    cron,
    timeZone,
  }),
  /** Every day at 02:00. */
  daily: (options?: ScheduleOptions): Schedule => Schedule.cron(DAILY, options),
  /** Saturdays from 02:00 on, one after the other. */
  weekly: (options?: ScheduleOptions): Schedule => ({
    ...Schedule.cron(WEEKLY, options),
    staggered: true,
  }),
};

const DAILY = "0 2 * * *";
const WEEKLY = "0 2 * * 6";

/**
 * Problems of a schedule.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function scheduleProblems(field: string, { cron, timeZone }: Schedule): Problem[] {
  const found: Problem[] = [];
  if (!isExpression(cron) && !isCron(cron))
    found.push({
      field: `${field}.cron`,
      value: cron,
      wrong: "is not a cron line",
      fix: 'Write minute, hour, day of month, month and day of week (0 to 6, or SUN to SAT), for example "0 2 * * 6" for Saturdays at 02:00.',
    });
  if (!isExpression(timeZone) && !isTimeZone(timeZone))
    found.push({
      field: `${field}.timeZone`,
      value: timeZone,
      wrong: "is not a time zone",
      fix: 'Write a name of the tz database, for example "Europe/Berlin" or "Etc/UTC".',
    });
  return found;
}

/** The longest time between two runs, in milliseconds; undefined when the line can't be read. */
export function longestInterval({ cron }: Schedule): number | undefined {
  if (isExpression(cron) || !isCron(cron)) return undefined;
  const known = intervals.get(cron) ?? longestOf(cron);
  intervals.set(cron, known);
  return known;
}

/** Days looked at: any day of the year and of the week has come by then, a leap day too. */
const DAYS = 8 * 366;
const DAY = 86_400_000;

/** Every app of a tree asks, mostly for the same line. */
const intervals = new Map([
  [DAILY, DAY],
  [WEEKLY, 7 * DAY],
]);

/** Loaded when a line needs it: that takes as long as a twentieth of a synthesis, and most apps say none. */
function parse(cron: string) {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { CronExpressionParser } = require("cron-parser") as typeof import("cron-parser");
  return CronExpressionParser.parse(cron, { tz: "UTC" });
}

/** By arithmetic, as asking cron-parser for two thousand runs takes a quarter of a second. */
function longestOf(cron: string): number {
  const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(cron).fields;
  const times = hour.values.flatMap((h) =>
    minute.values.map((m) => (Number(h) * 60 + Number(m)) * 60_000),
  );
  const first = Math.min(...times);
  const last = Math.max(...times);
  const runsOn = (date: Date) => {
    const inMonth = dayOfMonth.values.some((day) => day === date.getUTCDate());
    const inWeek = dayOfWeek.values.some((day) => day === date.getUTCDay());
    // Cron's oddity: when both are restricted, either is enough.
    const either = !dayOfMonth.isWildcard && !dayOfWeek.isWildcard;
    return (
      month.values.some((m) => m === date.getUTCMonth() + 1) &&
      (either ? inMonth || inWeek : inMonth && inWeek)
    );
  };
  let longest = Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  let previous: number | undefined;
  for (let day = 0; day < DAYS; day++) {
    if (!runsOn(new Date(day * DAY))) continue;
    if (previous !== undefined) longest = Math.max(longest, (day - previous) * DAY + first - last);
    previous = day;
  }
  return longest;
}

/** cron-parser knows seconds, "H", "L", "#" and 7 for Sunday, which Kubernetes refuses. */
function isCron(cron: string): boolean {
  if (typeof cron !== "string") return false;
  if (intervals.has(cron)) return true;
  const fields = cron.split(/\s+/);
  if (fields.length !== 5 || fields.some((field) => !/^[\w*,/-]+$/.test(field))) return false;
  if (/[HLW]/i.test(fields.slice(0, 3).join(""))) return false;
  if (/7/.test(fields[4]?.replace(/\/\d+/g, "") ?? "") || /\dL/i.test(fields[4] ?? ""))
    return false;
  try {
    parse(cron);
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(timeZone: string): boolean {
  if (timeZone === "Etc/UTC") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}
