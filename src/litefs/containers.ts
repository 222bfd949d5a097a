import type {
  StatefulSetV1SpecTemplateSpecContainer,
  StatefulSetV1SpecTemplateSpecContainerVolumeMount,
  StatefulSetV1SpecTemplateSpecInitContainer,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER, PORT } from "../kubernetes/names";
import { type Probe, probeBlock } from "../kubernetes/probe";
import { appContainer } from "../litestream/container";
import { asText } from "../terraform/expression";
import type { LitefsClusterConfig } from "./config";
import { LITEFS_DEFAULTS as D } from "./defaults";
import {
  API_PORT,
  CONFIG_FOLDER,
  DOLLAR_VARIABLE,
  GUARD_PORT,
  podDomain,
  POD_VARIABLE,
  primaryName,
  PROXY_PORT,
} from "./names";
import type { LitefsClusterProps } from "./props";

type VolumeMount = StatefulSetV1SpecTemplateSpecContainerVolumeMount;

/** The app's container, and what runs beside it for the pod's whole life. */
export interface AppParts {
  readonly sidecars: readonly (StatefulSetV1SpecTemplateSpecInitContainer & {
    readonly name: string;
  })[];
  readonly app: StatefulSetV1SpecTemplateSpecContainer;
}

/** The volume in which LiteFS mounts its file system. */
export const MOUNT = "litefs";

/** An hour: a replica waits for its primary, and an import takes its time. */
const PATIENCE = { periodSeconds: 2, timeoutSeconds: 15, failureThreshold: 1800 };

/** The pod's own name, which no environment of the app can change. */
export const POD_NAME = {
  name: POD_VARIABLE,
  valueFrom: { fieldRef: { fieldPath: "metadata.name", apiVersion: "v1" } },
};

/** One that waits for the guard, or puts in what was restored, is left alone, though the kubelet may take it for started. */
const LIVES = `grep -q gate.sh /proc/1/cmdline || timeout 5 wget -q -O /dev/null http://127.0.0.1:${API_PORT}/info`;

const PORTS = [
  { name: "litefs", containerPort: API_PORT },
  { name: "litefs-proxy", containerPort: PROXY_PORT },
];

function litefsEnvironment({ place }: LitefsClusterConfig) {
  return [POD_NAME, ...environmentBlocks({ [DOLLAR_VARIABLE]: "$", PEERS: podDomain(place) })];
}

/** LiteFS beside the app: privileged, as only such a container's mounts reach another one. The app's is restricted. */
export function sidecarApp(
  props: LitefsClusterProps,
  config: LitefsClusterConfig,
  mounts: { readonly litefs: VolumeMount[]; readonly app: VolumeMount[] },
): AppParts {
  const { place } = config;
  const { mountPath = "/", volumePath = "/" } = config;
  const ready = (question: "start" | "serve") => ({
    exec: {
      command: [
        "sh",
        `${CONFIG_FOLDER}/ready.sh`,
        question,
        mountPath,
        primaryName(place.name),
        `${place.name}-0`,
      ],
    },
  });
  const litefs = {
    name: CONTAINER.litefs,
    image: props.litefsImage ?? D.litefsImage,
    command: ["sh", `${CONFIG_FOLDER}/start.sh`],
    args: [mountPath, asText(props.port), asText(GUARD_PORT)],
    env: litefsEnvironment(config),
    port: PORTS,
    resources: props.litefsResources ?? D.litefsResources,
    securityContext: {
      privileged: true,
      allowPrivilegeEscalation: true,
      readOnlyRootFilesystem: false,
      runAsNonRoot: false,
      runAsUser: "0",
      runAsGroup: "0",
    },
    startupProbe: { ...ready("start"), ...PATIENCE },
    readinessProbe: {
      ...ready("serve"),
      periodSeconds: 5,
      timeoutSeconds: 15,
      failureThreshold: 1,
    },
    livenessProbe: {
      exec: { command: ["sh", "-c", LIVES] },
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMount: [
      ...mounts.litefs,
      { name: MOUNT, mountPath: volumePath, mountPropagation: "Bidirectional" },
    ],
  };
  const app = appContainer(props, props, []);
  return {
    sidecars: [litefs],
    app: {
      ...app,
      livenessProbe: probeBlock(throughLitefs(props.probes?.liveness), PORT.app),
      volumeMount: [
        ...mounts.app,
        { name: MOUNT, mountPath: volumePath, mountPropagation: "HostToContainer" },
      ],
    },
  };
}

/**
 * The app's liveness asks LiteFS too: when that has died, the app's open files are dead, and it has to be started again. A
 * question of the app's own goes through LiteFS's proxy, which forwards it.
 */
function throughLitefs(own: Probe | undefined): Probe {
  if (own?.kind === "http") return { ...own, port: PROXY_PORT };
  return {
    kind: "http",
    path: "/info",
    port: API_PORT,
    periodSeconds: 2,
    timeoutSeconds: 5,
    failureThreshold: 3,
  };
}

/**
 * On nodes with AppArmor (Ubuntu, Debian) the runtime's profile refuses mounts, with SYS_ADMIN too. An annotation, as
 * provider 3.2.1 doesn't know the field that Kubernetes makes of it.
 *
 * @see https://github.com/squat/generic-device-plugin/issues/80
 */
export function deviceAnnotations({ exec, fuse }: LitefsClusterProps): Record<string, string> {
  if (!exec || !fuse) return {};
  return { [`container.apparmor.security.beta.kubernetes.io/${CONTAINER.app}`]: "unconfined" };
}

/** LiteFS and the app in one container, where the mount stays: what goes with LiteFS is both. */
export function execApp(
  props: LitefsClusterProps,
  config: LitefsClusterConfig,
  volumeMount: VolumeMount[],
): AppParts {
  const { fuse } = props;
  const app = appContainer(props, props, []);
  const health = { httpGet: { path: "/litefs/health", port: asText(PROXY_PORT) } };
  const device = fuse && { [fuse.resource]: "1" };
  return {
    sidecars: [],
    app: {
      ...app,
      command: ["sh", `${CONFIG_FOLDER}/gate.sh`, asText(GUARD_PORT)],
      args: ["litefs", "mount", "-config", `${CONFIG_FOLDER}/litefs.yml`],
      env: [...litefsEnvironment(config), ...environmentBlocks(props.env)],
      port: [...PORTS, { name: PORT.app, containerPort: props.port }],
      resources: device
        ? {
            requests: { ...props.resources?.requests, ...device },
            limits: { ...props.resources?.limits, ...device },
          }
        : props.resources,
      securityContext: {
        privileged: fuse === undefined,
        allowPrivilegeEscalation: true,
        readOnlyRootFilesystem: false,
        runAsNonRoot: false,
        runAsUser: "0",
        runAsGroup: "0",
        ...(fuse && { capabilities: { add: ["SYS_ADMIN"], drop: ["ALL"] } }),
      },
      startupProbe: { ...health, ...PATIENCE },
      readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 1 },
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMount,
    },
  };
}
