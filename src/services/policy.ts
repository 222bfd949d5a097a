/** What one user may do with one folder of a bucket. */
export interface FolderAccess {
  readonly bucket: string;
  /** Names joined by "/", with none at its ends. */
  readonly path: string;
  readonly mayDelete: boolean;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  /** Only what is denied of MinIO's administration has none. */
  readonly Resource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** A policy of a user, in the language that AWS, MinIO and others share. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/**
 * A policy that allows what Litestream does below one folder, and nothing else.
 *
 * "/" stands before every wildcard: the user of `notes` must not get at `notes-old/`. Litestream 0.5.16 and rclone list
 * with prefixes that begin with the folder and "/", so that no other listing has to be allowed; one without a prefix
 * would show the names of everybody's files.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
 */
export function folderPolicy({ bucket, path, mayDelete }: FolderAccess): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "List",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: [`arn:aws:s3:::${bucket}`],
        Condition: { StringLike: { "s3:prefix": [`${path}/*`] } },
      },
      {
        Sid: "Objects",
        Effect: "Allow",
        Action: [
          "s3:GetObject",
          "s3:PutObject",
          // Ends an upload in parts that has failed; only that lets go of the parts.
          "s3:AbortMultipartUpload",
          ...(mayDelete ? ["s3:DeleteObject"] : []),
        ],
        Resource: [`arn:aws:s3:::${bucket}/${path}/*`],
      },
    ],
  };
}

/**
 * The same for a user of MinIO, who may do more than a policy allows, unless it is denied:
 *
 * - make access keys for themselves besides their own. Whoever got hold of a key could make another, which would outlive the first
 *   one's rotation;
 * - change their own key, which would lock the app out of its backup;
 * - delete an object's versions where they may delete the object. Versions are what is left of a backup that was deleted.
 */
export function minioFolderPolicy(access: FolderAccess): PolicyDocument {
  const { Version, Statement } = folderPolicy(access);
  const { bucket, path } = access;
  return {
    Version,
    Statement: [
      ...Statement,
      {
        Sid: "NoKeys",
        Effect: "Deny",
        Action: ["admin:CreateServiceAccount", "admin:CreateUser"],
      },
      {
        Sid: "NoVersions",
        Effect: "Deny",
        Action: ["s3:DeleteObjectVersion"],
        Resource: [`arn:aws:s3:::${bucket}/${path}/*`],
      },
    ],
  };
}
