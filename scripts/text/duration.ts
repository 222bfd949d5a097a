import { milliseconds } from "../../src/kubernetes/duration";
import { UsageFailure } from "../cluster/failure";

/** The seconds of an option's value: "90s", "1h30m". */
export function secondsOption(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const length = milliseconds(value);
  if (length === undefined || length < 1000)
    throw new UsageFailure(
      `${option} ${value} isn't a duration of a second or more. Write for example 90s, 10m or 1h30m.`,
    );
  return Math.ceil(length / 1000);
}

/** An option's whole number. */
export function countOption(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value))
    throw new UsageFailure(
      `${option} ${value} isn't a whole number. Write for example ${option} 100.`,
    );
  return Number(value);
}
