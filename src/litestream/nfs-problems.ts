import { NfsShare } from "../kubernetes/nfs-share";
import type { Problem } from "../terraform/problem";
import type { LitestreamApp } from "./app";
import { holds } from "./app-config";

/** A live database on an NFS share of the tree: its locks don't work there, and two writers would spoil it. */
export function nfsProblems({ node, namespace, props, config }: LitestreamApp): Problem[] {
  const paths = [
    ...config.databases.map(({ path }) => path),
    ...config.directories.map(({ dir }) => dir),
  ];
  const volumes = Array.isArray(props.volumes) ? props.volumes : [];
  const mounts = [
    { field: "storage", storage: props.storage, live: true },
    ...volumes.map(({ mountPath, storage }, index) => ({
      field: `volumes[${index}].storage`,
      storage,
      live: paths.some((path) => holds(mountPath, `${path}/`)),
    })),
  ];
  return mounts.flatMap(({ field, storage, live }) => {
    if (!live || storage?.kind !== "existingClaim") return [];
    const { claimName } = storage;
    const share = node.root.node
      .findAll()
      .find(
        (one) =>
          one instanceof NfsShare && one.claimName === claimName && one.namespace === namespace,
      );
    if (share === undefined) return [];
    return [
      {
        field,
        value: claimName,
        wrong: `is on the NFS share ${share.node.path}, where SQLite's locks don't work`,
        fix: 'Put the databases on Storage.claim({ size: "…" }) or Storage.ephemeral({…}); only the replica may lie on NFS.',
      },
    ];
  });
}
