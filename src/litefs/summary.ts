import { ingressUrl } from "../kubernetes/ingress";
import { replicaText } from "../litestream/replica";
import { isExpression } from "../terraform/expression";
import type { LitefsClusterConfig } from "./config";
import { LITEFS_DEFAULTS as D } from "./defaults";
import { API_PORT, podHost } from "./names";
import type { LitefsClusterProps } from "./props";

/** What a person wants to know of a cluster before deploying it: a heading and a text each. */
export function clusterSummary(
  props: LitefsClusterProps,
  config: LitefsClusterConfig,
): [string, string][] {
  const { place, paths, replicas, mountPath } = config;
  const kept = props.disposable ? "deleted with the cluster" : "kept when the cluster is destroyed";
  const pods = replicas === 1 ? "1 pod" : `${replicas} pods`;
  return [
    ["image", shown(props.image)],
    ...(props.ingress
      ? [["reached at", shown(ingressUrl(props.ingress))] as [string, string]]
      : []),
    [
      "requests",
      `service ${place.name}: GET and HEAD to any pod, everything else to ${place.name}-0, 503 while that is away`,
    ],
    ["databases", paths.map(shown).join(", ")],
    [
      "lie on",
      `${pods}, each a claim data-${place.name}-N of ${shown(props.storage.size)}, ${kept}`,
    ],
    [
      "backed up to",
      `${replicaText(props.replica, "")}, every ${shown(props.backup?.interval ?? D.backupInterval)} as a whole where something changed`,
    ],
    ["not backed up", `everything outside ${shown(mountPath)}, which isn't on other pods either`],
    ["primary", `${podHost(place, 0)}:${API_PORT}; no other pod takes over while it is down`],
    ["primary empty", EMPTY[props.whenPrimaryIsEmpty ?? D.whenPrimaryIsEmpty]],
    [
      "privileged",
      props.exec === undefined
        ? "LiteFS's container, which mounts a file system; the app's is not"
        : props.fuse
          ? "the app's container has SYS_ADMIN, for LiteFS in it"
          : "the app's container, for LiteFS in it",
    ],
  ];
}

const EMPTY = {
  refuse: "doesn't start where another pod or the backup has data",
  "take-replica": "takes the data of the pod that is furthest",
  restore: "takes the backup, where no pod has data",
};

function shown(value: string | undefined): string {
  return isExpression(value) ? "(known at apply)" : (value ?? "");
}
