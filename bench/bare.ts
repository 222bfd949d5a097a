/** A program with CDKTF and the bindings alone, its resources written by hand. Argument: number of apps. */
import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { CronJobV1 } from "@cdktf/provider-kubernetes/lib/cron-job-v1";
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import { ServiceAccountV1 } from "@cdktf/provider-kubernetes/lib/service-account-v1";
import { ServiceV1 } from "@cdktf/provider-kubernetes/lib/service-v1";
import { StatefulSetV1 } from "@cdktf/provider-kubernetes/lib/stateful-set-v1";
import {
  App,
  Fn,
  LocalBackend,
  TerraformOutput,
  TerraformStack,
  TerraformVariable,
  Token,
} from "cdktf";

const CONFIG = `addr: :9090
snapshot:
  interval: 24h
  retention: 336h
shutdown-sync-timeout: 30s
logging:
  type: json
dbs:
  - path: /pb_data/data.db
    replica: {type: file, path: /replica/data.db}
  - path: /pb_data/auxiliary.db
    replica: {type: file, path: /replica/auxiliary.db}
`;
/** About as much text as the scripts that the project puts beside the configuration. */
const SCRIPT = "# a line of a script, as long as most\n".repeat(50);

function bareStack(app: App, apps: number): void {
  const stack = new TerraformStack(app, "bench");
  new LocalBackend(stack, { path: "../../../terraform.bench.tfstate" });
  const kubeconfig = new TerraformVariable(stack, "kubeconfig", {
    type: "string",
    default: "~/.kube/config",
  });
  const context = new TerraformVariable(stack, "kube_context", { type: "string", default: "" });
  new KubernetesProvider(stack, "kubernetes", {
    configPath: kubeconfig.stringValue,
    configContext: context.stringValue,
  });
  const namespace = new NamespaceV1(stack, "namespace", {
    metadata: { name: "bench", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    lifecycle: { preventDestroy: true },
  });
  for (let index = 0; index < apps; index++) bareApp(stack, namespace, `app-${index}`);
}

function bareApp(stack: TerraformStack, namespace: NamespaceV1, name: string): void {
  const selector = { "app.kubernetes.io/name": name };
  const labels = { ...selector, "app.kubernetes.io/managed-by": "terraform" };
  const metadata = { name, namespace: "bench", labels };
  const dependsOn = [namespace];
  const configMap = new ConfigMapV1(stack, `${name}-config`, {
    metadata: { ...metadata, name: `${name}-litestream` },
    data: {
      "litestream.yml": CONFIG,
      "restore.sh": SCRIPT,
      "replicate.sh": SCRIPT,
      "guard.sh": SCRIPT,
    },
    dependsOn,
  });
  const account = new ServiceAccountV1(stack, `${name}-account`, {
    metadata,
    automountServiceAccountToken: false,
    dependsOn,
  });
  const service = new ServiceV1(stack, `${name}-service`, {
    metadata,
    spec: {
      selector,
      port: [
        { name: "http", port: 8090, targetPort: "http" },
        { name: "metrics", port: 9090, targetPort: "metrics" },
      ],
    },
    dependsOn,
  });
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
  };
  const litestream = {
    image: "litestream/litestream:0.5.16",
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    securityContext,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMount: [
      { name: "config", mountPath: "/etc/litestream", readOnly: true },
      { name: "data", mountPath: "/pb_data" },
      { name: "replica", mountPath: "/replica" },
    ],
  };
  const databases = ["/pb_data/data.db", "/pb_data/auxiliary.db"];
  const guard = (question: string) => ({
    exec: { command: ["sh", "/etc/litestream/guard.sh", question, ...databases] },
    timeoutSeconds: 10,
    periodSeconds: 10,
    failureThreshold: 2,
  });
  const health = { httpGet: { path: "/api/health", port: "http" } };
  const claim = (volume: string, mode: string, size: string) => ({
    metadata: { name: volume, namespace: "bench" },
    spec: { accessModes: [mode], resources: { requests: { storage: size } } },
  });
  const workload = new StatefulSetV1(stack, `${name}-workload`, {
    metadata,
    spec: {
      replicas: "1",
      serviceName: name,
      selector: { matchLabels: selector },
      podManagementPolicy: "Parallel",
      updateStrategy: [{ type: "RollingUpdate" }],
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: [{ whenDeleted: "Retain", whenScaled: "Retain" }],
      template: {
        metadata: {
          labels,
          annotations: {
            checksum: Token.asString(
              Fn.sha256(Token.asString(Fn.jsonencode(configMap.getAnyMapAttribute("data")))),
            ),
          },
        },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 100,
          securityContext: {
            runAsUser: "1000",
            runAsGroup: "1000",
            runAsNonRoot: true,
            fsGroup: "1000",
            seccompProfile: { type: "RuntimeDefault" },
          },
          initContainer: [
            {
              ...litestream,
              name: "restore",
              command: ["sh", "/etc/litestream/restore.sh"],
              args: ["start-empty", "quick", "no", ...databases],
            },
            {
              ...litestream,
              name: "litestream",
              command: ["sh", "/etc/litestream/replicate.sh"],
              args: databases,
              port: [{ name: "metrics", containerPort: 9090 }],
              startupProbe: {
                httpGet: { path: "/metrics", port: "metrics" },
                periodSeconds: 1,
                failureThreshold: 60,
              },
              livenessProbe: guard("live"),
              readinessProbe: guard("ready"),
            },
          ],
          container: [
            {
              name: "app",
              image: "ghcr.io/muchobien/pocketbase:0.36.8",
              port: [{ name: "http", containerPort: 8090 }],
              readinessProbe: health,
              livenessProbe: health,
              resources: {
                requests: { cpu: "50m", memory: "64Mi" },
                limits: { cpu: "1", memory: "256Mi" },
              },
              securityContext: { ...securityContext, readOnlyRootFilesystem: false },
              volumeMount: [{ name: "data", mountPath: "/pb_data" }],
            },
          ],
          volume: [{ name: "config", configMap: { name: `${name}-litestream` } }],
        },
      },
      volumeClaimTemplate: [
        claim("data", "ReadWriteOncePod", "1Gi"),
        claim("replica", "ReadWriteOnce", "5Gi"),
      ],
    },
    waitForRollout: false,
    dependsOn: [configMap, account, service],
  });
  workload.addOverride("spec.template.spec.init_container.1.restart_policy", "Always");
  bareVerification(stack, namespace, name);
}

