/** `npm run verify`: has the backup of an app proven now. */
import type { V1CronJob, V1Job } from "@kubernetes/client-node";
import { findApp, type FoundApp, title } from "./cluster/apps";
import type { Cluster } from "./cluster/client";
import { TimeoutFailure, Failure } from "./cluster/failure";
import { followLogs } from "./cluster/follow";
import { createJob, jobFrom, podsOfJob, readJob } from "./cluster/jobs";
import { CLUSTER_USAGE, onlyApp, run } from "./cluster/program";
import { listCronJobs } from "./cluster/proofs";
import { painter, Progress } from "./cluster/terminal";
import { whyNotReady } from "./status/pods";
import { span } from "./text/age";
import { secondsOption } from "./text/duration";
import { readable } from "./text/log-line";
import { type Outcome, outcomeOf } from "./text/outcome";

const USAGE = `Proves the backup of an app now: restores it beside the app, checks it, and compares it with where the app is.

usage: npm run verify -- <app> [options]

  <app>              notes, or home/notes
  --name             only this one of several verifications
  --timeout          how long to wait, for example 10m; otherwise for as long as the proof may take
${CLUSTER_USAGE}

example: npm run verify -- notes -n home`;

/** A pod may wait so long for a node and its images. Seconds. */
const STARTS_WITHIN = 120;

void run({
  name: "verify",
  usage: USAGE,
  options: { name: { type: "string" }, timeout: { type: "string" } },
  main: async ({ values, positionals, cluster: connected }) => {
    const reference = onlyApp(positionals);
    const timeout = secondsOption("--timeout", values.timeout);
    const cluster = connected();
    const app = await findApp(cluster, reference, values.namespace);
    let failed = 0;
    for (const cronJob of await wanted(cluster, app, values.name))
      if (!(await prove(cluster, app, cronJob, timeout))) failed++;
    return failed > 0 ? 1 : 0;
  },
});

async function wanted(cluster: Cluster, app: FoundApp, name?: string): Promise<V1CronJob[]> {
  const { namespace } = app;
  const all = await listCronJobs(cluster, { namespace, app: app.name });
  if (all.length === 0)
    throw new Failure(
      `${title(app)} has no verification: nothing proves its backup. Declare a BackupVerification of it.`,
    );
  const found = name === undefined ? all : all.filter(({ metadata }) => metadata?.name === name);
  if (found.length === 0)
    throw new Failure(
      `${title(app)} has no verification "${name}". There are: ${all.map(({ metadata }) => metadata?.name).join(", ")}.`,
    );
  return found;
}

/** Whether it passed. */
async function prove(
  cluster: Cluster,
  app: FoundApp,
  cronJob: V1CronJob,
  timeout: number | undefined,
): Promise<boolean> {
  const progress = new Progress();
  const job = await createJob(cluster, jobFrom(cronJob, new Date()));
  const name = job.metadata?.name ?? "";
  const look = `kubectl -n ${app.namespace} logs -f job/${name} --all-containers`;
  const interrupted = () => {
    progress.say(`\nThe Job ${name} goes on. To see it: ${look}`);
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  progress.say(`Job ${name} in namespace ${app.namespace} proves the backup of ${app.name}.`);
  const limit = timeout ?? (job.spec?.activeDeadlineSeconds ?? 3600) + STARTS_WITHIN;
  try {
    const outcome = await follow(cluster, job, limit, progress);
    if (!outcome)
      throw new TimeoutFailure(
        `${name} hasn't ended within ${span(limit * 1000)}, and goes on. To see it: ${look}`,
      );
    return tell(app, outcome, look);
  } catch (error) {
    // The cluster can't be asked any more.
    if (!(error instanceof TimeoutFailure))
      progress.say(`The Job ${name} goes on. To see it: ${look}`);
    throw error;
  } finally {
    process.off("SIGINT", interrupted);
  }
}

/** Prints what the Job's containers say, to its end; undefined when time is up. */
async function follow(
  cluster: Cluster,
  job: V1Job,
  limit: number,
  progress: Progress,
): Promise<Outcome | undefined> {
  const signal = AbortSignal.timeout(limit * 1000);
  let outcome: Outcome | undefined;
  let waiting: string | undefined;
  await followLogs(cluster, {
    pods: async () => {
      const pods = await podsOfJob(cluster, job);
      const last = pods.at(-1);
      const why = last?.status?.phase === "Pending" ? whyNotReady(last, new Date()) : undefined;
      if (why !== undefined && why !== waiting) progress.now(`Waiting: ${why}`);
      waiting = why;
      return pods;
    },
    wants: () => true,
    onLine: (_, line) => {
      progress.done();
      console.log(readable(line).text);
    },
    done: async () => {
      const now = await readJob(cluster, job);
      outcome = outcomeOf(now, await podsOfJob(cluster, job));
      return outcome !== undefined;
    },
    signal,
  });
  progress.done();
  return outcome;
}

function tell(app: FoundApp, { passed, reason }: Outcome, look: string): boolean {
  const paint = painter(process.stdout);
  console.log(
    passed
      ? paint("green", `PASSED: the backup of ${title(app)} was restored and proven.`)
      : `${paint("red", `FAILED: ${title(app)}: ${reason}`)}\n  ${look.replace(" -f", "")}`,
  );
  return passed;
}
