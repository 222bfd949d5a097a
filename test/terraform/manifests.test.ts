import {
  NetworkPolicyV1,
  type NetworkPolicyV1Spec,
} from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { parseAllDocuments } from "yaml";
import { manifests, manifestsYaml, type SynthesizedStack } from "../../src";
import { newApp, objectsOf, ownStack, synthesized } from "../support/synth";

const stack = (
  type: string,
  body: object,
  variable: SynthesizedStack["variable"] = {},
): SynthesizedStack => ({
  resource: { [type]: { it: body as never } },
  variable,
});

test("arguments become fields by table: plurals, initialisms, ints or strings", () => {
  const [service] = manifests(
    stack("kubernetes_service_v1", {
      metadata: { name: "s", namespace: "n" },
      spec: {
        cluster_ip: "None",
        publish_not_ready_addresses: true,
        port: [
          { port: "80", target_port: "8080" },
          { port: 81, target_port: "http", node_port: 30000 },
        ],
      },
      wait_for_load_balancer: false,
      depends_on: ["x"],
    }),
  );
  expect(service).toEqual({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s", namespace: "n" },
    spec: {
      clusterIP: "None",
      publishNotReadyAddresses: true,
      ports: [
        { port: 80, targetPort: 8080 },
        { port: 81, targetPort: "http", nodePort: 30000 },
      ],
    },
  });
});

test("what the provider writes although it is left out", () => {
  const [secret] = manifests(
    stack("kubernetes_secret_v1", { metadata: { name: "s" }, data: { key: "välue" } }),
  );
  expect(secret).toEqual({
    apiVersion: "v1",
    kind: "Secret",
    type: "Opaque",
    metadata: { name: "s", namespace: "default" },
    data: { key: Buffer.from("välue").toString("base64") },
  });
});

test("variables: given, default, typed", () => {
  const body = {
    metadata: { name: "${var.name}", annotations: { all: "${var.count}-${var.flag}" } },
    data: { list: "${jsonencode(var.list)}", key: '${var.keys.notes}-${var.keys["a.b"]}' },
  };
  const declared = {
    name: { type: "string" },
    count: { type: "number", default: 1 },
    flag: { type: "bool", default: false },
    list: { type: "list(string)" },
    keys: { type: "map(string)" },
  };
  const [map] = manifests(stack("kubernetes_config_map_v1", body, declared), {
    name: "true",
    list: '["a"]',
    keys: '{"notes":"k1","a.b":"k2"}',
    count: "2",
  });
  expect(map).toMatchObject({
    metadata: { name: "true", annotations: { all: "2-false" } },
    data: { list: '["a"]', key: "k1-k2" },
  });
});

test("a number or a flag becomes text where Kubernetes wants one, and text becomes a number", () => {
  const variables = { n: { type: "number", default: 1 }, b: { type: "bool", default: true } };
  const container = {
    name: "c",
    command: ["${var.n}"],
    env: [{ name: "N", value: "${var.n}" }],
    stdin: "true",
    tty: false,
    security_context: { run_as_user: "1000" },
  };
  const volume = { name: "v", config_map: { name: "m", default_mode: "0644" } };
  const [set] = manifests(
    stack(
      "kubernetes_stateful_set_v1",
      {
        metadata: { name: "s", annotations: { n: "${var.n}", b: "${var.b}" } },
        spec: {
          replicas: "2",
          template: {
            spec: {
              container: [container],
              volume: [volume],
              security_context: { supplemental_groups: ["5"] },
            },
          },
        },
      },
      variables,
    ),
  ) as any[];
  expect(set.metadata.annotations).toEqual({ n: "1", b: "true" });
  expect(set.spec).toMatchObject({ replicas: 2, revisionHistoryLimit: 0 });
  const { containers, volumes, securityContext } = set.spec.template.spec;
  expect(containers[0]).toMatchObject({
    command: ["1"],
    env: [{ name: "N", value: "1" }],
    stdin: true,
    tty: false,
    securityContext: { runAsUser: 1000 },
  });
  expect(volumes[0].configMap.defaultMode).toBe(0o644);
  expect(securityContext.supplementalGroups).toEqual([5]);
});

