import type { V1CronJob, V1CronJobStatus, V1Job, V1Pod } from "@kubernetes/client-node";
import { type Outcome, outcomeOf } from "../text/outcome";
import { runs } from "./schedule";
import type { VerificationState } from "./state";

/** So long a Job may take to be made. Milliseconds. */
const LATE = 10 * 60_000;

/** How a verification stands: its CronJob, its Jobs, and the pods of those. */
export function verificationState(
  cronJob: V1CronJob,
  jobs: readonly V1Job[],
  podsOf: (job: V1Job) => readonly V1Pod[],
  now: Date,
): VerificationState {
  const { metadata, spec, status } = cronJob;
  const suspended = spec?.suspend ?? false;
  const ended = jobs
    .flatMap((job) => {
      const outcome = outcomeOf(job, podsOf(job));
      return outcome ? [{ ...outcome, job: job.metadata?.name }] : [];
    })
    .sort((one, other) => other.at.getTime() - one.at.getTime());
  const [last] = ended;
  const running = jobs.some((job) => outcomeOf(job, []) === undefined);
  const scheduled = suspended ? undefined : runs(spec?.schedule ?? "", spec?.timeZone, now);
  const missed = scheduled && missedRun(cronJob, jobs, scheduled.previous, now);
  return {
    name: metadata?.name ?? "",
    running,
    suspended,
    ...lastEnd(status, last, running),
    ...(scheduled && { next: scheduled.next.toISOString() }),
    ...(missed && { missed: missed.toISOString() }),
  };
}

type Ended = Outcome & { readonly job?: string };

/** How the last one ended. Its Job may be gone, and of such the CronJob notes only that they passed. */
function lastEnd(
  status: V1CronJobStatus | undefined,
  last: Ended | undefined,
  running: boolean,
): Pick<VerificationState, "outcome" | "at" | "job" | "reason"> {
  const time = (text: Date | string | undefined) => (text ? new Date(text).getTime() : 0);
  const begun = time(status?.lastScheduleTime);
  const passed = time(status?.lastSuccessfulTime);
  const underWay = running || (status?.active?.length ?? 0) > 0;
  if (!underWay && begun > Math.max(passed, last?.at.getTime() ?? 0))
    return {
      outcome: "unknown",
      reason: `the Job that began at ${iso(begun)} is gone, and isn't noted to have passed; the last that has: ${passed ? iso(passed) : "none"}`,
    };
  if (!last) return passed ? { outcome: "passed", at: iso(passed) } : { outcome: "never" };
  return {
    outcome: last.passed ? "passed" : "failed",
    at: last.at.toISOString(),
    job: last.job,
    ...(last.reason === undefined ? {} : { reason: last.reason }),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** The last time by the schedule, where nothing has run since. */
function missedRun(
  { metadata, status }: V1CronJob,
  jobs: readonly V1Job[],
  previous: Date,
  now: Date,
): Date | undefined {
  const known = [
    // It may not have been there then, or have had another schedule.
    metadata?.creationTimestamp,
    ...(metadata?.managedFields ?? [])
      .filter(({ subresource }) => subresource !== "status")
      .map(({ time }) => time),
    status?.lastScheduleTime,
    ...jobs.map((job) => job.metadata?.creationTimestamp),
  ];
  const latest = Math.max(0, ...known.map((time) => (time ? new Date(time).getTime() : 0)));
  const late = now.getTime() - previous.getTime() > LATE;
  return late && latest < previous.getTime() ? previous : undefined;
}
