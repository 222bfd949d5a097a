import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { dnsNameProblems } from "./storage";

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Whether Kubernetes takes this as the name of an annotation: "prefix/name", the prefix a DNS name. */
export function isAnnotation(key: string): boolean {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (more.length > 0 || name.length > 63 || !NAME.test(name)) return false;
  return prefix === undefined || dnsNameProblems("", prefix).length === 0;
}

/**
 * Problems of annotations.
 *
 * @param taken what is set otherwise already, and by which prop
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
 */
export function annotationProblems(
  at: string,
  annotations: unknown = {},
  taken: Readonly<Record<string, string>> = {},
): Problem[] {
  if (isExpression(annotations) || !isMap(annotations))
    return [
      {
        field: at,
        value: isExpression(annotations) ? undefined : annotations,
        wrong: "is not a map of annotations",
        fix: 'Write { "example.com/name": "value" }; each value may be an expression.',
      },
    ];
  return Object.entries(annotations).flatMap(([key, value]) => {
    const field = `${at}[${JSON.stringify(key)}]`;
    if (!isAnnotation(key))
      return [
        {
          field,
          wrong: "is not the name of an annotation",
          fix: 'Write letters, digits, "-", "_" and ".", after a DNS name and "/": "example.com/name".',
        },
      ];
    if (key in taken)
      return [
        { field, wrong: `is set by ${taken[key]} already`, fix: "Leave one of the two out." },
      ];
    return textProblems(field, value);
  });
}

/** Problems of what must be text, or an expression; an annotation takes nothing else. */
export function textProblems(field: string, value: unknown): Problem[] {
  if (typeof value === "string" || isExpression(value)) return [];
  const plain = typeof value === "number" || typeof value === "boolean";
  return [
    {
      field,
      value,
      wrong: value === undefined ? "is missing" : "is not text",
      fix: plain ? `Write "${String(value)}".` : "Write a text, or leave it out.",
    },
  ];
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
