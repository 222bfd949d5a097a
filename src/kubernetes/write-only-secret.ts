import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { check } from "../terraform/checks";
import { asText, isExpression, literals } from "../terraform/expression";
import { Namespace } from "./namespace";
import { labels } from "./names";
import { identify } from "./resource";
import type { SecretReference } from "./secret";
import { dnsNameProblems } from "./storage";

export interface WriteOnlySecretProps {
  /** @default the construct's id */
  readonly name?: string;
  readonly namespace: Namespace | string;
  /**
   * The values by key. Take them from ephemeral variables: text written here stands in the declaration,
   * and in the synthesized file.
   */
  readonly data: Readonly<Record<string, string>>;
  /**
   * Written anew whenever this number changes: Terraform can't see a change of the values, as it
   * keeps none of them. At least 1; usually a variable.
   */
  readonly revision: number;
  /** @default the stack's only Kubernetes provider */
  readonly provider?: TerraformProvider;
}

/**
 * A Secret whose values are in neither Terraform's state nor its plan (`data_wo`). Needs Terraform
 * 1.11, or OpenTofu with write-only arguments.
 *
 * One deleted outside is made again; one edited outside isn't noticed.
 *
 * @see https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only
 */
export class WriteOnlySecret extends Construct implements SecretReference {
  readonly name: string;
  readonly namespace: string;
  readonly revision: string;
  readonly resource: SecretV1;

  constructor(scope: Construct, id: string, props: WriteOnlySecretProps) {
    super(scope, id);
    const { name = id, namespace, data, revision, provider } = props;
    const namespaceName = typeof namespace === "string" ? namespace : namespace.name;
    this.name = name;
    this.namespace = namespaceName;
    this.revision = asText(revision);
    this.resource = identify(
      new SecretV1(this, "secret", {
        provider,
        metadata: { name, namespace: namespaceName, labels: labels(name) },
        dataWo: literals(data),
        dataWoRevision: revision,
        dependsOn: namespace instanceof Namespace ? [namespace.resource] : undefined,
      }),
      { namespace: namespaceName, name, provider },
    );
    check(this, () => [
      ...dnsNameProblems("name", name),
      ...(isExpression(revision) || (Number.isInteger(revision) && revision >= 1)
        ? []
        : [
            {
              field: "revision",
              value: revision,
              wrong: "would never be written: the provider writes at 1 and more",
              fix: "Write a whole number from 1, and another one at each rotation.",
            },
          ]),
    ]);
  }
}
