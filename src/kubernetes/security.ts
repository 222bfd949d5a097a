import type { Problem } from "../terraform/problem";
import { asText, isExpression } from "../terraform/expression";

/** The Linux user that every container of a pod runs as, and that owns its volumes. */
export interface PodUser {
  /** @default 1000 */
  readonly user?: number;
  /** @default the user's number */
  readonly group?: number;
  /**
   * Says that the image can't run as anyone but root. The pod then needs a namespace below Pod
   * Security `restricted`.
   *
   * @default false
   */
  readonly allowRoot?: boolean;
}

const DEFAULT_USER = 1000;

/** Problems of a pod's user. */
export function userProblems({ user, group, allowRoot }: PodUser): Problem[] {
  const found: Problem[] = [];
  for (const [field, value] of Object.entries({ user, group })) {
    if (value === undefined || isExpression(value)) continue;
    if (!Number.isInteger(value) || value < 0 || value > 2 ** 31 - 1)
      found.push({
        field,
        value,
        wrong: "is not a user or group id",
        fix: "Write a whole number, for example 1000.",
      });
  }
  if (user === 0 && !allowRoot)
    found.push({
      field: "user",
      value: user,
      wrong: "is root, which Pod Security `restricted` refuses",
      fix: "Write the id of an ordinary user, for example 1000, or say allowRoot: true.",
    });
  return found;
}

/**
 * The pod half of Pod Security `restricted`. `fsGroup` makes volumes writable for the user;
 * `OnRootMismatch` keeps the start of a large volume fast.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function podSecurityContext({ user = DEFAULT_USER, group = user }: PodUser) {
  return {
    runAsUser: asText(user),
    runAsGroup: asText(group),
    runAsNonRoot: user !== 0,
    fsGroup: asText(group),
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/**
 * The container half of Pod Security `restricted`. `runAsNonRoot` stands here too: the provider
 * writes `false` where it is left out, which overrides the pod's.
 */
export function containerSecurityContext(
  { user }: PodUser,
  { readOnlyRootFilesystem }: { readonly readOnlyRootFilesystem: boolean },
) {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem,
    runAsNonRoot: user !== 0,
  };
}
