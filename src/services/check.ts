import { Construct } from "constructs";
import type { ScheduledProof } from "../kubernetes/backup";
import { identify } from "../kubernetes/resource";
import type { Schedule } from "../kubernetes/schedule";
import { check } from "../terraform/checks";
import { type Keys, type Problem, unknownKeys } from "../terraform/problem";
import { isExpression } from "../terraform/expression";
import { HealthchecksChannel, HealthchecksCheck, type HealthchecksProvider } from "./healthchecks";
import { checkNameProblems, graceProblems, tagProblems } from "./problems";
import { graceSeconds, watchedScheduleProblems } from "./watched";

export interface VerificationCheckProps {
  /** The proof that is waited for. Schedule, time zone and grace are taken from it. */
  readonly of: ScheduledProof;
  /** @default the CronJob's name */
  readonly name?: string;
  /** Who is told. A check without any tells nobody. */
  readonly channels: readonly HealthchecksChannel[];
  /**
   * Seconds after the scheduled time until the silence is an alarm.
   *
   * @default as late as the CronJob may start, its deadline, and 5 minutes: for a weekly proof 6 hours and 20 minutes
   */
  readonly grace?: number;
  /** @default none */
  readonly tags?: readonly string[];
  /** @default the stack's only healthchecks provider */
  readonly provider?: HealthchecksProvider;
}

const PROPS = {
  of: true,
  name: true,
  channels: true,
  grace: true,
  tags: true,
  provider: true,
} satisfies Keys<VerificationCheckProps>;

/**
 * A check of healthchecks.io, hosted there or by oneself, that alarms when a proof fails and when none comes: give its
 * `pingUrl` to the proof's `Report.healthchecks`. It waits until the CronJob can no longer start and end the proof, so that an alarm
 * means that there will be none.
 *
 * Its ping URL, with which anybody can keep it silent, is an attribute that its service makes up, and therefore stands in the
 * state of its stack: keep that state as you keep secrets. This is why such checks have a stack of their own.
 *
 * In a time zone with summer time choose an hour that exists every day: Kubernetes leaves out a run at 02:30 on the day
 * on which there is no such time, and healthchecks waits for it.
 */
export class VerificationCheck extends Construct {
  readonly name: string;
  /** Seconds. */
  readonly grace!: number;
  readonly resource!: HealthchecksCheck;

  constructor(
    scope: Construct,
    id: string,
    readonly props: VerificationCheckProps,
  ) {
    super(scope, id);
    const { of, channels } = props;
    this.name = props.name ?? of?.name ?? id;
    const problems = this.problems();
    check(this, () => problems);
    // What is wrong with the proof itself is said there.
    if (typeof of?.config?.schedule?.cron !== "string" || !isList(channels)) return;
    const { schedule } = of.config;
    this.grace = props.grace ?? graceSeconds(of.config);
    try {
      this.resource = this.make(of, schedule);
    } catch (error) {
      // Props that don't even have the right shape are reported at synth, with all other problems.
      if (problems.length === 0) throw error;
    }
  }

  private make(of: ScheduledProof, schedule: Schedule): HealthchecksCheck {
    const { channels, tags, provider } = this.props;
    const resource = new HealthchecksCheck(this, "check", {
      name: this.name,
      desc: `CronJob ${of.name} in namespace ${of.namespace}`,
      schedule: schedule.cron,
      timezone: schedule.timeZone,
      grace: this.grace,
      channels: channels.map(({ channelId }) => channelId),
      tags,
      // The proof's reporter sends nothing else; who opens the address proves nothing.
      methods: "POST",
      provider,
    });
    return identify(resource, { name: this.name, provider });
  }

  /** Where the proof reports; a secret. */
  get pingUrl(): string {
    return this.resource?.pingUrl ?? "";
  }

  /** What the check comes to, for a person to read before deploying it: headings and texts. */
  summary(): [string, string][] {
    const { of, channels } = this.props;
    const { cron, timeZone } = of.config?.schedule ?? { cron: "", timeZone: "" };
    return [
      ["waits for", `CronJob ${of.name} in namespace ${of.namespace}`],
      ["at", `${shown(cron)} (${shown(timeZone)})`],
      ["alarms after", isExpression(this.grace) ? shown("") : duration(this.grace)],
      ...(channels.length === 0
        ? [["tells", "nobody: it has no channels"] as [string, string]]
        : []),
    ];
  }

  private problems(): Problem[] {
    const { of, channels, grace, tags } = this.props;
    return [
      ...unknownKeys("", this.props, PROPS),
      ...checkNameProblems("name", this.name),
      ...(isProof(of)
        ? of.config === undefined
          ? []
          : watchedScheduleProblems(of.config.schedule)
        : [
            {
              field: "of",
              wrong: of === undefined ? "is missing" : "has no schedule",
              fix: "Write the BackupVerification.",
            },
          ]),
      ...(isList(channels)
        ? []
        : [
            {
              field: "channels",
              wrong: channels === undefined ? "is missing" : "is not a list of channels",
              fix: 'Write [new HealthchecksChannel(this, "email", { kind: "email" })], or [] to tell nobody.',
            },
          ]),
      ...(grace === undefined ? [] : graceProblems("grace", grace)),
      ...tagProblems(tags),
    ];
  }
}

/** An app has a configuration too, but no schedule in it. */
function isProof(of: unknown): of is ScheduledProof {
  if (typeof of !== "object" || of === null || !("config" in of)) return false;
  return of.config === undefined || (of as ScheduledProof).config?.schedule !== undefined;
}

function isList(channels: unknown): channels is readonly HealthchecksChannel[] {
  return Array.isArray(channels) && channels.every((one) => one instanceof HealthchecksChannel);
}

function duration(seconds: number): string {
  const amounts = {
    h: Math.floor(seconds / 3600),
    min: Math.floor(seconds / 60) % 60,
    s: seconds % 60,
  };
  return Object.entries(amounts)
    .filter(([, amount]) => amount > 0)
    .map(([unit, amount]) => `${amount} ${unit}`)
    .join(" ");
}

function shown(value: string): string {
  return value === "" || isExpression(value) ? "(known at apply)" : value;
}
