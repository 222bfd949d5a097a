import { literals } from "../terraform/expression";

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export interface Toleration {
  readonly key?: string;
  readonly operator?: "Equal" | "Exists";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** On which nodes pods may run, and how those get their images. */
export interface Placement {
  /** Names of Secrets with which the node pulls the images. @default none */
  readonly imagePullSecrets?: readonly string[];
  /** Labels a node must have. @default any node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes the pod may run on nevertheless. @default none */
  readonly tolerations?: readonly Toleration[];
  /** @default the cluster's default */
  readonly priorityClassName?: string;
}

/** The same as a pod's spec takes it. */
export function placementBlocks(placement: Placement) {
  return {
    imagePullSecrets: placement.imagePullSecrets?.map((secret) => ({ name: secret })),
    nodeSelector: placement.nodeSelector && literals(placement.nodeSelector),
    toleration: placement.tolerations?.map((toleration) => ({ ...toleration })),
    priorityClassName: placement.priorityClassName,
  };
}

/** On the node of the pods with these labels, in the same namespace. */
export function nodeOf(matchLabels: Readonly<Record<string, string>>) {
  return {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: [{ matchLabels: { ...matchLabels } }],
          topologyKey: "kubernetes.io/hostname",
        },
      ],
    },
  };
}
