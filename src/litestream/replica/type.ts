import type { SecretKey } from "../../kubernetes/secret";
import type { WorkloadIdentity } from "../../kubernetes/workload-identity";
import type { Problem } from "../../terraform/problem";
import type { ReplicaConfig } from "../config";

/** What has to be known of one type of replica; one file of this folder each. */
export interface ReplicaType<T> {
  /** Everything wrong with it; fields as they stand in the replica. */
  problems(replica: T): Problem[];
  /**
   * How Litestream gets at it.
   *
   * @param secrets as in {@link Place}
   */
  access(replica: T, secrets: string): Access;
  /** Whether Litestream writes a file to disk before it uploads it, for which it needs a folder. */
  readonly uploadsFromDisk?: boolean;
  /** The `replica` of one database in litestream.yml. */
  config(replica: T, place: Place): ReplicaConfig;
  /** What tells one database's folder from every other: two of the same are two writers on one backup. */
  location(replica: T, folder: string, home: Home): string[];
  /** Where the backup lies, in words. */
  text(replica: T, claimName: string): string;
  /**
   * How rclone lists the folders in it, which Litestream can't. Undefined where something that rclone
   * needs at synth is known only at apply.
   */
  lister?(replica: T, place: ListerPlace): Lister | undefined;
}

/** rclone's way into a replica, for a container that has environment and files of its {@link Access}, too. */
export interface Lister {
  /** The settings of a remote "replica"; after the variables of {@link Access}, which they may name as `$(NAME)`. */
  readonly environment: Readonly<Record<string, SecretKey | string>>;
  /** Those of them that rclone takes only as `rclone obscure` writes them. */
  readonly obscured?: readonly string[];
  /** Texts without secrets, by name, in the folder {@link ListerPlace.texts}. */
  readonly files?: Readonly<Record<string, string>>;
  /** What must be there for an empty folder to be one: the bucket, or "" for the server. */
  readonly root: string;
  /** The folder in which each database has one: `rclone lsf "replica:PATH"`. */
  readonly path: string;
}

export interface ListerPlace extends Pick<Place, "secrets"> {
  /** Where the files of {@link Lister} are mounted. */
  readonly texts: string;
}

export interface Access {
  /** Environment variables: those Litestream reads by itself, and those the file names. */
  readonly environment?: Readonly<Record<string, SecretKey | string>>;
  /** Files by name, in the folder {@link Place.secrets}. */
  readonly files?: Readonly<Record<string, SecretKey>>;
  readonly identity?: WorkloadIdentity;
}

/** Where in Litestream's containers a replica finds what it needs. */
export interface Place {
  /** The database's folder in the replica. */
  readonly folder: string;
  /** Where the volume of a file replica is mounted. */
  readonly mount: string;
  /** Where the files of {@link Access} are mounted. */
  readonly secrets: string;
}

/** Where the app with the replica is. */
export interface Home {
  /** Tells the namespace from every other, also of other clusters. */
  readonly cluster: string;
  /** The claim of the app's own, should the replica be on it. */
  readonly claim: string;
}
