import type { BackupSource } from "../kubernetes/backup";
import { seconds } from "../kubernetes/duration";
import { type ContainerResources, quantity } from "../kubernetes/quantity";
import { Schedule } from "../kubernetes/schedule";
import type { Assertion } from "./assertion";
import type { BackupVerificationProps } from "./props";
import type { Receiver } from "./receiver";

/** Defaults of {@link BackupVerificationProps}; a test compares them with `@default`. */
export const VERIFICATION_DEFAULTS = {
  integrityCheck: "full",
  maxLag: "1m",
  deadline: "15m",
  curlImage: "curlimages/curl:8.16.0",
  resources: {
    requests: { cpu: "20m", memory: "64Mi" },
    limits: { cpu: "1", memory: "512Mi" },
  },
} as const;

/** What the props of a verification come to: every default filled in, plain data, no construct. */
export interface BackupVerificationConfig {
  readonly schedule: Schedule;
  /** Its place in the night, from 0, where the schedule is staggered. */
  readonly slot?: number;
  /** How late it may start. */
  readonly startsWithinSeconds: number;
  readonly reports: readonly Receiver[];
  readonly assertions: readonly (Assertion & { readonly database: string })[];
  readonly integrityCheck: "full" | "quick" | "none";
  readonly foreignKeys: boolean;
  readonly maxLagSeconds: number;
  /** Of the whole Job, of the proof in it, and of the attempts to deliver a report. */
  readonly deadlineSeconds: number;
  readonly proofSeconds: number;
  readonly sendSeconds: number;
  readonly onNodeOfApp: boolean;
  readonly sizeLimit: string | undefined;
  /** Undefined when it is known only at apply. */
  readonly sizeLimitBytes: number | undefined;
  /** Of the proof; empty when there is none that fits. */
  readonly image: string;
  readonly resources: ContainerResources;
  readonly curlImage: string;
}

/** A proof that was missed, as the control plane was down, is made up for. Seconds. */
const STARTS_WITHIN = 6 * 3600;

/** How much of the deadline is for the proof; the rest is for starting and reporting. */
export const PROOF_SHARE = 0.75;

export function verificationConfig(
  props: BackupVerificationProps,
  source: BackupSource,
): BackupVerificationConfig {
  const D = VERIFICATION_DEFAULTS;
  const deadlineSeconds = seconds(props.deadline ?? D.deadline) ?? 0;
  const [only = ""] = source.databases;
  const sizeLimit = props.sizeLimit ?? source.sizeLimit;
  return {
    schedule: props.schedule ?? Schedule.weekly(),
    startsWithinSeconds: STARTS_WITHIN,
    reports: props.reports ?? [],
    assertions: (props.assertions ?? []).map((one) => ({ ...one, database: one.database ?? only })),
    integrityCheck: props.integrityCheck ?? D.integrityCheck,
    foreignKeys: props.foreignKeys ?? false,
    maxLagSeconds: Math.ceil(seconds(props.maxLag ?? D.maxLag) ?? 0),
    deadlineSeconds: Math.ceil(deadlineSeconds),
    proofSeconds: Math.floor(deadlineSeconds * PROOF_SHARE),
    sendSeconds: Math.floor(deadlineSeconds * 0.15),
    onNodeOfApp: props.onNodeOfApp ?? source.onNodeOfApp,
    sizeLimit,
    sizeLimitBytes: sizeLimit === undefined ? undefined : quantity(sizeLimit),
    image: props.image ?? source.image ?? "",
    resources: props.resources ?? D.resources,
    curlImage: props.curlImage ?? D.curlImage,
  };
}
