import type { TerraformStack } from "cdktf";
import {
  Alert,
  BackupVerification,
  LitestreamApp,
  type LitestreamAppProps,
  LitestreamReaders,
  LogAlerts,
  Namespace,
  Replica,
  Report,
  Secret,
  Storage,
  WorkloadIdentity,
} from "../../src";
import { HOST_KEY } from "../support/replicas";
import { Deployment, withTerraform } from "./support/deploy";
import { run, tryRun } from "./support/run";

const secret = Secret.existing("keys");
const S3 = { bucket: "nowhere", path: "a", region: "eu-central-1", credentials: secret };

/** Pods of every form. None of them has to start: what the provider reads back is what counts. */
const APPS: Record<string, Partial<LitestreamAppProps>> = {
  identity: {
    replica: Replica.s3({
      ...S3,
      path: "identity",
      credentials: WorkloadIdentity.aws({ roleArn: "arn:aws:iam::111122223333:role/notes" }),
      sseCustomerKey: secret,
    }),
  },
  classic: { sidecar: "classic", ingress: { host: "classic.example.com" } },
  outside: {
    ingress: {
      host: "*.example.com",
      path: "/outside",
      pathType: "Exact",
      className: "nobody",
      tls: { clusterIssuer: "letsencrypt" },
      annotations: { "nginx.ingress.kubernetes.io/configuration-snippet": "set $a ${b};" },
    },
    dashboard: {
      group: "Apps",
      icon: "mdi-notebook",
      description: "100 %{of} them",
      href: "https://outside.example.com",
      weight: 0,
      widget: { type: "customapi", url: "http://outside", key: "{{HOMEPAGE_VAR_KEY}}" },
    },
    podAnnotations: { "linkerd.io/inject": "disabled" },
    configFiles: [
      { mountPath: "/etc/outside", files: { "a.yml": "a: ${b}\n", ".empty": "" } },
      { path: "/data/app.ini", text: "[app]\n" },
      { mountPath: "/etc/elsewhere", configMap: "elsewhere" },
    ],
  },
  hardened: { hardened: true, whenVolumeIsOlder: "keep" },
  old: { version: "0.3", whenVolumeIsOlder: "keep", restoreIntegrityCheck: "none" },
  tenants: {
    databases: ["/data/a.db", { dir: "/data/tenants", pattern: "*.db", atMost: 5 }],
    replica: Replica.sftp({
      host: "backup.example.com",
      user: "notes",
      path: "tenants",
      credentials: secret,
      hostKey: HOST_KEY,
    }),
    restoreFrom: Replica.webdav({
      url: "https://cloud.example.com/dav",
      username: "notes",
      path: "old",
      credentials: secret,
    }),
    restoreTo: { id: "undo", timestamp: "2026-01-31T12:00:00Z", databases: ["/data/a.db"] },
    litestreamConfigPath: "/etc/litestream.yaml",
    litestream: { heartbeatUrl: { secret, key: "url" }, socket: { enabled: true } },
  },
};

describe("apps of every form, readers, verifications and alerts", () => {
  const deployment = new Deployment("e2e-drift");

  const declare = (stack: TerraformStack) => {
    const namespace = new Namespace(stack, "namespace", { name: "e2e-drift", disposable: true });
    for (const [name, props] of Object.entries(APPS)) {
      const app = new LitestreamApp(stack, name, {
        name,
        namespace,
        image: "nowhere.invalid/app:1",
        port: 8080,
        databases: ["/data/a.db"],
        storage: Storage.claim({ size: "10Mi" }),
        replica: Replica.file({ claim: { size: "10Mi" } }),
        disposable: true,
        ...props,
      });
      new BackupVerification(stack, `${name}-verify`, {
        of: app,
        reports: [Report.webhook({ url: { secret, key: "url" }, namespace: "elsewhere" })],
        assertions: [{ sql: "SELECT '${1}'", database: "/data/a.db" }],
        openMetrics: name === "identity",
      });
      if (name === "identity" || name === "classic")
        new LitestreamReaders(stack, `${name}-readers`, {
          of: app,
          ...(name === "classic" && { onNodeOfApp: true }),
        });
    }
    const url = { secret, key: "url" };
    const alerts = new Namespace(stack, "alerts-namespace", {
      name: "e2e-drift-alerts",
      podSecurity: "privileged",
      disposable: true,
    });
    new LogAlerts(stack, "alerts", {
      namespace: alerts,
      receivers: [Alert.slack({ url }), Alert.stdout()],
    });
    new LogAlerts(stack, "other-alerts", {
      namespace: alerts,
      receivers: [Alert.gotify({ url, token: { secret, key: "token" }, namespace: "gotify" })],
      throttle: { burst: 1 },
      heartbeat: { url, port: 8000 },
      cluster: "${home}",
      linkedFolders: ["/var/lib"],
      apiServerPort: 6443,
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ key: "a", operator: "Equal", value: "b", effect: "NoSchedule" }],
      priorityClassName: "system-node-critical",
    });
  };

  beforeAll(() => deployment.apply(declare));
  afterAll(() => deployment.clean());

  withTerraform("a second apply changes nothing", async () => {
    const { code, stdout } = await tryRun(
      "terraform",
      ["plan", "-no-color", "-detailed-exitcode", "-input=false"],
      { cwd: deployment.directory, env: deployment.environment() },
    );
    expect({ code, said: code === 0 ? "" : stdout }).toEqual({ code: 0, said: "" });
  });

  test("the manifests are what is there", async () => {
    const { code, stdout } = await tryRun("kubectl", ["diff", "-f", "-"], {
      input: deployment.manifests(),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  test("and Kubernetes takes the pods, in a namespace that is restricted", async () => {
    const pods = await run("kubectl", ["-n", "e2e-drift", "get", "pods", "-o", "name"]);
    expect(pods.trim().split("\n").sort()).toEqual(
      [...Object.keys(APPS), "classic-readers", "identity-readers"]
        .map((name) => `pod/${name}-0`)
        .sort(),
    );
  });
});
