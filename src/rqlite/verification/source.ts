import type { BackupSource, SourceVolume } from "../../kubernetes/backup";
import { seconds } from "../../kubernetes/duration";
import type { EnvironmentValue } from "../../kubernetes/environment";
import { selector } from "../../kubernetes/names";
import { namespaceName, type Owner } from "../../kubernetes/owner";
import { storageSize } from "../../kubernetes/storage";
import { literal } from "../../terraform/expression";
import type { RqliteBackup } from "../backup";
import type { RqliteConfig } from "../config";
import { RQLITE_DEFAULTS } from "../defaults";
import { reachEnvironment } from "../environment";
import { HTTP_PORT, HTTP_TLS_FOLDER, VERIFICATION_USER } from "../names";
import type { RqliteClusterProps } from "../props";
import { authorityVolume } from "../removal";
import { credentialsOf, keyEnvironment, placeEnvironment, s3Destinations } from "../s3";
import { fetchScript } from "../scripts/fetch";
import { sourceModule } from "./source-module";

/** The database of a cluster as it comes back from its newest backup. */
export function rqliteSource(
  owner: Owner,
  props: RqliteClusterProps,
  config: RqliteConfig,
  backup: RqliteBackup,
): Omit<BackupSource, "dependsOn"> {
  const { name, users } = props;
  const namespace = namespaceName(owner);
  const labels = selector(name);
  const script = "fetch.sh";
  return {
    owner,
    databases: [name],
    image: RQLITE_DEFAULTS.proofImage,
    waitsSeconds: 0,
    files: {
      databases: `${name}\n`,
      "Source.pm": literal(sourceModule),
      [script]: literal(fetchScript),
    },
    before: {
      image: config.curlImage,
      script,
      args: [String(Math.ceil(seconds(backup.interval ?? RQLITE_DEFAULTS.backupInterval) ?? 0))],
    },
    environment: {
      ...reachEnvironment({ cluster: name, namespace }, config),
      ...placeEnvironment(backup, backup.timestamp ?? true),
      ...keyEnvironment(backup, "S3"),
      ...verificationUser(users),
    },
    volumes: volumes(props),
    secrets: [
      credentialsOf(backup.credentials).secret,
      ...(users?.verification ? [users.verification.secret] : []),
    ],
    reaches: [{ pods: labels, port: HTTP_PORT }, ...s3Destinations(backup, namespace)],
    app: { labels, port: HTTP_PORT },
    onNodeOfApp: false,
    sizeLimit: storageSize(props.storage),
    podAnnotations: {},
    serviceAccount: name,
    user: props,
    placement: props,
    nativeSidecars: true,
  };
}

function verificationUser(users: RqliteClusterProps["users"]): Record<string, EnvironmentValue> {
  if (!users?.verification) return {};
  const { secret, key } = users.verification;
  return { RQLITE_USER: VERIFICATION_USER, RQLITE_PASSWORD: { secret: secret.name, key } };
}

function volumes({ tls }: RqliteClusterProps): SourceVolume[] {
  if (!tls?.http) return [];
  const { name, ...volume } = authorityVolume(tls.http);
  return [{ name, mountPath: HTTP_TLS_FOLDER, volume }];
}
