import { type Keys, type Problem, unknownKeys } from "../terraform/problem";
import { isExpression } from "../terraform/expression";

const FACTOR: Record<string, number> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const QUANTITY = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/**
 * A Kubernetes quantity ("10Gi", "250m") as a number: bytes, or cores. Undefined when it isn't one.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantity(text: string): number | undefined {
  const [, number, suffix = ""] = QUANTITY.exec(text) ?? [];
  const factor = FACTOR[suffix];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

/** Problems of a size in bytes, such as that of a volume. */
export function sizeProblems(field: string, value: unknown): Problem[] {
  if (isExpression(value)) return [];
  const bytes = typeof value === "string" ? quantity(value) : undefined;
  if (bytes === undefined) {
    return [
      {
        field,
        value,
        wrong: "is not a size",
        fix: 'Write a number with Ki, Mi, Gi or Ti, for example "10Gi".',
      },
    ];
  }
  if (bytes >= 2 ** 20) return [];
  return [{ field, value, wrong: "is less than a mebibyte", fix: 'Did you mean "10Gi"?' }];
}

/** Problems of requests or limits: CPU in cores ("250m"), memory in bytes ("64Mi"). */
export function resourceProblems(field: string, resources: ContainerResources = {}): Problem[] {
  const found = [
    ...unknownKeys(field, resources, {
      requests: true,
      limits: true,
    } satisfies Keys<ContainerResources>),
    ...unknownKeys(`${field}.requests`, resources.requests, { cpu: true, memory: true }),
    ...unknownKeys(`${field}.limits`, resources.limits, { cpu: true, memory: true }),
  ];
  for (const kind of ["requests", "limits"] as const) {
    for (const [name, value] of Object.entries(resources[kind] ?? {})) {
      if (isExpression(value)) continue;
      const at = `${field}.${kind}.${name}`;
      if (name === "memory") found.push(...sizeProblems(at, value));
      else if (quantity(String(value)) === undefined)
        found.push({
          field: at,
          value,
          wrong: "is not a quantity",
          fix: 'Write cores or thousandths of one, for example "1" or "250m".',
        });
    }
  }
  for (const name of ["cpu", "memory"] as const) {
    const request = quantity(String(resources.requests?.[name]));
    const limit = quantity(String(resources.limits?.[name]));
    if (request !== undefined && limit !== undefined && request > limit)
      found.push({
        field: `${field}.requests.${name}`,
        value: resources.requests?.[name],
        wrong: `is more than the limit ${JSON.stringify(resources.limits?.[name])}`,
        fix: "Raise the limit or lower the request.",
      });
  }
  return found;
}

/** What a container asks for and what it may use. */
export interface ContainerResources {
  /** What the scheduler keeps free for it. */
  readonly requests?: { readonly cpu?: string; readonly memory?: string };
  /** What it may not exceed: CPU is throttled, memory ends the container. */
  readonly limits?: { readonly cpu?: string; readonly memory?: string };
}
