import { LitestreamApp, type LitestreamAppProps, Namespace, summary, variable } from "../../src";
import { appProblems } from "../../src/litestream/app-problems";
import {
  failure,
  GOOD,
  newApp,
  objectsOf,
  ownStack,
  problemsOf,
  synthesized,
} from "../support/synth";

const host = "notes.example.com";
const expression = variable(ownStack(newApp()), "any", { type: "string" }).stringValue;

test("an Ingress leads to the app's Service, under its host", () => {
  expect(objectsOf({ ingress: { host } }).Ingress).toEqual({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name: "notes",
      namespace: "notes",
      labels: {
        "app.kubernetes.io/name": "notes",
        "app.kubernetes.io/managed-by": "cdktf-sqlite",
      },
    },
    spec: {
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "notes", port: { name: "http" } } },
              },
            ],
          },
        },
      ],
    },
  });
});

test("without one the app is reached in the cluster only", () => {
  expect(objectsOf().Ingress).toBeUndefined();
});

test("path, class and annotations", () => {
  const { metadata, spec } = objectsOf({
    ingress: {
      host: "*.example.com",
      path: "/notes(/|$)(.*)",
      pathType: "ImplementationSpecific",
      className: "nginx",
      annotations: { "nginx.ingress.kubernetes.io/rewrite-target": "/$2${x}" },
    },
  }).Ingress;
  expect(metadata.annotations).toEqual({
    "nginx.ingress.kubernetes.io/rewrite-target": "/$2${x}",
  });
  expect(spec.ingressClassName).toBe("nginx");
  expect(spec.rules[0].host).toBe("*.example.com");
  expect(spec.rules[0].http.paths[0]).toMatchObject({
    path: "/notes(/|$)(.*)",
    pathType: "ImplementationSpecific",
  });
});

test.each([
  ["a certificate of one's own", { secretName: "wildcard" }, "wildcard", undefined],
  [
    "a ClusterIssuer",
    { clusterIssuer: "letsencrypt" },
    "notes-tls",
    { "cert-manager.io/cluster-issuer": "letsencrypt" },
  ],
  [
    "an Issuer, into a Secret of another name",
    { issuer: "ca", secretName: "certificate" },
    "certificate",
    { "cert-manager.io/issuer": "ca" },
  ],
])("TLS with %s", (_, tls, secretName, annotations) => {
  const { metadata, spec } = objectsOf({ ingress: { host, tls } }).Ingress;
  expect(spec.tls).toEqual([{ hosts: [host], secretName }]);
  expect(metadata.annotations).toEqual(annotations);
});

test("Terraform knows it by namespace and name, makes it after them, and waits for no address", () => {
  const app = newApp();
  const stack = ownStack(app);
  const namespace = new Namespace(stack, "apps");
  const { ingress } = new LitestreamApp(stack, "notes", { ...GOOD, namespace, ingress: { host } });
  expect(ingress?.friendlyUniqueId).toBe("apps_notes");
  const { kubernetes_ingress_v1: made } = synthesized(app).resource as Record<string, any>;
  expect(made.apps_notes).toMatchObject({
    wait_for_load_balancer: false,
    depends_on: ["kubernetes_namespace_v1.apps", "kubernetes_service_v1.apps_notes"],
  });
});

test("what is known at apply stays so", () => {
  const app = newApp();
  const stack = ownStack(app);
  const domain = variable(stack, "domain", { type: "string" }).stringValue;
  new LitestreamApp(stack, "notes", {
    ...GOOD,
    ingress: {
      host: `notes.${domain}`,
      path: domain,
      className: domain,
      tls: { clusterIssuer: domain },
      annotations: { "example.com/a": `$${domain}` },
    },
  });
  const { kubernetes_ingress_v1: made } = synthesized(app).resource as Record<string, any>;
  const { metadata, spec } = made.notes_notes;
  expect(metadata.annotations).toEqual({
    "cert-manager.io/cluster-issuer": "${var.domain}",
    "example.com/a": '${"$"}${var.domain}',
  });
  expect(spec).toMatchObject({
    ingress_class_name: "${var.domain}",
    rule: [{ host: "notes.${var.domain}", http: { path: [{ path: "${var.domain}" }] } }],
    tls: [{ hosts: ["notes.${var.domain}"] }],
  });
  expect(
    appProblems("notes", {
      ...GOOD,
      ingress: {
        host: expression,
        path: expression,
        pathType: expression as "Prefix",
        className: expression,
        tls: { issuer: expression, secretName: expression },
        annotations: { "example.com/a": expression },
      },
    }),
  ).toEqual([]);
});

