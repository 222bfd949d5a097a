import type {
  StatefulSetV1SpecTemplateSpecVolume,
  StatefulSetV1SpecVolumeClaimTemplate,
} from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import {
  configFilesMap,
  configFilesPlace,
  configFilesSubPath,
  configFilesVolume,
} from "../kubernetes/config-files";
import { VOLUME } from "../kubernetes/names";
import type { Storage } from "../kubernetes/storage";
import { isExpression } from "../terraform/expression";
import { holds, type LitestreamAppConfig } from "./app-config";
import {
  CONFIG_FILE,
  CONFIG_FOLDER,
  REPLICA_PLACE,
  RESTORE_FROM_PLACE,
  RUN_FOLDER,
  UPLOADS_FOLDER,
} from "./folders";
import { claimName, configMapName, volumeName } from "./names";
import type { LitestreamAppProps } from "./props";
import { type Replica, replicaFiles, uploadsFromDisk } from "./replica";
import type { Place } from "./replica/type";

/** A volume of the pod, where it is mounted, and in which containers. */
export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly seenBy: readonly ("app" | "restore" | "sidecar")[];
  readonly readOnly?: boolean;
  /** One file of the volume, by another name. */
  readonly subPath?: string;
  readonly from: Storage | Volume | "mounted above";
}

/** A volume that Kubernetes fills. */
interface Volume {
  readonly kind: "volume";
  readonly source: Omit<StatefulSetV1SpecTemplateSpecVolume, "name">;
}

const CONFIG_VOLUME = "litestream-config";
const LITESTREAM = ["restore", "sidecar"] as const;
const ALL = ["app", ...LITESTREAM] as const;

/** As large as the largest upload, a snapshot of the whole database: a limit would evict the pod one day. */
const UPLOADS: Mount = {
  name: "litestream-uploads",
  mountPath: UPLOADS_FOLDER,
  seenBy: LITESTREAM,
  from: { kind: "volume", source: { emptyDir: {} } },
};

/** Every volume of an app's pod. */
export function mountsOf(
  app: string,
  props: LitestreamAppProps,
  config: LitestreamAppConfig,
): Mount[] {
  const {
    storage,
    volumes = [],
    configFiles = [],
    replica,
    restoreFrom,
    litestreamConfigPath,
  } = props;
  const holdsDatabase = (mountPath: string) =>
    config.databases.some(({ path }) => !isExpression(path) && holds(mountPath, path)) ||
    config.directories.some(({ dir }) => holds(mountPath, `${dir}/`));
  return [
    {
      name: CONFIG_VOLUME,
      mountPath: CONFIG_FOLDER,
      seenBy: LITESTREAM,
      readOnly: true,
      from: { kind: "volume", source: { configMap: { name: configMapName(app) } } },
    },
    ...(litestreamConfigPath === undefined || litestreamConfigPath === CONFIG_FILE
      ? []
      : [
          {
            name: CONFIG_VOLUME,
            mountPath: litestreamConfigPath,
            subPath: "litestream.yml",
            seenBy: LITESTREAM,
            readOnly: true,
            from: "mounted above" as const,
          },
        ]),
    {
      name: "litestream-run",
      mountPath: RUN_FOLDER,
      seenBy: LITESTREAM,
      from: { kind: "volume", source: { emptyDir: { sizeLimit: runFolderSize(config) } } },
    },
    ...(uploadsFromDisk(replica) ? [UPLOADS] : []),
    { name: VOLUME.data, mountPath: config.mountPath ?? "", seenBy: ALL, from: storage },
    ...volumes.map(({ mountPath, storage: from }) => ({
      name: volumeName(mountPath),
      mountPath,
      seenBy: holdsDatabase(mountPath) ? ALL : (["app"] as const),
      from,
    })),
    ...configFiles.map((files) => ({
      name: configFilesVolume(files),
      mountPath: configFilesPlace(files),
      subPath: configFilesSubPath(files),
      seenBy: ["app"] as const,
      readOnly: true,
      from: {
        kind: "volume" as const,
        source: { configMap: { name: configFilesMap(app, files) } },
      },
    })),
    ...replicaMounts(replica, REPLICA_PLACE, { name: VOLUME.replica, seenBy: LITESTREAM }),
    ...replicaMounts(restoreFrom, RESTORE_FROM_PLACE, {
      name: VOLUME.restoreFrom,
      seenBy: ["restore"],
      readOnly: true,
    }),
  ];
}

