import {
  Alert,
  LogAlerts,
  type LogAlertsProps,
  Namespace,
  Secret,
  summary,
  WriteOnlySecret,
} from "../../src";
import { alertsConfig } from "../../src/alerting/config";
import { alerting, alertsOf, podOf, token, url } from "../support/alerting";
import { newApp, ownStack, synthesized } from "../support/synth";
import { reported } from "../support/verification";

const PODS = {
  "app.kubernetes.io/name": "alerts",
  "app.kubernetes.io/component": "log-alerts",
};
const endpointsOf = (objects: Record<string, any>) => podOf(objects).initContainers[0];
const mainOf = (objects: Record<string, any>) => podOf(objects).containers[0];
const namesOf = (all: { name: string }[]) => all.map(({ name }) => name);

test("a DaemonSet, one node at a time where there are few", () => {
  const { DaemonSet } = alertsOf();
  expect(DaemonSet.metadata).toEqual({
    name: "alerts",
    namespace: "log-alerts",
    labels: {
      "app.kubernetes.io/name": "alerts",
      "app.kubernetes.io/managed-by": "cdktf-sqlite",
    },
  });
  const { template, ...spec } = DaemonSet.spec;
  expect(spec).toEqual({
    selector: { matchLabels: PODS },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%" } },
  });
  expect(template.metadata.labels).toEqual({
    ...PODS,
    "app.kubernetes.io/managed-by": "cdktf-sqlite",
  });
});

