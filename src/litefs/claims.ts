import type { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { VOLUME } from "../kubernetes/names";
import { claimName } from "../litestream/names";
import { replicaLocation } from "../litestream/replica";
import type { Claim } from "../terraform/checks";
import { terraformText } from "../terraform/expression";
import type { LitefsCluster } from "./cluster";
import { NOTE } from "./config";

/** What nobody else of the tree may have: two writers on one folder of a replica overwrite each other without an error. */
export function clusterClaims(cluster: LitefsCluster, workload: StatefulSetV1): Claim[] {
  const { name, namespace, props, config } = cluster;
  const home = {
    cluster: [workload.cdktfStack.node.path, props.provider?.alias, namespace].join("/"),
    claim: claimName(name, VOLUME.replica),
  };
  const folders = [...config.databases, NOTE.folder];
  return folders.map((folder, index) => ({
    what: "replica path",
    key: replicaLocation(props.replica, folder, home)
      .map((part) => terraformText(cluster, part))
      .join("\n"),
    field: index < config.paths.length ? `databases[${index}]` : "replica",
    value: config.paths[index] ?? folder,
    fix: "Give one of the two another path in its replica.",
  }));
}
