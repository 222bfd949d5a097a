import { expandedByReader, isExpression, quoted } from "../terraform/expression";
import { secretKeyProblems } from "../kubernetes/secret";
import type { Problem } from "../terraform/problem";
import type { FromEnvironment } from "./config";
import { durationProblems } from "../kubernetes/duration";
import { DATABASE_MARKER } from "./folders";

/** What a key of litestream.yml may hold. */
export type Rule =
  | { kind: "boolean" | "text" | "size" | "url" | "secretKey" | "fromEnvironment" }
  | { kind: "duration"; least?: string }
  | { kind: "integer"; least: number }
  | { kind: "choice"; of: readonly string[] }
  | { kind: "object"; keys: Schema }
  | { kind: "list"; of: Rule };

/** The keys of one level of litestream.yml, in the order in which they are rendered. */
export type Schema = Readonly<Record<string, Rule>>;

/** Rules for every key of a part of the model: doesn't compile when one is missing or too many. */
export type SchemaOf<T> = Readonly<Record<keyof Required<T>, Rule>>;

export const boolean: Rule = { kind: "boolean" };
export const text: Rule = { kind: "text" };
export const duration: Rule = { kind: "duration" };
export const object = (keys: Schema): Rule => ({ kind: "object", keys });
export const integer = (least: number): Rule => ({ kind: "integer", least });

/**
 * Problems of `value` against the keys of one level: unknown keys, wrong types, bad values.
 *
 * @param field where the level stands; empty for the level of the props themselves
 */
export function schemaProblems(field: string, value: unknown, schema: Schema): Problem[] {
  if (value === undefined || isExpression(value)) return [];
  return ruleProblems(field, value, object(schema));
}

function ruleProblems(field: string, value: unknown, rule: Rule): Problem[] {
  if (value === undefined || (isExpression(value) && typeof value !== "object")) return [];
  const wrongUnless = (right: boolean, wrong: string, fix: string): Problem[] =>
    right ? [] : [{ field, value, wrong, fix }];
  switch (rule.kind) {
    case "boolean":
      return wrongUnless(
        typeof value === "boolean" || isExpression(value),
        "is neither true nor false",
        "Write true or false.",
      );
    case "text":
      return wrongUnless(
        typeof value === "string" && value !== "",
        "is not a text",
        "Write one, or leave the key out.",
      );
    case "size":
      return wrongUnless(
        typeof value === "string" && /^\d+(\.\d+)?\s*([KMGT]i?B?|B)?$/i.test(value),
        "is not a size",
        'Write bytes with MiB or MB, for example "5MiB".',
      );
    case "url":
      return wrongUnless(
        typeof value === "string" && /^https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/.test(value),
        "is not a URL, or has a password in it, which would be readable in the ConfigMap",
        'Begin with "https://" or "http://", and leave user and password out.',
      );
    case "fromEnvironment":
      return [];
    case "secretKey":
      return secretKeyProblems(field, value);
    case "duration":
      return durationProblems(field, value, rule.least);
    case "integer":
      return wrongUnless(
        typeof value === "number" && Number.isInteger(value) && value >= rule.least,
        "is out of range",
        `Write a whole number from ${rule.least}.`,
      );
    case "choice":
      return wrongUnless(
        rule.of.includes(value as string),
        "is unknown",
        `Write one of ${rule.of.join(", ")}.`,
      );
    case "list":
      if (!Array.isArray(value)) return wrongUnless(false, "is not a list", "Write […].");
      return value.flatMap((item, index) => ruleProblems(`${field}[${index}]`, item, rule.of));
    case "object":
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return wrongUnless(false, "is not an object", `Write { ${Object.keys(rule.keys)[0]}: … }.`);
      return Object.entries(value).flatMap(([key, item]) => {
        const known = rule.keys[key];
        const at = field === "" ? key : `${field}.${key}`;
        if (known) return ruleProblems(at, item, known);
        return [
          {
            field: at,
            value: item,
            wrong: "is unknown to Litestream 0.5.16, which would ignore it silently",
            fix: `Take one of ${Object.keys(rule.keys).join(", ")}.`,
          },
        ];
      });
  }
}

/** Data of the model as litestream.yml spells it: kebab-case, in the order of the schema. */
export function toFile(value: unknown, rule: Rule): unknown {
  if (
    value === undefined ||
    (isExpression(value) && rule.kind !== "object" && rule.kind !== "list")
  )
    return value;
  if (rule.kind === "fromEnvironment")
    return expandedByReader(`\${${(value as FromEnvironment).variable}}`);
  if (rule.kind === "list" && Array.isArray(value))
    return value.map((item) => toFile(item, rule.of));
  if (rule.kind !== "object")
    return typeof value === "string" && value.includes(DATABASE_MARKER) ? quoted(value) : value;
  const data = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(rule.keys)
      .filter(([key]) => data[key] !== undefined)
      .map(([key, inner]) => [kebabCase(key), toFile(data[key], inner)]),
  );
}

function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