describe("a CronJob", () => {
  const cronJob = (spec: object, job: object = {}, pod: object = {}) => {
    const template = { metadata: {}, spec: { container: [{ name: "c" }], ...pod } };
    const body = {
      metadata: { name: "proof", namespace: "n" },
      spec: {
        schedule: "0 2 * * 6",
        job_template: { metadata: {}, spec: { template, ...job } },
        ...spec,
      },
      timeouts: { delete: "1m" },
    };
    return manifests(stack("kubernetes_cron_job_v1", body))[0] as any;
  };

  test("arguments become fields", () => {
    const { apiVersion, kind, spec } = cronJob({
      concurrency_policy: "Forbid",
      failed_jobs_history_limit: 2,
      successful_jobs_history_limit: 0,
      starting_deadline_seconds: 600,
      suspend: true,
      timezone: "Europe/Berlin",
      job_template: {
        metadata: { labels: { a: "b" } },
        spec: {
          active_deadline_seconds: 3600,
          backoff_limit: 0,
          parallelism: 2,
          completions: 3,
          ttl_seconds_after_finished: "60",
          template: {
            metadata: { labels: { c: "d" } },
            spec: {
              restart_policy: "OnFailure",
              init_container: [{ name: "s", restart_policy: "Always" }],
              container: [{ name: "c" }],
            },
          },
        },
      },
    });
    expect({ apiVersion, kind }).toEqual({ apiVersion: "batch/v1", kind: "CronJob" });
    const { jobTemplate, ...own } = spec;
    expect(own).toEqual({
      concurrencyPolicy: "Forbid",
      failedJobsHistoryLimit: 2,
      successfulJobsHistoryLimit: 0,
      schedule: "0 2 * * 6",
      startingDeadlineSeconds: 600,
      suspend: true,
      timeZone: "Europe/Berlin",
    });
    const { template, ...job } = jobTemplate.spec;
    expect(job).toEqual({
      activeDeadlineSeconds: 3600,
      backoffLimit: 0,
      completions: 3,
      manualSelector: false,
      parallelism: 2,
      ttlSecondsAfterFinished: 60,
    });
    expect(jobTemplate.metadata).toEqual({ labels: { a: "b" } });
    expect(template).toMatchObject({
      metadata: { labels: { c: "d" } },
      spec: {
        restartPolicy: "OnFailure",
        initContainers: [{ name: "s", restartPolicy: "Always" }],
        containers: [{ name: "c" }],
      },
    });
  });

  // Kubernetes has defaults for what is in a Job, but not for what is in a CronJob's template of one.
  test("the provider writes what Kubernetes leaves open in a template", () => {
    const { spec } = cronJob({});
    expect(spec).toEqual({ schedule: "0 2 * * 6", jobTemplate: expect.anything() });
    expect(spec.jobTemplate).toEqual({
      metadata: {},
      spec: {
        backoffLimit: 6,
        completions: 1,
        manualSelector: false,
        parallelism: 1,
        template: expect.anything(),
      },
    });
    expect(spec.jobTemplate.spec.template).toEqual({
      metadata: {},
      spec: expect.objectContaining({ restartPolicy: "Never", enableServiceLinks: true }),
    });
  });

  test("a deadline of 0 is none", () => {
    expect(cronJob({ starting_deadline_seconds: 0 }).spec).not.toHaveProperty(
      "startingDeadlineSeconds",
    );
  });

  test("the limits of an index are written for an indexed Job, and only for one", () => {
    const job = (argument: object) => cronJob({}, argument).spec.jobTemplate.spec;
    expect(job({ completion_mode: "Indexed", max_failed_indexes: 2 })).toMatchObject({
      completionMode: "Indexed",
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 2,
    });
    const plain = job({ backoff_limit_per_index: 1, max_failed_indexes: 1 });
    expect(plain).not.toHaveProperty("backoffLimitPerIndex");
    expect(plain).not.toHaveProperty("maxFailedIndexes");
  });

  test("what a failed pod means", () => {
    const on_exit_codes = { container_name: "c", operator: "In", values: ["1", 2] };
    const pod_failure_policy = {
      rule: [
        { action: "FailJob", on_exit_codes },
        { action: "Ignore", on_pod_condition: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    };
    expect(cronJob({}, { pod_failure_policy }).spec.jobTemplate.spec.podFailurePolicy).toEqual({
      rules: [
        {
          action: "FailJob",
          onExitCodes: { containerName: "c", operator: "In", values: [1, 2] },
        },
        {
          action: "Ignore",
          onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
        },
      ],
    });
  });
});

describe("a DaemonSet", () => {
  const daemonSet = (spec: object, pod: object = {}) => {
    const template = {
      metadata: { labels: { a: "b" } },
      spec: { container: [{ name: "c" }], ...pod },
    };
    const body = {
      metadata: { name: "d", namespace: "n" },
      spec: { selector: { match_labels: { a: "b" } }, template, ...spec },
      wait_for_rollout: false,
      timeouts: { create: "1m" },
    };
    return manifests(stack("kubernetes_daemon_set_v1", body))[0] as any;
  };

  test("arguments become fields", () => {
    const { apiVersion, kind, metadata, spec } = daemonSet({
      min_ready_seconds: 5,
      revision_history_limit: 3,
      strategy: {
        type: "RollingUpdate",
        rolling_update: { max_surge: "0", max_unavailable: "25%" },
      },
    });
    expect({ apiVersion, kind, metadata }).toEqual({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "d", namespace: "n" },
    });
    const { template, ...own } = spec;
    expect(own).toEqual({
      minReadySeconds: 5,
      revisionHistoryLimit: 3,
      selector: { matchLabels: { a: "b" } },
      updateStrategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: 0, maxUnavailable: "25%" },
      },
    });
    expect(template).toMatchObject({
      metadata: { labels: { a: "b" } },
      spec: { containers: [{ name: "c" }] },
    });
  });

  // The provider's defaults are those of Kubernetes here, unlike a StatefulSet's.
  test("nothing is written that is left out", () => {
    const { template: _, ...own } = daemonSet({}).spec;
    expect(own).toEqual({ selector: { matchLabels: { a: "b" } } });
  });

  test("folders of the node, and tolerations", () => {
    const { spec } = daemonSet(
      {},
      {
        volume: [
          { name: "v", host_path: { path: "/var/log" } },
          { name: "w", host_path: { path: "/var/lib/x", type: "DirectoryOrCreate" } },
        ],
        toleration: [{ operator: "Exists" }],
      },
    ).spec.template;
    expect(spec.volumes).toEqual([
      { name: "v", hostPath: { path: "/var/log" } },
      { name: "w", hostPath: { path: "/var/lib/x", type: "DirectoryOrCreate" } },
    ]);
    expect(spec.tolerations).toEqual([{ operator: "Exists" }]);
  });
});

