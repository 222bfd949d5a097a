import type { Claim } from "../terraform/checks";
import { terraformText } from "../terraform/expression";
import type { Problem } from "../terraform/problem";
import type { RqliteCluster } from "./cluster";
import type { RqliteClusterProps } from "./props";

/** What a proof of the backup needs of the cluster. */
export function proofProblems({ backup, users }: RqliteClusterProps): Problem[] {
  if (!backup)
    return [
      {
        field: "backup",
        wrong: "is missing, and a BackupVerification is to prove it",
        fix: "Write backup: { bucket, path, credentials }, or leave the verification out.",
      },
    ];
  if (!users || users.verification) return [];
  return [
    {
      field: "users.verification",
      wrong: "is missing, without which a proof can't ask how far the cluster is",
      fix: 'Write { secret: Secret.existing("name"), key: "key" }.',
    },
  ];
}

/** The object that no other cluster may write: each would overwrite, or outdate, the other's backups. */
export function backupClaims(cluster: RqliteCluster): Claim[] {
  const { backup } = cluster.props;
  if (!backup) return [];
  const { endpoint = "aws", bucket, path } = backup;
  const key = [endpoint.toLowerCase().replace(/\/+$/, ""), bucket, path];
  return [
    {
      what: "place of the backup",
      key: key.map((part) => terraformText(cluster, part)).join("\n"),
      field: "backup.path",
      value: path,
      fix: "Give one of the two another path.",
    },
  ];
}
