import { literal, literals } from "../terraform/expression";

/** Where the certificate of an Ingress comes from. One of the three must be said. */
export interface IngressTls {
  /**
   * The Secret with the certificate, in the app's namespace. With an issuer cert-manager makes it, without
   * one it is yours (type kubernetes.io/tls).
   *
   * @default `<app>-tls` with an issuer
   */
  readonly secretName?: string;
  /** The ClusterIssuer by which cert-manager gets the certificate. @default none */
  readonly clusterIssuer?: string;
  /** The same of an Issuer in the app's namespace. @default none */
  readonly issuer?: string;
}

/**
 * How an app is reached from outside the cluster: by an Ingress, which a controller of the cluster
 * (Traefik, ingress-nginx) has to serve.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export interface IngressOptions {
  /** The name under which the app is reached, "notes.example.com", or "*.example.com" for all of one level. */
  readonly host: string;
  /** @default "/" */
  readonly path?: string;
  /**
   * Whether `path` stands for everything below it too. What `ImplementationSpecific` means is the
   * controller's to say.
   *
   * @default "Prefix"
   * @see https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
   */
  readonly pathType?: "Prefix" | "Exact" | "ImplementationSpecific";
  /**
   * The IngressClass, by which a controller knows what is its own. Taken out again, an Ingress that is there
   * keeps its class.
   *
   * @default the cluster's default class
   */
  readonly className?: string;
  /**
   * TLS, with a certificate of your own or one of cert-manager's.
   *
   * @default none: plain HTTP, unless the controller has a certificate for all its Ingresses
   * @see https://cert-manager.io/docs/usage/ingress/
   */
  readonly tls?: IngressTls;
  /** Further annotations, most of which speak to the controller. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The address under which an Ingress is reached. */
export function ingressUrl({ host, path = "/", tls }: IngressOptions): string {
  return `${tls === undefined ? "http" : "https"}://${host}${path}`;
}

/** The annotations that its options come to. */
export function ingressAnnotations({ tls, annotations = {} }: IngressOptions) {
  return literals({ ...issuerAnnotations(tls), ...annotations });
}

/** Those by which cert-manager knows what to do. */
export function issuerAnnotations({ clusterIssuer, issuer }: Partial<IngressTls> = {}) {
  return {
    ...(clusterIssuer === undefined ? {} : { "cert-manager.io/cluster-issuer": clusterIssuer }),
    ...(issuer === undefined ? {} : { "cert-manager.io/issuer": issuer }),
  };
}

/** Its spec, in front of a port of the app's Service. */
export function ingressSpec(app: string, port: string, options: IngressOptions) {
  const { path = "/", pathType = "Prefix", className, tls } = options;
  const host = literal(options.host);
  const backend = { service: { name: app, port: { name: port } } };
  return {
    ingressClassName: className,
    rule: [{ host, http: { path: [{ path: literal(path), pathType, backend }] } }],
    tls: tls && [{ hosts: [host], secretName: tls.secretName ?? `${app}-tls` }],
  };
}