/** What an author writes wrong, and the one line that comes of it. */
const CASES: [string, unknown, string][] = [
  [
    "a name instead of options",
    host,
    'ingress: "notes.example.com" is not what an Ingress is made of. Write { host: "notes.example.com" }.',
  ],
  [
    "no host",
    {},
    'ingress.host: is missing. Write the name under which the app is reached, for example "notes.example.com".',
  ],
  [
    "an empty host",
    { host: "" },
    'ingress.host: "" is not a host name. Write the name under which the app is reached, for example "notes.example.com".',
  ],
  [
    "a host with a scheme",
    { host: "https://notes.example.com" },
    'ingress.host: "https://notes.example.com" has a scheme, and is the name alone. Write "notes.example.com".',
  ],
  [
    "a host with a path",
    { host: "example.com/notes" },
    'ingress.host: "example.com/notes" has a path, and is the name alone. Write "example.com", and path: "/notes".',
  ],
  [
    "a host with a slash at its end",
    { host: "http://example.com/" },
    'ingress.host: "http://example.com/" has a scheme and a path, and is the name alone. Write "example.com".',
  ],
  [
    "a host with a port",
    { host: "notes.example.com:8443" },
    'ingress.host: "notes.example.com:8443" has a port, and is the name alone. Write "notes.example.com".',
  ],
  [
    "a host with capitals",
    { host: "Notes.example.com" },
    'ingress.host: "Notes.example.com" has capitals, and is the name alone. Write "notes.example.com".',
  ],
  [
    "an address",
    { host: "192.168.1.10" },
    'ingress.host: "192.168.1.10" is an address, and an Ingress takes names only. Write a name that leads there, for example "notes.example.com".',
  ],
  [
    "an underscore",
    { host: "my_notes.example.com" },
    'ingress.host: "my_notes.example.com" is not a host name. Write lower-case letters, digits and "-", with "." between the parts, for example "notes.example.com", or "*.example.com".',
  ],
  [
    "a star in the middle",
    { host: "notes.*.example.com" },
    'ingress.host: "notes.*.example.com" is not a host name. Write lower-case letters, digits and "-", with "." between the parts, for example "notes.example.com", or "*.example.com".',
  ],
  [
    "every host",
    { host: "*" },
    'ingress.host: "*" is not a host name. Write lower-case letters, digits and "-", with "." between the parts, for example "notes.example.com", or "*.example.com".',
  ],
  [
    "a path without a slash",
    { host, path: "notes" },
    'ingress.path: "notes" does not begin with "/". Write "/notes".',
  ],
  [
    "a path with a query",
    { host, path: "/notes?a=b" },
    'ingress.path: "/notes?a=b" has a "?", a "#", a space, an empty part, a "." or a "..". Write the plain path, for example "/notes".',
  ],
  [
    "an unknown type of path",
    { host, pathType: "prefix" },
    'ingress.pathType: "prefix" is unknown. Write "Prefix", "Exact" or "ImplementationSpecific".',
  ],
  [
    "a class that is none",
    { host, className: "Nginx Internal" },
    'ingress.className: "Nginx Internal" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit, for example "nginx-internal".',
  ],
  [
    "TLS without a certificate",
    { host, tls: true },
    'ingress.tls: true says neither where the certificate is nor who issues it. Write { clusterIssuer: "letsencrypt" } for one of cert-manager\'s, or { secretName: "notes-tls" } for one of your own.',
  ],
  [
    "two issuers",
    { host, tls: { clusterIssuer: "a", issuer: "b" } },
    'ingress.tls.issuer: "b" stands beside clusterIssuer, and a certificate has one issuer. Leave one of the two out.',
  ],
  [
    "an issuer that is none",
    { host, tls: { clusterIssuer: "" } },
    'ingress.tls.clusterIssuer: "" is not a DNS label. Write at most 253 lower-case letters, digits and "-", beginning and ending with a letter or digit.',
  ],
  [
    "a mistyped option",
    { host, class: "nginx" },
    "ingress.class: is unknown. Take one of host, path, pathType, className, tls, annotations.",
  ],
  [
    "a mistyped option of TLS",
    { host, tls: { issuer: "a", secret: "b" } },
    "ingress.tls.secret: is unknown. Take one of secretName, clusterIssuer, issuer.",
  ],
  [
    "annotations that are none",
    { host, annotations: ["a"] },
    'ingress.annotations: ["a"] is not a map of annotations. Write { "example.com/name": "value" }; each value may be an expression.',
  ],
  [
    "an annotation without a name",
    { host, annotations: { "": "a" } },
    'ingress.annotations[""]: is not the name of an annotation. Write letters, digits, "-", "_" and ".", after a DNS name and "/": "example.com/name".',
  ],
  [
    "an annotation with a number",
    { host, annotations: { "nginx.ingress.kubernetes.io/proxy-read-timeout": 60 } },
    'ingress.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"]: 60 is not text. Write "60".',
  ],
  [
    "an annotation without a value",
    { host, annotations: { "example.com/a": undefined } },
    'ingress.annotations["example.com/a"]: is missing. Write a text, or leave it out.',
  ],
  [
    "the issuer a second time",
    {
      host,
      tls: { clusterIssuer: "a" },
      annotations: { "cert-manager.io/cluster-issuer": "b" },
    },
    'ingress.annotations["cert-manager.io/cluster-issuer"]: is set by ingress.tls already. Leave one of the two out.',
  ],
  [
    "the class as an annotation",
    { host, annotations: { "kubernetes.io/ingress.class": "nginx" } },
    'ingress.annotations["kubernetes.io/ingress.class"]: is the old way to name a class, which Kubernetes refuses beside the new one. Write className.',
  ],
];

