import { LitestreamApp, variable } from "../../src";
import { appProblems } from "../../src/litestream/app-problems";
import { GOOD, newApp, objectsOf, ownStack, problemsOf, synthesized } from "../support/synth";

const ingress = { host: "notes.example.com", path: "/app", tls: { clusterIssuer: "letsencrypt" } };
const group = "Apps";
const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;

const annotations = (props: object) => objectsOf(props).Ingress.metadata.annotations;

test("an app stands on the dashboard under its own name, with the Ingress's address", () => {
  expect(annotations({ ingress, dashboard: { group } })).toEqual({
    "cert-manager.io/cluster-issuer": "letsencrypt",
    "gethomepage.dev/enabled": "true",
    "gethomepage.dev/name": "notes",
    "gethomepage.dev/group": "Apps",
    "gethomepage.dev/href": "https://notes.example.com/app",
    "gethomepage.dev/pod-selector": "app.kubernetes.io/name=notes",
  });
});

test("homepage finds the app's pod, and no other, by that selector", () => {
  const { Ingress, StatefulSet } = objectsOf({ ingress, dashboard: { group } });
  const [label = "", value] =
    Ingress.metadata.annotations["gethomepage.dev/pod-selector"].split("=");
  expect(StatefulSet.spec.template.metadata.labels[label]).toBe(value);
  expect(StatefulSet.spec.selector.matchLabels).toEqual({ [label]: value });
});

test("everything that can be said of it", () => {
  expect(
    annotations({
      ingress: { ...ingress, annotations: { "gethomepage.dev/instance": "home" } },
      dashboard: {
        name: "Notes",
        group,
        icon: "mdi-notebook",
        description: "What I ${don't} want to forget",
        href: "https://elsewhere.example.com",
        weight: 10,
        widget: {
          type: "customapi",
          url: "http://notes.apps.svc:8080/api",
          key: "{{HOMEPAGE_VAR_NOTES_KEY}}",
          fields: '["count"]',
          "headers.X-Auth-Key": "Bearer {{HOMEPAGE_FILE_NOTES}}",
        },
      },
    }),
  ).toEqual({
    "cert-manager.io/cluster-issuer": "letsencrypt",
    "gethomepage.dev/instance": "home",
    "gethomepage.dev/enabled": "true",
    "gethomepage.dev/name": "Notes",
    "gethomepage.dev/group": "Apps",
    "gethomepage.dev/icon": "mdi-notebook",
    "gethomepage.dev/description": "What I ${don't} want to forget",
    "gethomepage.dev/href": "https://elsewhere.example.com",
    "gethomepage.dev/weight": "10",
    "gethomepage.dev/pod-selector": "app.kubernetes.io/name=notes",
    "gethomepage.dev/widget.type": "customapi",
    "gethomepage.dev/widget.url": "http://notes.apps.svc:8080/api",
    "gethomepage.dev/widget.key": "{{HOMEPAGE_VAR_NOTES_KEY}}",
    "gethomepage.dev/widget.fields": '["count"]',
    "gethomepage.dev/widget.headers.X-Auth-Key": "Bearer {{HOMEPAGE_FILE_NOTES}}",
  });
});

test("what is known at apply stays so", () => {
  const app = newApp();
  const stack = ownStack(app);
  const any = variable(stack, "any", { type: "string" }).stringValue;
  const weight = variable(stack, "weight", { type: "number" }).numberValue;
  const dashboard = { group: any, weight, widget: { type: "customapi", url: `http://${any}` } };
  new LitestreamApp(stack, "notes", { ...GOOD, ingress: { host: any }, dashboard });
  const { kubernetes_ingress_v1: made } = synthesized(app).resource as Record<string, any>;
  expect(made.notes_notes.metadata.annotations).toMatchObject({
    "gethomepage.dev/group": "${var.any}",
    "gethomepage.dev/href": "http://${var.any}/",
    "gethomepage.dev/weight": "${var.weight}",
    "gethomepage.dev/widget.url": "http://${var.any}",
  });
  expect(
    appProblems("notes", {
      ...GOOD,
      ingress: { host: expression },
      dashboard: {
        name: expression,
        group: expression,
        icon: expression,
        description: expression,
        href: expression,
        widget: { type: expression, url: expression },
      },
    }),
  ).toEqual([]);
});