describe("roles of the cluster", () => {
  test("rules, of which an empty group of the API stays one", () => {
    const [role] = manifests(
      stack("kubernetes_cluster_role_v1", {
        metadata: { name: "r", labels: { a: "b" } },
        rule: [
          { api_groups: [""], resources: ["pods"], verbs: ["get"], resource_names: ["p"] },
          { non_resource_urls: ["/metrics"], verbs: ["get"] },
        ],
        aggregation_rule: { cluster_role_selectors: [{ match_labels: { c: "d" } }] },
      }),
    );
    // It is in no namespace, also not in "default".
    expect(role).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "r", labels: { a: "b" } },
      rules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["get"], resourceNames: ["p"] },
        { nonResourceURLs: ["/metrics"], verbs: ["get"] },
      ],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { c: "d" } }] },
    });
  });

  test("a binding, whose subjects are in a namespace in any case", () => {
    const group = "rbac.authorization.k8s.io";
    const role_ref = { api_group: group, kind: "ClusterRole", name: "r" };
    const [binding] = manifests(
      stack("kubernetes_cluster_role_binding_v1", {
        metadata: { name: "b" },
        role_ref,
        subject: [
          { kind: "ServiceAccount", name: "s", namespace: "n" },
          { kind: "Group", name: "g", api_group: group },
        ],
      }),
    );
    expect(binding).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "b" },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "r" },
      subjects: [
        { kind: "ServiceAccount", name: "s", namespace: "n" },
        { kind: "Group", name: "g", apiGroup: group, namespace: "default" },
      ],
    });
  });
});

