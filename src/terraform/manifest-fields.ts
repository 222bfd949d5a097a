/**
 * How the provider's arguments are called in Kubernetes: one table for each block, nothing derived but
 * snake_case to camelCase. An argument that stands in no table is an error of the conversion.
 *
 * @see https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs
 * @see https://kubernetes.io/docs/reference/kubernetes-api/
 */
export type Field =
  /** Text, or a list or map of texts; Terraform turns numbers and flags into text there. */
  | { kind: "text"; name?: string; otherwise?: string }
  /** True or false. */
  | { kind: "flag"; name?: string; otherwise?: boolean }
  /**
   * A number, which the provider may take as text. It may take 0 for none, and look at the argument only
   * when others of the block have these texts.
   */
  | {
      kind: "number";
      name?: string;
      otherwise?: number;
      zero?: "none";
      onlyWith?: Readonly<Record<string, string>>;
    }
  /** Numbers. */
  | { kind: "numbers"; name?: string }
  /** A file mode, which Terraform writes in octal ("0644"). */
  | { kind: "mode"; name?: string }
  /** A number where the text is one, for example a port or its name. */
  | { kind: "intOrString"; name?: string }
  /** Text to base64, for a Secret's data. */
  | { kind: "base64"; name?: string }
  /** One block. */
  | { kind: "object"; name?: string; fields: Fields }
  /** One block, whose fields stand beside it in Kubernetes. */
  | { kind: "inline"; fields: Fields }
  /** Blocks that may repeat. */
  | { kind: "list"; name?: string; fields: Fields }
  /** Steers the provider; no part of the object. */
  | { kind: "provider" };

export type Fields = Readonly<Record<string, Field>>;

const text: Field = { kind: "text" };
const flag: Field = { kind: "flag" };
const mode: Field = { kind: "mode" };
const number: Field = { kind: "number" };
const intOrString: Field = { kind: "intOrString" };
const provider: Field = { kind: "provider" };
const named = (name: string): Field => ({ kind: "text", name });
const namedFlag = (name: string): Field => ({ kind: "flag", name });
/** What the provider writes when the argument is left out, and Kubernetes would not. */
const otherwise = (fallback: boolean | number | string): Field => {
  if (typeof fallback === "boolean") return { kind: "flag", otherwise: fallback };
  if (typeof fallback === "number") return { kind: "number", otherwise: fallback };
  return { kind: "text", otherwise: fallback };
};
/** A number whose 0 the provider leaves out. */
const positive: Field = { kind: "number", zero: "none" };
/** What the provider writes for an indexed Job, also where it is left out, and for no other Job. */
const ofIndex: Field = {
  kind: "number",
  otherwise: 0,
  onlyWith: { completion_mode: "Indexed" },
};
const object = (fields: Fields): Field => ({ kind: "object", fields });
const list = (name: string, fields: Fields): Field => ({ kind: "list", fields, name });

const clusterMetadata = { name: text, generate_name: text, labels: text, annotations: text };
/** Also of claim templates, although Kubernetes makes the claims in the StatefulSet's namespace. */
const metadata = object({ ...clusterMetadata, namespace: otherwise("default") });

const selectorFields: Fields = {
  match_labels: text,
  match_expressions: list("matchExpressions", { key: text, operator: text, values: text }),
};
const selector = object(selectorFields);

const keyReference = object({ name: text, key: text, optional: flag });

const httpGet = object({
  path: text,
  port: intOrString,
  scheme: text,
  host: text,
  http_header: list("httpHeaders", { name: text, value: text }),
});

const probe = object({
  failure_threshold: number,
  initial_delay_seconds: number,
  period_seconds: number,
  success_threshold: number,
  timeout_seconds: number,
  exec: object({ command: text }),
  grpc: object({ port: number, service: text }),
  http_get: httpGet,
  tcp_socket: object({ port: intOrString }),
});

const handler = object({
  exec: object({ command: text }),
  http_get: httpGet,
  tcp_socket: object({ port: intOrString }),
});