describe("the namespace", () => {
  test("is one of its own, which allows folders of the node and goes with the stack", () => {
    const { Namespace: made } = alertsOf();
    expect(made.metadata.name).toBe("log-alerts");
    expect(made.metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("privileged");
    const { resource } = synthesized(alerting().tree) as any;
    expect(resource.kubernetes_namespace_v1["log-alerts"].lifecycle).toBeUndefined();
  });

  test("can be another one, made here or elsewhere", () => {
    const { stack, tree } = alerting({ name: "first", namespace: "monitoring" });
    const namespace = new Namespace(stack, "watch", { podSecurity: "privileged" });
    const { namespace: own } = new LogAlerts(stack, "second", {
      namespace,
      receivers: [Alert.stdout()],
    });
    expect(own).toBe("watch");
    const { resource } = synthesized(tree) as any;
    expect(Object.keys(resource.kubernetes_namespace_v1)).toEqual(["watch"]);
    const dependsOn = (type: string, name: string) => resource[type][name].depends_on ?? [];
    expect(dependsOn("kubernetes_daemon_set_v1", "monitoring_first")).not.toContain(
      "kubernetes_namespace_v1.watch",
    );
    for (const kind of ["daemon_set", "config_map", "service_account", "network_policy"])
      expect(dependsOn(`kubernetes_${kind}_v1`, "watch_second")).toContain(
        "kubernetes_namespace_v1.watch",
      );
  });
});

test("Terraform knows everything by its Kubernetes name", () => {
  const { resource } = synthesized(alerting().tree) as any;
  const all = Object.entries(resource).flatMap(([type, ofType]) =>
    Object.keys(ofType as object).map((name) => `${type}.${name}`),
  );
  expect(all.sort()).toEqual([
    "kubernetes_cluster_role_binding_v1.log-alerts-alerts",
    "kubernetes_cluster_role_v1.log-alerts-alerts",
    "kubernetes_config_map_v1.log-alerts_alerts",
    "kubernetes_daemon_set_v1.log-alerts_alerts",
    "kubernetes_namespace_v1.log-alerts",
    "kubernetes_network_policy_v1.log-alerts_alerts",
    "kubernetes_service_account_v1.log-alerts_alerts",
  ]);
});

test("two of one name share nothing, in two namespaces", () => {
  const { stack, tree } = alerting({ namespace: "one" });
  new LogAlerts(stack, "other", {
    name: "alerts",
    namespace: "two",
    receivers: [Alert.stdout()],
  });
  const { resource } = synthesized(tree) as any;
  expect(Object.keys(resource.kubernetes_cluster_role_v1)).toEqual(["one-alerts", "two-alerts"]);
});

test("two of one name in one namespace are refused", () => {
  const { stack, tree } = alerting({ namespace: "one" });
  new LogAlerts(stack, "other", {
    name: "alerts",
    namespace: "one",
    receivers: [Alert.stdout()],
  });
  expect(reported(tree)).toContain(
    'own/other/daemon: name: "one/alerts" is the kubernetes_daemon_set_v1 of own/alerts/daemon (name) already. Give one of the two another name or namespace.',
  );
});

describe("security", () => {
  const nothing = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
  };

  test("Fluent Bit is root, whose the node's logs are, and can nothing else", () => {
    expect(mainOf(alertsOf()).securityContext).toEqual({
      ...nothing,
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
    });
  });

  test("what takes the URLs apart is not", () => {
    expect(endpointsOf(alertsOf()).securityContext).toEqual({
      ...nothing,
      runAsUser: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
    });
  });

  test("the pod has nothing of the node but its folders", () => {
    const pod = podOf(alertsOf());
    expect(pod.securityContext).toEqual({
      runAsNonRoot: false,
      seccompProfile: { type: "RuntimeDefault" },
    });
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) expect(pod[field]).toBeFalsy();
    expect(namesOf(pod.containers)).toEqual(["log-alerts"]);
    expect(namesOf(pod.initContainers)).toEqual(["log-alerts-endpoints"]);
  });

  test("only the pods have a token, and it is good for looking at pods and namespaces", () => {
    const { ServiceAccount, ClusterRole, ClusterRoleBinding, ...others } = alertsOf();
    expect(ServiceAccount.metadata).toMatchObject({ name: "alerts", namespace: "log-alerts" });
    expect(ServiceAccount.automountServiceAccountToken).toBe(false);
    expect(podOf(others)).toMatchObject({
      serviceAccountName: "alerts",
      automountServiceAccountToken: true,
    });
    expect(ClusterRole.metadata.name).toBe("log-alerts-alerts");
    expect(ClusterRole.rules).toEqual([
      { apiGroups: [""], resources: ["namespaces", "pods"], verbs: ["get", "list", "watch"] },
    ]);
    expect(ClusterRoleBinding.metadata.name).toBe("log-alerts-alerts");
    expect(ClusterRoleBinding.roleRef).toEqual({
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "log-alerts-alerts",
    });
    expect(ClusterRoleBinding.subjects).toEqual([
      { kind: "ServiceAccount", name: "alerts", namespace: "log-alerts" },
    ]);
  });
});

