import type { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { VOLUME } from "../kubernetes/names";
import type { Claim } from "../terraform/checks";
import { terraformText } from "../terraform/expression";
import type { LitestreamApp } from "./app";
import { fileOnClaim } from "./app-config";
import { database, replicaFolder } from "./database";
import { directoryFolder, isDirectory } from "./directory";
import { claimName } from "./names";
import { replicaLocation } from "./replica";

/**
 * What no other app of the tree may have: two writers on one file, or on one folder of a replica, overwrite
 * each other without an error.
 */
export function appClaims(app: LitestreamApp, workload: StatefulSetV1): Claim[] {
  const { name, namespace, props, config } = app;
  const cluster = [workload.cdktfStack.node.path, props.provider?.alias, namespace].join("/");
  const home = { cluster, claim: claimName(name, VOLUME.replica) };
  const key = (parts: string[]) => parts.map((part) => terraformText(app, part)).join("\n");

  const databases = props.databases.flatMap((declared, index): Claim[] => {
    const directory = isDirectory(declared) ? declared : undefined;
    const path = isDirectory(declared) ? declared.dir : database(declared).path;
    const folder = isDirectory(declared)
      ? directoryFolder(declared)
      : replicaFolder(database(declared));
    const claimed = { field: `databases[${index}]`, value: path, folder: directory !== undefined };
    const file = fileOnClaim(props, config, path);
    return [
      {
        ...claimed,
        what: "replica path",
        key: key(replicaLocation(props.replica, folder, home)),
        fix: "Give one of the two another path in its replica, or its database another replicaPath.",
      },
      ...(file === undefined
        ? []
        : [
            {
              ...claimed,
              what: "file",
              key: key([cluster, ...file]),
              fix: "A database has one app: give each a claim or a path of its own.",
            },
          ]),
    ];
  });
  const templates = workload.spec.volumeClaimTemplateInput;
  return [
    ...databases,
    ...(Array.isArray(templates) ? templates : []).map((template) => ({
      what: "claim",
      key: key([cluster, claimName(name, template.metadata.name ?? "")]),
      field: "name",
      value: name,
      fix: "Give one of the two apps another name: a claim is called after a volume and its app.",
    })),
  ];
}
