import { durationProblems } from "../kubernetes/duration";
import { isExpression } from "../terraform/expression";
import {
  choiceProblem,
  flagProblems,
  type Problem,
  unknownKeys,
  within,
} from "../terraform/problem";
import { has, type Kind, OWN_FLAGS, settingOf, SETTINGS, versionsOf } from "./flags";
import { VOLUME_FOLDER } from "./names";
import type { RqliteSettings } from "./settings";

/** Problems of the settings for a version of rqlite. */
export function settingsProblems(settings: RqliteSettings = {}, version: string): Problem[] {
  const found = unknownKeys("", settings, SETTINGS);
  for (const [name, { takes, flags }] of Object.entries(SETTINGS)) {
    const value = settings[name as keyof RqliteSettings];
    if (value === undefined) continue;
    if (flags.some((one) => has(version, one))) found.push(...valueProblems(name, value, takes));
    else
      found.push({
        field: name,
        value: isExpression(value) ? undefined : value,
        wrong: `is no setting of rqlite ${version}, which has it ${flags.map(versionsOf).join(" and ")}`,
        fix: "Leave it out, or declare another version.",
      });
  }
  return within("settings", found);
}

function valueProblems(field: string, value: unknown, takes: Kind): Problem[] {
  switch (takes.kind) {
    case "flag":
      return flagProblems({ [field]: value });
    case "duration":
      return durationProblems(field, value);
    case "number":
      if (isExpression(value) || (Number.isInteger(value) && Number(value) >= takes.least))
        return [];
      return [
        {
          field,
          value,
          wrong: "is out of range",
          fix: `Write a whole number from ${takes.least}.`,
        },
      ];
    case "choice":
      if (takes.of.includes(value as string)) return [];
      return [choiceProblem(field, value, `Write one of ${takes.of.join(", ")}.`)];
    case "path":
      return pathProblems(field, value);
    case "paths":
      return Array.isArray(value) && value.length > 0 && value.every(isPath)
        ? []
        : [
            {
              field,
              value,
              wrong: "is not a list of absolute paths",
              fix: 'Write for example ["/opt/extensions/icu.zip"].',
            },
          ];
    case "text":
      if (isExpression(value) || (typeof value === "string" && value !== "")) return [];
      return [{ field, value, wrong: "is not text", fix: "Write a text, or leave it out." }];
  }
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && /^(\/[A-Za-z0-9._-]+)+$/.test(value);
}

/** Everything else in a node's container is read-only, or goes with the pod. */
function pathProblems(field: string, value: unknown): Problem[] {
  if (
    isPath(value) &&
    String(value).startsWith(`${VOLUME_FOLDER}/`) &&
    !/\/\.\.?(\/|$)/.test(String(value))
  )
    return [];
  return [
    {
      field,
      value,
      wrong: "is not a file on the node's volume",
      fix: `Write for example "${VOLUME_FOLDER}/app.db".`,
    },
  ];
}

/** Problems of further arguments, which may set nothing that is set otherwise already. */
export function extraArgsProblems(args: readonly unknown[] = [], version: string): Problem[] {
  if (!Array.isArray(args))
    return [
      {
        field: "extraArgs",
        value: args,
        wrong: "is not a list",
        fix: 'Write for example ["-cpu-profile=/rqlite/file/cpu"].',
      },
    ];
  return args.flatMap((arg: unknown, index): Problem[] => {
    const field = `extraArgs[${index}]`;
    const [, name] = /^--?([a-z][a-z0-9-]*)(=.*)?$/s.exec(String(arg)) ?? [];
    if (isExpression(arg) || name === undefined)
      return [
        {
          field,
          value: isExpression(arg) ? undefined : arg,
          wrong: "is not one flag with its value",
          fix: 'Write "-flag=value".',
        },
      ];
    const own = OWN_FLAGS[name];
    if (own !== undefined)
      return [
        {
          field,
          value: arg,
          wrong: `contradicts what ${own} sets`,
          fix: /^[a-z.]+$/.test(own) ? `Leave it out, and see ${own}.` : "Leave it out.",
        },
      ];
    const setting = settingOf(name);
    if (setting === undefined) return [];
    return [
      {
        field,
        value: arg,
        wrong: "is a setting, whose value and version are checked",
        fix: `Write settings: { ${setting}: … } (rqlite ${version}).`,
      },
    ];
  });
}