describe("an Ingress", () => {
  const backend = { service: { name: "s", port: { name: "http" } } };

  test("arguments become fields", () => {
    const [ingress] = manifests(
      stack("kubernetes_ingress_v1", {
        metadata: { name: "i", namespace: "n", annotations: { "a.b/c": "d" } },
        wait_for_load_balancer: false,
        spec: {
          ingress_class_name: "nginx",
          default_backend: { resource: { api_group: "k8s.example.com", kind: "K", name: "r" } },
          rule: [
            {
              host: "a.example.com",
              http: { path: [{ path: "/a", path_type: "Exact", backend }] },
            },
          ],
          tls: [{ hosts: ["a.example.com"], secret_name: "t" }],
        },
      }),
    );
    expect(ingress).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "i", namespace: "n", annotations: { "a.b/c": "d" } },
      spec: {
        ingressClassName: "nginx",
        defaultBackend: { resource: { apiGroup: "k8s.example.com", kind: "K", name: "r" } },
        rules: [
          { host: "a.example.com", http: { paths: [{ path: "/a", pathType: "Exact", backend }] } },
        ],
        tls: [{ hosts: ["a.example.com"], secretName: "t" }],
      },
    });
  });

  test("a path has a type also where it is left out, and a port of 0 is none", () => {
    const [ingress] = manifests(
      stack("kubernetes_ingress_v1", {
        metadata: { name: "i" },
        spec: {
          rule: {
            http: {
              path: { backend: { service: { name: "s", port: { number: 0, name: "http" } } } },
            },
          },
        },
      }),
    ) as any[];
    expect(ingress.metadata).toEqual({ name: "i", namespace: "default" });
    expect(ingress.spec).toEqual({
      rules: [{ http: { paths: [{ pathType: "ImplementationSpecific", backend }] } }],
    });
  });
});

