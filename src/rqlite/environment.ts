import type { EnvironmentValue } from "../kubernetes/environment";
import type { SecretReference } from "../kubernetes/secret";
import { RQLITE_DEFAULTS } from "./defaults";
import type { RqliteConfig } from "./config";
import { NODES_USER, nodesService, serviceHost, TEMPORARY_FOLDER } from "./names";
import type { RqliteClusterProps } from "./props";
import { credentialsOf, keyEnvironment, placeEnvironment } from "./s3";
import { credentials, passwordVariable } from "./users";
import type { NodeRole } from "./arguments";

/** By what scripts reach the cluster. */
export function reachEnvironment(
  { cluster, namespace }: Pick<NodeRole, "cluster" | "namespace">,
  { scheme }: RqliteConfig,
): Record<string, EnvironmentValue> {
  return {
    RQLITE_VOTERS: cluster,
    RQLITE_NODES: serviceHost(nodesService(cluster), namespace),
    RQLITE_SERVICE: serviceHost(cluster, namespace),
    RQLITE_SCHEME: scheme,
  };
}

/** Who asks nodes on behalf of the cluster; nothing where there are no users. */
export function nodesUserEnvironment({
  users,
}: RqliteClusterProps): Record<string, EnvironmentValue> {
  if (!users) return {};
  const { secret, key } = users.nodes;
  return { RQLITE_USER: NODES_USER, RQLITE_PASSWORD: { secret: secret.name, key } };
}

/** The environment of prepare.sh. */
export function prepareEnvironment(
  props: RqliteClusterProps,
  config: RqliteConfig,
  role: NodeRole,
): Record<string, EnvironmentValue> {
  const { users, restore } = props;
  const place = config.restore;
  return {
    ...reachEnvironment(role, config),
    ...nodesUserEnvironment(props),
    RQLITE_SET: role.cluster,
    ...Object.fromEntries(
      (users ? credentials(users) : []).flatMap(({ password }, index) =>
        password
          ? [[passwordVariable(index), { secret: password.secret.name, key: password.key }]]
          : [],
      ),
    ),
    ...(restore && place && !role.reader
      ? {
          ...placeEnvironment(place.s3, place.timestamped),
          ...keyEnvironment(place.s3, "S3"),
          RESTORE_WHEN_NO_BACKUP: restore.whenNoBackup,
          RESTORE_TIMEOUT: restore.timeout ?? RQLITE_DEFAULTS.restoreTimeout,
        }
      : {}),
  };
}

/** The environment of rqlited: AWS's own names, which its S3 client reads where a file has no keys. */
export function nodeEnvironment(
  { backup }: RqliteClusterProps,
  config: RqliteConfig,
  role: NodeRole,
): Record<string, EnvironmentValue> {
  return {
    ...reachEnvironment(role, config),
    TMPDIR: TEMPORARY_FOLDER,
    SQLITE_TMPDIR: TEMPORARY_FOLDER,
    ...(backup && !role.reader ? keyEnvironment(backup, "AWS") : {}),
  };
}

/** The Secrets that nodes use, each once. */
export function clusterSecrets({
  users,
  tls,
  backup,
  restore,
  cdc,
}: RqliteClusterProps): SecretReference[] {
  const secrets = [
    ...(users ? credentials(users) : []).flatMap(({ password }) =>
      password ? [password.secret] : [],
    ),
    ...(tls?.http ? [tls.http.secret] : []),
    ...(tls?.nodes ? [tls.nodes.secret] : []),
    ...(backup ? [credentialsOf(backup.credentials).secret] : []),
    ...(restore?.from ? [credentialsOf(restore.from.credentials).secret] : []),
    ...(typeof cdc === "object" && cdc !== null ? [cdc.secret] : []),
  ];
  return secrets.filter((secret, index) => secrets.indexOf(secret) === index);
}