test("without an Ingress there is nothing that homepage could read", () => {
  expect(problemsOf({ dashboard: { group } })).toEqual([
    'dashboard: needs an Ingress, whose annotations homepage reads. Write ingress: { host: "notes.example.com" } too, or leave dashboard out.',
  ]);
});

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, unknown, string][] = [
  [
    "only true",
    true,
    'dashboard: true is not what an entry of a dashboard is made of. Write { group: "Apps" }.',
  ],
  ["no group", {}, 'dashboard.group: is missing. Write for example "Apps".'],
  [
    "an empty group",
    { group: "" },
    'dashboard.group: "" is not the name of a group. Write for example "Apps".',
  ],
  [
    "a mistyped field",
    { group, title: "Notes" },
    "dashboard.title: is unknown. Take one of name, group, icon, description, href, weight, widget.",
  ],
  ["a name that is no text", { group, name: 7 }, 'dashboard.name: 7 is not text. Write "7".'],
  [
    "a link without a scheme",
    { group, href: "notes.example.com" },
    'dashboard.href: "notes.example.com" is not a URL. Write for example "https://notes.example.com", or leave it out.',
  ],
  [
    "a weight in words",
    { group, weight: "first" },
    'dashboard.weight: "first" is not a whole number. Write for example 10.',
  ],
  [
    "a widget by its name",
    { group, widget: "gitea" },
    'dashboard.widget: "gitea" is not a widget. Write { type: "gitea", url: "http://gitea.apps.svc:3000" }, with the fields that it takes.',
  ],
  [
    "a widget without a type",
    { group, widget: { url: "http://a" } },
    'dashboard.widget.type: is missing. Name the widget, for example "gitea".',
  ],
  [
    "a number in a widget",
    { group, widget: { type: "gitea", version: 2 } },
    'dashboard.widget.version: 2 is not text. Write "2".',
  ],
  [
    "a field with a space",
    { group, widget: { type: "gitea", "my field": "a" } },
    'dashboard.widget.my field: can\'t stand in the name of an annotation. Write letters, digits, "-", "_" and ".", with at most 56 characters.',
  ],
];

test.each(CASES)("%s", (_, dashboard, message) => {
  expect(problemsOf({ ingress, dashboard })).toEqual([message]);
});

test.each([
  ["key", "abc", "KEY"],
  ["password", "abc", "PASSWORD"],
  ["token", "abc", "TOKEN"],
  ["apiKey", "abc", "API_KEY"],
  ["headers.X-Auth-Key", "abc", "HEADERS_X_AUTH_KEY"],
  ["headers.Authorization", "Bearer abc", "HEADERS_AUTHORIZATION"],
  ["secret", expression, "SECRET"],
  ["url", "http://admin:abc@notes.apps.svc", "URL"],
])("a secret in %s is refused without showing it", (field, value, name) => {
  expect(
    problemsOf({ ingress, dashboard: { group, widget: { type: "a", [field]: value } } }),
  ).toEqual([
    `dashboard.widget.${field}: would be readable by everyone who may read Ingresses. Give homepage the environment variable HOMEPAGE_VAR_${name}, and write "{{HOMEPAGE_VAR_${name}}}".`,
  ]);
});

test("a host of many names gives no link", () => {
  const many = { host: "*.example.com" };
  expect(problemsOf({ ingress: many, dashboard: { group } })).toEqual([
    'dashboard.href: is missing, and can\'t be derived from a host of many names. Write where a click leads, for example "https://notes.example.com".',
  ]);
});

test("what the dashboard says isn't said again in the Ingress's annotations", () => {
  const twice = { ...ingress, annotations: { "gethomepage.dev/group": "Other" } };
  expect(problemsOf({ ingress: twice, dashboard: { group } })).toEqual([
    'ingress.annotations["gethomepage.dev/group"]: is set by dashboard already. Leave one of the two out.',
  ]);
});
