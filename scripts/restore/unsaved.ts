import type { V1Pod } from "@kubernetes/client-node";
import { Failure } from "../cluster/failure";
import type { ReplicationState } from "../status/state";
import type { DeployedApp } from "./deployed";
import { hasEphemeral } from "./plan";

/**
 * On ephemeral storage, what Litestream hasn't uploaded is gone with the pod, and no restore that fails afterwards brings
 * it back. Then the app isn't stopped.
 *
 * @param look asks how far the replica is; undefined when Litestream doesn't run
 * @throws Failure which says how to go on without it.
 */
export async function refuseUnsaved(
  app: DeployedApp,
  pod: V1Pod,
  look: (() => Promise<ReplicationState>) | undefined,
): Promise<void> {
  if (!hasEphemeral(app)) return;
  const why = look
    ? unsaved(await look())
    : hasBegun(pod)
      ? "its Litestream doesn't run"
      : undefined;
  if (why === undefined) return;
  const { name, namespace } = app;
  throw new Failure(
    `${namespace}/${name} keeps its database in its pod only, and what it has written may not be in the replica (${why}): stopping it would lose that. Nothing was stopped, and nothing has changed.\nWhat is wrong: npm run logs -- ${name} -n ${namespace} --since 10m\nTo go on without it, stop the app yourself, and restore then: kubectl -n ${namespace} scale statefulset ${name} --replicas=0`,
  );
}

/** Why what the app has written may not be in the replica; undefined when it is, or gets there. */
export function unsaved({ unknown, databases }: ReplicationState): string | undefined {
  if (unknown !== undefined) return `how far it is isn't known: ${unknown}`;
  const wrong = databases.find(({ state }) =>
    ["behind", "ahead", "unreachable", "never"].includes(state),
  );
  return wrong && `${wrong.path}: ${wrong.reason ?? wrong.state}`;
}

/** Its containers start when its databases are restored; before that there is nothing to lose. */
export function hasBegun({ status }: V1Pod): boolean {
  return (status?.containerStatuses ?? []).some(
    ({ state, restartCount }) => state?.running ?? state?.terminated ?? restartCount > 0,
  );
}
