import type {
  StatefulSetV1SpecTemplateSpec,
  StatefulSetV1SpecTemplateSpecInitContainer,
  StatefulSetV1SpecVolumeClaimTemplate,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER, PORT } from "../kubernetes/names";
import { placementBlocks } from "../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import type { LitestreamAppConfig } from "./app-config";
import { heldBack } from "./classic";
import { appContainer } from "./container";
import { DEFAULTS } from "./defaults";
import { isClassic, isPlain, litestreamImage } from "./form";
import { PLAIN_REPLICATE, plainProbes, plainRestore } from "./plain";
import { litestreamEnvironment, restoreFromEnvironment } from "./environment";
import { CONFIG_FOLDER } from "./folders";
import { databaseArguments, restoreArguments } from "./arguments";
import { listContainer, listings } from "./list";
import { claimTemplate, type Mount, mountsOf, podVolume } from "./mounts";
import type { LitestreamAppProps } from "./props";

/** The pod of an app, as the StatefulSet takes it. */
export interface Pod {
  readonly spec: StatefulSetV1SpecTemplateSpec;
  readonly claims: StatefulSetV1SpecVolumeClaimTemplate[];
}

export function pod(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): Pod {
  const mounts = mountsOf(name, props, config);
  const seenBy = (who: Mount["seenBy"][number]) =>
    mounts
      .filter((mount) => mount.seenBy.includes(who))
      .map(({ name: volume, mountPath, readOnly, subPath }) => ({
        name: volume,
        mountPath,
        readOnly,
        subPath,
      }));

  const litestream = {
    image: litestreamImage(props),
    resources: props.litestreamResources ?? DEFAULTS.litestreamResources,
    securityContext: containerSecurityContext(props, { readOnlyRootFilesystem: true }),
  };
  const plain = isPlain(props);
  const classic = isClassic(props);
  // kubectl describe then shows what was refused, and why.
  const terminationMessagePolicy = "FallbackToLogsOnError";
  const restore = { ...litestream, volumeMount: seenBy("restore"), terminationMessagePolicy };
  const sidecar = {
    ...litestream,
    ...(plain
      ? { ...PLAIN_REPLICATE, ...plainProbes() }
      : { ...replicateCommand(config), ...sidecarProbes(config) }),
    name: CONTAINER.litestream,
    env: environmentBlocks(litestreamEnvironment(props)),
    port: [{ name: PORT.metrics, containerPort: config.metricsPort }],
    volumeMount: seenBy("sidecar"),
    terminationMessagePolicy,
  };
  return {
    claims: mounts.flatMap((mount) => claimTemplate(mount, namespace)),
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: config.terminationGracePeriodSeconds,
      securityContext: podSecurityContext(props),
      ...placementBlocks(props),
      initContainer: [
        ...(plain
          ? plainRestore(props, config, {
              ...restore,
              env: environmentBlocks(litestreamEnvironment(props)),
            })
          : [
              ...listings(props, config).map((one) =>
                listContainer(one, config, { ...restore, image: props.rcloneImage }),
              ),
              scriptedRestore(props, config, restore),
            ]),
        ...(classic ? [] : [sidecar]),
      ],
      container: [
        appContainer(props, props, seenBy("app")),
        ...(classic ? [{ ...sidecar, ...heldBack(props) }] : []),
      ],
      volume: mounts.flatMap(podVolume),
    },
  };
}

function scriptedRestore(
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
  container: Partial<StatefulSetV1SpecTemplateSpecInitContainer>,
): StatefulSetV1SpecTemplateSpecInitContainer {
  return {
    ...container,
    name: CONTAINER.restore,
    command: ["sh", `${CONFIG_FOLDER}/restore.sh`],
    args: [
      config.whenNoBackup ?? "refuse",
      props.whenVolumeIsOlder ?? DEFAULTS.whenVolumeIsOlder,
      props.restoreIntegrityCheck ?? DEFAULTS.restoreIntegrityCheck,
      config.restoreFrom ? "yes" : "no",
      String(config.quietSeconds),
      ...restoreArguments(props, config),
    ],
    env: environmentBlocks({
      ...litestreamEnvironment(props),
      ...restoreFromEnvironment(props),
    }),
  };
}

function replicateCommand(config: LitestreamAppConfig) {
  return {
    command: ["sh", `${CONFIG_FOLDER}/replicate.sh`],
    args: databaseArguments(config),
  };
}

/**
 * The app starts when Litestream listens. A file replaced under Litestream is found within 20 s and
 * Litestream restarted; an app that keeps it out makes the pod not ready.
 */
function sidecarProbes(
  config: LitestreamAppConfig,
): Partial<StatefulSetV1SpecTemplateSpecInitContainer> {
  const guard = (question: "live" | "ready") => ({
    exec: { command: ["sh", `${CONFIG_FOLDER}/guard.sh`, question, ...databaseArguments(config)] },
    timeoutSeconds: 10,
  });
  return {
    startupProbe: {
      httpGet: { path: "/metrics", port: PORT.metrics },
      periodSeconds: 1,
      timeoutSeconds: 5,
      failureThreshold: 60,
    },
    livenessProbe: { ...guard("live"), periodSeconds: 10, failureThreshold: 2 },
    readinessProbe: { ...guard("ready"), periodSeconds: 5, failureThreshold: 3 },
  };
}