/** restore.sh keeps two files of a block each for every database while it works. */
function runFolderSize({ directories }: LitestreamAppConfig): string {
  const blocks = directories.reduce((sum, { atMost }) => sum + 2 * atMost, 0);
  return `${16 + (Math.ceil((blocks * 4) / 1024) || 0)}Mi`;
}

/** The volume that a file replica is, and the one with the files a replica needs. */
export function replicaMounts(
  replica: Replica | undefined,
  place: Omit<Place, "folder">,
  { name, ...seen }: Pick<Mount, "name" | "seenBy" | "readOnly">,
): Mount[] {
  if (replica === undefined) return [];
  const { keys, token } = replicaFiles(replica);
  const sources = [
    ...keys.map(({ file, secret, key }) => ({
      secret: [{ name: secret.name, items: [{ key, path: file }] }],
    })),
    ...(token ? [{ serviceAccountToken: { audience: token.audience, path: token.file } }] : []),
  ];
  const secrets: Mount = {
    name: `${name}-secrets`,
    mountPath: place.secrets,
    seenBy: seen.seenBy,
    readOnly: true,
    // Read by the pod's group, which is its user's, and by nobody else.
    from: { kind: "volume", source: { projected: [{ defaultMode: "0440", sources }] } },
  };
  return [
    ...(replica.kind === "file"
      ? [{ ...seen, name, mountPath: place.mount, from: replicaStorage(replica) }]
      : []),
    ...(sources.length > 0 ? [secrets] : []),
  ];
}

/** The volumes of an app's replica for other pods than its own, which only read it. */
export function replicaVolumes(app: string, replica: Replica): Mount[] {
  const seen = { name: VOLUME.replica, seenBy: LITESTREAM, readOnly: true };
  return replicaMounts(replica, REPLICA_PLACE, seen).map((mount) =>
    typeof mount.from === "object" && mount.from.kind === "claim"
      ? {
          ...mount,
          from: { kind: "existingClaim" as const, claimName: claimName(app, VOLUME.replica) },
        }
      : mount,
  );
}

function replicaStorage({ existingClaim, claim }: Extract<Replica, { kind: "file" }>): Storage {
  if (existingClaim !== undefined) return { kind: "existingClaim", claimName: existingClaim };
  return { kind: "claim", size: "", accessMode: "ReadWriteOnce", ...claim };
}

/** The pod's own volume for a mount; none for what the StatefulSet makes a claim for. */
export function podVolume({ name, from }: Mount): StatefulSetV1SpecTemplateSpecVolume[] {
  if (from === "mounted above") return [];
  switch (from.kind) {
    case "claim":
      return [];
    case "ephemeral":
      return [{ name, emptyDir: { sizeLimit: from.sizeLimit } }];
    case "existingClaim":
      return [{ name, persistentVolumeClaim: { claimName: from.claimName } }];
    case "volume":
      return [{ name, ...from.source }];
  }
}

/** The claim that the StatefulSet makes for a mount, if it makes one. */
export function claimTemplate(
  { name, from }: Mount,
  namespace: string,
): StatefulSetV1SpecVolumeClaimTemplate[] {
  if (from === "mounted above" || from.kind !== "claim") return [];
  return [
    {
      // Kubernetes ignores the namespace; the provider writes "default" where it is left out.
      metadata: { name, namespace },
      spec: {
        accessModes: [from.accessMode ?? "ReadWriteOncePod"],
        storageClassName: from.storageClass,
        resources: { requests: { storage: from.size } },
      },
    },
  ];
}
