import type { BackupSource, SourceVolume } from "../../kubernetes/backup";
import { seconds } from "../../kubernetes/duration";
import { CONTAINER, selector } from "../../kubernetes/names";
import { namespaceName, type Owner } from "../../kubernetes/owner";
import { storageSize } from "../../kubernetes/storage";
import { identityPodAnnotations } from "../../kubernetes/workload-identity";
import { asText, literal } from "../../terraform/expression";
import type { LitestreamAppConfig } from "../app-config";
import { singleArguments } from "../arguments";
import { DEFAULTS } from "../defaults";
import { litestreamEnvironment } from "../environment";
import { metricsModule } from "../metrics-module";
import { CONFIG_FILE, CONFIG_FOLDER } from "../folders";
import { debianImage, isClassic, isVersion03, litestreamImage } from "../form";
import { podVolume, replicaVolumes } from "../mounts";
import { configMapName } from "../names";
import type { LitestreamAppProps } from "../props";
import { replicaIdentity, replicaSecrets } from "../replica";
import { replicaDestinations } from "../replica/destinations";
import { fetch03Script } from "./fetch-03-script";
import { liveModule } from "./live-module";
import { source03Module } from "./source-03-module";
import { sourceModule } from "./source-module";

/** Litestream looks at each database so often, in seconds, unless its monitor interval says otherwise. */
const LOOKS_WITHIN = 30;

/** The databases of an app as they come back from its replica. */
export function litestreamSource(
  owner: Owner,
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): Omit<BackupSource, "dependsOn"> {
  const { replica } = props;
  const labels = selector(owner.name);
  const { metricsPort } = config;
  const identity = replicaIdentity(replica);
  return {
    owner,
    databases: [
      ...config.databases.map(({ path }) => path),
      ...config.directories.map(({ dir }) => dir),
    ],
    ...program(props, config),
    environment: {
      ...litestreamEnvironment(props),
      LITESTREAM_CONFIG: CONFIG_FILE,
      SOURCE_METRICS: `${owner.name}:${asText(metricsPort)}`,
      SOURCE_CONFIG_FOLDER: CONFIG_FOLDER,
      SOURCE_LOOK_SECONDS: String(Math.max(LOOKS_WITHIN, lookSeconds(config))),
      SOURCE_SYNC_SECONDS: String(syncSeconds(props)),
    },
    waitsSeconds: lookSeconds(config) + syncSeconds(props),
    volumes: volumes(owner.name, props),
    secrets: replicaSecrets(replica),
    reaches: [
      { pods: labels, port: metricsPort },
      ...replicaDestinations(replica, namespaceName(owner)),
    ],
    app: { labels, port: metricsPort },
    onNodeOfApp: replica.kind === "file" && replica.claim !== undefined,
    sizeLimit: storageSize(props.storage),
    podAnnotations: identity ? identityPodAnnotations(identity, CONTAINER.report) : {},
    serviceAccount: owner.name,
    user: props,
    placement: props,
    nativeSidecars: !isClassic(props),
  };
}

/** What restores the databases, and compares them with the app. */
function program(
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): Pick<BackupSource, "image" | "files" | "before"> {
  const shared = {
    "Live.pm": literal(liveModule),
    "Metrics.pm": literal(metricsModule),
    databases: databaseList(config),
  };
  if (!isVersion03(props))
    return {
      // An image of one's own without a shell has no known counterpart with one.
      image: props.hardened && props.litestreamImage ? undefined : debianImage(props),
      files: { ...shared, "Source.pm": literal(sourceModule) },
    };
  const script = "fetch-03.sh";
  return {
    // The image of 0.3 has no sqlite3.
    image: DEFAULTS.litestreamImage,
    files: {
      ...shared,
      "Source.pm": literal(source03Module),
      [script]: literal(fetch03Script),
    },
    before: {
      image: litestreamImage(props),
      script,
      args: config.databases.map(({ path }) => literal(path)),
    },
  };
}

function volumes(name: string, { replica }: LitestreamAppProps): SourceVolume[] {
  return [
    {
      name: "litestream-config",
      mountPath: CONFIG_FOLDER,
      volume: { configMap: { name: configMapName(name) } },
    },
    ...replicaVolumes(name, replica).flatMap((mount) =>
      podVolume(mount).map(({ name: _, ...source }) => ({
        name: mount.name,
        mountPath: mount.mountPath,
        volume: source,
      })),
    ),
  ];
}

/** One word a line, as Source.pm takes them. */
function databaseList(config: LitestreamAppConfig): string {
  const words = [
    ...singleArguments(config),
    ...config.directories.flatMap(({ dir }, index) => ["--directory", literal(dir), String(index)]),
  ];
  return words.map((word) => `${word}\n`).join("");
}

/** Within so many seconds Litestream has looked at every database, by the intervals that are set. */
function lookSeconds({ databases, directories }: LitestreamAppConfig): number {
  const intervals = [...databases, ...directories].map(
    ({ settings }) => seconds(settings?.monitorInterval) ?? 0,
  );
  return Math.ceil(3 * Math.max(0, ...intervals));
}

/** So long what is new may wait for its upload. */
function syncSeconds({ replica }: LitestreamAppProps): number {
  return Math.ceil(seconds(replica.syncInterval) ?? seconds(DEFAULTS.syncInterval) ?? 0);
}
