import { BEFORE_FOLDER } from "../../src/litestream/before-restore";
import type { Request, Target } from "./arguments";
import type { Restored } from "./log";
import type { Plan } from "./plan";
import { restoreName } from "./pod";
import type { Found } from "./dry-run";

/** The state to go back to, in words. */
export function stateInWords({ flag, value }: Target): string {
  if (flag === "newest") return "the newest state in the replica";
  return flag === "-txid" ? `the state after transaction ${value}` : `the state before ${value}`;
}

/** What is going to happen, for the person who says yes to it. */
export function announcement(
  plan: Plan,
  found: readonly Found[] | string,
  context: string,
): string {
  const { app, namespace, target, databases } = plan;
  const rows = databases.map(({ path }) => {
    const one = Array.isArray(found)
      ? (found as readonly Found[]).find(({ database }) => database === path)
      : undefined;
    return one
      ? `    ${path}: transaction ${one.transaction} of ${one.writtenAt} (the newest is ${one.newest} of ${one.newestAt})`
      : `    ${path}`;
  });
  const onVolume = databases.filter(({ lies }) => lies === "volume");
  const passing = databases.filter(({ lies }) => lies === "ephemeral");
  return [
    `${namespace}/${app} in "${context}" goes back to ${stateInWords(target)}:`,
    ...rows,
    ...(typeof found === "string" ? [`  ${found}`] : []),
    plan.replicas === 0
      ? "  The app is stopped (0 replicas), and stays so."
      : "  The app is down meanwhile.",
    "  The present state is kept:",
    ...(onVolume.length > 0
      ? [`    as files on the volume: ${[...new Set(onVolume.map(({ kept }) => kept))].join(", ")}`]
      : []),
    `    in the replica, as long as snapshots are kept${passing.length > 0 && onVolume.length === 0 ? "; there is no volume that could keep a file" : ""}`,
    ...(target.flag === "newest"
      ? []
      : ["  What is written from now until the app is stopped goes back with the rest."]),
  ].join("\n");
}

/** What came of it. */
export function success({ plan, restored }: { plan: Plan; restored: readonly Restored[] }): string {
  const { app, namespace, target } = plan;
  const lost = restored.length === 0;
  const files = lost ? plan.databases : restored.filter(({ kept }) => kept !== undefined);
  const folder = keptFolder(plan);
  return [
    `${namespace}/${app} is back at ${stateInWords(target)}.`,
    ...(lost
      ? [
          `  Its pod was gone before it was asked, so its transactions aren't known. Which there are: litestream ltx`,
          ...plan.databases.map(({ path, kept, lies }) =>
            lies === "volume" ? `  ${path}: before: in ${kept}` : `  ${path}`,
          ),
        ]
      : []),
    ...restored.flatMap(({ database, state, now, before, kept }) => [
      `  ${database}: the state of transaction ${state}, now transaction ${now}; the replica gives back the same`,
      before === undefined
        ? "    before: not in the replica"
        : `    before: transaction ${before} in the replica; go back to it: ${goBack(plan, database, before)}`,
      ...(kept === undefined ? [] : [`    before: ${kept}`]),
    ]),
    ...(files.length > 0 && folder !== undefined
      ? [
          `When all is well, delete what is kept on the volume: kubectl -n ${namespace} exec ${app}-0 -c ${plan.container} -- rm -r ${folder}`,
        ]
      : []),
  ].join("\n");
}

/** The folder of one restore on a volume: the same in each of several volumes. */
function keptFolder({ id, databases }: Plan): string | undefined {
  const folders = databases
    .filter(({ lies }) => lies === "volume")
    .map(({ kept }) => `${kept.slice(0, kept.indexOf(BEFORE_FOLDER))}${BEFORE_FOLDER}/${id}`);
  return folders.length === 0 ? undefined : [...new Set(folders)].map(quoted).join(" ");
}

export function goBack({ app, namespace }: Plan, database: string, transaction: string): string {
  return `npm run restore -- ${app} -n ${namespace} --txid ${transaction} --database ${quoted(database)}`;
}

/** A path as a shell takes it: one word. */
function quoted(path: string): string {
  return /^[\w./@%+,:-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

export const KEPT = "Nothing has changed: the old state is in its place.";

/** What may have changed, and how it is mended, when undoing didn't work either. */
export function notWhole(plan: Plan, reason: string): string {
  const { app, namespace } = plan;
  return [
    `Restoring failed, and so did undoing it: ${reason}`,
    `${namespace}/${app} is left stopped, so that it doesn't go on with a state that nobody has chosen. What there is:`,
    ...plan.databases.map(({ path, lies, kept }) =>
      lies === "volume"
        ? `  ${path}: the file that was there before, unless it is in its place again: ${kept}`
        : `  ${path}: what the replica holds; the lines above name the transaction that was the newest before`,
    ),
    `When the replica answers again, choose one: npm run restore -- ${app} -n ${namespace} --txid TRANSACTION --database PATH`,
    `Then start it: ${startCommand(plan)}`,
  ].join("\n");
}

export function startCommand({ app, namespace, replicas }: Plan): string {
  return `kubectl -n ${namespace} scale statefulset ${app} --replicas=${Math.max(replicas, 1)}`;
}

/** The pod stays, and undoes when it can. */
export function undoWaits({ app, namespace }: Plan, why: string): string {
  return `What the restore did isn't undone yet: the pod ${namespace}/${restoreName(app)} doesn't start: ${why}`;
}

/** A restore that was killed would be undone, and the app runs: its files mustn't be changed under it. */
export function runsMeanwhile({ app, namespace, databases }: Plan): string {
  const kept = [
    ...new Set(databases.flatMap((one) => (one.lies === "volume" ? [one.kept] : []))),
  ].join(", ");
  return [
    `${namespace}/${app} was started before its restore was undone. Nothing is put back under a running app.`,
    `The state that it has may be the restored one, of some databases only; the files from before are in ${kept}.`,
    `To go on with what it has, unless its start is refused because of that: kubectl -n ${namespace} delete configmap,pod ${restoreName(app)} --ignore-not-found`,
    `To put back the files from before, without what was written since: kubectl -n ${namespace} scale statefulset ${app} --replicas=0, and then: npm run restore -- ${app} -n ${namespace} --resume`,
  ].join("\n");
}

/** Another restore is under way, or its program was killed. */
export function underWay(plan: Plan | undefined, app: string, namespace: string): string {
  const since = plan ? ` since ${plan.startedAt}, to ${stateInWords(plan.target)}` : "";
  return [
    `A restore of ${namespace}/${app} is under way${since} (ConfigMap and pod ${restoreName(app)}).`,
    `If no program runs it any more, this one carries on with it: npm run restore -- ${app} -n ${namespace} --resume`,
  ].join("\n");
}

export const NO_TERMINAL =
  "There is no terminal to ask on. Read what is going to happen, and call it again with --yes.";

export const QUESTION = "Go on? Only yes does: ";

export function asksFor({ yes }: Pick<Request, "yes">, terminal: boolean): "ask" | "go" | "refuse" {
  if (yes) return "go";
  return terminal ? "ask" : "refuse";
}