describe("volumes", () => {
  test("the node's logs can be read, its state folder written", () => {
    const objects = alertsOf();
    expect(podOf(objects).volumes).toEqual([
      { name: "config", configMap: { name: "alerts" } },
      { name: "endpoints", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
      { name: "logs", hostPath: { path: "/var/log", type: "Directory" } },
      {
        name: "state",
        hostPath: { path: "/var/lib/cdktf-sqlite/log-alerts-alerts", type: "DirectoryOrCreate" },
      },
    ]);
    expect(mainOf(objects).volumeMounts).toEqual([
      { name: "config", mountPath: "/etc/log-alerts", readOnly: true },
      { name: "endpoints", mountPath: "/endpoints", readOnly: true },
      { name: "logs", mountPath: "/var/log", readOnly: true },
      { name: "state", mountPath: "/state" },
    ]);
    expect(endpointsOf(objects).volumeMounts).toEqual([
      { name: "config", mountPath: "/etc/log-alerts", readOnly: true },
      { name: "endpoints", mountPath: "/endpoints" },
    ]);
  });

  test("folders that links lead to are where the links say; each is there once", () => {
    const objects = alertsOf({
      logFolder: "/data/log",
      linkedFolders: ["/var/lib/docker/containers", "/data/log", "/mnt/containers"],
      stateFolder: "/data/alerts",
    });
    const folders = podOf(objects).volumes.filter(({ hostPath }: any) => hostPath);
    expect(folders).toEqual([
      { name: "logs", hostPath: { path: "/data/log", type: "Directory" } },
      { name: "logs-1", hostPath: { path: "/var/lib/docker/containers", type: "Directory" } },
      { name: "logs-2", hostPath: { path: "/mnt/containers", type: "Directory" } },
      { name: "state", hostPath: { path: "/data/alerts", type: "DirectoryOrCreate" } },
    ]);
    expect(mainOf(objects).volumeMounts.slice(2)).toEqual([
      { name: "logs", mountPath: "/data/log", readOnly: true },
      { name: "logs-1", mountPath: "/var/lib/docker/containers", readOnly: true },
      { name: "logs-2", mountPath: "/mnt/containers", readOnly: true },
      { name: "state", mountPath: "/state" },
    ]);
  });

  test("the state folder is another one for each DaemonSet of a node", () => {
    const { stateFolder } = alertsConfig("b", "a", { receivers: [] });
    expect(stateFolder).toBe("/var/lib/cdktf-sqlite/a-b");
  });
});

test("containers, their arguments and images", () => {
  const objects = alertsOf({
    image: "mirror.example.com/fluent-bit:5.1.1",
    shellImage: "busybox:1.36",
    resources: { limits: { memory: "1Gi" } },
  });
  expect(mainOf(objects)).toMatchObject({
    image: "mirror.example.com/fluent-bit:5.1.1",
    args: ["-c", "/etc/log-alerts/fluent-bit.yaml"],
    ports: [{ name: "metrics", containerPort: 2020 }],
    resources: { limits: { memory: "1Gi" } },
  });
  // The official image's entrypoint is Fluent Bit itself, and its path isn't promised.
  expect(mainOf(objects)).not.toHaveProperty("command");
  const { command, args, image } = endpointsOf(objects);
  expect({ command, image, folder: args[0] }).toEqual({
    command: ["sh", "/etc/log-alerts/endpoints.sh"],
    image: "busybox:1.36",
    folder: "/endpoints",
  });
  expect(Object.keys(objects.ConfigMap.data)).toEqual(
    expect.arrayContaining(["fluent-bit.yaml", "endpoints.sh"]),
  );
});

test("probes ask Fluent Bit itself", () => {
  const { startupProbe, livenessProbe, readinessProbe } = mainOf(alertsOf());
  const asks = (path: string) => ({ path, port: "metrics" });
  expect(startupProbe.httpGet).toEqual(asks("/api/v1/uptime"));
  // A receiver that refuses messages is no reason to end it.
  expect(livenessProbe.httpGet).toEqual(asks("/api/v1/uptime"));
  expect(readinessProbe.httpGet).toEqual(asks("/api/v1/health"));
});

describe("secrets", () => {
  const receivers = [Alert.slack({ url }), Alert.gotify({ url, token })];
  const objects = () => alertsOf({ receivers, heartbeat: { url } });

  test("are in the environment of the container that writes them down", () => {
    const reference = (key: string) => ({ secretKeyRef: { name: "postbox", key } });
    const { env } = endpointsOf(objects());
    expect(env.filter(({ valueFrom }: any) => valueFrom?.secretKeyRef)).toEqual([
      { name: "URL_0", valueFrom: reference("postbox-url") },
      { name: "URL_1", valueFrom: reference("postbox-url") },
      { name: "TOKEN_1", valueFrom: reference("postbox-token") },
      { name: "URL_2", valueFrom: reference("postbox-url") },
    ]);
    expect(namesOf(env)).toContain("NODE_NAME");
  });

  test("are in nothing else", () => {
    const { ConfigMap, ...others } = objects();
    expect(JSON.stringify(ConfigMap)).not.toMatch(/postbox/);
    expect(mainOf(others).envFrom).toBeUndefined();
    expect(mainOf(others).env).toEqual([
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "CLUSTER", value: "" },
    ]);
  });

  test("that Terraform makes are there first, and roll the pods when they change", () => {
    const tree = newApp();
    const stack = ownStack(tree);
    const namespace = new Namespace(stack, "watch", { podSecurity: "privileged" });
    const secret = (id: string, revision: number) =>
      new WriteOnlySecret(stack, id, { namespace, data: { url: "http://x" }, revision });
    const [one, two] = [secret("one", 4), secret("two", 5)];
    new LogAlerts(stack, "alerts", {
      namespace,
      receivers: [
        Alert.ntfy({
          url: { secret: one, key: "url" },
          token: { secret: two, key: "url" },
        }),
        Alert.slack({ url: { secret: one, key: "url" } }),
      ],
    });
    const daemon = (synthesized(tree) as any).resource.kubernetes_daemon_set_v1.watch_alerts;
    expect(daemon.depends_on.sort()).toEqual([
      "kubernetes_cluster_role_binding_v1.watch-alerts",
      "kubernetes_config_map_v1.watch_alerts",
      "kubernetes_namespace_v1.watch",
      "kubernetes_secret_v1.watch_one",
      "kubernetes_secret_v1.watch_two",
    ]);
    expect(daemon.spec.template.metadata.annotations["cdktf-sqlite/secret-revision"]).toBe("4-5");
  });

  test("that something else makes are only named", () => {
    expect(alertsOf().DaemonSet.spec.template.metadata.annotations).not.toHaveProperty(
      "cdktf-sqlite/secret-revision",
    );
  });
});

