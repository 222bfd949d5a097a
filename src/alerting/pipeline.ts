import { CONTAINER } from "../kubernetes/names";
import { type AlertReceiverConfig, type Endpoint, endpoints, type LogAlertsConfig } from "./config";
import type { FluentBitConfig, HttpOutput, StdoutOutput } from "./fluent-bit";

/** Where the pod has its files. */
export const FOLDER = { config: "/etc/log-alerts", endpoints: "/endpoints", state: "/state" };

/** Where Fluent Bit answers probes and gives its metrics. */
export const HTTP_PORT = 2020;

/** The containers whose logs are read: whatever keeps, restores or proves a database, and the alerts' own. */
export const WATCHED = [
  CONTAINER.litestream,
  CONTAINER.list,
  CONTAINER.listRestoreFrom,
  CONTAINER.restore,
  CONTAINER.follower,
  CONTAINER.fetch,
  CONTAINER.proof,
  CONTAINER.report,
  CONTAINER.litefs,
  CONTAINER.litefsBackup,
  CONTAINER.rqlite,
  CONTAINER.rqlitePrepare,
  CONTAINER.rqliteRemove,
  CONTAINER.alerts,
];

/** The line that goes once around through the node's log folder. Seconds. */
const TICK = { dummy: '{"msg":"tick"}', interval_sec: 60 };

/** Fluent Bit's configuration: logs in, a Lua filter that makes messages of them, one output for each receiver. */
export function pipeline(config: LogAlertsConfig): FluentBitConfig {
  const containers = `${config.logFolder}/containers`;
  return {
    env: endpoints(config).flatMap(({ name, token }) =>
      ["host", "port", "path", "tls", ...(token ? ["token"] : [])].map((part) => ({
        name: variable(name, part),
        uri: `file://${FOLDER.endpoints}/${name}.${part}`,
      })),
    ),
    service: {
      flush: 1,
      grace: 10,
      log_level: "info",
      http_server: "on",
      // One address, of either family, where the probes look.
      http_listen: "${POD_IP}",
      http_port: HTTP_PORT,
      // Not ready: more than 5 messages were refused within a minute.
      health_check: "on",
      hc_errors_count: 5,
      hc_retry_failure_count: 5,
      hc_period: 60,
      // Attempts come 5 s to 2 min apart.
      "scheduler.base": 5,
      "scheduler.cap": 120,
      "storage.path": `${FOLDER.state}/chunks`,
      "storage.sync": "normal",
      "storage.backlog.mem_limit": "5M",
      // Of what is on its way, and not waiting for another attempt: reading stops when there is more, and doesn't go on before
      // one has been delivered. The filter lets through 60 messages a minute for each receiver.
      "storage.max_chunks_up": 512,
      "storage.delete_irrecoverable_chunks": "on",
      "storage.metrics": "on",
    },
    pipeline: {
      inputs: [
        {
          name: "tail",
          alias: "logs",
          tag: "kube.*",
          path: WATCHED.map((name) => `${containers}/*_${name}-*.log`).join(","),
          "multiline.parser": "docker, cri",
          // A pod may have failed before this one came up, for example after a node's restart.
          read_from_head: "on",
          refresh_interval: 5,
          rotate_wait: 30,
          db: `${FOLDER.state}/offsets.db`,
          "db.locking": "on",
          "db.sync": "normal",
          buffer_chunk_size: "64k",
          buffer_max_size: "256k",
          skip_long_lines: "on",
        },
        { name: "dummy", alias: "tick", tag: "tick", ...TICK },
      ],
      filters: [
        {
          name: "kubernetes",
          match: "kube.*",
          kube_tag_prefix: `kube${containers.replaceAll("/", ".")}.`,
          merge_log: "on",
          merge_log_key: "parsed",
          keep_log: "on",
          "k8s-logging.parser": "off",
          "k8s-logging.exclude": "on",
          labels: "on",
          annotations: "off",
          // What the API server says of a pod with many annotations is long.
          buffer_size: "1M",
          kube_meta_cache_ttl: "5m",
          // A node may start before its name server does. Every request looks it up anew.
          dns_retries: 1,
          dns_wait_time: 1,
        },
        {
          name: "lua",
          match: "kube.*",
          script: `${FOLDER.config}/alerts.lua`,
          call: "alerts",
        },
        {
          name: "rewrite_tag",
          match: "kube.*",
          rule: "$tag ^(alert\\..+)$ $1 false",
          emitter_name: "alerts",
          "emitter_storage.type": "filesystem",
          emitter_mem_buf_limit: "10M",
        },
      ],
      outputs: [
        { name: "stdout", alias: "tick", match: "tick", format: "json_lines" },
        ...config.receivers.map(output),
        ...(config.heartbeat
          ? [post(config.heartbeat.endpoint, { retry_limit: 1, "storage.total_limit_size": "1M" })]
          : []),
      ],
    },
  };
}

/** Messages are kept for as long as a receiver doesn't take them, and the oldest go first when they are too many. */
const KEPT = { retry_limit: "no_limits", "storage.total_limit_size": "5M" } as const;

function output({ name, kind, endpoint }: AlertReceiverConfig): HttpOutput | StdoutOutput {
  if (!endpoint)
    return { name: "stdout", alias: name, match: `alert.${name}.*`, format: "json_lines" };
  return { ...post(endpoint, KEPT), ...(endpoint.token && { header: header(kind, name) }) };
}

function post(
  { name }: Endpoint,
  kept: Pick<HttpOutput, "retry_limit" | "storage.total_limit_size">,
): HttpOutput {
  const from = (part: string) => `\${${variable(name, part)}}`;
  return {
    name: "http",
    alias: name,
    match: `alert.${name}.*`,
    host: from("host"),
    port: from("port"),
    uri: from("path"),
    tls: from("tls"),
    "tls.verify": "on",
    // Off by default: any valid certificate would do.
    "tls.verify_hostname": "on",
    // Answers may hold what is secret, as ntfy's does.
    log_response_payload: "off",
    body_key: "$body",
    headers_key: "$headers",
    "http.response_timeout": "30s",
    // Messages are far between, and servers close connections that idle.
    "net.keepalive": "off",
    "net.connect_timeout": "10s",
    ...kept,
  };
}

function header(kind: AlertReceiverConfig["kind"], name: string): string {
  const token = `\${${variable(name, "token")}}`;
  if (kind === "gotify") return `X-Gotify-Key ${token}`;
  return kind === "ntfy" ? `Authorization Bearer ${token}` : `Authorization ${token}`;
}

function variable(name: string, part: string): string {
  return `${name}_${part}`.replaceAll("-", "_").toUpperCase();
}
