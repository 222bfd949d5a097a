import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";

/** Problems of a container image. */
export function imageProblems(field: string, value: unknown): Problem[] {
  if (
    isExpression(value) ||
    (typeof value === "string" && /^[^\s@]+(:[\w][\w.-]*|@sha256:[0-9a-f]{64})$/.test(value))
  )
    return [];
  return [
    {
      field,
      value,
      wrong: "is not an image with a tag",
      fix: 'Write repository:tag, for example "ghcr.io/muchobien/pocketbase:0.36.8".',
    },
  ];
}
