import type { DaemonSetV1SpecTemplateSpec } from "@cdktf/provider-kubernetes/lib/daemon-set-v1";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER, PORT } from "../kubernetes/names";
import { type Placement, placementBlocks } from "../kubernetes/placement";
import { Probe, probeBlock } from "../kubernetes/probe";
import { containerSecurityContext } from "../kubernetes/security";
import { literal } from "../terraform/expression";
import type { LogAlertsConfig } from "./config";
import { endpointArguments, endpointEnvironment } from "./endpoints";
import { FOLDER, HTTP_PORT } from "./pipeline";

/** Fluent Bit's configuration and the programs. */
const CONFIG = { name: "config", mountPath: FOLDER.config };
/** URLs and tokens, taken apart for Fluent Bit. */
const ENDPOINTS = { name: "endpoints", mountPath: FOLDER.endpoints };
/** What has been read, and what hasn't been delivered. */
const STATE = { name: "state", mountPath: FOLDER.state };

const UPTIME = "/api/v1/uptime";
const HEALTH = "/api/v1/health";
const PROBES = {
  startupProbe: Probe.httpGet(UPTIME, {
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: 30,
  }),
  // Reading up on a log of many megabytes takes all the CPU it may have: that is no reason to end it.
  livenessProbe: Probe.httpGet(UPTIME, {
    periodSeconds: 30,
    timeoutSeconds: 10,
    failureThreshold: 4,
  }),
  readinessProbe: Probe.httpGet(HEALTH, { periodSeconds: 10, timeoutSeconds: 5 }),
};

/** Any user but root will do: everybody may write the folder. */
const NOT_ROOT = 1000;

/** Taking a few URLs apart takes little. */
const ENDPOINTS_RESOURCES = {
  requests: { cpu: "10m", memory: "16Mi" },
  limits: { cpu: "100m", memory: "32Mi" },
};

/** All nodes, also those that are being drained or have trouble. */
const EVERYWHERE = [{ operator: "Exists" as const }];

/** The pod that reads one node's logs. The Secrets' values reach its main container as files only. */
export function alertsPod(
  config: LogAlertsConfig,
  { tolerations = EVERYWHERE, ...placement }: Placement,
  name: string,
): DaemonSetV1SpecTemplateSpec {
  const terminationMessagePolicy = "FallbackToLogsOnError";
  const nodeName = fieldBlock("NODE_NAME", "spec.nodeName");
  const folders = logFolders(config);
  return {
    serviceAccountName: name,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: false, seccompProfile: { type: "RuntimeDefault" } },
    ...placementBlocks({ ...placement, tolerations }),
    initContainer: [
      {
        name: CONTAINER.endpoints,
        image: config.shellImage,
        command: ["sh", `${CONFIG.mountPath}/endpoints.sh`],
        args: [ENDPOINTS.mountPath, ...endpointArguments(config)],
        env: [...environmentBlocks(endpointEnvironment(config)), nodeName],
        resources: ENDPOINTS_RESOURCES,
        securityContext: securityContextOf(NOT_ROOT),
        terminationMessagePolicy,
        volumeMount: [{ ...CONFIG, readOnly: true }, ENDPOINTS],
      },
    ],
    container: [
      {
        name: CONTAINER.alerts,
        image: config.image,
        args: ["-c", `${CONFIG.mountPath}/fluent-bit.yaml`],
        env: [
          nodeName,
          fieldBlock("POD_NAME", "metadata.name"),
          fieldBlock("POD_NAMESPACE", "metadata.namespace"),
          fieldBlock("POD_IP", "status.podIP"),
          ...environmentBlocks({ CLUSTER: config.cluster }),
        ],
        port: [{ name: PORT.metrics, containerPort: HTTP_PORT }],
        startupProbe: probeBlock(PROBES.startupProbe, PORT.metrics),
        livenessProbe: probeBlock(PROBES.livenessProbe, PORT.metrics),
        readinessProbe: probeBlock(PROBES.readinessProbe, PORT.metrics),
        resources: config.resources,
        // The node's logs belong to root and nobody else may read them. As their owner, root needs no capability.
        securityContext: securityContextOf(0),
        terminationMessagePolicy,
        volumeMount: [
          { ...CONFIG, readOnly: true },
          { ...ENDPOINTS, readOnly: true },
          ...folders.map(({ name: volume, path }) => ({
            name: volume,
            mountPath: path,
            readOnly: true,
          })),
          STATE,
        ],
      },
    ],
    volume: [
      { name: CONFIG.name, configMap: { name } },
      // In memory, as it holds what Secrets hold.
      { name: ENDPOINTS.name, emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      // One that isn't there is a mistake, and would be made by the node otherwise.
      ...folders.map(({ name: volume, path }) => ({
        name: volume,
        hostPath: { path, type: "Directory" },
      })),
      {
        name: STATE.name,
        hostPath: { path: literal(config.stateFolder), type: "DirectoryOrCreate" },
      },
    ],
  };
}

/** Folders of the node, at the same place in the pod: the links in one of them lead to others. */
function logFolders({ logFolder, linkedFolders }: LogAlertsConfig) {
  const paths = [...new Set([logFolder, ...linkedFolders])];
  return paths.map((path, index) => ({
    name: index === 0 ? "logs" : `logs-${index}`,
    path: literal(path),
  }));
}

function securityContextOf(user: number) {
  return {
    ...containerSecurityContext({ user }, { readOnlyRootFilesystem: true }),
    runAsUser: String(user),
    runAsGroup: String(user),
  };
}

/** An environment variable that is a field of the pod. */
function fieldBlock(name: string, fieldPath: string) {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
