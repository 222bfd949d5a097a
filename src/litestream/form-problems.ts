import { isExpression } from "../terraform/expression";
import { choiceProblem, flagProblems, type Problem } from "../terraform/problem";
import { holds, type LitestreamAppConfig } from "./app-config";
import { isClassic, isPlain, isVersion03 } from "./form";
import type { LitestreamAppProps } from "./props";
import { version03Problems } from "./version-03-problems";

/** Problems of the choice of Litestream's version, image and place in the pod. */
export function formProblems(props: LitestreamAppProps, config: LitestreamAppConfig): Problem[] {
  return [
    ...choiceProblems("version", props.version, ["0.3", "0.5"]),
    ...choiceProblems("sidecar", props.sidecar, ["native", "classic"]),
    ...flagProblems({ hardened: props.hardened }),
    ...togetherProblems(props),
    ...imageProblems(props),
    ...(isPlain(props) ? plainProblems(props, config) : []),
    ...(isVersion03(props) ? version03Problems(props) : []),
  ];
}

function choiceProblems(field: string, value: unknown, choices: readonly string[]): Problem[] {
  if (value === undefined || choices.includes(value as string)) return [];
  const fix = `Write ${choices.map((choice) => `"${choice}"`).join(" or ")}.`;
  return [choiceProblem(field, value, fix)];
}

function togetherProblems(props: LitestreamAppProps): Problem[] {
  if (props.hardened !== true) return [];
  if (isVersion03(props))
    return [
      {
        field: "hardened",
        value: true,
        wrong: "stands beside version 0.3, which has no hardened image",
        fix: "Leave one of the two out.",
      },
    ];
  if (isClassic(props))
    return [
      {
        field: "sidecar",
        value: props.sidecar,
        wrong:
          "needs a program that holds back Litestream's end until the app's, and the hardened image has none",
        fix: 'Leave out hardened, or write "native" on Kubernetes 1.29 or later.',
      },
    ];
  return [];
}

/** An official image of another kind than the one the pod is made for. */
function imageProblems({ litestreamImage, hardened, ...form }: LitestreamAppProps): Problem[] {
  if (typeof litestreamImage !== "string" || isExpression(litestreamImage)) return [];
  const [, minor, scratch] = /:v?0\.(\d+)(?:\.\d+)?(-scratch)?$/.exec(litestreamImage) ?? [];
  if (minor === undefined) return [];
  const field = "litestreamImage";
  const version = isVersion03(form) ? "0.3" : "0.5";
  if (`0.${minor}` !== version)
    return [
      {
        field,
        value: litestreamImage,
        wrong: `is not Litestream ${version}, for which its file is written`,
        fix: ["3", "5"].includes(minor)
          ? `Write version: "0.${minor}", or an image of ${version}.`
          : `Write an image of ${version}.`,
      },
    ];
  if (scratch !== undefined && hardened !== true)
    return [
      {
        field,
        value: litestreamImage,
        wrong: "has no shell, which the pod's scripts need",
        fix: "Write hardened: true.",
      },
    ];
  return [];
}

/** What only scripts can do, and the plain pod leaves out. */
function plainProblems(props: LitestreamAppProps, config: LitestreamAppConfig): Problem[] {
  const { restoreFrom, restoreTo, whenVolumeIsOlder, whenNoBackup, storage } = props;
  const which = isVersion03(props) ? "with Litestream 0.3" : "in the hardened image";
  const found: Problem[] = [];
  if (restoreFrom !== undefined)
    found.push({
      field: "restoreFrom",
      wrong: `can't be read ${which}, where no script can choose between two replicas`,
      fix: `Start once with ${isVersion03(props) ? "version 0.5" : "the default image"} and restoreFrom, then change.`,
    });
  if (restoreTo !== undefined)
    found.push({
      field: "restoreTo",
      wrong: `can't be done ${which}, where no script can see to it that it is done once`,
      fix: "Go back with the default image, then change.",
    });
  if (config.directories.length > 0)
    found.push({
      field: "databases",
      value: config.directories[0]?.dir,
      wrong: `is a directory, whose databases no script can list and restore ${which}`,
      fix: "Take the default image, or declare each database by its path.",
    });
  if (isExpression(whenNoBackup))
    found.push({
      field: "whenNoBackup",
      wrong: `is known only at apply, but decides ${which} how each database is restored`,
      fix: 'Write "start-empty" or "refuse" itself.',
    });
  if (whenVolumeIsOlder !== "keep" && outlivesPod(props, config))
    found.push({
      field: "whenVolumeIsOlder",
      value: whenVolumeIsOlder,
      wrong: `can't be found out ${which}: a volume that was left behind is taken for the truth`,
      fix: 'Say so: whenVolumeIsOlder: "keep".',
    });
  if (whenNoBackup === undefined && storage?.kind !== "ephemeral" && config.databases.length > 1)
    found.push({
      field: "whenNoBackup",
      wrong: `must be said ${which}, where each database is restored for itself: one whose backup is gone would start empty beside the others`,
      fix: 'Write "start-empty" for the first start, then "refuse".',
    });
  return found;
}

/** Whether a database lies on a volume that the next pod gets too. */
function outlivesPod(
  { storage, volumes = [] }: LitestreamAppProps,
  { databases }: LitestreamAppConfig,
): boolean {
  if (storage?.kind !== "ephemeral") return true;
  return volumes.some(
    ({ mountPath, storage: other }) =>
      other?.kind !== "ephemeral" &&
      databases.some(({ path }) => holds(String(mountPath), String(path))),
  );
}