describe("a NetworkPolicy", () => {
  test("arguments become fields", () => {
    const labels = { match_labels: { app: "a" } };
    const [policy] = manifests(
      stack("kubernetes_network_policy_v1", {
        metadata: { name: "p" },
        spec: {
          policy_types: ["Ingress", "Egress"],
          pod_selector: {
            match_expressions: [{ key: "app", operator: "In", values: ["a", "b"] }],
          },
          ingress: [
            {
              ports: [{ port: "8080" }, { port: "http", protocol: "UDP" }],
              from: [{ namespace_selector: labels, pod_selector: labels }],
            },
          ],
          egress: [
            {
              ports: [
                { port: "1024", end_port: 2048 },
                { port: "53", end_port: 0 },
              ],
              to: [{ ip_block: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }],
            },
          ],
        },
      }),
    );
    const selector = { matchLabels: { app: "a" } };
    expect(policy).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "p", namespace: "default" },
      spec: {
        policyTypes: ["Ingress", "Egress"],
        podSelector: {
          matchExpressions: [{ key: "app", operator: "In", values: ["a", "b"] }],
        },
        ingress: [
          {
            ports: [{ port: 8080 }, { port: "http", protocol: "UDP" }],
            from: [{ namespaceSelector: selector, podSelector: selector }],
          },
        ],
        egress: [
          {
            ports: [{ port: 1024, endPort: 2048 }, { port: 53 }],
            to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }],
          },
        ],
      },
    });
  });

  // A selector left out selects nothing or is refused, one that is empty selects all; so with rules.
  test.each<[string, Omit<NetworkPolicyV1Spec, "policyTypes">, object]>([
    ["an empty selector stays one", { podSelector: {} }, { podSelector: {} }],
    [
      "an empty rule stays one, which allows all",
      { podSelector: {}, ingress: [{}], egress: [{}] },
      { podSelector: {}, ingress: [{}], egress: [{}] },
    ],
    [
      "no rule stays none, which allows nothing",
      { podSelector: {}, ingress: [], egress: [] },
      { podSelector: {} },
    ],
    [
      "an empty selector of a peer stays one, which selects all",
      {
        podSelector: {},
        ingress: [{ from: [{ podSelector: {} }, { namespaceSelector: {}, podSelector: {} }] }],
      },
      {
        podSelector: {},
        ingress: [{ from: [{ podSelector: {} }, { namespaceSelector: {}, podSelector: {} }] }],
      },
    ],
  ])("through the bindings too %s", (_, spec, expected) => {
    const app = newApp();
    new NetworkPolicyV1(ownStack(app), "it", {
      metadata: { name: "p" },
      spec: { policyTypes: ["Ingress", "Egress"], ...spec },
    });
    const [policy] = manifests(synthesized(app));
    expect(policy?.spec).toEqual({ policyTypes: ["Ingress", "Egress"], ...expected });
  });
});

test("what comes of an expression is not evaluated again, however deep it stands", () => {
  const env = [{ name: "A", value: "$${HOME} %%{x} ${var.x}" }];
  const template = { spec: { container: [{ name: "c", args: ["$${HOME}"], env }] } };
  const [set] = manifests(
    stack("kubernetes_stateful_set_v1", { spec: { template } }, { x: { type: "string" } }),
    { x: "${y}" },
  ) as any[];
  expect(set.spec.template.spec.containers[0]).toMatchObject({
    args: ["${HOME}"],
    env: [{ name: "A", value: "${HOME} %{x} ${y}" }],
  });
});

test("references to other resources are followed", () => {
  const both: SynthesizedStack = {
    resource: {
      kubernetes_namespace_v1: { n: { metadata: { name: "notes" } } },
      kubernetes_config_map_v1: {
        c: {
          metadata: { name: "c", namespace: "${kubernetes_namespace_v1.n.metadata[0].name}" },
          data: { a: "b" },
        },
        d: {
          metadata: {
            name: "d",
            annotations: { sum: "${sha256(jsonencode(kubernetes_config_map_v1.c.data))}" },
          },
        },
      },
    },
  };
  const [namespace, c, d] = manifests(both);
  expect(namespace?.kind).toBe("Namespace");
  expect(c?.metadata.namespace).toBe("notes");
  // printf '{"a":"b"}' | sha256sum
  expect(d?.metadata).toMatchObject({
    annotations: { sum: "db4a7ecb114bc66c623a06c4ff6fe8daa2f49cc270ebbf7a1f81e22ab061c837" },
  });
});

test("YAML that kubectl reads as it was meant", () => {
  const yaml = manifestsYaml([
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "no" },
      data: { a: "yes", b: "0o7", c: "1e3" },
    },
  ]);
  const [document] = parseAllDocuments(yaml, { version: "1.1" });
  expect(document?.toJS()).toMatchObject({
    metadata: { name: "no" },
    data: { a: "yes", b: "0o7", c: "1e3" },
  });
  expect(manifestsYaml(Object.values(objectsOf()) as never).split("\n---\n")).toHaveLength(4);
});

