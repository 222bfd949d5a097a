import type { BackupSource } from "../kubernetes/backup";
import { knownDurationProblems } from "../kubernetes/duration";
import { imageProblems } from "../kubernetes/image";
import { dnsLabelProblems } from "../kubernetes/names";
import { resourceProblems, sizeProblems } from "../kubernetes/quantity";
import { scheduleProblems } from "../kubernetes/schedule";
import { isExpression } from "../terraform/expression";
import { choiceProblem, flagProblems, type Problem, unknownKeys } from "../terraform/problem";
import { assertionProblems } from "./assertion";
import { type BackupVerificationConfig, PROOF_SHARE, VERIFICATION_DEFAULTS } from "./config";
import { type BackupVerificationProps, VERIFICATION_PROPS } from "./props";
import { receiverProblems } from "./receiver";

/** A Job carries its CronJob's name and eleven more characters, in a label of at most 63. */
export const LONGEST_NAME = 52;

/** What is wrong when there is no app whose backup could be proven. */
export function appMissing(of: unknown): Problem {
  return {
    field: "of",
    value: typeof of === "object" ? undefined : of,
    wrong: of === undefined ? "is missing" : "has no backup that could be proven",
    fix: "Write the app, for example the LitestreamApp.",
  };
}

/** Everything wrong with the declaration of a verification; what is wrong with its app is said there. */
export function verificationProblems(
  name: string,
  props: BackupVerificationProps,
  config: BackupVerificationConfig,
  source: BackupSource,
): Problem[] {
  const { assertions = [], foreignKeys, onNodeOfApp, networkPolicy, openMetrics } = props;
  return [
    ...unknownKeys("", props, VERIFICATION_PROPS),
    ...nameProblems(name, props, source),
    ...scheduleProblems("schedule", config.schedule),
    ...config.reports.flatMap((one, index) => receiverProblems(`reports[${index}]`, one)),
    ...assertionProblems(assertions, source.databases),
    ...integrityProblems(props.integrityCheck),
    ...flagProblems({ foreignKeys, onNodeOfApp, networkPolicy, openMetrics }),
    ...(props.maxLag === undefined ? [] : knownDurationProblems("maxLag", props.maxLag, "0s")),
    ...(props.deadline === undefined
      ? []
      : knownDurationProblems("deadline", props.deadline, "30s")),
    ...lagProblems(props, config, source),
    ...nodeProblems(props, source),
    ...(props.sizeLimit === undefined ? [] : sizeProblems("sizeLimit", props.sizeLimit)),
    ...resourceProblems("resources", props.resources),
    ...proofImageProblems(props.image, source),
    ...(props.curlImage === undefined ? [] : imageProblems("curlImage", props.curlImage)),
  ];
}

/** Of a name that is made of the app's, only what isn't said of that already. */
function nameProblems(
  name: string,
  { name: given }: BackupVerificationProps,
  { owner }: BackupSource,
): Problem[] {
  const said = given === undefined && dnsLabelProblems("name", owner.name, LONGEST_NAME).length > 0;
  return said ? [] : dnsLabelProblems("name", name, LONGEST_NAME);
}

function integrityProblems(value: unknown): Problem[] {
  if (value === undefined || value === "full" || value === "quick" || value === "none") return [];
  return [choiceProblem("integrityCheck", value, 'Write "full", "quick" or "none".')];
}

/** A proof that waits for the backup until its time is up would always look like one that hangs. */
function lagProblems(
  { maxLag, deadline = VERIFICATION_DEFAULTS.deadline }: BackupVerificationProps,
  { maxLagSeconds, proofSeconds }: Pick<BackupVerificationConfig, "maxLagSeconds" | "proofSeconds">,
  { waitsSeconds }: BackupSource,
): Problem[] {
  const waits = maxLagSeconds + waitsSeconds;
  if (isExpression(maxLag) || proofSeconds === 0 || waits < proofSeconds / 2) return [];
  if (maxLagSeconds < proofSeconds / 2)
    return [
      {
        field: "deadline",
        value: deadline,
        wrong: `gives the proof ${proofSeconds} s, of which the app's monitor and sync intervals may take ${waitsSeconds} s, and maxLag ${maxLagSeconds} s`,
        fix: `Write "${Math.ceil((2 * waits) / PROOF_SHARE / 60) + 1}m" or more.`,
      },
    ];
  return [
    {
      field: "maxLag",
      value: maxLag,
      wrong: `leaves too little of the ${proofSeconds} s that deadline gives the proof`,
      fix: `Write less than "${Math.floor(proofSeconds / 2)}s", or a longer deadline.`,
    },
  ];
}

/** Of an image that nobody has named. */
function proofImageProblems(
  image: string | undefined,
  { image: fitting }: BackupSource,
): Problem[] {
  if (image !== undefined) return imageProblems("image", image);
  if (fitting !== undefined) return [];
  return [
    {
      field: "image",
      wrong:
        "is missing: the app's own image of Litestream is a hardened one, without sh and sqlite3",
      fix: 'Write one of the same version that has them, for example "litestream/litestream:0.5.16".',
    },
  ];
}

function nodeProblems({ onNodeOfApp }: BackupVerificationProps, source: BackupSource): Problem[] {
  if (onNodeOfApp !== false || !source.onNodeOfApp) return [];
  return [
    {
      field: "onNodeOfApp",
      value: onNodeOfApp,
      wrong: "is not possible: the backup is on a claim that the app's node has for itself",
      fix: "Leave it out.",
    },
  ];
}