const seLinuxOptions = object({ level: text, role: text, type: text, user: text });
const seccompProfile = object({ type: text, localhost_profile: text });

const container: Fields = {
  name: text,
  image: text,
  image_pull_policy: text,
  command: text,
  args: text,
  working_dir: text,
  restart_policy: text,
  stdin: flag,
  stdin_once: flag,
  tty: flag,
  termination_message_path: text,
  termination_message_policy: text,
  env: list("env", {
    name: text,
    value: text,
    value_from: object({
      secret_key_ref: keyReference,
      config_map_key_ref: keyReference,
      field_ref: object({ api_version: text, field_path: text }),
      resource_field_ref: object({ container_name: text, divisor: text, resource: text }),
    }),
  }),
  env_from: list("envFrom", {
    prefix: text,
    secret_ref: object({ name: text, optional: flag }),
    config_map_ref: object({ name: text, optional: flag }),
  }),
  port: list("ports", {
    name: text,
    container_port: number,
    host_ip: named("hostIP"),
    host_port: number,
    protocol: text,
  }),
  startup_probe: probe,
  readiness_probe: probe,
  liveness_probe: probe,
  lifecycle: object({ post_start: handler, pre_stop: handler }),
  resources: object({ limits: text, requests: text }),
  security_context: object({
    allow_privilege_escalation: otherwise(true),
    capabilities: object({ add: text, drop: text }),
    privileged: otherwise(false),
    read_only_root_filesystem: otherwise(false),
    run_as_group: number,
    run_as_non_root: otherwise(false),
    run_as_user: number,
    se_linux_options: seLinuxOptions,
    seccomp_profile: seccompProfile,
  }),
  volume_mount: list("volumeMounts", {
    name: text,
    mount_path: text,
    mount_propagation: text,
    read_only: flag,
    sub_path: text,
  }),
};

const keyToPath = list("items", { key: text, mode, path: text });

const podAffinityFields: Fields = {
  label_selector: selector,
  namespaces: text,
  topology_key: text,
};

const podAffinity = object({
  required_during_scheduling_ignored_during_execution: list(
    "requiredDuringSchedulingIgnoredDuringExecution",
    podAffinityFields,
  ),
  preferred_during_scheduling_ignored_during_execution: list(
    "preferredDuringSchedulingIgnoredDuringExecution",
    { weight: number, pod_affinity_term: object(podAffinityFields) },
  ),
});

const podFields: Fields = {
  active_deadline_seconds: number,
  affinity: object({ pod_affinity: podAffinity, pod_anti_affinity: podAffinity }),
  automount_service_account_token: otherwise(true),
  container: list("containers", container),
  dns_policy: text,
  enable_service_links: otherwise(true),
  host_ipc: namedFlag("hostIPC"),
  host_network: flag,
  host_pid: namedFlag("hostPID"),
  hostname: text,
  image_pull_secrets: list("imagePullSecrets", { name: text }),
  init_container: list("initContainers", container),
  node_name: text,
  node_selector: text,
  priority_class_name: text,
  restart_policy: text,
  runtime_class_name: text,
  scheduler_name: text,
  security_context: object({
    fs_group: number,
    fs_group_change_policy: text,
    run_as_group: number,
    run_as_non_root: otherwise(false),
    run_as_user: number,
    se_linux_options: seLinuxOptions,
    seccomp_profile: seccompProfile,
    supplemental_groups: { kind: "numbers" },
  }),
  service_account_name: text,
  share_process_namespace: flag,
  subdomain: text,
  termination_grace_period_seconds: number,
  toleration: list("tolerations", {
    effect: text,
    key: text,
    operator: text,
    toleration_seconds: number,
    value: text,
  }),
  topology_spread_constraint: list("topologySpreadConstraints", {
    label_selector: selector,
    match_label_keys: text,
    max_skew: otherwise(1),
    min_domains: number,
    node_affinity_policy: text,
    node_taints_policy: text,
    topology_key: text,
    when_unsatisfiable: otherwise("DoNotSchedule"),
  }),
  volume: list("volumes", {
    name: text,
    config_map: object({ name: text, default_mode: mode, optional: flag, items: keyToPath }),
    empty_dir: object({ medium: text, size_limit: text }),
    host_path: object({ path: text, type: text }),
    persistent_volume_claim: object({ claim_name: text, read_only: flag }),
    projected: object({
      default_mode: mode,
      sources: list("sources", {
        config_map: object({ name: text, optional: otherwise(false), items: keyToPath }),
        secret: object({ name: text, optional: otherwise(false), items: keyToPath }),
        service_account_token: object({ audience: text, expiration_seconds: number, path: text }),
      }),
    }),
    secret: object({ secret_name: text, default_mode: mode, optional: flag, items: keyToPath }),
  }),
};

