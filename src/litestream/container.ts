import type {
  StatefulSetV1SpecTemplateSpecContainer,
  StatefulSetV1SpecTemplateSpecContainerVolumeMount,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import {
  environmentBlocks,
  environmentFromBlocks,
  type EnvironmentSource,
  type EnvironmentValue,
} from "../kubernetes/environment";
import { CONTAINER, PORT } from "../kubernetes/names";
import { type Probe, probeBlock } from "../kubernetes/probe";
import type { ContainerResources } from "../kubernetes/quantity";
import { containerSecurityContext, type PodUser } from "../kubernetes/security";
import { literal } from "../terraform/expression";

/** What an app's container runs, besides its image. */
export interface AppContainer {
  /** @default the image's entrypoint */
  readonly command?: readonly string[];
  /** @default the image's command */
  readonly args?: readonly string[];
  /** Environment variables by name. `HOSTNAME` is refused. @default none */
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  /** Secrets and ConfigMaps whose every key becomes an environment variable. @default none */
  readonly envFrom?: readonly EnvironmentSource[];
  /** @default none: the app counts as ready when it runs */
  readonly probes?: {
    readonly startup?: Probe;
    readonly readiness?: Probe;
    readonly liveness?: Probe;
  };
  /** @default none */
  readonly resources?: ContainerResources;
}

/** The app's container, as the pod takes it. */
export function appContainer(
  app: AppContainer & { readonly image: string; readonly port: number },
  user: PodUser,
  volumeMount: readonly Pick<
    StatefulSetV1SpecTemplateSpecContainerVolumeMount,
    "name" | "mountPath" | "readOnly" | "subPath"
  >[],
): StatefulSetV1SpecTemplateSpecContainer {
  const { probes = {} } = app;
  return {
    name: CONTAINER.app,
    image: app.image,
    command: app.command?.map(literal),
    args: app.args?.map(literal),
    env: environmentBlocks(app.env),
    envFrom: environmentFromBlocks(app.envFrom),
    port: [{ name: PORT.app, containerPort: app.port }],
    startupProbe: probeBlock(probes.startup, PORT.app),
    readinessProbe: probeBlock(probes.readiness, PORT.app),
    livenessProbe: probeBlock(probes.liveness, PORT.app),
    resources: app.resources,
    securityContext: containerSecurityContext(user, { readOnlyRootFilesystem: false }),
    volumeMount: [...volumeMount],
  };
}
