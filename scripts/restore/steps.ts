import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/client";
import { explain, statusCode } from "../cluster/explain";
import { Failure } from "../cluster/failure";
import {
  appPod,
  deleteConfigMap,
  deletePod,
  isReady,
  note,
  persistently,
  readConfigMap,
  readPod,
  replicasOf,
  scale,
} from "./cluster";
import type { DeployedApp } from "./deployed";
import { type Ended, follow } from "./follow";
import type { Interrupt } from "./interrupt";
import { afterLoss, type Outcome, outcomeOf } from "./outcome";
import type { Plan } from "./plan";
import { ENDS_WITHIN, restoreConfigMap, restoreName, restorePod } from "./pod";
import { KEPT, notWhole, runsMeanwhile, startCommand, success, underWay } from "./words";

export interface Run {
  readonly cluster: Cluster;
  readonly app: DeployedApp;
  readonly plan: Plan;
  readonly image: string | undefined;
  readonly timeoutSeconds: number;
  readonly interrupt: Interrupt;
  /** A line of what goes on. */
  readonly tell: (line: string) => void;
}

/** Keys of the restore's ConfigMap by which another run knows how far it came. */
const STAGE = "stage";
const OUTCOME = "outcome.json";

/** @throws Failure when a restore of the app is under way. */
export async function refuseSecond(
  cluster: Cluster,
  { name, namespace }: Pick<DeployedApp, "name" | "namespace">,
): Promise<void> {
  const own = { name: restoreName(name), namespace };
  const map = await readConfigMap(cluster, own);
  if (map || (await readPod(cluster, own)))
    throw new Failure(underWay(planIn(map?.data), name, namespace));
}

export function planIn(data: Record<string, string> | undefined): Plan | undefined {
  const text = data?.["plan.json"];
  return text === undefined ? undefined : (JSON.parse(text) as Plan);
}

/** Stops the app, restores, starts the app. Gives the exit code. */
export async function restore(run: Run): Promise<number> {
  const { cluster, app, plan } = run;
  const body = restoreConfigMap(app, plan);
  try {
    await cluster.core.createNamespacedConfigMap({ namespace: app.namespace, body });
  } catch (error) {
    if (statusCode(error) !== 409) throw error;
    throw new Failure(underWay(undefined, app.name, app.namespace));
  }
  return finished(run, async () => {
    await stop(run);
    return restored(run);
  });
}

/** Carries on with a restore whose program was killed. */
export async function resume(run: Run, data: Record<string, string>): Promise<number> {
  const { cluster, app, plan, tell } = run;
  return finished(run, async () => {
    const known = data[OUTCOME];
    if (known !== undefined) return JSON.parse(known) as Outcome;
    const pod = { name: restoreName(app.name), namespace: app.namespace };
    if (await persistently(() => readPod(cluster, pod))) {
      tell(`The restore of ${plan.startedAt} goes on in pod ${pod.name}`);
      return concluded(run, await follow(cluster, plan, run, run.interrupt, tell));
    }
    if (data[STAGE] === undefined)
      return { kind: "unchanged", reason: "its program was ended before it began" };
    return undone(run, "its pod is gone", undefined);
  });
}

/** Whatever comes of `work`: the pod goes, the app starts again, and a person reads what is the case. */
async function finished(run: Run, work: () => Promise<Outcome>): Promise<number> {
  const { cluster, app, plan, tell } = run;
  const own = { name: restoreName(app.name), namespace: app.namespace };
  try {
    const outcome = await outcomeOrFailure(run, work);
    await note(cluster, own, { [OUTCOME]: JSON.stringify(outcome) });
    await deletePod(cluster, own, ENDS_WITHIN);
    if (outcome.kind !== "not whole" && (await stoppedByUs(run))) {
      tell(`Starting ${plan.namespace}/${plan.app}`);
      await scale(cluster, app, plan.replicas);
    }
    await deleteConfigMap(cluster, own);
    return await told(run, outcome);
  } catch (error) {
    if (error instanceof RunsMeanwhile) throw error;
    const { message } = explain(error, cluster) as Error;
    throw new Failure(
      `${message}\nThe restore isn't finished, and the app may be stopped. Carry on when the cluster answers: npm run restore -- ${app.name} -n ${app.namespace} --resume\n${startCommand(plan)} starts the app as it is, without waiting for what the restore's pod does.`,
      { cause: error },
    );
  }
}

/** Not when it was stopped before, nor when somebody has started it meanwhile. */
async function stoppedByUs({ cluster, app, plan }: Run): Promise<boolean> {
  return plan.replicas > 0 && (await persistently(() => replicasOf(cluster, app))) === 0;
}

async function outcomeOrFailure({ cluster }: Run, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotBegun) return { kind: "unchanged", reason: error.message };
    throw explain(error, cluster);
  }
}

/** The app is as it was, but for being stopped. */
class NotBegun extends Error {}