test("another configuration is another pod: its checksum stands there", () => {
  const annotation = (props: object = {}) =>
    alertsOf(props).DaemonSet.spec.template.metadata.annotations["cdktf-sqlite/config-checksum"];
  expect(annotation()).toMatch(/^[0-9a-f]{64}$/);
  expect(annotation()).toBe(annotation());
  expect(annotation({ throttle: { burst: 4 } })).not.toBe(annotation());
  const errors = Alert.slack({ url, minimumLevel: "error" });
  expect(annotation({ receivers: [errors] })).not.toBe(annotation());
});

// A create that the provider gives up on isn't in Terraform's state, and the next one finds the object there already.
test("Terraform doesn't wait until every node has its pod", () => {
  const { resource } = synthesized(alerting().tree) as any;
  expect(resource.kubernetes_daemon_set_v1["log-alerts_alerts"].wait_for_rollout).toBe(false);
});

describe("nodes", () => {
  test("are all, whatever their taints", () => {
    const pod = podOf(alertsOf());
    expect(pod.tolerations).toEqual([{ operator: "Exists" }]);
    expect(pod).not.toHaveProperty("nodeSelector");
    expect(pod).not.toHaveProperty("priorityClassName");
  });

  test("are those that are wanted", () => {
    const tolerations = [{ key: "db", operator: "Equal", value: "yes", effect: "NoSchedule" }];
    const pod = podOf(
      alertsOf({
        tolerations,
        nodeSelector: { disk: "ssd" },
        imagePullSecrets: ["pull"],
        priorityClassName: "high",
      }),
    );
    expect(pod).toMatchObject({
      tolerations,
      nodeSelector: { disk: "ssd" },
      imagePullSecrets: [{ name: "pull" }],
      priorityClassName: "high",
    });
  });

  test("with no tolerated taint, when that is said", () => {
    expect(podOf(alertsOf({ tolerations: [] })).tolerations).toBeUndefined();
  });
});

