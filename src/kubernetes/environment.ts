import { isExpression, literal } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import { dnsNameProblems } from "./storage";

/** The value of one environment variable: text, or a key of a Secret or a ConfigMap. */
export type EnvironmentValue =
  | string
  | { readonly secret: string; readonly key: string }
  | { readonly configMap: string; readonly key: string };

/** Every key of a Secret or a ConfigMap as an environment variable. */
export type EnvironmentSource = { readonly prefix?: string } & (
  { readonly secret: string } | { readonly configMap: string }
);

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Problems of an environment. */
export function environmentProblems(
  env: Readonly<Record<string, EnvironmentValue>> = {},
  from: readonly EnvironmentSource[] = [],
): Problem[] {
  const found: Problem[] = [];
  for (const [name, value] of Object.entries(env)) {
    const field = `env.${name}`;
    if (name === "HOSTNAME")
      found.push({
        field,
        wrong: "would hide the pod's name, which Kubernetes sets and other parts rely on",
        fix: "Give the variable another name.",
      });
    else if (!NAME.test(name))
      found.push({
        field,
        wrong: "is not the name of an environment variable",
        fix: 'Write letters, digits and "_", not beginning with a digit.',
      });
    if (typeof value === "string") continue;
    if (!isReference(value)) {
      const number = typeof value === "number" && !isExpression(value);
      found.push({
        field,
        value: isExpression(value) ? undefined : value,
        wrong: "is not text",
        fix: number
          ? `Write "${String(value)}".`
          : 'Write a text, or { secret: "name", key: "key" }, or leave it out.',
      });
      continue;
    }
    found.push(
      ...dnsNameProblems(
        `${field}.${"secret" in value ? "secret" : "configMap"}`,
        sourceName(value),
      ),
    );
    if (!value.key)
      found.push({
        field: `${field}.key`,
        value: value.key,
        wrong: "is empty",
        fix: "Name the key.",
      });
  }
  from.forEach((source, index) => {
    const kind = "secret" in source ? "secret" : "configMap";
    found.push(...dnsNameProblems(`envFrom[${index}].${kind}`, sourceName(source)));
  });
  return found;
}

function isReference(value: unknown): value is Exclude<EnvironmentValue, string> {
  return typeof value === "object" && value !== null && ("secret" in value || "configMap" in value);
}

/** The container's `env` blocks. */
export function environmentBlocks(env: Readonly<Record<string, EnvironmentValue>> = {}) {
  return Object.entries(env).map(([name, value]) => {
    if (typeof value !== "object" || isExpression(value))
      return { name, value: literal(value as string) };
    const ref = { name: sourceName(value), key: value.key };
    return {
      name,
      valueFrom: "secret" in value ? { secretKeyRef: ref } : { configMapKeyRef: ref },
    };
  });
}

/** The container's `env_from` blocks. */
export function environmentFromBlocks(from: readonly EnvironmentSource[] = []) {
  return from.map((source) => {
    const ref = { name: sourceName(source) };
    return {
      prefix: source.prefix,
      ...("secret" in source ? { secretRef: ref } : { configMapRef: ref }),
    };
  });
}

function sourceName(source: { secret: string } | { configMap: string }): string {
  return "secret" in source ? source.secret : source.configMap;
}
