import { isExpression } from "../../terraform/expression";
import type { Problem } from "../../terraform/problem";
import type { SecretReference } from "../../kubernetes/secret";

/** Problems of a folder in a replica. */
export function pathProblems(value: unknown, example: string): Problem[] {
  if (isExpression(value)) return [];
  if (typeof value === "string" && /^[^/]+(\/[^/]+)*$/.test(value) && !value.includes("://")) {
    if (!value.split("/").some((part) => part === "." || part === "..")) return [];
  }
  return [
    {
      field: "path",
      value,
      wrong: 'is not a folder: names joined by "/", with none at its ends',
      fix: `Write for example "${example}".`,
    },
  ];
}

/** Credentials as an object with a Secret in it, whether a person wrote that or the Secret alone. */
export function credentialsOf<T extends { readonly secret: SecretReference }>(
  given: SecretReference | T | undefined,
): (Partial<T> & { readonly secret: SecretReference }) | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "object" && given !== null && "secret" in given) return given;
  return { secret: given as SecretReference } as Partial<T> & { secret: SecretReference };
}

/** A folder without slashes at its ends. */
export function trimmed(text: string): string {
  return text.replace(/^\/+|\/+$/g, "");
}

/** A value in words. */
export function shown(value: string | undefined): string {
  return isExpression(value) ? "(known at apply)" : (value ?? "");
}
