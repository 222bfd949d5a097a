/**
 * How the provider's arguments are called in Kubernetes: one table for each block, nothing derived but
 * snake_case to camelCase. An argument that stands in no table is an error of the conversion.
 *
 * @see https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
 * @see https://kubernetes.io/docs/reference/kubernetes-api/
 */
export type Field =
  /** Taken as it is. */
  | { kind: "value"; name?: string; otherwise?: boolean | number | string }
  /** A number, which the provider may take as text. */
  | { kind: "number"; name?: string }
  /** A number where the text is one, for example a port or its name. */
  | { kind: "intOrString"; name?: string }
  /** Text to base64, for a Secret's data. */
  | { kind: "base64"; name?: string }
  /** One block. */
  | { kind: "object"; name?: string; fields: Fields }
  /** Blocks that may repeat. */
  | { kind: "list"; name?: string; fields: Fields }
  /** Steers the provider; no part of the object. */
  | { kind: "provider" };

export type Fields = Readonly<Record<string, Field>>;

const value: Field = { kind: "value" };
const number: Field = { kind: "number" };
const intOrString: Field = { kind: "intOrString" };
const provider: Field = { kind: "provider" };
const named = (name: string): Field => ({ kind: "value", name });
/** What the provider writes when the argument is left out, and Kubernetes would not. */
const otherwise = (fallback: boolean | string): Field => ({ kind: "value", otherwise: fallback });
const object = (fields: Fields, name?: string): Field => ({ kind: "object", fields, name });
const list = (name: string, fields: Fields): Field => ({ kind: "list", fields, name });

const clusterMetadata = { name: value, generate_name: value, labels: value, annotations: value };
/** Also of claim templates, although Kubernetes makes the claims in the StatefulSet's namespace. */
const metadata = object({ ...clusterMetadata, namespace: otherwise("default") });

const selector = object({
  match_labels: value,
  match_expressions: list("matchExpressions", { key: value, operator: value, values: value }),
});

const keyReference = object({ name: value, key: value, optional: value });

const probe = object({
  failure_threshold: number,
  initial_delay_seconds: number,
  period_seconds: number,
  success_threshold: number,
  timeout_seconds: number,
  exec: object({ command: value }),
  grpc: object({ port: number, service: value }),
  http_get: object({
    path: value,
    port: intOrString,
    scheme: value,
    host: value,
    http_header: list("httpHeaders", { name: value, value }),
  }),
  tcp_socket: object({ port: intOrString }),
});

const seLinuxOptions = object({ level: value, role: value, type: value, user: value });
const seccompProfile = object({ type: value, localhost_profile: value });

const container: Fields = {
  name: value,
  image: value,
  image_pull_policy: value,
  command: value,
  args: value,
  working_dir: value,
  restart_policy: value,
  stdin: value,
  stdin_once: value,
  tty: value,
  termination_message_path: value,
  termination_message_policy: value,
  env: list("env", {
    name: value,
    value,
    value_from: object({
      secret_key_ref: keyReference,
      config_map_key_ref: keyReference,
      field_ref: object({ api_version: value, field_path: value }),
      resource_field_ref: object({ container_name: value, divisor: value, resource: value }),
    }),
  }),
  env_from: list("envFrom", {
    prefix: value,
    secret_ref: object({ name: value, optional: value }),
    config_map_ref: object({ name: value, optional: value }),
  }),
  port: list("ports", {
    name: value,
    container_port: number,
    host_ip: named("hostIP"),
    host_port: number,
    protocol: value,
  }),
  startup_probe: probe,
  readiness_probe: probe,
  liveness_probe: probe,
  resources: object({ limits: value, requests: value }),
  security_context: object({
    allow_privilege_escalation: otherwise(true),
    capabilities: object({ add: value, drop: value }),
    privileged: otherwise(false),
    read_only_root_filesystem: otherwise(false),
    run_as_group: number,
    run_as_non_root: otherwise(false),
    run_as_user: number,
    se_linux_options: seLinuxOptions,
    seccomp_profile: seccompProfile,
  }),
  volume_mount: list("volumeMounts", {
    name: value,
    mount_path: value,
    mount_propagation: value,
    read_only: value,
    sub_path: value,
  }),
};

const keyToPath = list("items", { key: value, mode: value, path: value });

