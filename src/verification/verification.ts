import type { ConfigMapV1 } from "@cdktf/provider-kubernetes/lib/config-map-v1";
import type { NetworkPolicyV1 } from "@cdktf/provider-kubernetes/lib/network-policy-v1";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { BackedUp, BackupSource, ScheduledProof } from "../kubernetes/backup";
import type { CronJob } from "../kubernetes/cron-job";
import { nightSlot } from "../kubernetes/night";
import { requireKubernetesProvider } from "../kubernetes/provider";
import { staggered } from "../kubernetes/stagger";
import { check } from "../terraform/checks";
import { isExpression } from "../terraform/expression";
import { type Problem, unreadableProblem } from "../terraform/problem";
import { type BackupVerificationConfig, verificationConfig } from "./config";
import { appMissing, verificationProblems } from "./problems";
import type { BackupVerificationProps } from "./props";
import { makeConfigMap, makeCronJob, makeNetworkPolicy, openMetrics } from "./resources";
import { verificationSummary } from "./summary";

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
export class BackupVerification extends Construct implements ScheduledProof {
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
      const proof = { owner, app: { name: app.name, namespace: app.namespace }, config, source };
      this.configMap = makeConfigMap(this, proof);
      if (props.networkPolicy ?? true) this.networkPolicy = makeNetworkPolicy(this, proof);
      if (props.openMetrics) openMetrics(this, proof);
      this.cronJob = makeCronJob(this, proof, this.configMap);
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
