import { Alert, LogAlerts, manifests, Namespace, Secret, variable } from "../../src";
import { newApp, ownStack, synthesized } from "../support/synth";

const VALUES = {
  name: "watch",
  namespace: "monitoring",
  cluster: 'home "${x}" %{y}',
  state: "/data/alerts",
  folder: "/mnt/containers",
  image: "mirror.example.com/fluent-bit:5.1.1",
  shell: "busybox:1.36",
  memory: "1Gi",
  server: "16443",
  port: "8443",
  receiver: "gotify",
  secret: "postbox",
  key: "url",
};

test("expressions are accepted where nothing is made by them", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const of = (name: keyof typeof VALUES) => variable(stack, name, { type: "string" }).stringValue;
  const number = (name: keyof typeof VALUES) =>
    variable(stack, name, { type: "number" }).numberValue;
  const url = { secret: Secret.existing(of("secret")), key: of("key") };
  new LogAlerts(stack, "alerts", {
    name: of("name"),
    namespace: of("namespace"),
    receivers: [Alert.slack({ url, port: number("port"), namespace: of("receiver") })],
    cluster: of("cluster"),
    stateFolder: of("state"),
    linkedFolders: [of("folder")],
    image: of("image"),
    shellImage: of("shell"),
    resources: { limits: { memory: of("memory") } },
    apiServerPort: number("server"),
  });
  const objects = Object.fromEntries(
    manifests(synthesized(tree), VALUES).map((one) => [`${one.kind} ${one.metadata.name}`, one]),
  ) as any;

  const { spec } = objects["DaemonSet watch"].spec.template;
  const [endpoints, main] = [spec.initContainers[0], spec.containers[0]];
  expect(endpoints).toMatchObject({ image: VALUES.shell });
  expect(endpoints.env[0].valueFrom).toEqual({ secretKeyRef: { name: "postbox", key: "url" } });
  expect(main).toMatchObject({ image: VALUES.image, resources: { limits: { memory: "1Gi" } } });
  expect(main.env).toContainEqual({ name: "CLUSTER", value: VALUES.cluster });
  expect(spec.volumes.slice(3)).toEqual([
    { name: "logs-1", hostPath: { path: VALUES.folder, type: "Directory" } },
    { name: "state", hostPath: { path: VALUES.state, type: "DirectoryOrCreate" } },
  ]);

  expect(objects["ClusterRole monitoring-watch"].rules).toHaveLength(1);
  const binding = objects["ClusterRoleBinding monitoring-watch"];
  expect(binding.roleRef.name).toBe("monitoring-watch");
  expect(binding.subjects).toEqual([
    { kind: "ServiceAccount", name: "watch", namespace: "monitoring" },
  ]);
  expect(objects["NetworkPolicy watch"].spec.egress.slice(1)).toEqual([
    { ports: [{ port: 16_443, protocol: "TCP" }] },
    { ports: [{ port: 8443, protocol: "TCP" }] },
    {
      ports: [{ protocol: "TCP" }],
      to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "gotify" } } }],
    },
  ]);
});

test("a state folder that is made of expressions", () => {
  const tree = newApp();
  const stack = ownStack(tree);
  const name = variable(stack, "name", { type: "string" }).stringValue;
  const namespace = new Namespace(stack, "watch", { podSecurity: "privileged", name });
  new LogAlerts(stack, "alerts", { namespace, receivers: [Alert.stdout()] });
  const objects = manifests(synthesized(tree), { name: "watch" }) as any[];
  const daemon = objects.find(({ kind }) => kind === "DaemonSet");
  expect(daemon.spec.template.spec.volumes.at(-1).hostPath.path).toBe(
    "/var/lib/cdktf-sqlite/watch-alerts",
  );
});

test("text is taken literally", () => {
  const tree = newApp();
  new LogAlerts(ownStack(tree), "alerts", {
    receivers: [Alert.stdout()],
    cluster: "${HOME} %{if}",
    nodeSelector: { disk: "${ssd}" },
  });
  const objects = manifests(synthesized(tree)) as any[];
  const { spec } = objects.find(({ kind }) => kind === "DaemonSet").spec.template;
  expect(spec.containers[0].env).toContainEqual({ name: "CLUSTER", value: "${HOME} %{if}" });
  expect(spec.nodeSelector).toEqual({ disk: "${ssd}" });
});
