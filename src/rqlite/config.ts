import { seconds } from "../kubernetes/duration";
import { type ContainerResources, quantity } from "../kubernetes/quantity";
import type { ClaimStorage, EphemeralStorage } from "../kubernetes/storage";
import { isExpression } from "../terraform/expression";
import { type RestorePlace, restorePlace } from "./backup";
import { GRACE_SECONDS, GRACE_SECONDS_PER_GIB, RQLITE_DEFAULTS } from "./defaults";
import type { RqliteClusterProps } from "./props";

/** What the props of a cluster come to: every default filled in, plain data, no construct. */
export interface RqliteConfig {
  readonly version: string;
  readonly image: string;
  readonly voters: number;
  readonly readers:
    | {
        readonly count: number;
        readonly storage: ClaimStorage | EphemeralStorage;
        readonly resources: ContainerResources;
      }
    | undefined;
  readonly spread: "require" | "prefer";
  readonly restore: RestorePlace | undefined;
  readonly startupSeconds: number;
  readonly graceSeconds: number;
  readonly resources: ContainerResources;
  readonly curlImage: string;
  readonly scheme: "http" | "https";
}

export function rqliteConfig(props: RqliteClusterProps): RqliteConfig {
  const D = RQLITE_DEFAULTS;
  const { readers, restore, storage } = props;
  const version = props.version ?? D.version;
  const resources = props.resources ?? D.resources;
  const gibibytes =
    (quantity(String(isExpression(storage?.size) ? "" : storage?.size)) ?? 0) / 2 ** 30;
  const restoring = restore ? (seconds(restore.timeout ?? D.restoreTimeout) ?? 0) : 0;
  return {
    version,
    image: props.image ?? `rqlite/rqlite:${version}`,
    voters: props.voters ?? D.voters,
    readers: readers && {
      count: readers.count,
      storage: readers.storage ?? storage,
      resources: readers.resources ?? resources,
    },
    spread: props.spread ?? D.spread,
    restore: restore && restorePlace(restore, props.backup),
    startupSeconds:
      seconds(props.startupTimeout) ?? (seconds(D.startupTimeout) ?? 0) + Math.ceil(restoring),
    graceSeconds:
      props.terminationGracePeriodSeconds ??
      GRACE_SECONDS + Math.ceil(GRACE_SECONDS_PER_GIB * gibibytes),
    resources,
    curlImage: props.curlImage ?? D.curlImage,
    scheme: props.tls?.http ? "https" : "http",
  };
}
