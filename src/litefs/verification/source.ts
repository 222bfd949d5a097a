import type { BackupSource } from "../../kubernetes/backup";
import { CONTAINER, selector } from "../../kubernetes/names";
import { namespaceName, type Owner } from "../../kubernetes/owner";
import { storageSize } from "../../kubernetes/storage";
import { identityPodAnnotations } from "../../kubernetes/workload-identity";
import { podVolume, replicaVolumes } from "../../litestream/mounts";
import { replicaIdentity, replicaSecrets } from "../../litestream/replica";
import { replicaDestinations } from "../../litestream/replica/destinations";
import { literal } from "../../terraform/expression";
import type { LitefsClusterConfig } from "../config";
import { LITEFS_DEFAULTS as D } from "../defaults";
import { primaryHost } from "../file";
import { API_PORT, CONFIG_FOLDER, configMapName } from "../names";
import { backupEnvironment } from "../pod";
import type { LitefsClusterProps } from "../props";
import { clusterModule } from "../scripts/common";
import { sourceModule } from "./source-module";

/** The databases of a cluster as they come back from its replica. */
export function litefsSource(
  owner: Owner,
  props: LitefsClusterProps,
  config: LitefsClusterConfig,
): Omit<BackupSource, "dependsOn"> {
  const { replica } = props;
  const labels = selector(owner.name);
  const identity = replicaIdentity(replica);
  return {
    owner,
    databases: config.paths,
    image: props.litestreamImage ?? D.litestreamImage,
    // What the primary has written is in the backup within an interval.
    waitsSeconds: config.backupSeconds,
    files: {
      "Source.pm": literal(sourceModule),
      "Cluster.pm": literal(clusterModule),
      databases: config.paths.map((path) => `${path}\n`).join(""),
    },
    environment: {
      ...backupEnvironment(props, config),
      SOURCE_PRIMARY: primaryHost(config),
      SOURCE_INTERVAL: String(config.backupSeconds),
    },
    volumes: [
      {
        name: "litefs-config",
        mountPath: CONFIG_FOLDER,
        volume: { configMap: { name: configMapName(owner.name) } },
      },
      ...replicaVolumes(owner.name, replica).flatMap((mount) =>
        podVolume(mount).map(({ name: _, ...volume }) => ({
          name: mount.name,
          mountPath: mount.mountPath,
          volume,
        })),
      ),
    ],
    secrets: replicaSecrets(replica),
    reaches: [
      { pods: labels, port: API_PORT },
      ...replicaDestinations(replica, namespaceName(owner)),
    ],
    app: { labels, port: API_PORT },
    onNodeOfApp: false,
    sizeLimit: storageSize(props.storage),
    podAnnotations: identity ? identityPodAnnotations(identity, CONTAINER.report) : {},
    serviceAccount: owner.name,
    user: props,
    placement: props,
    nativeSidecars: true,
  };
}