describe("the network policy", () => {
  const tcp = (port: number) => ({ ports: [{ port, protocol: "TCP" }] });
  const DNS = {
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
  };
  const inside = (namespace: string) => ({
    ports: [{ protocol: "TCP" }],
    to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }],
  });

  test("is for these pods, and lets whoever collects metrics in", () => {
    const { NetworkPolicy } = alertsOf();
    expect(NetworkPolicy.metadata).toMatchObject({ name: "alerts", namespace: "log-alerts" });
    const { egress: _, ...spec } = NetworkPolicy.spec;
    expect(spec).toEqual({
      podSelector: { matchLabels: PODS },
      policyTypes: ["Ingress", "Egress"],
      ingress: [tcp(2020)],
    });
  });

  const API = [tcp(443), tcp(6443)];
  const cases: [string, Partial<LogAlertsProps>, object[]][] = [
    ["nobody outside", { receivers: [Alert.stdout()] }, API],
    ["somebody on the internet", { receivers: [Alert.slack({ url })] }, API],
    [
      "somebody on another port",
      { receivers: [Alert.slack({ url, port: 8443 })] },
      [...API, tcp(8443)],
    ],
    [
      "somebody in the cluster",
      { receivers: [Alert.gotify({ url, token, port: 80, namespace: "gotify" })] },
      [...API, tcp(80), inside("gotify")],
    ],
    [
      "a heartbeat elsewhere",
      { receivers: [Alert.slack({ url })], heartbeat: { url, port: 8000, namespace: "checks" } },
      [...API, tcp(8000), inside("checks")],
    ],
    [
      "an API server on a port of its own",
      { receivers: [Alert.stdout()], apiServerPort: 16_443 },
      [tcp(16_443)],
    ],
  ];
  test.each(cases)("of alerts that tell %s", (_, props, rules) => {
    expect(alertsOf(props).NetworkPolicy.spec.egress).toEqual([DNS, ...rules]);
  });

  test("is left out when nobody wants it", () => {
    const { alerts, tree } = alerting({ networkPolicy: false });
    expect(alerts.networkPolicy).toBeUndefined();
    expect((synthesized(tree) as any).resource).not.toHaveProperty("kubernetes_network_policy_v1");
  });
});

test("what is made can be reached through", () => {
  const { alerts } = alerting();
  const { daemonSet, configMap, serviceAccount, clusterRole, clusterRoleBinding } = alerts;
  const types = [daemonSet, configMap, serviceAccount, clusterRole, clusterRoleBinding].map(
    ({ terraformResourceType }) => terraformResourceType,
  );
  expect(types).toEqual(
    ["daemon_set", "config_map", "service_account", "cluster_role", "cluster_role_binding"].map(
      (kind) => `kubernetes_${kind}_v1`,
    ),
  );
  expect(alerts.networkPolicy?.terraformResourceType).toBe("kubernetes_network_policy_v1");
});

describe("the summary", () => {
  const told = (props: object) => Object.fromEntries(alerting(props).alerts.summary());

  test("says who is told of what, and that nobody watches", () => {
    const other = { secret: Secret.existing("other"), key: "url" };
    const receivers = [
      Alert.slack({ url }),
      Alert.slack({ url: other, minimumLevel: "error" }),
      Alert.stdout(),
    ];
    expect(told({ receivers })).toEqual({
      tells: "slack, slack-2 (errors only), the pods' own log",
      heartbeat: "nobody notices when alerts stop: set heartbeat",
      reads: "/var/log/containers of every node",
      "stays behind":
        "/var/lib/cdktf-sqlite/log-alerts-alerts on each node, also when the stack is destroyed",
    });
  });

  test("says how often somebody hears that alerts work", () => {
    expect(told({ heartbeat: { url, every: "10m" } })).toMatchObject({
      heartbeat: "a ping every 10 min while alerts work",
    });
  });

  test("says which nodes are read", () => {
    expect(told({ nodeSelector: { disk: "ssd", zone: "a" } }).reads).toBe(
      "/var/log/containers of nodes with disk=ssd, zone=a",
    );
    expect(told({ tolerations: [{ key: "db" }], logFolder: "/data/log" }).reads).toBe(
      "/data/log/containers of every node, those with other taints than tolerations names excepted",
    );
  });

  test("of the stack names the next commands", () => {
    const { tree } = alerting();
    for (const line of [
      "own: 7 resources, written to ",
      "  alerts, in namespace log-alerts",
      "    tells          slack",
      "    watch          kubectl -n log-alerts rollout status daemonset/alerts",
      "    logs           kubectl -n log-alerts logs daemonset/alerts",
    ])
      expect(summary(tree)).toContain(line);
  });
});
