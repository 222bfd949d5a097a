import { seconds } from "../kubernetes/duration";
import type { ContainerResources } from "../kubernetes/quantity";
import type { SecretKey } from "../kubernetes/secret";
import type { SecretUrl } from "../kubernetes/secret-url";
import type { LogAlertsProps } from "./props";
import type { AlertLevel, AlertReceiver } from "./receiver";

/** Defaults of {@link LogAlertsProps}; a test compares them with `@default`. */
export const ALERTS_DEFAULTS = {
  burst: 3,
  window: "15m",
  longestWindow: "4h",
  every: "5m",
  logFolder: "/var/log",
  image: "fluent/fluent-bit:5.1.1",
  shellImage: "curlimages/curl:8.16.0",
  resources: {
    requests: { cpu: "20m", memory: "64Mi" },
    limits: { cpu: "200m", memory: "128Mi" },
  },
} as const;

/** The URL that is pinged; no receiver has its name. */
export const HEARTBEAT = "heartbeat";

/** Where something is posted, by the name it has in Fluent Bit and in its files. */
export interface Endpoint {
  readonly name: string;
  readonly url: SecretKey;
  readonly token?: SecretKey;
  /** What comes behind the URL's path. */
  readonly suffix: string;
  readonly reaches: Pick<SecretUrl, "port" | "namespace">;
}

/** One receiver with every default filled in. */
export interface AlertReceiverConfig {
  /** Its kind, and a number from the second one of a kind on: "slack", "slack-2". */
  readonly name: string;
  readonly kind: AlertReceiver["kind"];
  readonly minimumLevel: AlertLevel;
  /** Undefined for the pods' own log. */
  readonly endpoint?: Endpoint;
}

/** What the props of alerts come to: every default filled in, plain data, no construct. */
export interface LogAlertsConfig {
  readonly receivers: readonly AlertReceiverConfig[];
  readonly throttle: {
    readonly burst: number;
    readonly windowSeconds: number;
    readonly longestWindowSeconds: number;
  };
  readonly heartbeat?: { readonly everySeconds: number; readonly endpoint: Endpoint };
  readonly cluster: string;
  readonly logFolder: string;
  readonly linkedFolders: readonly string[];
  readonly stateFolder: string;
  readonly apiServerPorts: readonly number[];
  readonly resources: ContainerResources;
  readonly image: string;
  readonly shellImage: string;
}

export function alertsConfig(
  name: string,
  namespace: string,
  props: LogAlertsProps,
): LogAlertsConfig {
  const D = ALERTS_DEFAULTS;
  const { throttle = {}, heartbeat } = props;
  return {
    receivers: named(props.receivers),
    throttle: {
      burst: throttle.burst ?? D.burst,
      windowSeconds: seconds(throttle.window ?? D.window) ?? 0,
      longestWindowSeconds: seconds(throttle.longestWindow ?? D.longestWindow) ?? 0,
    },
    heartbeat: heartbeat && {
      everySeconds: seconds(heartbeat.every ?? D.every) ?? 0,
      endpoint: { name: HEARTBEAT, url: heartbeat.url, suffix: "", reaches: heartbeat },
    },
    cluster: props.cluster ?? "",
    logFolder: props.logFolder ?? D.logFolder,
    linkedFolders: props.linkedFolders ?? [],
    stateFolder: props.stateFolder ?? `/var/lib/cdktf-sqlite/${namespace}-${name}`,
    apiServerPorts: props.apiServerPort === undefined ? [443, 6443] : [props.apiServerPort],
    resources: props.resources ?? D.resources,
    image: props.image ?? D.image,
    shellImage: props.shellImage ?? D.shellImage,
  };
}

/** Everything that is posted to. */
export function endpoints({ receivers, heartbeat }: LogAlertsConfig): Endpoint[] {
  return [...receivers, ...(heartbeat ? [heartbeat] : [])].flatMap(({ endpoint }) =>
    endpoint ? [endpoint] : [],
  );
}

function named(receivers: readonly AlertReceiver[]): AlertReceiverConfig[] {
  return receivers.map(({ kind, minimumLevel = "warning", url, token, port, namespace }, index) => {
    const number = receivers.slice(0, index + 1).filter((one) => one.kind === kind).length;
    const name = number === 1 ? kind : `${kind}-${number}`;
    const suffix = kind === "gotify" ? "/message" : "";
    const endpoint = url && { name, url, token, suffix, reaches: { port, namespace } };
    return { name, kind, minimumLevel, endpoint };
  });
}
