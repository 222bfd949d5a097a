import type { BackedUp } from "../kubernetes/backup";
import type { ContainerResources } from "../kubernetes/quantity";
import type { Schedule } from "../kubernetes/schedule";
import type { Keys } from "../terraform/problem";
import type { Assertion } from "./assertion";
import type { Receiver } from "./receiver";

export interface BackupVerificationProps {
  /** The app whose backup is proven. Databases, replica, credentials and namespace are the app's. */
  readonly of: BackedUp;
  /**
   * The name of the CronJob and of what belongs to it. A DNS label of at most 52 characters.
   *
   * @default the app's name and "-verify"
   */
  readonly name?: string;
  /**
   * When. `Schedule.weekly()` spreads all verifications of the tree over Saturday from 02:00, one every 15 minutes, in
   * the order of their declaration; any other schedule is taken as it is.
   *
   * @default Schedule.weekly()
   */
  readonly schedule?: Schedule;
  /** Who is told. Without anyone a failure shows at the Job only. @default nobody */
  readonly reports?: readonly Receiver[];
  /** Queries on what was restored. @default none */
  readonly assertions?: readonly Assertion[];
  /**
   * `"quick"` leaves out whether indexes fit their tables: for large databases, and for those with functions of the app's
   * own in an index. `"none"` is for databases with collations of the app's own, which `sqlite3` can't check at all;
   * have assertions then.
   *
   * @default "full"
   * @see https://www.sqlite.org/pragma.html#pragma_integrity_check
   */
  readonly integrityCheck?: "full" | "quick" | "none";
  /**
   * Whether rows that refer to what isn't there fail the proof. SQLite doesn't enforce foreign keys unless the app
   * asks for it, so that many databases have some.
   *
   * @default false
   */
  readonly foreignKeys?: boolean;
  /**
   * How long what the app has written may take to be in the backup, as a Go duration. The replica's sync interval is
   * added to it.
   *
   * @default "1m"
   */
  readonly maxLag?: string;
  /**
   * A proof that takes longer is ended and has failed. A Go duration, at least "30s"; three quarters of it are for the
   * proof, the rest for starting and reporting.
   *
   * @default "15m"
   */
  readonly deadline?: string;
  /**
   * Whether the proof runs on the app's node. Must be said of a file replica on a claim made elsewhere, where only one
   * node can have that (`ReadWriteOnce`).
   *
   * @default true with a file replica on a claim of the app's own
   */
  readonly onNodeOfApp?: boolean;
  /**
   * The most that a restored database may take on the node. Databases are restored one after another.
   *
   * @default the size of the app's storage
   */
  readonly sizeLimit?: string;
  /**
   * Whether a NetworkPolicy lets the proof out to the replica, the app's metrics, the receivers and name servers only,
   * and nothing in.
   *
   * @default true
   */
  readonly networkPolicy?: boolean;
  /**
   * Makes a NetworkPolicy that lets the proof in to the app's metrics. For namespaces that let nothing in by default:
   * elsewhere it would be the only policy for the app's pods, and **everything else would be shut out from them**.
   *
   * @default false
   */
  readonly openMetrics?: boolean;
  /** @default requests of 20m CPU and 64Mi, limits of 1 CPU and 512Mi */
  readonly resources?: ContainerResources;
  /**
   * What proves: Litestream of the app's version, with sh, Perl and sqlite3, as its default image has them.
   *
   * @default the app's; Litestream's default image where the app's has no shell or no sqlite3 (`hardened`, version 0.3)
   */
  readonly image?: string;
  /** What sends the reports. @default "curlimages/curl:8.16.0" */
  readonly curlImage?: string;
}

/** Every prop, for telling a mistyped one. */
export const VERIFICATION_PROPS = {
  of: true,
  name: true,
  schedule: true,
  reports: true,
  assertions: true,
  integrityCheck: true,
  foreignKeys: true,
  maxLag: true,
  deadline: true,
  onNodeOfApp: true,
  sizeLimit: true,
  networkPolicy: true,
  openMetrics: true,
  resources: true,
  image: true,
  curlImage: true,
} satisfies Keys<BackupVerificationProps>;
