import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { check } from "../terraform/checks";
import { flagProblems } from "../terraform/problem";
import { dnsLabelProblems } from "./names";
import { identify } from "./resource";

export interface NamespaceProps {
  /** @default the construct's id */
  readonly name?: string;
  /**
   * The Pod Security level that the namespace enforces.
   *
   * @default "restricted"
   * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
   */
  readonly podSecurity?: "restricted" | "baseline" | "privileged";
  /**
   * Whether `terraform destroy` may delete the namespace, and with it every claim in it: databases
   * and file replicas. Without it, destroy refuses.
   *
   * @default false
   */
  readonly disposable?: boolean;
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/**
 * A namespace with Pod Security labels. Taking it out of the declaration, or giving the construct
 * another id, deletes it: Terraform's guard stands in the declaration too. To hand a namespace over, run
 * `terraform state rm kubernetes_namespace_v1.<id>` first.
 *
 * An existing namespace needs no construct: give its name to the app.
 */
export class Namespace extends Construct {
  /** The namespace's name. */
  readonly name: string;
  readonly podSecurity: string;
  readonly disposable: boolean;
  readonly resource: NamespaceV1;

  constructor(scope: Construct, id: string, props: NamespaceProps = {}) {
    super(scope, id);
    const { name = id, podSecurity = "restricted", disposable = false, provider } = props;
    this.name = name;
    this.podSecurity = podSecurity;
    this.disposable = disposable;
    this.resource = identify(
      new NamespaceV1(this, "namespace", {
        provider,
        metadata: {
          name,
          labels: {
            "app.kubernetes.io/managed-by": "cdktf-sqlite",
            "pod-security.kubernetes.io/enforce": podSecurity,
            "pod-security.kubernetes.io/warn": podSecurity,
            "pod-security.kubernetes.io/audit": podSecurity,
          },
        },
        // Kubernetes looks again after half of the longest grace period of a pod in it, which can be
        // more than the provider's 5 minutes.
        timeouts: { delete: "30m" },
        lifecycle: disposable ? undefined : { preventDestroy: true },
      }),
      // By its own id: under another address, Terraform would delete the namespace in spite of its
      // guard; under the same one, another name is a replacement, which the guard refuses.
      { name, provider, address: id },
    );
    check(this, () => [...dnsLabelProblems("name", name), ...flagProblems({ disposable })]);
  }
}
