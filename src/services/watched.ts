import { longestInterval, type Schedule } from "../kubernetes/schedule";
import { isExpression } from "../terraform/expression";
import type { Problem } from "../terraform/problem";

/** For the CronJob's controller, and for the report on its way. Seconds. */
const MARGIN = 5 * 60;

/** A proof by its times. */
export interface ProofTimes {
  readonly schedule: Schedule;
  readonly startsWithinSeconds: number;
  readonly deadlineSeconds: number;
}

/**
 * After how many seconds it is certain that a proof doesn't come any more: a proof that was missed may start late, but no
 * later than the next one is due, and ends by its deadline. An alarm any earlier would be one about a proof that may still pass.
 */
export function graceSeconds({
  schedule,
  startsWithinSeconds,
  deadlineSeconds,
}: ProofTimes): number {
  const between = (longestInterval(schedule) ?? Infinity) / 1000;
  return Math.min(startsWithinSeconds, between) + deadlineSeconds + MARGIN;
}

/**
 * Problems of a schedule that healthchecks would read otherwise than Kubernetes, or not keep as it is written: its check would
 * wait for runs that aren't planned.
 *
 * @see https://github.com/cuu508/cronsim, which reads healthchecks' cron lines
 */
export function watchedScheduleProblems({ cron, timeZone }: Schedule): Problem[] {
  return [...dayProblems(cron), ...timeZoneProblems(timeZone)];
}

/**
 * Where days of the month and of the week are both restricted, either is enough, unless one is a star. For Kubernetes
 * "*\/2" is none, for healthchecks it is.
 */
function dayProblems(cron: string): Problem[] {
  if (isExpression(cron) || typeof cron !== "string") return [];
  const [, , month = "", , week = ""] = cron.split(/\s+/);
  const star = (days: string) => days.split(",").some((part) => /^\*(\/1)?$/.test(part));
  const both = star(month) || star(week);
  const forHealthchecks = month.startsWith("*") || week.startsWith("*");
  if (both === forHealthchecks) return [];
  return [
    {
      field: "of.schedule.cron",
      value: cron,
      wrong:
        "restricts days of the month and of the week, which Kubernetes and healthchecks combine differently where one of them begins with a star",
      fix: 'Write days of the one or the other, for example "0 2 * * 6".',
    },
  ];
}

/** Names of the tz database that healthchecks takes and changes into others, beside those of whole countries. */
const RENAMED = new Set([
  "Africa/Asmera",
  "America/Buenos_Aires",
  "America/Catamarca",
  "America/Cordoba",
  "America/Fort_Wayne",
  "America/Godthab",
  "America/Indianapolis",
  "America/Jujuy",
  "America/Louisville",
  "America/Mendoza",
  "America/Rosario",
  "Asia/Ashkhabad",
  "Asia/Calcutta",
  "Asia/Choibalsan",
  "Asia/Chungking",
  "Asia/Dacca",
  "Asia/Katmandu",
  "Asia/Macao",
  "Asia/Rangoon",
  "Asia/Saigon",
  "Asia/Thimbu",
  "Asia/Ujung_Pandang",
  "Asia/Ulan_Bator",
  "Atlantic/Faeroe",
  "Europe/Kiev",
  "Europe/Uzhgorod",
  "Europe/Zaporozhye",
  "Pacific/Enderbury",
  "Pacific/Ponape",
  "Pacific/Truk",
]);

function timeZoneProblems(timeZone: string): Problem[] {
  if (isExpression(timeZone) || typeof timeZone !== "string") return [];
  if (timeZone === "UTC" || timeZone === "GMT") return [];
  const ofCountry = !timeZone.includes("/") || /^(Brazil|Canada|Chile|Mexico|US)\//.test(timeZone);
  const renamed =
    RENAMED.has(timeZone) ||
    /^Australia\/([A-Z]{3}|North|South|West|Queensland|Tasmania|Victoria)$/.test(timeZone);
  if (!ofCountry && !renamed) return [];
  return [
    {
      field: "of.schedule.timeZone",
      value: timeZone,
      wrong: "is an old name, which healthchecks replaces: each plan would want to change it back",
      fix: 'Write the city\'s present name in the tz database, for example "Europe/Kyiv" or "America/New_York".',
    },
  ];
}
