/**
 * Fluent Bit's configuration, as far as it is written here. Keys are Fluent Bit's own.
 *
 * @see https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml
 */
export interface FluentBitConfig {
  readonly env: readonly { readonly name: string; readonly uri: string }[];
  readonly service: Service;
  readonly pipeline: {
    readonly inputs: readonly (TailInput | DummyInput)[];
    readonly filters: readonly (KubernetesFilter | LuaFilter | RewriteTagFilter)[];
    readonly outputs: readonly (HttpOutput | StdoutOutput)[];
  };
}

/** @see https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml/service-section */
export interface Service {
  /** Seconds. */
  readonly flush: number;
  readonly grace: number;
  readonly log_level: "error" | "warn" | "info" | "debug";
  readonly http_server: "on";
  readonly http_listen: string;
  readonly http_port: number;
  readonly health_check: "on";
  readonly hc_errors_count: number;
  readonly hc_retry_failure_count: number;
  readonly hc_period: number;
  readonly "scheduler.base": number;
  readonly "scheduler.cap": number;
  readonly "storage.path": string;
  readonly "storage.sync": "normal" | "full";
  readonly "storage.backlog.mem_limit": string;
  readonly "storage.max_chunks_up": number;
  readonly "storage.delete_irrecoverable_chunks": "on";
  readonly "storage.metrics": "on";
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/inputs/tail */
export interface TailInput {
  readonly name: "tail";
  readonly alias: string;
  readonly tag: string;
  /** Patterns, separated by commas. */
  readonly path: string;
  readonly "multiline.parser": string;
  readonly read_from_head: "on";
  readonly refresh_interval: number;
  readonly rotate_wait: number;
  readonly db: string;
  readonly "db.locking": "on";
  readonly "db.sync": "normal";
  readonly buffer_chunk_size: string;
  readonly buffer_max_size: string;
  readonly skip_long_lines: "on";
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/inputs/dummy */
export interface DummyInput {
  readonly name: "dummy";
  readonly alias: string;
  readonly tag: string;
  readonly dummy: string;
  readonly interval_sec: number;
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes */
export interface KubernetesFilter {
  readonly name: "kubernetes";
  readonly match: string;
  readonly kube_tag_prefix: string;
  readonly merge_log: "on";
  readonly merge_log_key: string;
  readonly keep_log: "on";
  readonly "k8s-logging.parser": "off";
  readonly "k8s-logging.exclude": "on";
  readonly labels: "on";
  readonly annotations: "off";
  readonly buffer_size: string;
  readonly kube_meta_cache_ttl: string;
  readonly dns_retries: number;
  /** Seconds. */
  readonly dns_wait_time: number;
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/filters/lua */
export interface LuaFilter {
  readonly name: "lua";
  readonly match: string;
  readonly script: string;
  readonly call: string;
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/filters/rewrite-tag */
export interface RewriteTagFilter {
  readonly name: "rewrite_tag";
  readonly match: string;
  readonly rule: string;
  readonly emitter_name: string;
  readonly "emitter_storage.type": "filesystem";
  readonly emitter_mem_buf_limit: string;
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/outputs/http */
export interface HttpOutput {
  readonly name: "http";
  readonly alias: string;
  readonly match: string;
  readonly host: string;
  readonly port: string;
  readonly uri: string;
  readonly tls: string;
  readonly "tls.verify": "on";
  readonly "tls.verify_hostname": "on";
  readonly log_response_payload: "off";
  /** Name and value, separated by a blank. */
  readonly header?: string;
  readonly body_key: string;
  readonly headers_key: string;
  readonly "http.response_timeout": string;
  readonly "net.keepalive": "off";
  readonly "net.connect_timeout": string;
  readonly retry_limit: number | "no_limits";
  readonly "storage.total_limit_size": string;
}

/** @see https://docs.fluentbit.io/manual/data-pipeline/outputs/standard-output */
export interface StdoutOutput {
  readonly name: "stdout";
  readonly alias: string;
  readonly match: string;
  readonly format: "json_lines";
}
