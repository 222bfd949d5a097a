import { isExpression } from "../terraform/expression";
import { RQLITE_DEFAULTS } from "./defaults";
import type { RqliteConfig } from "./config";
import { HTTP_PORT, serviceHost } from "./names";
import type { RqliteClusterProps } from "./props";
import { s3Text } from "./s3";
import { quorum } from "./size";

/** What a person wants to know of a cluster before deploying it: a heading and a text each. */
export function clusterSummary(
  props: RqliteClusterProps,
  config: RqliteConfig,
  namespace: string,
): [string, string][] {
  const { voters, readers, restore } = config;
  const { backup, users, tls, storage, disposable, previousVoters } = props;
  const shown = (value: string) => (isExpression(value) ? "(known at apply)" : value);
  const lost = voters - quorum(voters);
  return [
    ["image", shown(config.image)],
    ["reached at", `${config.scheme}://${serviceHost(props.name, namespace)}:${HTTP_PORT}`],
    [
      "voters",
      `${voters}: it goes on while ${lost === 0 ? "none is" : lost === 1 ? "1 is" : `${lost} are`} lost`,
    ],
    ...(readers ? [["readers", String(readers.count)] as [string, string]] : []),
    ...(previousVoters === undefined
      ? []
      : [
          [
            "smaller",
            `from ${previousVoters}: take previousVoters out again once the Job has ended`,
          ] as [string, string],
        ]),
    [
      "lies on",
      `a volume claim of ${shown(storage.size)} each, ${disposable ? "deleted with the cluster" : "kept when the cluster is destroyed"}`,
    ],
    [
      "backed up to",
      backup
        ? `${s3Text(backup)}, every ${shown(backup.interval ?? RQLITE_DEFAULTS.backupInterval)}`
        : "nothing: what all volumes lose is lost",
    ],
    ...(restore
      ? [
          [
            "begins with",
            `${restore.timestamped ? "the newest backup of " : ""}${s3Text(restore.s3)}, only while no volume holds anything`,
          ] as [string, string],
        ]
      : []),
    [
      "users",
      users
        ? users.clients.map(({ name }) => name).join(", ")
        : "none: whoever reaches it may do everything",
    ],
    [
      "encrypted",
      [tls?.http && "clients", tls?.nodes && "nodes"].filter(Boolean).join(" and ") || "nothing",
    ],
  ];
}