/** Stops the app and waits until its pod is gone: its last writes leave for the replica then. */
async function stop({ cluster, app, plan, interrupt, tell }: Run): Promise<void> {
  const seconds = (app.spec.terminationGracePeriodSeconds ?? 30) + 60;
  if (interrupt.asked) throw new NotBegun("it was interrupted");
  if (plan.replicas > 0) {
    tell(`Stopping ${plan.namespace}/${plan.app}`);
    await scale(cluster, app, 0).catch((error: unknown) => {
      if (statusCode(error) === undefined) throw error;
      throw new NotBegun((explain(error, cluster) as Error).message);
    });
  }
  const started = Date.now();
  let told = started;
  while (await appPod(cluster, app)) {
    if (interrupt.asked) throw new NotBegun("it was interrupted");
    const now = Date.now();
    if (now - started > seconds * 1000)
      throw new NotBegun(
        `the pod ${app.name}-0 hasn't ended within ${seconds} s. Is its node dead? Only when it is certainly off: delete the node, or taint it out-of-service.`,
      );
    if (now - told > 10_000) {
      told = now;
      tell(
        `  it is still ending, for at most ${Math.round(seconds - (now - started) / 1000)} s more`,
      );
    }
    await sleep(500);
  }
}

async function restored(run: Run): Promise<Outcome> {
  const { cluster, app, plan, image, tell, interrupt } = run;
  if (interrupt.asked) throw new NotBegun("it was interrupted");
  tell("Restoring");
  const own = { name: restoreName(app.name), namespace: app.namespace };
  // Before it is: one that nobody noted would be taken for one that never was.
  await note(cluster, own, { [STAGE]: "the pod is made" });
  try {
    const body = restorePod(app, plan, { image });
    await cluster.core.createNamespacedPod({ namespace: app.namespace, body });
  } catch (error) {
    // What wasn't answered may have been done.
    if (statusCode(error) === undefined) throw error;
    throw new NotBegun((explain(error, cluster) as Error).message);
  }
  return concluded(run, await follow(cluster, plan, run, interrupt, tell));
}

async function concluded(run: Run, { exitCode, log, stopped }: Ended): Promise<Outcome> {
  const outcome = outcomeOf(run.plan, exitCode, log);
  if (outcome.kind === "lost") return undone(run, stopped ?? outcome.reason, log);
  return stopped !== undefined && outcome.kind === "unchanged"
    ? { ...outcome, reason: stopped }
    : outcome;
}

/** Another pod puts back what one that ended without a word has moved. */
async function undone(
  run: Run,
  reason: string,
  log: readonly string[] | undefined,
): Promise<Outcome> {
  const { cluster, app, plan, image, tell } = run;
  if (plan.databases.every(({ lies }) => lies === "ephemeral")) return afterLoss(plan, reason, log);
  if ((await persistently(() => replicasOf(cluster, app))) > 0 || (await appPod(cluster, app)))
    throw new RunsMeanwhile(runsMeanwhile(plan));
  tell(`  note: ${reason}: undoing what it did`);
  const own = { name: restoreName(app.name), namespace: app.namespace };
  await deletePod(cluster, own, ENDS_WITHIN);
  const body = restorePod(app, plan, { image, undo: true });
  await persistently(() => cluster.core.createNamespacedPod({ namespace: app.namespace, body }));
  const { exitCode } = await follow(cluster, plan, run, undefined, tell);
  // It had been done to its end, and only its words are lost.
  if (exitCode === 0) return { kind: "restored", restored: [] };
  if (exitCode === 1) return afterLoss(plan, reason, log);
  return { kind: "not whole", reason: `${reason}, and undoing it ended with ${exitCode}` };
}

/** Nothing can be undone while the app runs. */
class RunsMeanwhile extends Failure {}

/** Says what is the case, once the app runs again. */
async function told(run: Run, outcome: Outcome): Promise<number> {
  const { app, plan, tell } = run;
  if (outcome.kind === "not whole") {
    console.error(notWhole(plan, outcome.reason));
    return 1;
  }
  if (outcome.kind === "restored") console.log(success({ plan, restored: outcome.restored }));
  else console.error(`Restoring failed: ${outcome.reason}\n${KEPT}`);
  if (plan.replicas === 0)
    tell(`${app.namespace}/${app.name} was stopped before, and stays so. ${startCommand(plan)}`);
  else if (!(await started(run))) return 1;
  return outcome.kind === "restored" ? 0 : 1;
}

/** An app that isn't ready by then needs a person. */
const READY_SECONDS = 300;

async function started({ cluster, app, tell }: Run): Promise<boolean> {
  const end = Date.now() + READY_SECONDS * 1000;
  while (!isReady(await appPod(cluster, app))) {
    if (Date.now() > end) {
      tell(
        `${app.namespace}/${app.name} isn't ready after ${READY_SECONDS} s. Look at it: npm run logs -- ${app.name} -n ${app.namespace}`,
      );
      return false;
    }
    await sleep(500);
  }
  tell(`${app.namespace}/${app.name} runs and is ready`);
  return true;
}
