import type { Problem } from "../terraform/problem";
import { database } from "./database";
import type { LitestreamAppProps } from "./props";
import { replicaIdentity } from "./replica";
import { TYPES_03 } from "./version-03";

const SETTINGS = ["snapshot", "logging"];
const LOGGING = ["level", "type", "stderr"];
const DATABASE = [
  "metaPath",
  "monitorInterval",
  "checkpointInterval",
  "minCheckpointPageCount",
  "truncatePageN",
];
const REPLICA = ["kind", "path", "credentials", "syncInterval"];
const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  s3: ["bucket", "region", "endpoint", "forcePathStyle", "skipVerify"],
  file: ["claim", "existingClaim"],
  gs: ["bucket"],
  abs: ["accountName", "bucket", "endpoint"],
  sftp: ["host", "user", "skipHostKeyCheck"],
};

const VALIDATION =
  "means another thing to Litestream 0.3.13, which restores into /tmp, and its container has none";

/** What is wrong with a key, where "is unknown" doesn't say enough. */
const REASONS: Readonly<Record<string, string>> = {
  "litestream.shutdownSyncTimeout":
    "is unknown to Litestream 0.3.13, which tries the last sync once and knows no timeout",
  "litestream.validation": VALIDATION,
  "replica.validationInterval": VALIDATION,
  "replica.hostKey":
    "is unknown to Litestream 0.3.13, which sends the backup, and the password, to whoever answers",
};

/** What is declared and Litestream 0.3.13 doesn't have. */
export function version03Problems(props: LitestreamAppProps): Problem[] {
  const { litestream, databases, restoreIntegrityCheck } = props;
  const found = [
    ...unknown("litestream", litestream, SETTINGS),
    ...unknown("litestream.logging", litestream?.logging, LOGGING),
    ...levelProblems(litestream?.logging?.level),
    ...(Array.isArray(databases) ? databases.map(database) : []).flatMap((one, index) =>
      unknown(`databases[${index}].settings`, one?.settings, DATABASE),
    ),
    ...replicaProblems(props),
  ];
  if (restoreIntegrityCheck !== "none")
    found.push({
      field: "restoreIntegrityCheck",
      value: restoreIntegrityCheck,
      wrong: "is nothing Litestream 0.3.13 can do: what it restores reaches the app unchecked",
      fix: 'Say so: restoreIntegrityCheck: "none".',
    });
  return found;
}

function levelProblems(level: string | undefined): Problem[] {
  if (level !== "trace") return [];
  return [
    {
      field: "litestream.logging.level",
      value: level,
      wrong: "is unknown to Litestream 0.3.13",
      fix: "Write one of debug, info, warn, error.",
    },
  ];
}

function replicaProblems({ replica }: LitestreamAppProps): Problem[] {
  if (replica?.kind === undefined) return [];
  const keys = OF_TYPE[replica.kind];
  if (keys === undefined)
    return [
      {
        field: "replica",
        value: replica.kind,
        wrong: "is a type that Litestream 0.3.13 doesn't have",
        fix: `Take one of ${Object.keys(TYPES_03).join(", ")}.`,
      },
    ];
  const found = unknown("replica", replica, [...REPLICA, ...keys]);
  const { credentials } = replica as { credentials?: object };
  const token = typeof credentials === "object" && "sasTokenKey" in credentials;
  if (token || replicaIdentity(replica)?.kind === "azure")
    found.push({
      field: "replica.credentials",
      wrong: "is a way into Azure that Litestream 0.3.13 doesn't know",
      fix: "Give it the account's key, from a Secret.",
    });
  return found;
}

function unknown(field: string, value: unknown, known: readonly string[]): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([key, item]) => item !== undefined && !known.includes(key))
    .map(([key]) => ({
      field: `${field}.${key}`,
      wrong: REASONS[`${field}.${key}`] ?? "is unknown to Litestream 0.3.13",
      fix: 'Leave it out, or take version "0.5".',
    }));
}
