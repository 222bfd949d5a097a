import { SLOTS } from "../kubernetes/stagger";
import { isExpression } from "../terraform/expression";
import type { BackupVerificationConfig } from "./config";
import type { BackupVerificationProps } from "./props";

/** What a person wants to know of a verification before deploying it: a heading and a text each. */
export function verificationSummary(
  { of }: BackupVerificationProps,
  { schedule, slot = 0, reports, deadlineSeconds }: BackupVerificationConfig,
): [string, string][] {
  const kinds = reports.map(({ kind }) => kind);
  const silence = kinds.includes("healthchecks")
    ? []
    : [
        [
          "never started",
          "nobody is told of a proof that doesn't run: add Report.healthchecks",
        ] as [string, string],
      ];
  return [
    ["proves", `the backup of ${of.name}`],
    [
      "runs",
      `${shown(schedule.cron)} (${shown(schedule.timeZone)}), ${deadlineSeconds / 60} minutes at most`,
    ],
    ...(slot < SLOTS
      ? []
      : [
          [
            "not alone",
            `the night has ${SLOTS} places, and this is proof ${slot + 1}: it overlaps with others`,
          ] as [string, string],
        ]),
    ["tells", kinds.length === 0 ? "nobody: a failure shows at the Job only" : kinds.join(", ")],
    ...silence,
  ];
}

function shown(value: string): string {
  return isExpression(value) ? "(known at apply)" : value;
}
