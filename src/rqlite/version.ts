import { isExpression } from "../terraform/expression";
import { choiceProblem, type Problem } from "../terraform/problem";

/** The oldest version whose flags are known here. */
export const OLDEST_VERSION = "8.26.8";

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/** Problems of a version of rqlite. */
export function versionProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value)) return [choiceProblem(field, value, "Write the version itself.")];
  if (typeof value !== "string" || !VERSION.test(value))
    return [
      {
        field,
        value,
        wrong: "is not a version of rqlite",
        fix: 'Write all three numbers, for example "10.2.7".',
      },
    ];
  if (atLeast(value, OLDEST_VERSION)) return [];
  return [
    {
      field,
      value,
      wrong: `is older than ${OLDEST_VERSION}, the oldest whose flags are known`,
      fix: `Write "${OLDEST_VERSION}" or a later one.`,
    },
  ];
}

/** Whether a version is another one or later. */
export function atLeast(version: string, other: string): boolean {
  const [mine, others] = [version, other].map((one) => one.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (mine?.[index] ?? 0) - (others?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
