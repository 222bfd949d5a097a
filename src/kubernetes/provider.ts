import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { check } from "../terraform/checks";
import { variable } from "../terraform/variable";

/** Native sidecars exist from 3.0.0; 3.2.1, the newest, first writes `data_wo` right when it creates. */
const VERSION = "~> 3.2";

const pinned = new WeakSet<TerraformStack>();
const checked = new WeakSet<TerraformStack>();

/**
 * Has a stack of your own ask for hashicorp/kubernetes `~> 3.2`. The bindings would ask for exactly
 * 2.38.0, which knows no native sidecars and drops them silently.
 */
export function pinKubernetesProvider(stack: TerraformStack): void {
  pinned.add(stack);
  stack.addOverride("terraform.required_providers.kubernetes.version", VERSION);
}

/** Reports, once per stack, a stack that never called {@link pinKubernetesProvider}. */
export function requireKubernetesProvider(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  if (checked.has(stack)) return;
  checked.add(stack);
  check(stack, () => {
    if (pinned.has(stack)) return [];
    return [
      {
        field: "provider",
        value: "hashicorp/kubernetes 2.38.0",
        wrong: "has no native sidecars, so the last writes would be lost at every restart",
        fix: "Call pinKubernetesProvider(this) in the stack's constructor, or extend SqliteStack.",
      },
    ];
  });
}

/**
 * The provider of a stack, with kubeconfig and context as Terraform variables: `kubeconfig`
 * (default `~/.kube/config`) and `kube_context` (default: the file's current one).
 */
export function kubernetesProvider(stack: TerraformStack): KubernetesProvider {
  pinKubernetesProvider(stack);
  const kubeconfig = variable(stack, "kubeconfig", {
    type: "string",
    default: "~/.kube/config",
    description: "Path of the kubeconfig file",
  });
  const context = variable(stack, "kube_context", {
    type: "string",
    default: null,
    description: "Context of the kubeconfig file; null takes its current one",
  });
  return new KubernetesProvider(stack, "kubernetes", {
    configPath: kubeconfig.stringValue,
    configContext: context.stringValue,
  });
}
