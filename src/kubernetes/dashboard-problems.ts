import { isExpression } from "../terraform/expression";
import { type Keys, type Problem, unknownKeys, within } from "../terraform/problem";
import { isAnnotation, textProblems } from "./annotations";
import { type Dashboard, HOMEPAGE } from "./dashboard";
import type { IngressOptions } from "./ingress";

const DASHBOARD = {
  name: true,
  group: true,
  icon: true,
  description: true,
  href: true,
  weight: true,
  widget: true,
} satisfies Keys<Dashboard>;

/** Problems of a dashboard's entry. */
export function dashboardProblems(
  field: string,
  dashboard: unknown,
  ingress: IngressOptions | undefined,
): Problem[] {
  if (typeof dashboard !== "object" || dashboard === null || isExpression(dashboard))
    return [
      {
        field,
        value: isExpression(dashboard) ? undefined : dashboard,
        wrong: "is not what an entry of a dashboard is made of",
        fix: 'Write { group: "Apps" }.',
      },
    ];
  const { group, weight, widget, ...rest } = dashboard as Partial<Dashboard>;
  const texts = { name: rest.name, icon: rest.icon, description: rest.description };
  return [
    ...(ingress === undefined
      ? [
          {
            field,
            wrong: "needs an Ingress, whose annotations homepage reads",
            fix: 'Write ingress: { host: "notes.example.com" } too, or leave dashboard out.',
          },
        ]
      : []),
    ...within(field, [
      ...unknownKeys("", dashboard, DASHBOARD),
      ...groupProblems(group),
      ...Object.entries(texts).flatMap(([name, value]) =>
        value === undefined ? [] : textProblems(name, value),
      ),
      ...hrefProblems(rest.href, ingress),
      ...weightProblems(weight),
      ...(widget === undefined ? [] : widgetProblems(widget)),
    ]),
  ];
}

function groupProblems(group: unknown): Problem[] {
  if (isExpression(group) || (typeof group === "string" && group !== "")) return [];
  return [
    {
      field: "group",
      value: group,
      wrong: group === undefined ? "is missing" : "is not the name of a group",
      fix: 'Write for example "Apps".',
    },
  ];
}

function hrefProblems(href: unknown, ingress: IngressOptions | undefined): Problem[] {
  const field = "href";
  if (href === undefined) {
    const { host } = ingress ?? {};
    if (isExpression(host) || !String(host).startsWith("*")) return [];
    return [
      {
        field,
        wrong: "is missing, and can't be derived from a host of many names",
        fix: 'Write where a click leads, for example "https://notes.example.com".',
      },
    ];
  }
  if (isExpression(href) || (typeof href === "string" && /^https?:\/\/[^/]/.test(href))) return [];
  return [
    {
      field,
      value: href,
      wrong: "is not a URL",
      fix: 'Write for example "https://notes.example.com", or leave it out.',
    },
  ];
}

function weightProblems(weight: unknown): Problem[] {
  if (weight === undefined || isExpression(weight) || Number.isInteger(weight)) return [];
  return [
    {
      field: "weight",
      value: weight,
      wrong: "is not a whole number",
      fix: "Write for example 10.",
    },
  ];
}

/** Fields of homepage's widgets that hold secrets, headers that do, and URLs. */
const SECRET =
  /(key|token|secret|passw(or)?d|passphrase|auth(header|orization)?|cookie|credentials?)$/i;

const URL_WITH_PASSWORD = /:\/\/[^/@]*:[^/@]*@/;

const FROM_HOMEPAGE = /\{\{HOMEPAGE_(VAR|FILE)_\w+\}\}/;

function widgetProblems(widget: unknown): Problem[] {
  if (typeof widget !== "object" || widget === null || isExpression(widget))
    return [
      {
        field: "widget",
        value: isExpression(widget) ? undefined : widget,
        wrong: "is not a widget",
        fix: 'Write { type: "gitea", url: "http://gitea.apps.svc:3000" }, with the fields that it takes.',
      },
    ];
  const fields = { type: undefined, ...widget } as Record<string, unknown>;
  return Object.entries(fields).flatMap(([name, value]): Problem[] => {
    const field = `widget.${name}`;
    if (name !== "type" && value === undefined) return [];
    if (!isAnnotation(`${HOMEPAGE}widget.${name}`))
      return [
        {
          field,
          wrong: "can't stand in the name of an annotation",
          fix: 'Write letters, digits, "-", "_" and ".", with at most 56 characters.',
        },
      ];
    if (isReadable(name, isExpression(value) ? "" : String(value)))
      return [
        {
          field,
          wrong: "would be readable by everyone who may read Ingresses",
          fix: `Give homepage the environment variable HOMEPAGE_VAR_${variableName(name)}, and write "{{HOMEPAGE_VAR_${variableName(name)}}}".`,
        },
      ];
    if (name === "type" && value === undefined)
      return [{ field, wrong: "is missing", fix: 'Name the widget, for example "gitea".' }];
    return textProblems(field, value);
  });
}

/** Whether a field shows a secret: an expression's value would stand there, too. */
function isReadable(name: string, value: string): boolean {
  if (FROM_HOMEPAGE.test(value)) return false;
  return SECRET.test(name) || URL_WITH_PASSWORD.test(value);
}

function variableName(field: string): string {
  return field
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/\W+/g, "_")
    .toUpperCase();
}
