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

/** A Go duration in seconds; undefined when it isn't one, or is known only at apply. */
export function seconds(duration: unknown): number | undefined {
  const length = typeof duration === "string" ? milliseconds(duration) : undefined;
  return length === undefined ? undefined : length / 1000;
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

/** Problems of a duration that what is synthesized is computed from. */
export function knownDurationProblems(field: string, value: unknown, least?: string): Problem[] {
  if (!isExpression(value)) return durationProblems(field, value, least);
  return [
    {
      field,
      wrong: "is known only at apply, but the pod is made by it",
      fix: 'Write the duration itself, for example "30s".',
    },
  ];
}
