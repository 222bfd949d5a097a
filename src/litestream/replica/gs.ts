import type { SecretReference } from "../../kubernetes/secret";
import { isIdentity, type WorkloadIdentity } from "../../kubernetes/workload-identity";
import type { ReplicaSettings } from "../config";
import { replicaSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  bucketProblems,
  credentialsOf,
  credentialsProblems,
  ofCloudProblems,
  pathProblems,
  shown,
  trimmed,
} from "./fields";
import { gsLister } from "./lister";
import type { ReplicaType } from "./type";

/** The key of a Google service account, as the JSON file that Google gives out, from a Secret. */
export interface GsCredentials {
  readonly secret: SecretReference;
  /** @default "key.json" */
  readonly key?: string;
}

export interface GsReplicaOptions extends ReplicaSettings {
  /** The bucket's name. It must exist. */
  readonly bucket: string;
  /** The folder of this app in the bucket; each database has a folder in it. */
  readonly path: string;
  /** A key from a Secret, or `WorkloadIdentity.gcp()` where the cluster vouches for the pod (GKE). */
  readonly credentials: SecretReference | GsCredentials | WorkloadIdentity;
}

export type GsReplica = { readonly kind: "gs" } & GsReplicaOptions;

const KEY_FILE = "google-key.json";

/** @see https://litestream.io/guides/gcs/ */
export const gsReplica: ReplicaType<GsReplica> = {
  problems({ kind: _, bucket, path, credentials, ...settings }) {
    return [
      ...bucketProblems(bucket, isBucket, BUCKET_FIX),
      ...pathProblems(path, "notes"),
      ...(isIdentity(credentials)
        ? ofCloudProblems(credentials, "gcp", "Google Cloud Storage", IDENTITY_FIX)
        : credentialsProblems("credentials", credentials, { key: true })),
      ...schemaProblems("", settings, replicaSettingsSchema),
    ];
  },

  // Litestream takes what Google's library finds by itself: this file, or the node's metadata server.
  access({ credentials }, secrets) {
    if (isIdentity(credentials)) return { identity: credentials };
    const from = credentialsOf<GsCredentials>(credentials);
    if (!from) return {};
    return {
      environment: { GOOGLE_APPLICATION_CREDENTIALS: `${secrets}/${KEY_FILE}` },
      files: { [KEY_FILE]: { secret: from.secret, key: from.key ?? "key.json" } },
    };
  },

  config: ({ kind: type, credentials: _, path, ...rest }, { folder }) => ({
    type,
    ...rest,
    path: `${path}/${folder}`,
  }),

  location: ({ bucket, path }, folder) => ["gs", bucket, trimmed(`${path}/${folder}`)],

  text: ({ bucket, path }) => `Google Cloud Storage bucket ${shown(bucket)}, folder ${shown(path)}`,

  lister: (replica, place) => gsLister(replica, gsReplica.access(replica, place.secrets)),
};

const IDENTITY_FIX = "Write WorkloadIdentity.gcp(), or a Secret with a service account's key.";

/** @see https://cloud.google.com/storage/docs/buckets#naming */
const BUCKET_FIX = 'Write 3 to 63 lower-case letters, digits, "-", "_" and "." (222 with dots).';

function isBucket(name: string): boolean {
  const parts = name.split(".");
  const short = parts.length === 1 ? name.length <= 63 : name.length <= 222;
  return short && /^[a-z0-9][a-z0-9_.-]+[a-z0-9]$/.test(name) && parts.every(isPart);
}

const isPart = (part: string) => part.length >= 1 && part.length <= 63;
