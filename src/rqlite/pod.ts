import type {
  StatefulSetV1SpecTemplateSpec,
  StatefulSetV1SpecTemplateSpecContainerVolumeMount,
  StatefulSetV1SpecTemplateSpecVolume,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER, LABEL, partOf, selector, VOLUME } from "../kubernetes/names";
import { placementBlocks } from "../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import type { Storage } from "../kubernetes/storage";
import { nodeArguments, type NodeRole } from "./arguments";
import type { RqliteConfig } from "./config";
import { nodeEnvironment, prepareEnvironment } from "./environment";
import {
  CDC_FOLDER,
  CONFIG_FOLDER,
  configMapName,
  HTTP_PORT,
  HTTP_TLS_FOLDER,
  NODE_TLS_FOLDER,
  PORT_NAME,
  RAFT_PORT,
  RUN_FOLDER,
  SIZE_FOLDER,
  sizeMapName,
  VOLUME_FOLDER,
} from "./names";
import type { RqliteClusterProps } from "./props";

/** Read by the pod's own group only. */
const SECRET_MODE = "0440";

const PREPARE_RESOURCES = {
  requests: { cpu: "10m", memory: "16Mi" },
  limits: { cpu: "500m", memory: "64Mi" },
};

/** The pod of a node, as the StatefulSet takes it. */
export function nodePod(
  props: RqliteClusterProps,
  config: RqliteConfig,
  role: NodeRole,
): StatefulSetV1SpecTemplateSpec {
  const kind = role.reader ? "reader" : "voter";
  const storage = (role.reader ? config.readers?.storage : undefined) ?? props.storage;
  const securityContext = containerSecurityContext(props, { readOnlyRootFilesystem: true });
  const podName = { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } };
  const shared = { securityContext, terminationMessagePolicy: "FallbackToLogsOnError" };
  const mounts = volumeMounts(props);
  return {
    serviceAccountName: props.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: config.graceSeconds,
    securityContext: podSecurityContext(props),
    ...placementBlocks(props),
    ...(role.reader ? {} : spreadBlocks(props.name, config)),
    initContainer: [
      {
        ...shared,
        name: CONTAINER.rqlitePrepare,
        image: config.curlImage,
        command: ["sh", `${CONFIG_FOLDER}/prepare.sh`, kind],
        env: [podName, ...environmentBlocks(prepareEnvironment(props, config, role))],
        resources: PREPARE_RESOURCES,
        volumeMount: mounts,
      },
    ],
    container: [
      {
        ...shared,
        name: CONTAINER.rqlite,
        image: config.image,
        command: ["sh", `${CONFIG_FOLDER}/start.sh`, kind],
        args: nodeArguments(props, config.version, role),
        env: [podName, ...environmentBlocks(nodeEnvironment(props, config, role))],
        port: [
          { name: PORT_NAME.http, containerPort: HTTP_PORT },
          { name: PORT_NAME.raft, containerPort: RAFT_PORT },
        ],
        ...probes(config),
        resources: (role.reader ? config.readers?.resources : undefined) ?? config.resources,
        volumeMount: mounts,
      },
    ],
    volume: volumes(props, storage),
  };
}

/**
 * A node that has no leader isn't ready, and isn't killed for it. It answers as soon as its HTTP server runs, which is before its
 * data is read, but after a restore's download.
 */
function probes({ scheme, startupSeconds }: RqliteConfig) {
  const get = (path: string) => ({
    httpGet: { path, port: PORT_NAME.http, scheme: scheme.toUpperCase() },
    timeoutSeconds: 5,
  });
  const PERIOD = 2;
  return {
    startupProbe: {
      ...get("/readyz?noleader"),
      periodSeconds: PERIOD,
      failureThreshold: Math.max(1, Math.ceil(startupSeconds / PERIOD)),
    },
    readinessProbe: { ...get("/readyz"), periodSeconds: 2, failureThreshold: 2 },
    livenessProbe: { ...get("/readyz?noleader"), periodSeconds: 10, failureThreshold: 6 },
  };
}

/** Voters apart from each other: by node of Kubernetes, and by zone where there are several. */
function spreadBlocks(name: string, { spread }: RqliteConfig) {
  const labelSelector = [{ matchLabels: selector(name) }];
  const topologyKey = "kubernetes.io/hostname";
  return {
    affinity: {
      podAntiAffinity:
        spread === "require"
          ? { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector, topologyKey }] }
          : {
              preferredDuringSchedulingIgnoredDuringExecution: [
                { weight: 100, podAffinityTerm: { labelSelector, topologyKey } },
              ],
            },
    },
    topologySpreadConstraint: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector,
      },
    ],
  };
}

function volumeMounts({
  tls,
  cdc,
}: RqliteClusterProps): StatefulSetV1SpecTemplateSpecContainerVolumeMount[] {
  return [
    { name: VOLUME.data, mountPath: VOLUME_FOLDER },
    { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
    { name: "size", mountPath: SIZE_FOLDER, readOnly: true },
    { name: "run", mountPath: RUN_FOLDER },
    ...(tls?.http ? [{ name: "http-tls", mountPath: HTTP_TLS_FOLDER, readOnly: true }] : []),
    ...(tls?.nodes ? [{ name: "node-tls", mountPath: NODE_TLS_FOLDER, readOnly: true }] : []),
    ...(isSecretKey(cdc) ? [{ name: "cdc", mountPath: CDC_FOLDER, readOnly: true }] : []),
  ];
}

function volumes(
  { name, tls, cdc }: RqliteClusterProps,
  storage: Storage,
): StatefulSetV1SpecTemplateSpecVolume[] {
  const secret = (volume: string, secretName: string, items?: { key: string; path: string }[]) => ({
    name: volume,
    secret: { secretName, defaultMode: SECRET_MODE, items },
  });
  return [
    ...(storage.kind === "ephemeral"
      ? [{ name: VOLUME.data, emptyDir: { sizeLimit: storage.sizeLimit } }]
      : []),
    { name: "config", configMap: { name: configMapName(name) } },
    { name: "size", configMap: { name: sizeMapName(name) } },
    // The users' passwords, and the keys of a restore's place: never on a disk.
    { name: "run", emptyDir: { medium: "Memory", sizeLimit: "4Mi" } },
    ...(tls?.http ? [secret("http-tls", tls.http.secret.name)] : []),
    ...(tls?.nodes ? [secret("node-tls", tls.nodes.secret.name)] : []),
    ...(isSecretKey(cdc)
      ? [secret("cdc", cdc.secret.name, [{ key: cdc.key, path: "cdc.json" }])]
      : []),
  ];
}

function isSecretKey(
  cdc: RqliteClusterProps["cdc"],
): cdc is Exclude<typeof cdc, string | undefined> {
  return typeof cdc === "object";
}

/** The labels of a node's pod. */
export function nodeLabels(role: NodeRole): Record<string, string> {
  return { ...selector(role.set), [LABEL.component]: "rqlite", ...partOf(role.cluster) };
}
