import { secretProblems, type SecretReference } from "../../kubernetes/secret";
import {
  identityProblems,
  isIdentity,
  type WorkloadIdentity,
} from "../../kubernetes/workload-identity";
import { isExpression } from "../../terraform/expression";
import { type Problem, unknownKeys, within } from "../../terraform/problem";

/** Problems of a folder in a replica. */
export function pathProblems(value: unknown, example: string): Problem[] {
  return folderProblems(value, `Write for example "${example}".`);
}

/** Problems of a folder that may also be named from the server's root on. */
export function serverPathProblems(value: unknown, example: string): Problem[] {
  const inside = typeof value === "string" ? value.replace(/^\//, "") : value;
  const fix = `Write for example "${example}", from the user's folder on, or "/srv/${example}".`;
  return folderProblems(inside, fix).map((problem) => ({
    ...problem,
    value,
    wrong: 'is not a folder: names joined by "/", with none at its end',
  }));
}

function folderProblems(value: unknown, fix: string): Problem[] {
  if (isExpression(value)) return [];
  if (typeof value === "string" && /^[^/]+(\/[^/]+)*$/.test(value) && !value.includes("://")) {
    if (!value.split("/").some((part) => part === "." || part === "..")) return [];
  }
  const wrong = 'is not a folder: names joined by "/", with none at its ends';
  return [{ field: "path", value, wrong, fix }];
}

/**
 * Problems of a bucket's name.
 *
 * @param fix what such names are made of
 */
export function bucketProblems(value: unknown, right: (name: string) => boolean, fix: string) {
  if (isExpression(value)) return [];
  const name = typeof value === "string" ? value : "";
  if (right(name)) return [];
  const [, inner] = /^(?:\w+:\/\/)?([^/]+)(?:\/.*)?$/.exec(name) ?? [];
  const hint =
    inner && inner !== name ? ` The folder belongs into path: did you mean bucket "${inner}"?` : "";
  return [{ field: "bucket", value, wrong: "is not a bucket's name", fix: `${fix}${hint}` }];
}

/** Credentials as an object with a Secret in it, whether a person wrote that or the Secret alone. */
export function credentialsOf<T extends { readonly secret: SecretReference }>(
  given: SecretReference | T | undefined,
): (Partial<T> & { readonly secret: SecretReference }) | undefined {
  if (given === undefined) return undefined;
  if (typeof given === "object" && given !== null && "secret" in given) return given;
  return { secret: given as SecretReference } as Partial<T> & { secret: SecretReference };
}

/**
 * Problems of what is taken from a Secret.
 *
 * @param keys what may stand beside `secret`: names of its keys
 */
export function credentialsProblems(
  field: string,
  given: unknown,
  keys: Readonly<Record<string, true>>,
): Problem[] {
  const names = typeof given !== "object" || given === null || "secret" in given || "name" in given;
  const { secret, ...others } = (names && credentialsOf(given as SecretReference)) || {};
  return [
    ...secretProblems(field, secret),
    ...unknownKeys(field, others, { secret: true, ...keys }),
    ...Object.entries(others as Record<string, unknown>)
      .filter(([key, name]) => key in keys && (typeof name !== "string" || name === ""))
      .filter(([, name]) => name !== undefined && !isExpression(name))
      .map(([key, name]) => ({
        field: `${field}.${key}`,
        value: name,
        wrong: "names no key",
        fix: "Name the Secret's key, or leave it out.",
      })),
  ];
}

/** Problems of credentials of which Litestream takes one kind: two of `keys` in one Secret are one too many. */
export function alternativeProblems(
  field: string,
  given: unknown,
  keys: readonly string[],
): Problem[] {
  const named = keys.filter((key) => (given as Record<string, unknown> | null)?.[key]);
  if (typeof given !== "object" || named.length < 2) return [];
  return [
    {
      field,
      wrong: `has ${named.join(" and ")}, of which one is used`,
      fix: "Leave the others out.",
    },
  ];
}

/** Problems of an identity given to a service that trusts those of one cloud. */
export function ofCloudProblems(
  credentials: WorkloadIdentity,
  kind: WorkloadIdentity["kind"],
  service: string,
  fix: string,
): Problem[] {
  if (credentials.kind === kind) return within("credentials", identityProblems(credentials));
  const wrong = `is an identity that ${service} doesn't know`;
  return [{ field: "credentials", value: credentials.kind, wrong, fix }];
}

/** Problems of an identity given where no cloud vouches for a pod. */
export function noIdentityProblems(credentials: unknown, service: string): Problem[] {
  if (!isIdentity(credentials)) return [];
  return [
    {
      field: "credentials",
      value: credentials.kind,
      wrong: `is an identity that ${service} doesn't know`,
      fix: 'Write Secret.existing("name") or a WriteOnlySecret.',
    },
  ];
}

/** A folder without slashes at its ends. */
export function trimmed(text: string): string {
  return text.replace(/^\/+|\/+$/g, "");
}

/** A service by its address: one text for all ways to write it. */
export function addressOf(url: string): string {
  if (isExpression(url)) return url;
  const [, scheme = "", host = "", path = ""] = /^(\w+):\/\/([^/]*)(.*)$/.exec(url) ?? [];
  const port = { http: /:80$/, https: /:443$/, nats: /:4222$/ }[scheme.toLowerCase()];
  return `${host.toLowerCase().replace(port ?? /$^/, "")}${path.replace(/\/+$/, "")}`;
}

/** A value in words. */
export function shown(value: string | undefined): string {
  return isExpression(value) ? "(known at apply)" : (value ?? "");
}
