/** What is known of the apps: plain data, as `status --json` prints it. Times are ISO 8601. */
export interface AppState {
  readonly name: string;
  readonly namespace: string;
  readonly kind: "app" | "readers";
  readonly pods: PodsState;
  /** Undefined for readers. */
  readonly replication?: ReplicationState;
  /** None: the backup isn't proven by anything. */
  readonly verifications: readonly VerificationState[];
}

export interface PodsState {
  readonly ready: number;
  readonly wanted: number;
  /** Why not all are ready. */
  readonly notReady?: string;
  /** Of all containers, since their pods are there. */
  readonly restarts: number;
}

export interface ReplicationState {
  /** Why nothing is known. */
  readonly unknown?: string;
  readonly databases: readonly DatabaseState[];
  /** So many more weren't asked for. */
  readonly notAsked: number;
}

export interface DatabaseState {
  readonly path: string;
  /**
   * `synced`: what the app had written is in the replica, or gets there in time. `behind`: it isn't, and doesn't get there.
   * `ahead`: the replica holds more than the app has written: it isn't this app's alone, or the volume is an old one.
   * `unreachable`: the replica can't be read. `never`: Litestream has never synced it. `absent`: the app hasn't made it yet,
   * and needn't. `unknown`: nobody knows.
   */
  readonly state: "synced" | "behind" | "ahead" | "unreachable" | "never" | "absent" | "unknown";
  /** Of the app. */
  readonly transaction?: number;
  /** The newest in the replica. */
  readonly replicated?: number;
  /** Transactions that the app had written, and the replica didn't hold. */
  readonly lag?: number;
  /** When the newest transaction arrived in the replica. An idle app's may be days ago. */
  readonly lastSync?: string;
  /** Syncs that failed since Litestream started. */
  readonly syncErrors?: number;
  /** Why it is in this state, or what isn't known. */
  readonly reason?: string;
}

export interface VerificationState {
  readonly name: string;
  readonly running: boolean;
  readonly suspended: boolean;
  /** Of the last one that ended. `unknown`: its Job is gone, and it isn't noted to have passed. */
  readonly outcome: "passed" | "failed" | "unknown" | "never";
  /** When that ended; undefined when nobody knows. */
  readonly at?: string;
  readonly job?: string;
  /** What the Job or the proof said of a failure, or why the outcome isn't known. */
  readonly reason?: string;
  /** By the schedule; undefined when it is suspended. */
  readonly next?: string;
  /** When one should have run that didn't. */
  readonly missed?: string;
}

/** What needs a person. */
export interface Problem {
  readonly text: string;
  /** What to run next. */
  readonly command: string;
}