const podSpec = object({
  active_deadline_seconds: number,
  automount_service_account_token: otherwise(true),
  container: list("containers", container),
  dns_policy: value,
  enable_service_links: otherwise(true),
  host_ipc: named("hostIPC"),
  host_network: value,
  host_pid: named("hostPID"),
  hostname: value,
  image_pull_secrets: list("imagePullSecrets", { name: value }),
  init_container: list("initContainers", container),
  node_name: value,
  node_selector: value,
  priority_class_name: value,
  restart_policy: value,
  runtime_class_name: value,
  scheduler_name: value,
  security_context: object({
    fs_group: number,
    fs_group_change_policy: value,
    run_as_group: number,
    run_as_non_root: otherwise(false),
    run_as_user: number,
    se_linux_options: seLinuxOptions,
    seccomp_profile: seccompProfile,
    supplemental_groups: value,
  }),
  service_account_name: value,
  share_process_namespace: value,
  subdomain: value,
  termination_grace_period_seconds: number,
  toleration: list("tolerations", {
    effect: value,
    key: value,
    operator: value,
    toleration_seconds: number,
    value,
  }),
  volume: list("volumes", {
    name: value,
    config_map: object({ name: value, default_mode: value, optional: value, items: keyToPath }),
    empty_dir: object({ medium: value, size_limit: value }),
    persistent_volume_claim: object({ claim_name: value, read_only: value }),
    secret: object({ secret_name: value, default_mode: value, optional: value, items: keyToPath }),
  }),
});

const claimSpec = object({
  access_modes: value,
  resources: object({ limits: value, requests: value }),
  selector,
  storage_class_name: value,
  volume_mode: value,
  volume_name: value,
});

/** What one type of resource becomes. */
export interface ManifestKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly fields: Fields;
}

const timeouts = provider;

/** The types of resources that can be converted. */
export const KINDS: Readonly<Record<string, ManifestKind>> = {
  kubernetes_namespace_v1: {
    apiVersion: "v1",
    kind: "Namespace",
    fields: {
      metadata: object(clusterMetadata),
      timeouts,
      wait_for_default_service_account: provider,
    },
  },
  kubernetes_config_map_v1: {
    apiVersion: "v1",
    kind: "ConfigMap",
    fields: { metadata, data: value, binary_data: value, immutable: value },
  },
  kubernetes_secret_v1: {
    apiVersion: "v1",
    kind: "Secret",
    fields: {
      metadata,
      type: otherwise("Opaque"),
      immutable: value,
      data: { kind: "base64" },
      data_wo: { kind: "base64", name: "data" },
      data_wo_revision: provider,
      wait_for_service_account_token: provider,
      timeouts,
    },
  },
  kubernetes_service_account_v1: {
    apiVersion: "v1",
    kind: "ServiceAccount",
    fields: {
      metadata,
      automount_service_account_token: otherwise(true),
      image_pull_secret: list("imagePullSecrets", { name: value }),
      timeouts,
    },
  },
  kubernetes_service_v1: {
    apiVersion: "v1",
    kind: "Service",
    fields: {
      metadata,
      wait_for_load_balancer: provider,
      timeouts,
      spec: object({
        cluster_ip: named("clusterIP"),
        cluster_ips: named("clusterIPs"),
        external_ips: named("externalIPs"),
        external_name: value,
        external_traffic_policy: value,
        ip_families: value,
        ip_family_policy: value,
        load_balancer_class: value,
        load_balancer_ip: named("loadBalancerIP"),
        port: list("ports", {
          app_protocol: value,
          name: value,
          node_port: number,
          port: number,
          protocol: value,
          target_port: intOrString,
        }),
        publish_not_ready_addresses: value,
        selector: value,
        session_affinity: value,
        type: value,
      }),
    },
  },
  kubernetes_persistent_volume_claim_v1: {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    fields: { metadata, spec: claimSpec, wait_until_bound: provider, timeouts },
  },
  kubernetes_stateful_set_v1: {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    fields: {
      metadata,
      wait_for_rollout: provider,
      timeouts,
      spec: object({
        min_ready_seconds: number,
        persistent_volume_claim_retention_policy: object({
          when_deleted: value,
          when_scaled: value,
        }),
        pod_management_policy: value,
        replicas: number,
        revision_history_limit: { kind: "value", otherwise: 0 },
        selector,
        service_name: value,
        template: object({ metadata: object(clusterMetadata), spec: podSpec }),
        update_strategy: object({ type: value, rolling_update: object({ partition: number }) }),
        volume_claim_template: list("volumeClaimTemplates", { metadata, spec: claimSpec }),
      }),
    },
  },
};
