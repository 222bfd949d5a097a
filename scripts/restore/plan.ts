import { posix } from "node:path";
import { CONTAINER } from "../../src/kubernetes/names";
import { BEFORE_FOLDER, BEFORE_SUFFIX } from "../../src/litestream/before-restore";
import { Failure, UsageFailure } from "../cluster/failure";
import {
  databaseEntry,
  directories,
  type DirectoryEntry,
  singlePaths,
} from "../cluster/litestream-file";
import type { Request, Target } from "./arguments";
import { litestreamFileFor } from "./configuration";
import type { DeployedApp } from "./deployed";

export interface PlannedDatabase {
  readonly path: string;
  /** Litestream's own folder beside it. */
  readonly meta: string;
  /** The folder for the present file. */
  readonly kept: string;
  readonly lies: "volume" | "ephemeral";
  readonly directory: boolean;
}

/** What is going to be done. It is kept in the cluster while it is done, so that another run can carry on. */
export interface Plan {
  readonly id: string;
  readonly app: string;
  readonly namespace: string;
  readonly target: Target;
  readonly databases: readonly PlannedDatabase[];
  /** What the app had before, and has again afterwards. */
  readonly replicas: number;
  readonly startedAt: string;
  /** The container of the app's pod in which what was kept can be deleted. */
  readonly container: string;
}

/** @throws Failure which says which databases there are. */
export function makePlan(
  app: DeployedApp,
  { target, databases }: Pick<Request, "target" | "databases">,
  now: Date,
): Plan {
  const startedAt = now.toISOString().replace(/\.\d+Z$/, "Z");
  const id = startedAt.replace(/[-:]/g, "");
  const paths = chosen(app, databases);
  if (target.flag === "-txid" && paths.length > 1)
    throw new UsageFailure(
      `--txid counts for one database, and ${app.name} has ${paths.length}: ${paths.join(", ")}. Name it: --database PATH`,
    );
  return {
    id,
    app: app.name,
    namespace: app.namespace,
    target,
    databases: paths.map((path) => plannedDatabase(app, path, id)),
    replicas: app.replicas,
    startedAt,
    container: app.plain ? CONTAINER.app : CONTAINER.litestream,
  };
}

function chosen(app: DeployedApp, asked: readonly string[]): readonly string[] {
  const singles = singlePaths(app);
  const folders = directories(app);
  if (asked.length === 0 && folders.length > 0)
    throw new UsageFailure(
      `${app.name} keeps databases in ${folders.map(({ dir }) => dir).join(", ")}: name each that goes back, --database ${folders[0]?.dir}/NAME`,
    );
  const unknown = asked.filter((path) => databaseEntry(app, path) === undefined);
  if (unknown.length > 0)
    throw new UsageFailure(
      `${app.name} has no database ${unknown.join(", ")}. It has: ${[...singles, ...folders.map(({ dir, pattern }) => `${dir}/${pattern}`)].join(", ")}.`,
    );
  return asked.length > 0 ? asked : singles;
}

function plannedDatabase(app: DeployedApp, path: string, id: string): PlannedDatabase {
  const mount = mountOf(app, path);
  const inside = posix.dirname(posix.relative(mount.path, path));
  const entry = databaseEntry(app, path);
  const planned = {
    path,
    meta:
      entry?.["meta-path"] ??
      posix.join(posix.dirname(path), `.${posix.basename(path)}-litestream`),
    kept: posix.join(mount.path, BEFORE_FOLDER, id, inside),
    lies: mount.lies,
    directory: !singlePaths(app).includes(path),
  };
  for (const folder of directories(app)) refuseToBeTaken(app, folder, planned);
  return planned;
}

/** The deepest volume that holds the database. */
function mountOf({ name, restore, spec, claims }: DeployedApp, path: string) {
  const [mount] = (restore.volumeMounts ?? [])
    .filter(({ mountPath }) => path.startsWith(`${mountPath.replace(/\/$/, "")}/`))
    .sort((one, other) => other.mountPath.length - one.mountPath.length);
  if (!mount) throw new Failure(`${path} of ${name} lies on no volume. Deploy the app again.`);
  const volume = spec.volumes?.find((one) => one.name === mount.name);
  const passes = volume?.emptyDir !== undefined || volume?.ephemeral !== undefined;
  const lies = passes && !claims.includes(mount.name) ? "ephemeral" : "volume";
  return { path: mount.mountPath, lies } as const;
}

/** Whether any of its databases is gone with its pod. */
export function hasEphemeral(app: DeployedApp): boolean {
  const paths = [...singlePaths(app), ...directories(app).map(({ dir }) => `${dir}/any`)];
  return paths.some((path) => mountOf(app, path).lies === "ephemeral");
}

/** Litestream looks into every folder below a directory, and so do the scripts. */
function refuseToBeTaken(
  { name }: DeployedApp,
  { dir, pattern = "*", recursive }: DirectoryEntry,
  { kept, lies, path }: PlannedDatabase,
): void {
  if (!recursive || lies === "ephemeral" || !kept.startsWith(`${dir}/`)) return;
  const ending = /[^*?\]]*$/.exec(pattern)?.[0] ?? "";
  if (!`${posix.basename(path)}${BEFORE_SUFFIX}`.endsWith(ending)) return;
  throw new Failure(
    `The present file would be kept in ${kept}, where the directory ${dir} of ${name} with its pattern "${pattern}" takes it for a database. Go back by the declaration instead: restoreTo (docs/operations.md).`,
  );
}

/** litestream.yml of all the databases, and of each by itself. */
export function planFiles(app: DeployedApp, { databases }: Plan): Record<string, string> {
  const paths = databases.map(({ path }) => path);
  return Object.fromEntries([
    ["litestream.yml", litestreamFileFor(app, paths)],
    ...paths.map((path, index) => [`database-${index + 1}.yml`, litestreamFileFor(app, [path])]),
  ]) as Record<string, string>;
}