test.each(CASES)("%s", (_, ingress, message) => {
  expect(problemsOf({ ingress })).toEqual([message]);
});

test("everything wrong with an Ingress is said at once", () => {
  const ingress = { host: "HTTP://A", path: "b", tls: {}, annotations: { "a b": 1 }, class: "c" };
  expect(problemsOf({ ingress })).toHaveLength(5);
});

describe("two apps under one address", () => {
  const both = (one: LitestreamAppProps["ingress"], other: LitestreamAppProps["ingress"]) => {
    const app = newApp();
    const stack = ownStack(app);
    new LitestreamApp(stack, "one", { ...GOOD, name: "one", ingress: one });
    new LitestreamApp(stack, "other", { ...GOOD, name: "other", ingress: other });
    return app;
  };

  test.each([
    ["host and path", { host }, { host, path: "/" }, `"${host}/"`],
    ["one prefix", { host, path: "/a" }, { host, path: "/a/" }, `"${host}/a/"`],
    ["a host known at apply", { host: expression }, { host: expression }, ""],
  ])("%s", (_, one, other, shown) => {
    expect(failure(both(one, other))).toContain(
      `own/other\n  ingress.host:${shown && ` ${shown}`} is the address of own/one (ingress.host) already. Give one of the two another host or path.`,
    );
  });

  test.each([
    ["another path", { host }, { host, path: "/a" }],
    ["another host", { host }, { host: "a.example.com" }],
    ["the path itself, and what is below it", { host }, { host, pathType: "Exact" as const }],
  ])("%s is fine", (_, one, other) => {
    expect(() => synthesized(both(one, other))).not.toThrow();
  });

  test("of two stacks are fine: they may be of two clusters", () => {
    const app = newApp();
    for (const id of ["home", "away"])
      new LitestreamApp(ownStack(app, id), "notes", { ...GOOD, ingress: { host } });
    expect(() => synthesized(app, "home")).not.toThrow();
  });
});

test.each([
  ["plain HTTP", { host, path: "/a" }, "http://notes.example.com/a"],
  ["TLS", { host, tls: { issuer: "ca" } }, "https://notes.example.com/"],
  ["a host known at apply", { host: expression }, "(known at apply)"],
])("the summary says where the app is reached: %s", (_, ingress, text) => {
  const app = newApp();
  const stack = ownStack(app);
  if (ingress.host === expression) variable(stack, "any", { type: "string" });
  new LitestreamApp(stack, "notes", { ...GOOD, ingress });
  expect(summary(app)).toContain(`\n    reached at     ${text}\n`);
});