test.each<[string, SynthesizedStack, Record<string, string>, string]>([
  [
    "an unknown type",
    stack("kubernetes_lease_v1", {}),
    {},
    "kubernetes_lease_v1.it: this type can't be converted. Known are ",
  ],
  ["a module", { module: { vpc: {} } }, {}, "module.vpc: what a module makes can't be converted."],
  [
    "two clusters",
    { resource: { kubernetes_secret_v1: { a: {}, b: { provider: "kubernetes.second" } } } },
    {},
    "The stack has resources of several providers (kubernetes, kubernetes.second): one stream of manifests is for one cluster.",
  ],
  [
    "an unknown argument",
    stack("kubernetes_service_v1", { spec: { colour: "red" } }),
    {},
    "kubernetes_service_v1.it: spec.colour has no counterpart in the conversion.",
  ],
  [
    "count",
    stack("kubernetes_secret_v1", { count: 2 }),
    {},
    "kubernetes_secret_v1.it: count can't be converted.",
  ],
  [
    "a block twice",
    stack("kubernetes_secret_v1", { metadata: [{}, {}] }),
    {},
    "kubernetes_secret_v1.it: metadata stands more than once.",
  ],
  [
    "a number that is none",
    stack("kubernetes_service_v1", { spec: { port: [{ port: "http" }] } }),
    {},
    "kubernetes_service_v1.it: spec.port[0].port is not a number.",
  ],
  [
    "a variable without a value",
    stack("kubernetes_secret_v1", { metadata: { name: "${var.x}" } }, { x: {} }),
    {},
    "kubernetes_secret_v1.it: metadata.name needs a value: -var x=….",
  ],
  [
    "a variable that isn't declared",
    stack("kubernetes_secret_v1", { metadata: { name: "${var.y}" } }),
    {},
    "kubernetes_secret_v1.it: metadata.name refers to var.y, which the stack doesn't declare.",
  ],
  [
    "an element that a variable doesn't have",
    stack(
      "kubernetes_secret_v1",
      { metadata: { name: "${var.m.a}" } },
      { m: { type: "map(string)" } },
    ),
    { m: '{"b":"1"}' },
    'kubernetes_secret_v1.it: metadata.name needs "a" in the variable m, and it has none.',
  ],
  [
    "a value for no variable",
    stack("kubernetes_secret_v1", {}, { x: {} }),
    { z: "1" },
    'The stack has no variable "z". It has x.',
  ],
  [
    "a number variable that is none",
    stack("kubernetes_secret_v1", { data_wo_revision: "${var.n}" }, { n: { type: "number" } }),
    { n: "one" },
    '-var n: "one" is no number. Write it as JSON.',
  ],
  [
    "an attribute of the cluster",
    stack("kubernetes_secret_v1", { metadata: { name: "${kubernetes_secret_v1.it.id}" } }),
    {},
    "kubernetes_secret_v1.it: metadata.name refers to kubernetes_secret_v1.it.id, which is known only to the cluster.",
  ],
  [
    "a resource that isn't there",
    stack("kubernetes_secret_v1", { metadata: { name: "${kubernetes_secret_v1.other.id}" } }),
    {},
    "kubernetes_secret_v1.it: metadata.name refers to kubernetes_secret_v1.other.id, which is no resource of the stack.",
  ],
  [
    "a function that isn't known",
    stack("kubernetes_secret_v1", { metadata: { name: '${upper("x")}' } }),
    {},
    "kubernetes_secret_v1.it: metadata.name can't be evaluated: the function upper is none of jsonencode, join, replace, base64decode, sha256.",
  ],
])("%s is an error that names resource and argument", (_, synthesized, variables, message) => {
  expect(() => manifests(synthesized, variables)).toThrow(message);
});
