import type {
  StatefulSetV1SpecTemplateSpec,
  StatefulSetV1SpecVolumeClaimTemplate,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import {
  configFilesMap,
  configFilesPlace,
  configFilesSubPath,
  configFilesVolume,
} from "../kubernetes/config-files";
import { environmentBlocks, type EnvironmentValue } from "../kubernetes/environment";
import { CONTAINER, selector, VOLUME } from "../kubernetes/names";
import { placementBlocks } from "../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import { REPLICA_PLACE } from "../litestream/folders";
import { DOLLAR } from "../litestream/keys";
import { claimTemplate, podVolume, replicaMounts } from "../litestream/mounts";
import { replicaEnvironment } from "../litestream/replica";
import { asText } from "../terraform/expression";
import { type AppParts, execApp, MOUNT, POD_NAME, sidecarApp } from "./containers";
import type { LitefsClusterConfig } from "./config";
import { LITEFS_DEFAULTS as D } from "./defaults";
import {
  BACKUP_FOLDER,
  CONFIG_FOLDER,
  configMapName,
  DATA_FOLDER,
  GUARD_PORT,
  podDomain,
  RECOVERY_FOLDER,
  recoveryName,
} from "./names";
import type { LitefsClusterProps } from "./props";

/** Volumes of the pod. */
const CONFIG = { name: "litefs-config", mountPath: CONFIG_FOLDER, readOnly: true };
const DATA = { name: VOLUME.data, mountPath: DATA_FOLDER };
const RECOVERY = { name: "litefs-recovery", mountPath: RECOVERY_FOLDER, readOnly: true };
const BACKUP = { name: "litefs-backup", mountPath: BACKUP_FOLDER };

const MAY_START = `sh ${CONFIG_FOLDER}/may-start.sh ${asText(GUARD_PORT)} || { cat ${BACKUP_FOLDER}/guard; exit 1; }`;

/** A day, after which the guard begins anew: a primary may be away for long. */
const GUARD_PATIENCE = { periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 86_400 };

export interface ClusterPod {
  readonly spec: StatefulSetV1SpecTemplateSpec;
  readonly claims: StatefulSetV1SpecVolumeClaimTemplate[];
  readonly nativeSidecars: readonly string[];
}

/** The environment of what runs Litestream. */
export function backupEnvironment(
  { replica }: LitefsClusterProps,
  config: LitefsClusterConfig,
): Record<string, EnvironmentValue> {
  return {
    LITESTREAM_CONFIG: `${CONFIG_FOLDER}/litestream.yml`,
    [DOLLAR]: "$",
    PEERS: podDomain(config.place),
    // The root is read-only.
    TMPDIR: BACKUP_FOLDER,
    ...replicaEnvironment(replica, REPLICA_PLACE.secrets),
  };
}

/**
 * Every pod of a cluster is the same: first what looks whether LiteFS may start, and holds back what follows until it may, then
 * LiteFS, the backup, and the app. With `exec` LiteFS and the app are one container.
 */
export function clusterPod(props: LitefsClusterProps, config: LitefsClusterConfig): ClusterPod {
  const { name, namespace } = config.place;
  const mounts = replicaMounts(props.replica, REPLICA_PLACE, {
    name: VOLUME.replica,
    seenBy: ["restore", "sidecar"],
  });
  const perl = {
    image: props.litestreamImage ?? D.litestreamImage,
    env: [POD_NAME, ...environmentBlocks(backupEnvironment(props, config))],
    resources: props.backup?.resources ?? D.backupResources,
    securityContext: containerSecurityContext(props, { readOnlyRootFilesystem: true }),
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMount: [
      CONFIG,
      DATA,
      BACKUP,
      ...mounts.map(({ name: volume, mountPath, readOnly }) => ({
        name: volume,
        mountPath,
        readOnly,
      })),
    ],
  };
  const guard = {
    ...perl,
    name: CONTAINER.restore,
    command: ["perl", `${CONFIG_FOLDER}/guard.pl`],
    args: [asText(GUARD_PORT), name, ...config.databases],
    resources: { requests: D.guardRequests, limits: perl.resources.limits },
    startupProbe: { exec: { command: ["sh", "-c", MAY_START] }, ...GUARD_PATIENCE },
    volumeMount: [...perl.volumeMount, RECOVERY],
  };
  const backup = {
    ...perl,
    name: CONTAINER.litefsBackup,
    command: ["perl", `${CONFIG_FOLDER}/backup.pl`],
    args: [String(config.backupSeconds), name, ...config.databases],
  };
  const files = (props.configFiles ?? []).map((one) => ({
    name: configFilesVolume(one),
    mountPath: configFilesPlace(one),
    subPath: configFilesSubPath(one),
    readOnly: true,
  }));
  const app: AppParts = props.exec
    ? execApp(props, config, [CONFIG, DATA, ...files])
    : sidecarApp(props, config, { litefs: [CONFIG, DATA], app: files });
  return {
    claims: claimTemplate({ ...DATA, seenBy: ["app"], from: props.storage }, namespace),
    nativeSidecars: [guard, ...app.sidecars, backup].map((one) => one.name),
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: config.terminationGracePeriodSeconds,
      securityContext: podSecurityContext(props),
      ...placementBlocks(props),
      topologySpreadConstraint: spread(name),
      initContainer: [guard, ...app.sidecars, backup],
      container: [app.app],
      volume: [
        { name: CONFIG.name, configMap: { name: configMapName(name) } },
        { name: RECOVERY.name, configMap: { name: recoveryName(name) } },
        { name: BACKUP.name, emptyDir: {} },
        ...(props.exec ? [] : [{ name: MOUNT, emptyDir: {} }]),
        ...mounts.flatMap(podVolume),
        ...(props.configFiles ?? []).map((one) => ({
          name: configFilesVolume(one),
          configMap: { name: configFilesMap(name, one) },
        })),
      ],
    },
  };
}

/** One pod a node, as far as there are nodes. */
export function spread(name: string) {
  return [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: [{ matchLabels: selector(name) }],
    },
  ];
}
