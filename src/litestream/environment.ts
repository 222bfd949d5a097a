import type { EnvironmentValue } from "../kubernetes/environment";
import { HEARTBEAT_URL } from "./app-config";
import { CONFIG_FILE, REPLICA_PLACE, RESTORE_FROM_PLACE, UPLOADS_FOLDER } from "./folders";
import { DOLLAR } from "./keys";
import type { LitestreamAppProps } from "./props";
import { replicaEnvironment, uploadsFromDisk } from "./replica";

/** The environment of every container that runs Litestream. */
export function litestreamEnvironment({
  replica,
  litestream,
  litestreamConfigPath,
}: LitestreamAppProps): Record<string, EnvironmentValue> {
  const heartbeat = litestream?.heartbeatUrl;
  return {
    // What `litestream` reads without -config, also when a person calls it.
    LITESTREAM_CONFIG: litestreamConfigPath ?? CONFIG_FILE,
    [DOLLAR]: "$",
    ...(heartbeat && { [HEARTBEAT_URL]: { secret: heartbeat.secret.name, key: heartbeat.key } }),
    // The containers' own root is read-only.
    ...(uploadsFromDisk(replica) && { TMPDIR: UPLOADS_FOLDER }),
    ...replicaEnvironment(replica, REPLICA_PLACE.secrets),
  };
}

/**
 * The way into `restoreFrom` under names of its own, for restore.sh to take when it needs it. What only the
 * replica has stands there too, empty: it must not be tried on the other.
 */
export function restoreFromEnvironment({
  replica,
  restoreFrom,
}: LitestreamAppProps): Record<string, EnvironmentValue> {
  if (!restoreFrom) return {};
  const there = replicaEnvironment(restoreFrom, RESTORE_FROM_PLACE.secrets);
  const unused = Object.keys(replicaEnvironment(replica, REPLICA_PLACE.secrets));
  return Object.fromEntries([
    ...unused.filter((name) => !(name in there)).map((name) => [`RESTORE_FROM_${name}`, ""]),
    ...Object.entries(there).map(([name, value]) => [`RESTORE_FROM_${name}`, value]),
  ]);
}
