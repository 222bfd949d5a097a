import { isExpression } from "../terraform/expression";
import { type Keys, type Problem, unknownKeys, within } from "../terraform/problem";
import { annotationProblems } from "./annotations";
import { type IngressOptions, type IngressTls, issuerAnnotations } from "./ingress";
import { dnsNameProblems } from "./storage";

const OPTIONS = {
  host: true,
  path: true,
  pathType: true,
  className: true,
  tls: true,
  annotations: true,
} satisfies Keys<IngressOptions>;

const TLS = { secretName: true, clusterIssuer: true, issuer: true } satisfies Keys<IngressTls>;

const PATH_TYPES = ["Prefix", "Exact", "ImplementationSpecific"];

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

/**
 * Problems of an Ingress.
 *
 * @param taken annotations that are set otherwise already, and by which prop
 */
export function ingressProblems(
  field: string,
  options: unknown,
  taken: Readonly<Record<string, string>> = {},
): Problem[] {
  if (typeof options !== "object" || options === null || isExpression(options))
    return [
      {
        field,
        value: isExpression(options) ? undefined : options,
        wrong: "is not what an Ingress is made of",
        fix: 'Write { host: "notes.example.com" }.',
      },
    ];
  const { host, path, pathType, className, tls, annotations } = options as Partial<IngressOptions>;
  const issuer = Object.keys(tls instanceof Object ? issuerAnnotations(tls) : {});
  return within(field, [
    ...unknownKeys("", options, OPTIONS),
    ...hostProblems(host),
    ...pathProblems(path, pathType),
    ...(className === undefined ? [] : dnsNameProblems("className", className)),
    ...(tls === undefined ? [] : tlsProblems(tls)),
    ...classAnnotationProblems(annotations),
    ...annotationProblems("annotations", annotations, {
      ...taken,
      ...Object.fromEntries(issuer.map((key) => [key, `${field}.tls`])),
    }),
  ]);
}

/** What people put around a host: a scheme before it, a port and a path behind it. */
const AROUND = /^([a-z][a-z0-9+.-]*:\/\/)?([^/:?#]*)(:\d*)?([/?#].*)?$/i;

function hostProblems(host: unknown): Problem[] {
  if (isExpression(host) || isHost(host)) return [];
  const field = "host";
  const example = "notes.example.com";
  if (typeof host !== "string" || host === "")
    return [
      {
        field,
        value: host,
        wrong: host === undefined ? "is missing" : "is not a host name",
        fix: `Write the name under which the app is reached, for example "${example}".`,
      },
    ];
  const [, scheme, name = "", port, path] = AROUND.exec(host) ?? [];
  if (/^[\d.]+$/.test(name) || host.includes("["))
    return [
      {
        field,
        value: host,
        wrong: "is an address, and an Ingress takes names only",
        fix: `Write a name that leads there, for example "${example}".`,
      },
    ];
  const has = [
    ...(scheme === undefined ? [] : ["a scheme"]),
    ...(port === undefined ? [] : ["a port"]),
    ...(path === undefined ? [] : ["a path"]),
    ...(name === name.toLowerCase() ? [] : ["capitals"]),
  ];
  const right = name.toLowerCase();
  if (has.length === 0 || !isHost(right))
    return [
      {
        field,
        value: host,
        wrong: "is not a host name",
        fix: `Write lower-case letters, digits and "-", with "." between the parts, for example "${example}", or "*.example.com".`,
      },
    ];
  const below = path !== undefined && /^\/./.test(path) && isPath(path) ? path : undefined;
  return [
    {
      field,
      value: host,
      wrong: `has ${has.join(" and ")}, and is the name alone`,
      fix: `Write "${right}"${below ? `, and path: "${below}"` : ""}.`,
    },
  ];
}

/** Whether Kubernetes takes it: a DNS name, whose first part may be "*", and no address. */
function isHost(host: unknown): boolean {
  if (typeof host !== "string" || host === "" || /^[\d.]+$/.test(host)) return false;
  return dnsNameProblems("host", host.replace(/^\*\./, "")).length === 0;
}

function pathProblems(path: unknown, pathType: unknown): Problem[] {
  const found: Problem[] = [];
  if (pathType !== undefined && !isExpression(pathType) && !PATH_TYPES.includes(String(pathType)))
    found.push({
      field: "pathType",
      value: pathType,
      wrong: "is unknown",
      fix: 'Write "Prefix", "Exact" or "ImplementationSpecific".',
    });
  if (path === undefined || isExpression(path)) return found;
  if (typeof path !== "string" || !path.startsWith("/"))
    found.push({
      field: "path",
      value: path,
      wrong: 'does not begin with "/"',
      fix: `Write "${typeof path === "string" && isPath(`/${path}`) ? `/${path}` : "/"}".`,
    });
  else if (pathType !== "ImplementationSpecific" && !isExpression(pathType) && !isPath(path))
    found.push({
      field: "path",
      value: path,
      wrong: 'has a "?", a "#", a space, an empty part, a "." or a ".."',
      fix: 'Write the plain path, for example "/notes".',
    });
  return found;
}

/** Whether Kubernetes takes it for a path to compare with. */
function isPath(path: string): boolean {
  if (!/^\/[^\s?#]*$/.test(path) || /%2f/i.test(path)) return false;
  return !/\/\/|\/\.{1,2}(\/|$)/.test(path);
}

function tlsProblems(tls: unknown): Problem[] {
  const field = "tls";
  const given = typeof tls === "object" && tls !== null && !isExpression(tls) ? tls : {};
  const unknown = unknownKeys(field, given, TLS);
  const { secretName, clusterIssuer, issuer } = given as IngressTls;
  const names = Object.entries({ secretName, clusterIssuer, issuer }).filter(
    ([, name]) => name !== undefined,
  );
  if (names.length === 0)
    return [
      ...unknown,
      {
        field,
        value: isExpression(tls) ? undefined : tls,
        wrong: "says neither where the certificate is nor who issues it",
        fix: 'Write { clusterIssuer: "letsencrypt" } for one of cert-manager\'s, or { secretName: "notes-tls" } for one of your own.',
      },
    ];
  return [
    ...unknown,
    ...names.flatMap(([name, value]) => dnsNameProblems(`${field}.${name}`, value)),
    ...(clusterIssuer !== undefined && issuer !== undefined
      ? [
          {
            field: `${field}.issuer`,
            value: isExpression(issuer) ? undefined : issuer,
            wrong: "stands beside clusterIssuer, and a certificate has one issuer",
            fix: "Leave one of the two out.",
          },
        ]
      : []),
  ];
}

function classAnnotationProblems(annotations: unknown): Problem[] {
  if (!(annotations instanceof Object) || !(CLASS_ANNOTATION in annotations)) return [];
  return [
    {
      field: `annotations[${JSON.stringify(CLASS_ANNOTATION)}]`,
      wrong: "is the old way to name a class, which Kubernetes refuses beside the new one",
      fix: "Write className.",
    },
  ];
}
