import type { Construct, IConstruct } from "constructs";

const next = new WeakMap<IConstruct, number>();

/**
 * The next place in the night of a tree of constructs, from 0: in the order of the calls, so that a
 * construct declared after the others moves none of them. Each call takes a place.
 */
export function nightSlot(scope: Construct): number {
  const { root } = scope.node;
  const slot = next.get(root) ?? 0;
  next.set(root, slot + 1);
  return slot;
}
