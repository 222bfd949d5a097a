import { CONTAINER } from "../../src/kubernetes/names";
import { podOf } from "../cluster/apps";
import type { Cluster } from "../cluster/client";
import { exec } from "../cluster/exec";
import { isRunning } from "../status/pods";
import { replicationState } from "../status/replication";
import type { Target } from "./arguments";
import type { DeployedApp } from "./deployed";
import { answerOf, dryRun, type Found, type Last, lastFile } from "./dry-run";
import type { Plan, PlannedDatabase } from "./plan";
import { refuseUnsaved } from "./unsaved";
import { stateInWords } from "./words";

/** Litestream tries for minutes to reach a replica. */
const ANSWER_SECONDS = 90;

/**
 * Asks the running app's Litestream whether the replica can give that state of each database, so that a wrong time
 * never stops the app.
 *
 * @returns a sentence instead when the app doesn't run: then the restore itself finds out, before it moves anything.
 * @throws Failure when the replica can't give it, or stopping the app would lose what isn't in it yet.
 */
export async function preflight(
  cluster: Cluster,
  app: DeployedApp,
  plan: Plan,
): Promise<readonly Found[] | string> {
  const pod = await podOf(cluster, app);
  const running = pod !== undefined && isRunning(pod, CONTAINER.litestream);
  if (pod && !pod.metadata?.deletionTimestamp) {
    const look = () => replicationState(cluster, app, pod, { atMost: Infinity });
    await refuseUnsaved(app, pod, running ? look : undefined);
  }
  if (!running || pod.metadata?.deletionTimestamp)
    return "Its Litestream doesn't run: what the replica holds can't be asked now. A wrong time is found before anything is moved.";
  const found: Found[] = [];
  for (const database of plan.databases)
    found.push(await foundIn(cluster, app, database, plan.target));
  return found;
}

async function foundIn(
  cluster: Cluster,
  app: DeployedApp,
  database: PlannedDatabase,
  target: Target,
): Promise<Found> {
  const ask = async (flags: readonly string[]) => {
    const place = {
      namespace: app.namespace,
      pod: `${app.name}-0`,
      container: CONTAINER.litestream,
    };
    const options = { timeoutSeconds: ANSWER_SECONDS };
    const command = dryRun(app, database, flags);
    return answerOf(database.path, ANSWER_SECONDS, exec(cluster, place, command, options));
  };
  const newest = lastFile(await ask([]), `The replica of ${database.path} can't be read`);
  if (target.flag === "newest") return found(database.path, newest, newest);
  const wanted = lastFile(
    await ask([target.flag, target.value]),
    `The replica can't give ${stateInWords(target)} of ${database.path}`,
  );
  return found(database.path, wanted, newest);
}

function found(database: string, [transaction, writtenAt]: Last, [newest, newestAt]: Last): Found {
  return { database, transaction, writtenAt, newest, newestAt };
}
