import type { TerraformProvider } from "cdktf";
import { labels } from "./names";
import { Namespace } from "./namespace";

/** Whom some objects belong to: an app, its readers, its verification. */
export interface Owner {
  readonly name: string;
  readonly namespace: Namespace | string;
  readonly provider?: TerraformProvider;
}

/** Name, namespace and labels of what belongs to an owner. */
export function metadataOf(owner: Owner) {
  return { name: owner.name, namespace: namespaceName(owner), labels: labels(owner.name) };
}

/** By what `identify` knows it. */
export function identityOf(owner: Owner) {
  return { name: owner.name, namespace: namespaceName(owner), provider: owner.provider };
}

/** What every object needs to be there first. */
export function common({ namespace, provider }: Owner) {
  return {
    provider,
    dependsOn: namespace instanceof Namespace ? [namespace.resource] : undefined,
  };
}

/** The name of its namespace. */
export function namespaceName({ namespace }: Owner): string {
  return typeof namespace === "string" ? namespace : namespace.name;
}