/**
 * Kubernetes has defaults for what is in a Job, but not for what is in a CronJob's template of one: the
 * provider's stay there.
 */
const jobSpec = object({
  active_deadline_seconds: number,
  backoff_limit: otherwise(6),
  backoff_limit_per_index: ofIndex,
  completion_mode: text,
  completions: otherwise(1),
  manual_selector: otherwise(false),
  max_failed_indexes: ofIndex,
  parallelism: otherwise(1),
  pod_failure_policy: object({
    rule: list("rules", {
      action: text,
      on_exit_codes: object({
        container_name: text,
        operator: text,
        values: { kind: "numbers" },
      }),
      on_pod_condition: list("onPodConditions", { status: text, type: text }),
    }),
  }),
  selector,
  template: object({
    metadata: object(clusterMetadata),
    spec: object({ ...podFields, restart_policy: otherwise("Never") }),
  }),
  ttl_seconds_after_finished: number,
});

const networkPeer: Fields = {
  ip_block: object({ cidr: text, except: text }),
  namespace_selector: selector,
  pod_selector: selector,
};

const networkPorts = list("ports", { port: intOrString, protocol: text, end_port: positive });

const ingressBackend = object({
  resource: object({ api_group: text, kind: text, name: text }),
  service: object({ name: text, port: object({ name: text, number: positive }) }),
});

