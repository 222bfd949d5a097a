import type { ITerraformDependable } from "cdktf";
import { type Problem, unknownKeys } from "../terraform/problem";
import { isExpression } from "../terraform/expression";
import { ANNOTATION } from "./names";
import { dnsNameProblems } from "./storage";

/** A Kubernetes Secret by name. Its values never pass through a declaration that uses it. */
export interface SecretReference {
  readonly name: string;
  /** Where it is, when that is known. */
  readonly namespace?: string;
  /** Changes when the values do; it stands in the pod's annotations, so that a rotation rolls it. */
  readonly revision?: string;
  /** The resource that makes the Secret, when Terraform does. */
  readonly resource?: ITerraformDependable;
}

/** One key of a Secret. */
export interface SecretKey {
  readonly secret: SecretReference;
  readonly key: string;
}

/** Problems of the Secret that a declaration names at `field`. */
export function secretProblems(field: string, secret: unknown): Problem[] {
  if (typeof secret !== "object" || secret === null)
    return [
      {
        field,
        value: secret,
        wrong: "names no Secret",
        fix: 'Write Secret.existing("name") or a WriteOnlySecret.',
      },
    ];
  return dnsNameProblems(`${field}.name`, (secret as SecretReference).name);
}

/** Problems of a key of a Secret that stands at `field`. */
export function secretKeyProblems(field: string, value: unknown): Problem[] {
  if (typeof value !== "object" || value === null)
    return [
      {
        field,
        wrong: "is a secret, and would stand in the ConfigMap",
        fix: 'Write { secret: Secret.existing("name"), key: "key" }.',
      },
    ];
  const { secret, key, ...others } = value as Partial<SecretKey>;
  return [
    ...unknownKeys(field, others, { secret: true, key: true }),
    ...secretProblems(`${field}.secret`, secret),
    ...(key === undefined || key === ""
      ? [
          {
            field: `${field}.key`,
            value: key,
            wrong: "names no key",
            fix: "Name the Secret's key.",
          },
        ]
      : []),
  ];
}

/**
 * Problems of a Secret, taken at `field`, that pods of a namespace can't read.
 *
 * @param fix where it has to be
 */
export function secretPlaceProblems(
  field: string,
  secret: SecretReference | undefined,
  namespace: unknown,
  fix: string,
): Problem[] {
  if (secret?.namespace === undefined || secret.namespace === namespace) return [];
  if (isExpression(namespace) || isExpression(secret.namespace)) return [];
  return [
    {
      field,
      value: secret.name,
      wrong: `is a Secret in namespace ${secret.namespace}, which pods of ${String(namespace)} can't read`,
      fix,
    },
  ];
}

/** The annotation of a pod that has it replaced when one of its Secrets changes; nothing where none is known to. */
export function secretRevisionAnnotation(
  secrets: readonly SecretReference[],
): Record<string, string> {
  const revisions = secrets.flatMap(({ revision }) => (revision === undefined ? [] : [revision]));
  return revisions.length === 0 ? {} : { [ANNOTATION.secretRevision]: revisions.join("-") };
}

export const Secret = {
  /**
   * A Secret that something else makes, in the app's namespace: `kubectl create secret`, an
   * operator, another stack. Neither its values nor their changes are known here: after a rotation,
   * run `kubectl rollout restart`.
   */
  existing: (name: string): SecretReference => ({ name }),
};
