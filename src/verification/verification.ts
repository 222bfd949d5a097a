import { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { type ITerraformDependable, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { BackedUp, BackupSource } from "../kubernetes/backup";
import { CronJob } from "../kubernetes/cron-job";
import { ANNOTATION, CONTAINER, labels, selector } from "../kubernetes/names";
import { egressRules } from "../kubernetes/network";
import { nightSlot } from "../kubernetes/night";
import { common, identityOf, metadataOf, type Owner } from "../kubernetes/owner";
import { requireKubernetesProvider } from "../kubernetes/provider";
import { identify } from "../kubernetes/resource";
import { staggered } from "../kubernetes/stagger";
import { check } from "../terraform/checks";
import { asText, checksumOf, isExpression } from "../terraform/expression";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { type BackupVerificationConfig, verificationConfig } from "./config";
import { verificationFiles } from "./files";
import { verificationPod } from "./pod";
import { appMissing, verificationProblems } from "./problems";
import type { BackupVerificationProps } from "./props";
import { receiverDestinations } from "./receiver";
import { verificationSummary } from "./summary";

/** What only the pods of a verification have, should an app bear its name. */
function podLabels(name: string): Record<string, string> {
  return { ...selector(name), "app.kubernetes.io/component": "backup-verification" };
}

/** What the reporter exits with when it has said all there is to say. */
const REPORTED = ["1", "2", "3"];

/** 30 days: four weekly proofs. */
const KEPT_SECONDS = "2592000";

/** A proof that was missed, as the control plane was down, is made up for. Seconds. */
const STARTS_WITHIN = 6 * 3600;

/**
 * Proves the backup of an app again and again: a CronJob restores each database from its replica into an empty folder,
 * checks it, compares it with where the app is, and tells how that went. The Job fails when the proof fails, and
 * when a report could not be delivered.
 *
 * **A proof that never starts** (a node that is full, an image that can't be pulled) can't tell anybody: have a receiver that
 * notices silence, `Report.healthchecks`.
 *
 * @see docs/verification.md
 */
export class BackupVerification extends Construct {
  /** The CronJob's name, and that of what belongs to it. */
  readonly name: string;
  readonly namespace: string;
  /** The declaration, and what it comes to with every default filled in. */
  readonly props: BackupVerificationProps;
  readonly config!: BackupVerificationConfig;
  /** Has the proof run now. */
  readonly command!: string;

  readonly cronJob!: CronJob;
  readonly configMap!: ConfigMapV1;
  /** Undefined with `networkPolicy: false`. */
  readonly networkPolicy?: NetworkPolicyV1;

  constructor(scope: Construct, id: string, props: BackupVerificationProps) {
    super(scope, id);
    const app: BackedUp | undefined =
      typeof props?.of?.backupSource === "function" ? props.of : undefined;
    this.name = props?.name ?? `${app?.name ?? id}-verify`;
    this.namespace = app?.namespace ?? "";
    this.props = props;

    requireKubernetesProvider(this);
    const source = app?.backupSource();
    // An app whose own props can't be read has no source; that is reported there.
    if (!app || !source) {
      check(this, () => (app ? [] : [appMissing(props?.of)]));
      return;
    }
    const [config, problems] = this.read(source);
    check(this, () => problems);
    if (!config) return;
    this.config = config;
    app.provenOn(config.schedule);
    try {
      const owner = { ...source.owner, name: this.name };
      this.configMap = this.makeConfigMap(owner, source);
      if (props.networkPolicy ?? true) this.networkPolicy = this.makeNetworkPolicy(owner, source);
      if (props.openMetrics) this.openMetrics(owner, source);
      this.cronJob = this.makeCronJob(owner, source);
      this.command = this.makeOutput();
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
  }

  /** What the verification comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    return verificationSummary(this.props, this.config);
  }

  private read(source: BackupSource): [BackupVerificationConfig | undefined, Problem[]] {
    const { props, name } = this;
    try {
      const config = verificationConfig(props, source);
      const problems = verificationProblems(name, props, config, source);
      if (!config.schedule.staggered) return [config, problems];
      const slot = nightSlot(this);
      const schedule = { ...config.schedule, cron: staggered(slot) };
      return [{ ...config, schedule, slot }, problems];
    } catch (error) {
      return [undefined, [unreadableProblem(error)]];
    }
  }

  private makeConfigMap(owner: Owner, source: BackupSource): ConfigMapV1 {
    const resource = new ConfigMapV1(this, "config", {
      ...common(owner),
      metadata: metadataOf(owner),
      data: verificationFiles(this.config, source),
    });
    return identify(resource, identityOf(owner));
  }

  /** Out to what the proof needs, and nothing in. */
  private makeNetworkPolicy(owner: Owner, source: BackupSource): NetworkPolicyV1 {
    const reaches = [...source.reaches, ...this.config.reports.flatMap(receiverDestinations)];
    const resource = new NetworkPolicyV1(this, "network", {
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
  private openMetrics(owner: Owner, { app }: BackupSource): NetworkPolicyV1 {
    const named = { ...owner, name: `${owner.name}-metrics` };
    const resource = new NetworkPolicyV1(this, "metrics", {
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

  private makeCronJob(owner: Owner, source: BackupSource): CronJob {
    const { config, name } = this;
    const { name: app, namespace } = this.props.of;
    const annotations = {
      ...source.podAnnotations,
      [ANNOTATION.configChecksum]: checksumOf(this.configMap.getAnyMapAttribute("data")),
    };
    const secrets = [
      ...source.secrets,
      ...config.reports.flatMap(({ url, token }) => [url.secret, ...(token ? [token.secret] : [])]),
    ];
    const resource = new CronJob(this, "job", {
      provider: owner.provider,
      nativeSidecars: source.nativeSidecars ? [CONTAINER.proof] : [],
      metadata: metadataOf(owner),
      spec: {
        schedule: config.schedule.cron,
        timezone: config.schedule.timeZone,
        suspend: false,
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: STARTS_WITHIN,
        failedJobsHistoryLimit: 3,
        successfulJobsHistoryLimit: 1,
        jobTemplate: {
          metadata: { labels: { ...labels(name), ...podLabels(name) } },
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
                    values: REPORTED.map(Number),
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
              metadata: { labels: { ...labels(name), ...podLabels(name) }, annotations },
              spec: verificationPod({ name: app, namespace }, config, source, name),
            },
          },
        },
      },
      dependsOn: [
        source.dependsOn,
        this.configMap as ITerraformDependable,
        ...secrets.map(({ resource: one }) => one),
      ].filter((one) => one !== undefined),
    });
    return identify(resource, identityOf(owner));
  }

  /** The command that has it run now, among the stack's outputs. */
  private makeOutput(): string {
    const { name, namespace } = this;
    const value = `kubectl -n ${namespace} create job --from=cronjob/${name} ${name}-$(date +%s)`;
    const output = new TerraformOutput(this, "now", {
      value,
      description: `Has the backup of ${this.props.of.name} proven now`,
    });
    // An app may have several verifications, which then have names of their own.
    const own = this.props.name === undefined ? [] : [name];
    const id = ["verify", namespace, this.props.of.name, ...own].join("_");
    if (!isExpression(id)) output.overrideLogicalId(id.replace(/[^A-Za-z0-9_-]/g, "-"));
    return value;
  }
}
