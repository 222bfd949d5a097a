import type {
  StatefulSetV1SpecTemplateSpec,
  StatefulSetV1SpecTemplateSpecContainer,
  StatefulSetV1SpecTemplateSpecInitContainer,
  StatefulSetV1SpecTemplateSpecVolume,
  StatefulSetV1SpecVolumeClaimTemplate,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import {
  type EnvironmentValue,
  environmentBlocks,
  environmentFromBlocks,
} from "../kubernetes/environment";
import { CONTAINER, PORT, VOLUME } from "../kubernetes/names";
import { probeBlock } from "../kubernetes/probe";
import { containerSecurityContext, podSecurityContext } from "../kubernetes/security";
import type { Storage } from "../kubernetes/storage";
import { isExpression, literal, literals } from "../terraform/expression";
import { holds, type LitestreamAppConfig } from "./app-config";
import { DEFAULTS, REPLICA_MOUNT, RESTORE_FROM_MOUNT } from "./defaults";
import { configMapName, volumeName } from "./names";
import type { LitestreamAppProps } from "./props";
import { type Replica, replicaEnvironment } from "./replica";
import { CONFIG_FOLDER } from "./scripts";

/** The pod of an app, as the StatefulSet takes it. */
export interface Pod {
  readonly spec: StatefulSetV1SpecTemplateSpec;
  readonly claims: StatefulSetV1SpecVolumeClaimTemplate[];
}

/** A volume of the pod and who sees it. */
interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly storage: Storage;
  readonly app: boolean;
  readonly litestream: boolean;
  /** Seen by the restoring container only. */
  readonly restoreOnly?: boolean;
}

const CONFIG_VOLUME = "litestream-config";

export function pod(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): Pod {
  const mounts = mountsOf(props, config);
  const seenBy = (who: (mount: Mount) => boolean) =>
    mounts.filter(who).map(({ name: volume, mountPath, restoreOnly }) => ({
      name: volume,
      mountPath,
      readOnly: restoreOnly,
    }));
  const configMount = { name: CONFIG_VOLUME, mountPath: CONFIG_FOLDER, readOnly: true };

  const litestream = {
    image: props.litestreamImage ?? DEFAULTS.litestreamImage,
    resources: props.litestreamResources ?? DEFAULTS.litestreamResources,
    securityContext: containerSecurityContext(props, { readOnlyRootFilesystem: true }),
  };
  return {
    claims: mounts.flatMap((mount) => claimTemplate(mount, namespace)),
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: config.terminationGracePeriodSeconds,
      securityContext: podSecurityContext(props),
      imagePullSecrets: props.imagePullSecrets?.map((secret) => ({ name: secret })),
      nodeSelector: props.nodeSelector && literals(props.nodeSelector),
      toleration: props.tolerations?.map((toleration) => ({ ...toleration })),
      priorityClassName: props.priorityClassName,
      initContainer: [
        {
          ...litestream,
          name: CONTAINER.restore,
          command: ["sh", `${CONFIG_FOLDER}/restore.sh`],
          args: [
            config.whenNoBackup ?? "refuse",
            props.whenVolumeIsOlder ?? DEFAULTS.whenVolumeIsOlder,
            props.restoreIntegrityCheck ?? DEFAULTS.restoreIntegrityCheck,
            config.restoreFrom ? "yes" : "no",
            String(config.quietSeconds),
            ...databaseArguments(config),
          ],
          env: environmentBlocks({
            ...replicaEnvironment(props.replica),
            ...restoreFromEnvironment(props.restoreFrom),
          }),
          volumeMount: [configMount, ...seenBy((mount) => mount.litestream)],
          // kubectl describe then shows what was refused, and why.
          terminationMessagePolicy: "FallbackToLogsOnError",
        },
        {
          ...litestream,
          ...sidecarProbes(config),
          name: CONTAINER.litestream,
          command: ["sh", `${CONFIG_FOLDER}/replicate.sh`],
          args: databaseArguments(config),
          env: environmentBlocks(replicaEnvironment(props.replica)),
          port: [{ name: PORT.metrics, containerPort: config.metricsPort }],
          volumeMount: [configMount, ...seenBy((mount) => mount.litestream && !mount.restoreOnly)],
          terminationMessagePolicy: "FallbackToLogsOnError",
        },
      ],
      container: [
        appContainer(
          props,
          seenBy((mount) => mount.app),
        ),
      ],
      volume: [
        { name: CONFIG_VOLUME, configMap: { name: configMapName(name) } },
        ...mounts.flatMap(podVolume),
      ],
    },
  };
}