function bareVerification(stack: TerraformStack, namespace: NamespaceV1, app: string): void {
  const name = `${app}-verify`;
  const selector = { "app.kubernetes.io/name": name };
  const labels = { ...selector, "app.kubernetes.io/managed-by": "terraform" };
  const metadata = { name, namespace: "bench", labels };
  const files = [
    "prove.pl",
    "Json.pm",
    "Run.pm",
    "Outcome.pm",
    "Source.pm",
    "Live.pm",
    "report.sh",
  ];
  const config = new ConfigMapV1(stack, `${name}-config`, {
    metadata,
    data: Object.fromEntries(files.map((file) => [file, SCRIPT])),
    dependsOn: [namespace],
  });
  new NetworkPolicyV1(stack, `${name}-network`, {
    metadata,
    spec: {
      podSelector: { matchLabels: selector },
      policyTypes: ["Ingress", "Egress"],
      egress: [
        {
          ports: [
            { port: "53", protocol: "UDP" },
            { port: "53", protocol: "TCP" },
          ],
        },
        {
          ports: [{ port: "9090", protocol: "TCP" }],
          to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": app } } }],
        },
      ],
    },
    dependsOn: [namespace],
  });
  const container = {
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMount: [
      { name: "verification", mountPath: "/etc/backup-verification", readOnly: true },
      { name: "proof", mountPath: "/proof" },
      { name: "report", mountPath: "/report" },
    ],
  };
  const job = new CronJobV1(stack, `${name}-job`, {
    metadata,
    spec: {
      schedule: "0 2 * * 6",
      timezone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 21600,
      failedJobsHistoryLimit: 3,
      successfulJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels },
        spec: {
          activeDeadlineSeconds: 900,
          backoffLimit: 1,
          ttlSecondsAfterFinished: "2592000",
          podFailurePolicy: {
            rule: [
              {
                action: "FailJob",
                onExitCodes: { containerName: "report", operator: "In", values: [1, 2, 3] },
              },
              { action: "Ignore", onPodCondition: [{ type: "DisruptionTarget", status: "True" }] },
            ],
          },
          template: {
            metadata: {
              labels,
              annotations: {
                checksum: Token.asString(
                  Fn.sha256(Token.asString(Fn.jsonencode(config.getAnyMapAttribute("data")))),
                ),
              },
            },
            spec: {
              restartPolicy: "Never",
              serviceAccountName: app,
              automountServiceAccountToken: false,
              enableServiceLinks: false,
              securityContext: {
                runAsUser: "1000",
                runAsGroup: "1000",
                runAsNonRoot: true,
                fsGroup: "1000",
                seccompProfile: { type: "RuntimeDefault" },
              },
              initContainer: [
                {
                  ...container,
                  name: "proof",
                  image: "litestream/litestream:0.5.16",
                  command: ["perl", "/etc/backup-verification/prove.pl"],
                  args: ["675", "stay", app, "bench", "full", "no"],
                  env: Object.entries({
                    LITESTREAM_CONFIG: "/etc/litestream/litestream.yml",
                    SOURCE_METRICS: `${app}:9090`,
                    PROOF_FOLDER: "/proof",
                    REPORT_FOLDER: "/report",
                  }).map(([key, value]) => ({ name: key, value })),
                },
              ],
              container: [
                {
                  ...container,
                  name: "report",
                  image: "curlimages/curl:8.16.0",
                  command: ["sh", "/etc/backup-verification/report.sh"],
                  args: [app, "bench", "690", "135"],
                },
              ],
              volume: [
                { name: "verification", configMap: { name } },
                { name: "proof", emptyDir: { sizeLimit: "1Gi" } },
                { name: "report", emptyDir: { sizeLimit: "64Mi" } },
                { name: "litestream-config", configMap: { name: `${app}-litestream` } },
                { name: "replica", persistentVolumeClaim: { claimName: `replica-${app}-0` } },
              ],
            },
          },
        },
      },
    },
    dependsOn: [config],
  });
  job.addOverride("spec.job_template.spec.template.spec.init_container.0.restart_policy", "Always");
  new TerraformOutput(stack, `${name}-now`, {
    value: `kubectl -n bench create job --from=cronjob/${name} ${name}-$(date +%s)`,
  });
}

const app = new App({ outdir: process.env.CDKTF_OUTDIR });
bareStack(app, Number(process.argv[2]));
app.synth();
