import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { BackupSource } from "../kubernetes/backup";
import { CronJob } from "../kubernetes/cron-job";
import {
  ANNOTATION,
  COMPONENT,
  CONTAINER,
  LABEL,
  labels,
  partOf,
  selector,
} from "../kubernetes/names";
import { egressRules } from "../kubernetes/network";
import { common, identityOf, metadataOf, type Owner } from "../kubernetes/owner";
import { identify } from "../kubernetes/resource";
import { secretUrlDestinations } from "../kubernetes/secret-url";
import { asText, checksumOf } from "../terraform/expression";
import type { BackupVerificationConfig } from "./config";
import { verificationFiles } from "./files";
import { verificationPod } from "./pod";

/** What the objects of a verification are made of. */
export interface Proof {
  /** Of the verification's own objects. */
  readonly owner: Owner;
  readonly app: { readonly name: string; readonly namespace: string };
  readonly config: BackupVerificationConfig;
  readonly source: BackupSource;
}

/** What the reporter exits with when it has said all there is to say. */
const REPORTED = [1, 2, 3];

/** 30 days: four weekly proofs. */
const KEPT_SECONDS = "2592000";

/** What only the pods of a verification have, should an app bear its name. */
function podLabels(name: string): Record<string, string> {
  return { ...selector(name), [LABEL.component]: COMPONENT.verification };
}

/** What the CronJob, its Jobs and their pods have besides: whose backup is proven, for those who look for it. */
function proofLabels({ owner: { name }, app }: Proof): Record<string, string> {
  return { ...labels(name), ...podLabels(name), ...partOf(app.name) };
}

/** The ConfigMap with the proof's program. */
export function makeConfigMap(scope: Construct, { owner, config, source }: Proof): ConfigMapV1 {
  const resource = new ConfigMapV1(scope, "config", {
    ...common(owner),
    metadata: metadataOf(owner),
    data: verificationFiles(config, source),
  });
  return identify(resource, identityOf(owner));
}

/** Out to what the proof needs, and nothing in. */
export function makeNetworkPolicy(
  scope: Construct,
  { owner, config, source }: Proof,
): NetworkPolicyV1 {
  const reaches = [...source.reaches, ...config.reports.flatMap(secretUrlDestinations)];
  const resource = new NetworkPolicyV1(scope, "network", {
    ...common(owner),
    metadata: metadataOf(owner),
    spec: {
      podSelector: { matchLabels: podLabels(owner.name) },
      policyTypes: ["Ingress", "Egress"],
      egress: egressRules(reaches),
    },
  });
  return identify(resource, identityOf(owner));
}

/** In to the app's metrics, for the proof. */
export function openMetrics(scope: Construct, { owner, source: { app } }: Proof): NetworkPolicyV1 {
  const named = { ...owner, name: `${owner.name}-metrics` };
  const resource = new NetworkPolicyV1(scope, "metrics", {
    ...common(owner),
    metadata: metadataOf(named),
    spec: {
      podSelector: { matchLabels: { ...app.labels } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ podSelector: { matchLabels: podLabels(owner.name) } }],
          ports: [{ port: asText(app.port), protocol: "TCP" }],
        },
      ],
    },
  });
  return identify(resource, identityOf(named));
}

/** The CronJob. */
export function makeCronJob(scope: Construct, proof: Proof, configMap: ConfigMapV1): CronJob {
  const { owner, app, config, source } = proof;
  const { name } = owner;
  const annotations = {
    ...source.podAnnotations,
    [ANNOTATION.configChecksum]: checksumOf(configMap.getAnyMapAttribute("data")),
  };
  const secrets = [
    ...source.secrets,
    ...config.reports.flatMap(({ url, token }) => [url.secret, ...(token ? [token.secret] : [])]),
  ];
  const resource = new CronJob(scope, "job", {
    provider: owner.provider,
    nativeSidecars: source.nativeSidecars ? [CONTAINER.proof] : [],
    metadata: { ...metadataOf(owner), labels: proofLabels(proof) },
    spec: {
      schedule: config.schedule.cron,
      timezone: config.schedule.timeZone,
      suspend: false,
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: config.startsWithinSeconds,
      failedJobsHistoryLimit: 3,
      successfulJobsHistoryLimit: 1,
      jobTemplate: {
        metadata: { labels: proofLabels(proof) },
        spec: {
          activeDeadlineSeconds: config.deadlineSeconds,
          completions: 1,
          parallelism: 1,
          manualSelector: false,
          backoffLimit: 1,
          ttlSecondsAfterFinished: KEPT_SECONDS,
          podFailurePolicy: {
            rule: [
              // A proof that has failed, and said so, isn't made again.
              {
                action: "FailJob",
                onExitCodes: {
                  containerName: CONTAINER.report,
                  operator: "In",
                  values: REPORTED,
                },
              },
              // A drained node says nothing about the backup.
              {
                action: "Ignore",
                onPodCondition: [{ type: "DisruptionTarget", status: "True" }],
              },
            ],
          },
          template: {
            metadata: { labels: proofLabels(proof), annotations },
            spec: verificationPod(app, config, source, name),
          },
        },
      },
    },
    dependsOn: [
      source.dependsOn,
      configMap as ITerraformDependable,
      ...secrets.map(({ resource: one }) => one),
    ].filter((one) => one !== undefined),
  });
  return identify(resource, identityOf(owner));
}
