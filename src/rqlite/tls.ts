import { secretProblems, type SecretReference } from "../kubernetes/secret";
import { flagProblems, type Problem, unknownKeys, within } from "../terraform/problem";

/** A certificate from a Secret of the type `kubernetes.io/tls`, as cert-manager makes it: `tls.crt`, `tls.key`, `ca.crt`. */
export interface RqliteTls {
  /**
   * For clients. It must be valid for the name of the client Service, `<name>.<namespace>.svc`, and, where there
   * are readers, `<name>-readers.<namespace>.svc`. The kubelet's probes use it, too, and check no name.
   *
   * @default HTTP without TLS
   */
  readonly http?: {
    readonly secret: SecretReference;
    /** Whether the Secret has the authority's own certificate as `ca.crt`, which few clients know. @default true */
    readonly privateAuthority?: boolean;
  };
  /**
   * For nodes among themselves, each of which shows it to the other. It must be valid for `<name>-nodes.<namespace>.svc`,
   * as a server's and as a client's ("server auth" and "client auth" among cert-manager's usages), and the Secret
   * must have `ca.crt`.
   *
   * @default nodes talk without TLS, and let in whoever reaches their port
   */
  readonly nodes?: { readonly secret: SecretReference };
}

/** Problems of the certificates. */
export function tlsProblems(tls: RqliteTls): Problem[] {
  const { http, nodes } = tls;
  return within("tls", [
    ...unknownKeys("", tls, { http: true, nodes: true }),
    ...(http === undefined
      ? []
      : [
          ...unknownKeys("http", http, { secret: true, privateAuthority: true }),
          ...secretProblems("http.secret", http?.secret),
          ...flagProblems({ "http.privateAuthority": http?.privateAuthority }),
        ]),
    ...(nodes === undefined
      ? []
      : [
          ...unknownKeys("nodes", nodes, { secret: true }),
          ...secretProblems("nodes.secret", nodes?.secret),
        ]),
  ]);
}