const claimSpec = object({
  access_modes: text,
  resources: object({ limits: text, requests: text }),
  selector,
  storage_class_name: text,
  volume_mode: text,
  volume_name: text,
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
    fields: { metadata, data: text, binary_data: text, immutable: flag },
  },
  kubernetes_secret_v1: {
    apiVersion: "v1",
    kind: "Secret",
    fields: {
      metadata,
      type: otherwise("Opaque"),
      immutable: flag,
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
      image_pull_secret: list("imagePullSecrets", { name: text }),
      timeouts,
    },
  },
  kubernetes_cluster_role_v1: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    fields: {
      metadata: object(clusterMetadata),
      rule: list("rules", {
        api_groups: text,
        non_resource_urls: named("nonResourceURLs"),
        resource_names: text,
        resources: text,
        verbs: text,
      }),
      aggregation_rule: object({
        cluster_role_selectors: list("clusterRoleSelectors", selectorFields),
      }),
    },
  },
  kubernetes_cluster_role_binding_v1: {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    fields: {
      metadata: object(clusterMetadata),
      role_ref: object({ api_group: text, kind: text, name: text }),
      subject: list("subjects", {
        api_group: text,
        kind: text,
        name: text,
        namespace: otherwise("default"),
      }),
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
        external_name: text,
        external_traffic_policy: text,
        ip_families: text,
        ip_family_policy: text,
        load_balancer_class: text,
        load_balancer_ip: named("loadBalancerIP"),
        port: list("ports", {
          app_protocol: text,
          name: text,
          node_port: number,
          port: number,
          protocol: text,
          target_port: intOrString,
        }),
        publish_not_ready_addresses: flag,
        selector: text,
        session_affinity: text,
        type: text,
      }),
    },
  },
  kubernetes_persistent_volume_claim_v1: {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    fields: { metadata, spec: claimSpec, wait_until_bound: provider, timeouts },
  },
  kubernetes_persistent_volume_v1: {
    apiVersion: "v1",
    kind: "PersistentVolume",
    fields: {
      metadata: object(clusterMetadata),
      timeouts,
      spec: object({
        access_modes: text,
        capacity: text,
        claim_ref: object({ name: text, namespace: otherwise("default") }),
        mount_options: text,
        persistent_volume_reclaim_policy: text,
        persistent_volume_source: {
          kind: "inline",
          fields: { nfs: object({ server: text, path: text, read_only: flag }) },
        },
        storage_class_name: text,
        volume_mode: text,
      }),
    },
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
          when_deleted: text,
          when_scaled: text,
        }),
        pod_management_policy: text,
        replicas: number,
        revision_history_limit: otherwise(0),
        selector,
        service_name: text,
        template: object({ metadata: object(clusterMetadata), spec: object(podFields) }),
        update_strategy: object({ type: text, rolling_update: object({ partition: number }) }),
        volume_claim_template: list("volumeClaimTemplates", { metadata, spec: claimSpec }),
      }),
    },
  },
  kubernetes_deployment_v1: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    fields: {
      metadata,
      wait_for_rollout: provider,
      timeouts,
      spec: object({
        min_ready_seconds: number,
        paused: flag,
        progress_deadline_seconds: number,
        replicas: number,
        revision_history_limit: number,
        selector,
        strategy: object({
          type: text,
          rolling_update: object({ max_surge: intOrString, max_unavailable: intOrString }),
        }),
        template: object({ metadata: object(clusterMetadata), spec: object(podFields) }),
      }),
    },
  },
  kubernetes_pod_disruption_budget_v1: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    fields: {
      metadata,
      spec: object({ max_unavailable: intOrString, min_available: intOrString, selector }),
    },
  },
  kubernetes_daemon_set_v1: {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    fields: {
      metadata,
      wait_for_rollout: provider,
      timeouts,
      spec: object({
        min_ready_seconds: number,
        revision_history_limit: number,
        selector,
        strategy: {
          kind: "object",
          name: "updateStrategy",
          fields: {
            type: text,
            rolling_update: object({ max_surge: intOrString, max_unavailable: intOrString }),
          },
        },
        template: object({ metadata: object(clusterMetadata), spec: object(podFields) }),
      }),
    },
  },
  kubernetes_cron_job_v1: {
    apiVersion: "batch/v1",
    kind: "CronJob",
    fields: {
      metadata,
      timeouts,
      spec: object({
        concurrency_policy: text,
        failed_jobs_history_limit: number,
        job_template: object({
          metadata: object({ ...clusterMetadata, namespace: text }),
          spec: jobSpec,
        }),
        schedule: text,
        starting_deadline_seconds: positive,
        successful_jobs_history_limit: number,
        suspend: flag,
        timezone: named("timeZone"),
      }),
    },
  },
  kubernetes_job_v1: {
    apiVersion: "batch/v1",
    kind: "Job",
    fields: { metadata, spec: jobSpec, wait_for_completion: provider, timeouts },
  },
  kubernetes_network_policy_v1: {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    fields: {
      metadata,
      spec: object({
        egress: list("egress", { ports: networkPorts, to: list("to", networkPeer) }),
        ingress: list("ingress", { ports: networkPorts, from: list("from", networkPeer) }),
        pod_selector: selector,
        policy_types: text,
      }),
    },
  },
  kubernetes_ingress_v1: {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    fields: {
      metadata,
      wait_for_load_balancer: provider,
      timeouts,
      spec: object({
        default_backend: ingressBackend,
        ingress_class_name: text,
        rule: list("rules", {
          host: text,
          http: object({
            path: list("paths", {
              backend: ingressBackend,
              path: text,
              path_type: otherwise("ImplementationSpecific"),
            }),
          }),
        }),
        tls: list("tls", { hosts: text, secret_name: text }),
      }),
    },
  },
};
