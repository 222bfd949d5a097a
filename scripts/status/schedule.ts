import { CronExpressionParser } from "cron-parser";

export interface Runs {
  readonly previous: Date;
  readonly next: Date;
}

/** The runs of a cron line around a time; undefined when it can't be read. */
export function runs(cron: string, timeZone: string | undefined, now: Date): Runs | undefined {
  try {
    const options = { currentDate: now, tz: timeZone ?? "UTC" };
    return {
      previous: CronExpressionParser.parse(cron, options).prev().toDate(),
      next: CronExpressionParser.parse(cron, options).next().toDate(),
    };
  } catch {
    return undefined;
  }
}
