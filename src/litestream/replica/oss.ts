import type { SecretReference } from "../../kubernetes/secret";
import { isIdentity } from "../../kubernetes/workload-identity";
import { shapeProblems } from "../../terraform/problem";
import type { OssSettings, ReplicaSettings } from "../config";
import { ossSettingsSchema, replicaSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  bucketProblems,
  credentialsOf,
  credentialsProblems,
  noIdentityProblems,
  pathProblems,
  shown,
  trimmed,
} from "./fields";
import { ossLister } from "./lister";
import type { ReplicaType } from "./type";

/** The two keys of a RAM user of Alibaba Cloud, from a Secret. */
export interface OssCredentials {
  readonly secret: SecretReference;
  /** @default "OSS_ACCESS_KEY_ID" */
  readonly accessKeyIdKey?: string;
  /** @default "OSS_ACCESS_KEY_SECRET" */
  readonly accessKeySecretKey?: string;
}

export interface OssReplicaOptions extends OssSettings, ReplicaSettings {
  /** The bucket's name. It must exist. */
  readonly bucket: string;
  /** The folder of this app in the bucket; each database has a folder in it. */
  readonly path: string;
  /** The bucket's, for example "eu-central-1": requests are signed for it, and without it for cn-hangzhou. */
  readonly region: string;
  /** Keys from a Secret; of the pod's own identity (RRSA) Litestream's library knows nothing. */
  readonly credentials: SecretReference | OssCredentials;
}

export type OssReplica = { readonly kind: "oss" } & OssReplicaOptions;

/** @see https://litestream.io/guides/alibaba-oss/ */
export const ossReplica: ReplicaType<OssReplica> = {
  problems({ kind: _, bucket, path, region, credentials, ...settings }) {
    return [
      ...bucketProblems(bucket, isBucket, BUCKET_FIX),
      ...pathProblems(path, "notes"),
      ...shapeProblems("region", region, /^(?!oss-)[a-z]{2,}(-[a-z0-9]+)+$/, REGION),
      ...(isIdentity(credentials)
        ? noIdentityProblems(credentials, "OSS")
        : credentialsProblems("credentials", credentials, {
            accessKeyIdKey: true,
            accessKeySecretKey: true,
          })),
      ...schemaProblems("", settings, { ...ossSettingsSchema, ...replicaSettingsSchema }),
    ];
  },

  access({ credentials }) {
    const from = credentialsOf<OssCredentials>(credentials);
    if (!from) return {};
    const { secret, accessKeyIdKey, accessKeySecretKey } = from;
    return {
      environment: {
        OSS_ACCESS_KEY_ID: { secret, key: accessKeyIdKey ?? "OSS_ACCESS_KEY_ID" },
        OSS_ACCESS_KEY_SECRET: { secret, key: accessKeySecretKey ?? "OSS_ACCESS_KEY_SECRET" },
      },
    };
  },

  config: ({ kind: type, credentials: _, path, ...rest }, { folder }) => ({
    type,
    ...rest,
    path: `${path}/${folder}`,
  }),

  // The name of a bucket is one of a kind in all of OSS.
  location: ({ bucket, path }, folder) => ["oss", bucket, trimmed(`${path}/${folder}`)],

  text: ({ bucket, path, region }) =>
    `OSS bucket ${shown(bucket)} in ${shown(region)}, folder ${shown(path)}`,

  lister: (replica, place) => ossLister(replica, ossReplica.access(replica, place.secrets)),
};

const REGION = [
  "is not a region",
  'Write the bucket\'s, for example "eu-central-1", without "oss-" in front.',
] as const;

/** @see https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions */
const BUCKET_FIX = 'Write 3 to 63 lower-case letters, digits and "-".';

function isBucket(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}
