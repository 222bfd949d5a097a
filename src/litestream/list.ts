import type { StatefulSetV1SpecTemplateSpecInitContainer } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import { environmentBlocks } from "../kubernetes/environment";
import { CONTAINER } from "../kubernetes/names";
import { literal } from "../terraform/expression";
import { within, type Problem } from "../terraform/problem";
import type { LitestreamAppConfig } from "./app-config";
import { DEFAULTS } from "./defaults";
import { directoryFolder } from "./directory";
import { CONFIG_FOLDER, REPLICA_PLACE, RESTORE_FROM_PLACE, RUN_FOLDER } from "./folders";
import type { LitestreamAppProps } from "./props";
import { environmentValues, type Replica, replicaEnvironment, replicaLister } from "./replica";
import type { Lister } from "./replica/type";

type Container = StatefulSetV1SpecTemplateSpecInitContainer;

/** A replica whose databases have to be listed by a container of its own. */
export interface Listing {
  readonly container: string;
  /** What the lists are called. */
  readonly name: "replica" | "restore-from";
  readonly secrets: string;
  readonly replica: Replica;
  readonly lister: Lister;
}

/** What has to be listed before restore.sh runs: nothing without directories, and no volumes, which it walks itself. */
export function listings(
  { replica, restoreFrom }: LitestreamAppProps,
  { directories }: LitestreamAppConfig,
): Listing[] {
  if (directories.length === 0) return [];
  const roles = [
    { container: CONTAINER.list, name: "replica", replica, ...REPLICA_PLACE },
    {
      container: CONTAINER.listRestoreFrom,
      name: "restore-from",
      replica: restoreFrom,
      ...RESTORE_FROM_PLACE,
    },
  ] as const;
  return roles.flatMap(({ container, name, replica: one, secrets }) => {
    const lister = one && replicaLister(one, { secrets, texts: `${RUN_FOLDER}/${name}` });
    return one && lister ? [{ container, name, secrets, replica: one, lister }] : [];
  });
}

/** Problems of the replicas of an app with directories, whose databases nothing can list. */
export function listingProblems(props: LitestreamAppProps, config: LitestreamAppConfig): Problem[] {
  const listed = listings(props, config).map(({ name }) => name);
  const roles = { replica: props.replica, "restore-from": props.restoreFrom } as const;
  return Object.entries(roles).flatMap(([name, replica]) => {
    if (replica === undefined || replica.kind === "file") return [];
    if (listed.includes(name as Listing["name"])) return [];
    const field = name === "replica" ? name : "restoreFrom";
    if (replica.kind === "sftp")
      return within(field, [
        {
          field: "host",
          wrong: "is known only at apply, and the databases of a directory are listed there",
          fix: "Write the host itself.",
        },
      ]);
    return [
      {
        field,
        value: replica.kind,
        wrong:
          "can't hold a directory: nothing can list its databases, so they could not be restored",
        fix: "Take a replica of another type (docs/replicas.md), or declare each database by its path.",
      },
    ];
  });
}

/** The container that lists the databases of each directory in a replica. */
export function listContainer(
  { container, name, secrets, replica, lister }: Listing,
  { directories }: LitestreamAppConfig,
  { image, ...common }: Omit<Container, "name">,
): Container {
  const { obscured = [], files = {}, root, path } = lister;
  return {
    ...common,
    image: image ?? DEFAULTS.rcloneImage,
    name: container,
    command: ["sh", `${CONFIG_FOLDER}/list.sh`],
    args: [
      ...[name, root, path].map(literal),
      ...obscured.flatMap((variable) => ["--obscured", variable]),
      ...Object.entries(files).flatMap(([file, text]) => ["--file", file, literal(text)]),
      ...directories.flatMap((one, index) => [
        one.dir,
        String(index),
        one.recursive ? "yes" : "no",
        directoryFolder(one),
      ]),
    ],
    // rclone's own variables name those before them.
    env: environmentBlocks({
      ...replicaEnvironment(replica, secrets),
      ...environmentValues(lister.environment),
    }),
  };
}
