/** `npm run status`: how all apps of a cluster are, and what needs a person. */
import type { V1CronJob, V1Job, V1Pod } from "@kubernetes/client-node";
import { type FoundApp, listApps, parseReference, pick, podOf } from "./cluster/apps";
import type { Cluster } from "./cluster/client";
import { parallel } from "./cluster/parallel";
import { CLUSTER_USAGE, run } from "./cluster/program";
import { isOf, listCronJobs, listJobs, listProofPods, provenApp } from "./cluster/proofs";
import { painter, Progress } from "./cluster/terminal";
import { podsState } from "./status/pods";
import { problemsOf } from "./status/problems";
import { replicationState } from "./status/replication";
import { DATABASE_HEADINGS, databaseRows, HEADINGS, notes, row } from "./status/rows";
import type { AppState } from "./status/state";
import { verificationState } from "./status/verification";
import { table } from "./text/table";

const USAGE = `Shows how the apps of a cluster are: whether they are ready, how far their backup is, and whether it was proven.

usage: npm run --silent status -- [app...] [options]

  [app...]           only these: notes, or home/notes; all of them otherwise
  --databases        a line for each database
  --json             everything that was found, for programs
${CLUSTER_USAGE}

  LAST SYNC  when the newest transaction arrived in the replica; an app that doesn't write has an old one
  LAG        transactions that the app had written, and the replica didn't hold
  RESTARTS   of all containers, since the pod is there

example: npm run --silent status -- -n home`;

/** So many apps are looked at at once. */
const AT_ONCE = 8;
/** So many databases of an app are asked for, unless `--databases` wants all. */
const DATABASES = 20;

void run({
  name: "status",
  usage: USAGE,
  options: { databases: { type: "boolean" }, json: { type: "boolean" } },
  main: async ({ values, positionals, cluster: connected }) => {
    const cluster = connected();
    const progress = new Progress();
    progress.now("Looking for apps…");
    const apps = await wanted(cluster, positionals, values.namespace);
    const proofs = await findProofs(cluster, values.namespace);
    // What arrives while others are looked at isn't old.
    const now = new Date();
    let done = 0;
    const states = await parallel(AT_ONCE, apps, async (app) => {
      const state = await stateOf(cluster, app, proofs, values.databases ? Infinity : DATABASES);
      progress.now(`${++done} of ${apps.length} apps looked at…`);
      return state;
    });
    progress.done();
    const found = states.map((app) => ({ ...app, problems: problemsOf(app, now) }));
    const bad = found.some(({ problems }) => problems.length > 0);
    if (values.json)
      console.log(JSON.stringify({ context: cluster.context, apps: found }, null, 2));
    else print(found, now, { databases: values.databases ?? false, place: values.namespace });
    return bad ? 1 : 0;
  },
});

async function wanted(
  cluster: Cluster,
  references: readonly string[],
  namespace?: string,
): Promise<FoundApp[]> {
  const all = await listApps(cluster, namespace);
  if (references.length === 0) return all;
  const picked = references.map((reference) => {
    const [name, place] = parseReference(reference, namespace);
    return pick(
      place === undefined ? all : all.filter((app) => app.namespace === place),
      name,
      place,
    );
  });
  return [...new Set(picked)];
}

interface Proofs {
  readonly cronJobs: readonly V1CronJob[];
  readonly jobs: readonly V1Job[];
  readonly pods: readonly V1Pod[];
}

async function findProofs(cluster: Cluster, namespace?: string): Promise<Proofs> {
  const [cronJobs, jobs, pods] = await Promise.all([
    listCronJobs(cluster, { namespace }),
    listJobs(cluster, namespace),
    listProofPods(cluster, namespace),
  ]);
  return { cronJobs, jobs, pods };
}

async function stateOf(
  cluster: Cluster,
  app: FoundApp,
  { cronJobs, jobs, pods: proofPods }: Proofs,
  atMost: number,
): Promise<AppState> {
  const { name, namespace, kind, statefulSet } = app;
  const count = statefulSet.spec?.replicas ?? 1;
  const pods = await Promise.all(
    Array.from({ length: kind === "app" ? Math.min(1, count) : count }, (_, number) =>
      podOf(cluster, app, number),
    ),
  );
  const common = { name, namespace, kind, pods: podsState(statefulSet, pods, new Date()) };
  if (kind === "readers") return { ...common, verifications: [] };
  const podsOf = (job: V1Job) =>
    proofPods.filter(({ metadata }) =>
      metadata?.ownerReferences?.some(({ uid }) => uid === job.metadata?.uid),
    );
  return {
    ...common,
    replication: await replicationState(cluster, app, pods[0], { atMost }),
    verifications: cronJobs
      .filter((one) => one.metadata?.namespace === namespace && provenApp(one) === name)
      .map((one) =>
        verificationState(
          one,
          jobs.filter((job) => isOf(job, one)),
          podsOf,
          new Date(),
        ),
      ),
  };
}

type Found = AppState & { readonly problems: ReturnType<typeof problemsOf> };

function print(
  apps: readonly Found[],
  now: Date,
  { databases, place }: { readonly databases: boolean; readonly place?: string },
): void {
  if (apps.length === 0)
    return console.log(`There are no apps${place === undefined ? "" : ` in namespace ${place}`}.`);
  const paint = painter(process.stdout);
  const rows = apps.map((app) => row(app, now));
  console.log(
    table(HEADINGS, rows, (text, at, column) => {
      const bad = (apps[at]?.problems.length ?? 0) > 0;
      return column === 0 ? paint(bad ? "red" : "green", text) : text;
    }),
  );
  if (databases)
    console.log(
      `\n${table(
        DATABASE_HEADINGS,
        apps.flatMap((app) => databaseRows(app, now)),
      )}`,
    );
  const noted = apps.flatMap(notes);
  if (noted.length > 0) console.log(`\n${noted.join("\n")}`);
  for (const { text, command } of apps.flatMap(({ problems }) => problems))
    console.log(`\n${paint("red", text)}\n  ${command}`);
}
