import { asText, literals } from "../terraform/expression";
import { type IngressOptions, ingressUrl } from "./ingress";
import { selector } from "./names";

/**
 * A widget of homepage, with the fields that it takes there; lists as JSON text, what is inside another
 * field with a "." between (`"headers.X-Auth-Key"`).
 *
 * **Whoever may read Ingresses can read what stands here.** A field that holds a secret (`key`, `password`,
 * `token` …) is refused, therefore, unless it names what homepage puts there itself:
 * `"{{HOMEPAGE_VAR_NOTES_KEY}}"` for homepage's environment variable of that name,
 * `"{{HOMEPAGE_FILE_NOTES_KEY}}"` for the file that such a variable names.
 *
 * @see https://gethomepage.dev/widgets/
 * @see https://gethomepage.dev/installation/docker/#using-environment-secrets
 */
export interface DashboardWidget {
  /** The kind of widget, for example "gitea". */
  readonly type: string;
  /** Where homepage asks; from inside the cluster, for example "http://notes.apps.svc:8080". */
  readonly url?: string;
  readonly [field: string]: string | undefined;
}

/**
 * How an app stands on a homepage dashboard (gethomepage.dev), which finds it by annotations of its Ingress.
 *
 * @see https://gethomepage.dev/configs/kubernetes/#automatic-service-discovery
 */
export interface Dashboard {
  /** @default the app's name */
  readonly name?: string;
  /** The group under which it stands. */
  readonly group: string;
  /**
   * A name of Dashboard Icons ("gitea.png"), one with a prefix ("mdi-notebook", "si-gitea", "sh-gitea"), or a URL.
   *
   * @default none
   * @see https://gethomepage.dev/configs/services/#icons
   */
  readonly icon?: string;
  /** @default none */
  readonly description?: string;
  /** Where a click leads. @default the Ingress's address */
  readonly href?: string;
  /** The place within its group: smaller numbers come first. @default homepage's own, 0 */
  readonly weight?: number;
  /** @default none */
  readonly widget?: DashboardWidget;
}

/** What all of homepage's annotations begin with. */
export const HOMEPAGE = "gethomepage.dev/";

/** The annotations for an app's Ingress. */
export function dashboardAnnotations(
  app: string,
  dashboard: Dashboard,
  ingress: IngressOptions,
): Record<string, string> {
  const { name = app, group, icon, description, weight, widget } = dashboard;
  const [label] = Object.entries(selector(app)).map((pair) => pair.join("="));
  const all = {
    enabled: "true",
    name,
    group,
    icon,
    description,
    href: dashboard.href ?? ingressUrl(ingress),
    weight: weight === undefined ? undefined : asText(weight),
    // homepage would make the same of the Ingress's name; this holds whatever that is.
    "pod-selector": label,
    ...widgetFields(widget),
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return literals(
    Object.fromEntries(given.map(([key, value]) => [HOMEPAGE + key, value])) as Record<
      string,
      string
    >,
  );
}

function widgetFields(widget: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(widget ?? {}).map(([field, value]) => [`widget.${field}`, value as string]),
  );
}

/** The names of annotations that an entry of a dashboard sets. */
export function dashboardNames(dashboard: unknown): string[] {
  const { widget, ...given } = (dashboard ?? {}) as Partial<Dashboard>;
  const names = ["enabled", "name", "href", "pod-selector", ...Object.keys(given)];
  return [...names, ...Object.keys(widgetFields(widget))].map((name) => HOMEPAGE + name);
}