function appContainer(
  props: LitestreamAppProps,
  volumeMount: { name: string; mountPath: string }[],
): StatefulSetV1SpecTemplateSpecContainer {
  const { probes = {} } = props;
  return {
    name: CONTAINER.app,
    image: props.image,
    command: props.command?.map(literal),
    args: props.args?.map(literal),
    env: environmentBlocks(props.env),
    envFrom: environmentFromBlocks(props.envFrom),
    port: [{ name: PORT.app, containerPort: props.port }],
    startupProbe: probeBlock(probes.startup, PORT.app),
    readinessProbe: probeBlock(probes.readiness, PORT.app),
    livenessProbe: probeBlock(probes.liveness, PORT.app),
    resources: props.resources,
    securityContext: containerSecurityContext(props, { readOnlyRootFilesystem: false }),
    volumeMount,
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

function databaseArguments({ databases }: LitestreamAppConfig): string[] {
  return databases.flatMap(({ path, optional }) => [
    ...(optional ? ["--optional"] : []),
    literal(path),
  ]);
}

/** The other replica's credentials under names of their own; restore.sh takes them when it needs them. */
function restoreFromEnvironment(replica: Replica | undefined): Record<string, EnvironmentValue> {
  const entries = replica ? Object.entries(replicaEnvironment(replica)) : [];
  return Object.fromEntries(entries.map(([name, value]) => [`RESTORE_FROM_${name}`, value]));
}

function mountsOf(props: LitestreamAppProps, config: LitestreamAppConfig): Mount[] {
  const { storage, volumes = [], replica, restoreFrom } = props;
  const holdsDatabase = (mountPath: string) =>
    config.databases.some(({ path }) => !isExpression(path) && holds(mountPath, path));
  return [
    { name: VOLUME.data, mountPath: config.mountPath ?? "", storage, app: true, litestream: true },
    ...volumes.map((volume) => ({
      name: volumeName(volume.mountPath),
      mountPath: volume.mountPath,
      storage: volume.storage,
      app: true,
      litestream: holdsDatabase(volume.mountPath),
    })),
    ...replicaMount(replica, { name: VOLUME.replica, mountPath: REPLICA_MOUNT }),
    ...replicaMount(restoreFrom, {
      name: VOLUME.restoreFrom,
      mountPath: RESTORE_FROM_MOUNT,
      restoreOnly: true,
    }),
  ];
}

function replicaMount(
  replica: Replica | undefined,
  place: Pick<Mount, "name" | "mountPath" | "restoreOnly">,
): Mount[] {
  if (replica?.kind !== "file") return [];
  const storage: Storage =
    replica.existingClaim !== undefined
      ? { kind: "existingClaim", claimName: replica.existingClaim }
      : { kind: "claim", size: "", accessMode: "ReadWriteOnce", ...replica.claim };
  return [{ ...place, storage, app: false, litestream: true }];
}

function podVolume({ name, storage }: Mount): StatefulSetV1SpecTemplateSpecVolume[] {
  switch (storage.kind) {
    case "claim":
      return [];
    case "ephemeral":
      return [{ name, emptyDir: { sizeLimit: storage.sizeLimit } }];
    case "existingClaim":
      return [{ name, persistentVolumeClaim: { claimName: storage.claimName } }];
  }
}

function claimTemplate(
  { name, storage }: Mount,
  namespace: string,
): StatefulSetV1SpecVolumeClaimTemplate[] {
  if (storage.kind !== "claim") return [];
  return [
    {
      // Kubernetes ignores the namespace; the provider writes "default" where it is left out.
      metadata: { name, namespace },
      spec: {
        accessModes: [storage.accessMode ?? "ReadWriteOncePod"],
        storageClassName: storage.storageClass,
        resources: { requests: { storage: storage.size } },
      },
    },
  ];
}
