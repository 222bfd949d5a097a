import type { SecretReference } from "../../kubernetes/secret";
import { isIdentity, type WorkloadIdentity } from "../../kubernetes/workload-identity";
import { isExpression } from "../../terraform/expression";
import { shapeProblems } from "../../terraform/problem";
import type { AbsSettings, ReplicaSettings } from "../config";
import { absSettingsSchema, replicaSettingsSchema } from "../keys";
import { schemaProblems } from "../schema";
import {
  addressOf,
  alternativeProblems,
  bucketProblems,
  credentialsOf,
  credentialsProblems,
  ofCloudProblems,
  pathProblems,
  shown,
  trimmed,
} from "./fields";
import { absLister } from "./lister";
import type { Access, ReplicaType } from "./type";

/** A key of the storage account, from a Secret: it opens the whole account. */
export interface AbsAccountKey {
  readonly secret: SecretReference;
  /** @default "LITESTREAM_AZURE_ACCOUNT_KEY" */
  readonly accountKeyKey?: string;
}

/** A shared access signature for the container, from a Secret, without a "?" in front. It must allow read, write, delete and list. */
export interface AbsSasToken {
  readonly secret: SecretReference;
  /** For example "LITESTREAM_AZURE_SAS_TOKEN". */
  readonly sasTokenKey: string;
}

export interface AbsReplicaOptions extends AbsSettings, ReplicaSettings {
  /** The storage account. */
  readonly accountName: string;
  /** The container's name. It must exist. */
  readonly bucket: string;
  /** The folder of this app in the container; each database has a folder in it. */
  readonly path: string;
  /** A key or token from a Secret, or `WorkloadIdentity.azure({…})` where the cluster vouches for the pod (AKS). */
  readonly credentials: SecretReference | AbsAccountKey | AbsSasToken | WorkloadIdentity;
}

export type AbsReplica = { readonly kind: "abs" } & AbsReplicaOptions;

/** @see https://litestream.io/guides/azure/ */
export const absReplica: ReplicaType<AbsReplica> = {
  problems({ kind: _, accountName, bucket, path, credentials, ...settings }) {
    return [
      // With a key and without the account's name, Litestream would look for other credentials.
      ...shapeProblems("accountName", accountName, /^[a-z0-9]{3,24}$/, ACCOUNT),
      ...bucketProblems(bucket, isContainer, CONTAINER_FIX),
      ...pathProblems(path, "notes"),
      ...(isIdentity(credentials)
        ? ofCloudProblems(credentials, "azure", "Azure Blob Storage", IDENTITY_FIX)
        : [
            ...credentialsProblems("credentials", credentials, KEYS),
            ...alternativeProblems("credentials", credentials, Object.keys(KEYS)),
          ]),
      ...endpointProblems(settings.endpoint, bucket),
      ...schemaProblems("", settings, { ...absSettingsSchema, ...replicaSettingsSchema }),
    ];
  },

  access: ({ credentials }) => access(credentials),

  config: ({ kind: type, credentials: _, path, ...rest }, { folder }) => ({
    type,
    ...rest,
    path: `${path}/${folder}`,
  }),

  location: ({ accountName, endpoint, bucket, path }, folder) => [
    "abs",
    addressOf(endpoint ?? `https://${accountName}.blob.core.windows.net`),
    bucket,
    trimmed(`${path}/${folder}`),
  ],

  text: ({ accountName, bucket, path }) =>
    `Azure Blob Storage account ${shown(accountName)}, container ${shown(bucket)}, folder ${shown(path)}`,

  lister: (replica, place) => absLister(replica, absReplica.access(replica, place.secrets)),
};

type Both = AbsAccountKey & Partial<AbsSasToken>;

const KEYS = { accountKeyKey: true, sasTokenKey: true } as const;
const ACCOUNT = [
  "is not the name of a storage account",
  "Write its 3 to 24 lower-case letters and digits.",
] as const;
const IDENTITY_FIX =
  'Write WorkloadIdentity.azure({ clientId: "…", tenantId: "…" }), or a Secret with a key.';

/** @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
const CONTAINER_FIX =
  'Write the container: 3 to 63 lower-case letters, digits and single "-" between them.';

function isContainer(name: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && name.length >= 3 && name.length <= 63;
}

function endpointProblems(endpoint: unknown, bucket: string) {
  if (typeof endpoint !== "string" || isExpression(endpoint) || isExpression(bucket)) return [];
  const address = endpoint.replace(/\/+$/, "");
  if (!address.endsWith(`/${bucket}`)) return [];
  return [
    {
      field: "endpoint",
      value: endpoint,
      wrong: "has the container in it, which would then be looked for in itself",
      fix: `Write "${address.slice(0, -bucket.length - 1)}".`,
    },
  ];
}

function access(credentials: AbsReplicaOptions["credentials"]): Access {
  if (isIdentity(credentials)) return { identity: credentials };
  const from = credentialsOf<Both>(credentials as Both);
  if (!from) return {};
  const { secret, accountKeyKey = "LITESTREAM_AZURE_ACCOUNT_KEY", sasTokenKey } = from;
  return {
    environment:
      sasTokenKey === undefined
        ? { LITESTREAM_AZURE_ACCOUNT_KEY: { secret, key: accountKeyKey } }
        : { LITESTREAM_AZURE_SAS_TOKEN: { secret, key: sasTokenKey } },
  };
}
