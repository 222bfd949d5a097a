import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";

const UNIT: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/**
 * A Go duration ("1h30m") in milliseconds; undefined when it isn't one.
 *
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function milliseconds(text: string): number | undefined {
  if (text === "0") return 0;
  if (!DURATION.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNIT[unit ?? ""] ?? 0),
    0,
  );
}

/** Problems of a duration that must be at least `least` (exclusive of 0 when that is left out). */
export function durationProblems(field: string, value: unknown, least?: string): Problem[] {
  if (isExpression(value)) return [];
  const length = typeof value === "string" ? milliseconds(value) : undefined;
  if (length === undefined) {
    const days = typeof value === "string" ? /^(\d+)d$/.exec(value) : null;
    return [
      {
        field,
        value,
        wrong: "is not a duration",
        fix: days
          ? `Go durations have no days: write "${Number(days[1]) * 24}h".`
          : 'Write a number with ms, s, m or h, for example "30s" or "24h".',
      },
    ];
  }
  const minimum = least === undefined ? Number.MIN_VALUE : (milliseconds(least) ?? 0);
  if (length >= minimum) return [];
  return [
    {
      field,
      value,
      wrong: least === undefined ? "is no time at all" : `is less than ${least}`,
      fix:
        least === undefined
          ? 'Write a duration above 0, for example "1s".'
          : `Write "${least}" or more.`,
    },
  ];
}
