import type {
  StatefulSetV1SpecTemplateSpec,
  StatefulSetV1SpecTemplateSpecInitContainer,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { environmentBlocks } from "../../kubernetes/environment";
import { CONTAINER, PORT, selector } from "../../kubernetes/names";
import { nodeOf, placementBlocks } from "../../kubernetes/placement";
import { containerSecurityContext, podSecurityContext } from "../../kubernetes/security";
import { asText, literal } from "../../terraform/expression";
import { appContainer } from "../container";
import { DEFAULTS } from "../defaults";
import { CONFIG_FOLDER, REPLICA_PLACE } from "../folders";
import { debianImage } from "../form";
import { DOLLAR } from "../keys";
import { podVolume, replicaVolumes } from "../mounts";
import { configMapName } from "../names";
import { replicaEnvironment } from "../replica";
import type { LitestreamReadersConfig } from "./config";
import { FOLLOWER_FOLDER, STATUS_FOLDER } from "./places";
import type { LitestreamReadersProps } from "./props";

const CONFIG_VOLUME = "litestream-config";
const FOLLOWER_VOLUME = "litestream-follower";
const STATUS_VOLUME = "litestream-status";

/** A year and more: a reader waits for the first backup, however long that takes. */
const FOR_EVER = 20_000_000;

/** The pods of some readers, as the StatefulSet takes them. */
export function readersPod(
  name: string,
  props: LitestreamReadersProps,
  config: LitestreamReadersConfig,
): StatefulSetV1SpecTemplateSpec {
  const app = props.of.props;
  const { sizeLimit, folders } = config;
  const replica = replicaVolumes(props.of.name, app.replica);
  const data = folders.map(({ name: volume, mountPath }) => ({ name: volume, mountPath }));
  const status = { name: STATUS_VOLUME, mountPath: STATUS_FOLDER };
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: config.terminationGracePeriodSeconds,
    securityContext: podSecurityContext(app),
    ...placementBlocks({
      ...props,
      imagePullSecrets: props.imagePullSecrets ?? app.imagePullSecrets,
    }),
    affinity: props.onNodeOfApp ? nodeOf(selector(props.of.name)) : undefined,
    initContainer: [
      {
        ...follower(props, config),
        volumeMount: [
          { name: CONFIG_VOLUME, mountPath: CONFIG_FOLDER, readOnly: true },
          { name: FOLLOWER_VOLUME, mountPath: FOLLOWER_FOLDER },
          ...data,
          status,
          ...replica.map(({ name: volume, mountPath }) => ({
            name: volume,
            mountPath,
            readOnly: true,
          })),
        ],
      },
    ],
    container: [
      appContainer(
        { ...props, image: config.image, port: config.port },
        app,
        [...data, status].map((mount) => ({ ...mount, readOnly: true })),
      ),
    ],
    volume: [
      { name: CONFIG_VOLUME, configMap: { name: configMapName(name) } },
      { name: FOLLOWER_VOLUME, emptyDir: { sizeLimit } },
      ...data.map((mount) => ({ name: mount.name, emptyDir: { sizeLimit } })),
      { name: STATUS_VOLUME, emptyDir: { sizeLimit: "10Mi" } },
      ...replica.flatMap(podVolume),
    ],
  };
}

function follower(
  props: LitestreamReadersProps,
  config: LitestreamReadersConfig,
): StatefulSetV1SpecTemplateSpecInitContainer {
  const { of } = props;
  const databases = config.databases.flatMap(({ path, optional }) => [
    ...(optional ? ["--optional"] : []),
    literal(path),
  ]);
  const maxLag = String(config.maxLagSeconds);
  const probe = (question: "started" | "ready") => ({
    exec: {
      command: ["perl", `${CONFIG_FOLDER}/ready.pl`, question, STATUS_FOLDER, maxLag, ...databases],
    },
    periodSeconds: 2,
    timeoutSeconds: 5,
  });
  return {
    name: CONTAINER.follower,
    image: debianImage(of.props),
    command: ["perl", `${CONFIG_FOLDER}/follow.pl`],
    args: [
      FOLLOWER_FOLDER,
      STATUS_FOLDER,
      `${of.name}:${asText(of.config.metricsPort)}`,
      asText(config.metricsPort),
      maxLag,
      String(config.syncSeconds),
      ...databases,
    ],
    env: environmentBlocks({
      [DOLLAR]: "$",
      ...replicaEnvironment(of.props.replica, REPLICA_PLACE.secrets),
    }),
    port: [{ name: PORT.metrics, containerPort: config.metricsPort }],
    // The app starts when every database is there.
    startupProbe: { ...probe("started"), failureThreshold: FOR_EVER },
    // The lag itself is what waits: once it is too much, one look says so.
    readinessProbe: { ...probe("ready"), failureThreshold: 1 },
    resources: props.followerResources ?? DEFAULTS.litestreamResources,
    securityContext: containerSecurityContext(of.props, { readOnlyRootFilesystem: true }),
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}
