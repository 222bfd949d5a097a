import { durationProblems, knownDurationProblems } from "../kubernetes/duration";
import {
  choiceProblem,
  flagProblems,
  type Problem,
  unknownKeys,
  within,
} from "../terraform/problem";
import { jsonText } from "../terraform/expression";
import { RQLITE_DEFAULTS } from "./defaults";
import { type RqliteS3, S3_KEYS, s3Problems, subConfig } from "./s3";

/**
 * The backup that the leader makes by itself, again and again: the whole SQLite database as one object.
 *
 * @see https://rqlite.io/docs/guides/backup/#automatic-backups
 */
export interface RqliteBackup extends RqliteS3 {
  /** How often, when something has changed. What is written in between is in no backup. @default "1h" */
  readonly interval?: string;
  /**
   * Whether each backup is an object of its own, `<folder>/<YYYYMMDDhhmmss>_<name>`, in UTC. Without it each overwrites the
   * last, and a wrong deletion is in the only backup an interval later. rqlite deletes none: have the bucket's rules
   * do that.
   *
   * @default true
   */
  readonly timestamp?: boolean;
  /** Whether it is compressed with gzip. @default true */
  readonly compress?: boolean;
  /** Whether the copy is vacuumed before, which makes it smaller and takes longer. @default false */
  readonly vacuum?: boolean;
}

/** A backup to begin with, read once: when none of the cluster's volumes holds anything. */
export interface RqliteRestore {
  /**
   * Where it lies. A place with timestamped objects gives the newest; to begin with an older one, write its
   * whole key as `path`, and `timestamp: false`.
   *
   * @default the place of `backup`
   */
  readonly from?: RqliteS3 & {
    /** Whether objects are named as {@link RqliteBackup.timestamp} says. @default true */
    readonly timestamp?: boolean;
  };
  /**
   * What happens when there is no backup: the cluster starts empty, as it must the first time, or doesn't start.
   * A place that can't be read is neither, and always keeps it from starting.
   */
  readonly whenNoBackup: "start-empty" | "refuse";
  /** How long the download may take. @default "30m" */
  readonly timeout?: string;
}

/** Where a restore reads, and whether the newest of several is meant. */
export interface RestorePlace {
  readonly s3: RqliteS3;
  readonly timestamped: boolean;
}

export function restorePlace(
  { from }: RqliteRestore,
  backup: RqliteBackup | undefined,
): RestorePlace | undefined {
  const place = from ?? backup;
  return place && { s3: place, timestamped: place.timestamp ?? true };
}

/** Problems of a backup. */
export function backupProblems(backup: RqliteBackup): Problem[] {
  const { timestamp, compress, vacuum, interval } = backup;
  return within("backup", [
    ...unknownKeys("", backup, {
      ...S3_KEYS,
      interval: true,
      timestamp: true,
      compress: true,
      vacuum: true,
    }),
    ...s3Problems(backup),
    ...flagProblems({ timestamp, compress, vacuum }),
    ...(interval === undefined ? [] : knownDurationProblems("interval", interval, "1s")),
  ]);
}

/** Problems of a restore. */
export function restoreProblems(
  restore: RqliteRestore,
  backup: RqliteBackup | undefined,
): Problem[] {
  const { from, whenNoBackup, timeout } = restore;
  return within("restore", [
    ...unknownKeys("", restore, { from: true, whenNoBackup: true, timeout: true }),
    ...(from === undefined
      ? backup === undefined
        ? [
            {
              field: "from",
              wrong: "is missing, and there is no backup whose place it could be",
              fix: 'Write { bucket: "…", path: "…", credentials: … }.',
            },
          ]
        : []
      : within("from", [
          ...unknownKeys("", from, { ...S3_KEYS, timestamp: true }),
          ...s3Problems(from),
          ...flagProblems({ timestamp: from.timestamp }),
        ])),
    ...(whenNoBackup === "start-empty" || whenNoBackup === "refuse"
      ? []
      : [
          choiceProblem(
            "whenNoBackup",
            whenNoBackup,
            'Write "start-empty" for the first start, or "refuse" where there is a backup.',
          ),
        ]),
    ...(timeout === undefined ? [] : durationProblems("timeout", timeout, "1s")),
  ]);
}

/** rqlite's file for the backup. */
export function backupFile(backup: RqliteBackup): string {
  return jsonText({
    version: 1,
    type: "s3",
    interval: backup.interval ?? RQLITE_DEFAULTS.backupInterval,
    timestamp: backup.timestamp ?? true,
    vacuum: backup.vacuum ?? false,
    no_compress: !(backup.compress ?? true),
    sub: subConfig(backup),
  });
}
