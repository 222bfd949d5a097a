import type { ITerraformDependable } from "cdktf";
import type { IConstruct } from "constructs";
import type { EnvironmentValue } from "./environment";
import type { Destination } from "./network";
import type { Owner } from "./owner";
import type { Placement } from "./placement";
import type { Schedule } from "./schedule";
import type { SecretReference } from "./secret";
import type { PodUser } from "./security";

/** Something with databases whose backup can be proven, however it keeps them. */
export interface BackedUp extends IConstruct {
  readonly name: string;
  readonly namespace: string;
  /** Where its databases come from; undefined when its own declaration can't be read. */
  backupSource(): BackupSource | undefined;
  /** Has what its backup keeps be held against the time between two proofs. */
  provenOn(schedule: Schedule): void;
}

/** What proves a backup by a schedule, for whoever watches that it does. */
export interface ScheduledProof extends IConstruct {
  /** Of its CronJob. */
  readonly name: string;
  readonly namespace: string;
  /** Undefined when its own declaration can't be read. */
  readonly config?: {
    readonly schedule: Schedule;
    /** How late it may start, and how long it may take then. */
    readonly startsWithinSeconds: number;
    readonly deadlineSeconds: number;
  };
}

/** Where a pod finds the databases of a backup. How they are proven is not said here. */
export interface BackupSource {
  readonly owner: Owner;
  /** What has to be there before the proof, and go after it: a pod that has ended still holds its claims. */
  readonly dependsOn: ITerraformDependable;
  /** The databases, and folders of databases, by the names that a person knows. */
  readonly databases: readonly string[];
  /** An image with sh, sqlite3 and Perl, and what `files` need besides; undefined when none is known that fits. */
  readonly image: string | undefined;
  /** So long it may take until the backup has what is new, and the app's state is known. Seconds. */
  readonly waitsSeconds: number;
  /** Files for the proof's folder, by name. `Source.pm` is one of them: see docs/architecture.md. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * A container that runs before the proof, with the same files, environment and volumes, where another image has to
   * restore. It must not fail: what went wrong is for Source.pm to say.
   */
  readonly before?: {
    readonly image: string;
    /** A file of `files`, for sh. */
    readonly script: string;
    readonly args: readonly string[];
  };
  readonly environment: Readonly<Record<string, EnvironmentValue>>;
  readonly volumes: readonly SourceVolume[];
  /** Secrets of `environment` and `volumes`, each once. */
  readonly secrets: readonly SecretReference[];
  /** What the pod connects to. */
  readonly reaches: readonly Destination[];
  /** The app's pods: their labels, and the port that the proof asks. */
  readonly app: { readonly labels: Readonly<Record<string, string>>; readonly port: number };
  /** Whether the backup is on a volume that one node has for itself, the app's. */
  readonly onNodeOfApp: boolean;
  /** As much as the databases may need. @default no limit */
  readonly sizeLimit?: string;
  /** What the pod says of itself to its cloud. */
  readonly podAnnotations: Readonly<Record<string, string>>;
  /** The service account whose identity the backup's cloud knows. */
  readonly serviceAccount: string;
  readonly user: PodUser;
  readonly placement: Placement;
  /** Whether the cluster knows native sidecars. */
  readonly nativeSidecars: boolean;
}

/**
 * The source of what a workload keeps; undefined when its declaration can't be read. What is wrong with that is reported at
 * synth, and needn't be said of who asks for this.
 */
export function sourceOf(
  workload: object | undefined,
  problems: readonly unknown[],
  source: () => Omit<BackupSource, "dependsOn">,
): BackupSource | undefined {
  if (!workload) return undefined;
  try {
    return { ...source(), dependsOn: workload as ITerraformDependable };
  } catch (error) {
    if (problems.length === 0) throw error;
    return undefined;
  }
}

/** A volume of a pod, and where the proof sees it, read-only. */
export interface SourceVolume {
  readonly name: string;
  readonly mountPath: string;
  /** As a pod's spec takes it. */
  readonly volume: object;
}
