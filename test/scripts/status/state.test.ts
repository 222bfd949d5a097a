import type {
  V1ContainerStatus,
  V1CronJob,
  V1Job,
  V1Pod,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { podsState, whyNotReady } from "../../../scripts/status/pods";
import { problemsOf } from "../../../scripts/status/problems";
import { databaseRows, notes, row, worst } from "../../../scripts/status/rows";
import { runs } from "../../../scripts/status/schedule";
import type { AppState, DatabaseState, VerificationState } from "../../../scripts/status/state";
import { verificationState } from "../../../scripts/status/verification";
import { outcomeOf } from "../../../scripts/text/outcome";

const NOW = new Date("2026-11-21T12:00:00Z"); // a Saturday
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const status = (name: string, more: Partial<V1ContainerStatus>): V1ContainerStatus => ({
  name,
  image: "",
  imageID: "",
  ready: false,
  restartCount: 0,
  ...more,
});
const condition = (type: string, is: string, message?: string) => ({ type, status: is, message });

describe("pods", () => {
  const readyPod: V1Pod = { status: { conditions: [condition("Ready", "True")] } };
  const waiting = (reason: string, message?: string) => ({
    state: { waiting: { reason, message } },
  });

  test.each<[string, V1Pod | undefined, string | undefined]>([
    ["ready", readyPod, undefined],
    ["missing", undefined, "there is no pod"],
    [
      "ending",
      { metadata: { deletionTimestamp: minutesAgo(1) }, status: readyPod.status },
      "its pod is ending (for 60 s)",
    ],
    [
      "without a node",
      { status: { conditions: [condition("PodScheduled", "False", "0/1 nodes are available")] } },
      "its pod has no node: 0/1 nodes are available",
    ],
    [
      "evicted",
      { status: { phase: "Failed", reason: "Evicted", message: "too large" } },
      "its pod failed: too large",
    ],
    ["without containers yet", { status: {} }, "its containers haven't started yet"],
    [
      "restoring",
      {
        status: {
          initContainerStatuses: [
            status("done", { state: { terminated: { exitCode: 0 } } }),
            status("litestream-restore-snapshot", {
              started: false,
              state: { running: { startedAt: minutesAgo(5) } },
            }),
          ],
          containerStatuses: [status("app", waiting("PodInitializing"))],
        },
      },
      "litestream-restore-snapshot is starting (for 5 min)",
    ],
    [
      "refusing",
      {
        status: {
          initContainerStatuses: [
            status("litestream-restore-snapshot", {
              ...waiting("CrashLoopBackOff", "back-off"),
              lastState: {
                terminated: {
                  exitCode: 1,
                  reason: "Error",
                  message: "restoring\nno backup found\n",
                },
              },
            }),
          ],
        },
      },
      "litestream-restore-snapshot: CrashLoopBackOff; it ended with exit code 1: no backup found",
    ],
    [
      "killed",
      {
        status: {
          containerStatuses: [
            status("app", { state: { terminated: { exitCode: 137, reason: "OOMKilled" } } }),
          ],
        },
      },
      "app; it ended with OOMKilled",
    ],
    [
      "without its image",
      { status: { containerStatuses: [status("app", waiting("ImagePullBackOff", "not found"))] } },
      "app: ImagePullBackOff; not found",
    ],
    [
      "not ready",
      {
        status: {
          containerStatuses: [
            status("app", { started: true, state: { running: { startedAt: minutesAgo(3) } } }),
          ],
        },
      },
      "app runs, and isn't ready (for 3 min)",
    ],
  ])("a pod that is %s", (_, pod, why) => expect(whyNotReady(pod, NOW)).toBe(why));

  const statefulSet = (replicas?: number): V1StatefulSet => ({
    spec: { replicas, selector: {}, serviceName: "", template: {} },
  });

  test("are counted, with the restarts of all their containers", () => {
    const restarted: V1Pod = {
      status: {
        ...readyPod.status,
        initContainerStatuses: [status("a", { restartCount: 2 })],
        containerStatuses: [status("b", { restartCount: 1 })],
      },
    };
    expect(podsState(statefulSet(2), [restarted, undefined], NOW)).toEqual({
      ready: 1,
      wanted: 2,
      notReady: "there is no pod",
      restarts: 3,
    });
    expect(podsState(statefulSet(), [readyPod], NOW)).toEqual({ ready: 1, wanted: 1, restarts: 0 });
    expect(podsState(statefulSet(0), [], NOW)).toEqual({
      ready: 0,
      wanted: 0,
      notReady: "scaled to 0",
      restarts: 0,
    });
  });
});

test("the runs around a time are in the schedule's own zone", () => {
  expect(runs("0 2 * * 6", "Europe/Berlin", NOW)).toEqual({
    previous: new Date("2026-11-21T01:00:00Z"),
    next: new Date("2026-11-28T01:00:00Z"),
  });
  expect(runs("0 2 * * 6", undefined, NOW)?.next).toEqual(new Date("2026-11-28T02:00:00Z"));
  expect(runs("what", "UTC", NOW)).toBeUndefined();
  expect(runs("0 2 * * 6", "Nowhere/Else", NOW)).toBeUndefined();
});

const job = (
  ended: "Complete" | "Failed" | undefined,
  at: Date,
  reason?: string,
  name = "notes-verify-1",
): V1Job => ({
  metadata: { name, creationTimestamp: at },
  status: {
    conditions: ended && [{ type: ended, status: "True", lastTransitionTime: at, reason }],
  },
});
const reported = (message?: string): V1Pod => ({
  status: {
    containerStatuses: [
      status("backup-verification-report", { state: { terminated: { exitCode: 1, message } } }),
    ],
  },
});

describe("a verification's end", () => {
  test.each<[string, V1Job, V1Pod[], object | undefined]>([
    ["runs", job(undefined, NOW), [], undefined],
    ["passed", job("Complete", NOW), [], { passed: true, at: NOW }],
    [
      "failed, and said why",
      job("Failed", NOW, "PodFailurePolicy"),
      [reported("The proof failed. integrity\nThe report was not delivered to webhook\n")],
      {
        passed: false,
        reason: "The proof failed. integrity; The report was not delivered to webhook",
      },
    ],
    [
      "failed, and could only log it",
      job("Failed", NOW, "PodFailurePolicy"),
      [reported('{"level":"INFO","msg":"a"}\n{"level":"ERROR","msg":"verification failed: b"}\n')],
      { reason: "verification failed: b" },
    ],
    [
      "took too long",
      job("Failed", NOW, "DeadlineExceeded"),
      [reported()],
      { reason: "it took longer than its deadline" },
    ],
    [
      "failed, and its pod is gone",
      job("Failed", NOW, "BackoffLimitExceeded"),
      [],
      { reason: "BackoffLimitExceeded" },
    ],
  ])("that %s", (_, of, pods, outcome) =>
    outcome === undefined
      ? expect(outcomeOf(of, pods)).toBeUndefined()
      : expect(outcomeOf(of, pods)).toMatchObject(outcome),
  );
});

describe("a verification", () => {
  const cronJob = (
    more: { spec?: object; metadata?: object; status?: object } = {},
  ): V1CronJob => ({
    metadata: { name: "notes-verify", creationTimestamp: new Date("2026-01-01"), ...more.metadata },
    spec: { schedule: "0 2 * * 6", timeZone: "Etc/UTC", jobTemplate: {}, ...more.spec },
    status: { lastScheduleTime: new Date("2026-11-21T02:00:00Z"), ...more.status },
  });
  const state = (of: V1CronJob, jobs: V1Job[]) => verificationState(of, jobs, () => [], NOW);
  const GONE = (passed: string) =>
    `the Job that began at 2026-11-21T02:00:00.000Z is gone, and isn't noted to have passed; the last that has: ${passed}`;
  const NEXT = { next: "2026-11-28T02:00:00.000Z" };

  test.each<[string, V1CronJob, V1Job[], object]>([
    [
      "has its newest end",
      cronJob(),
      [
        job("Failed", minutesAgo(600), "x", "old"),
        job("Complete", minutesAgo(60), undefined, "new"),
      ],
      { outcome: "passed", job: "new", at: minutesAgo(60).toISOString(), running: false, ...NEXT },
    ],
    [
      "runs again",
      cronJob(),
      [job("Failed", minutesAgo(60), "x"), job(undefined, NOW)],
      { outcome: "failed", reason: "x", running: true },
    ],
    [
      "never ran",
      cronJob({ metadata: { creationTimestamp: NOW }, status: { lastScheduleTime: undefined } }),
      [],
      { outcome: "never", ...NEXT },
    ],
    [
      "has only the CronJob's word",
      cronJob({ status: { lastSuccessfulTime: minutesAgo(500) } }),
      [],
      { outcome: "passed", at: minutesAgo(500).toISOString() },
    ],
    [
      "passed, and ran again, of which nothing is left",
      cronJob({ status: { lastSuccessfulTime: "2026-11-14T02:05:00Z" } }),
      [],
      { outcome: "unknown", reason: GONE("2026-11-14T02:05:00.000Z") },
    ],
    [
      "ran again, of which only a Job before it is left",
      cronJob(),
      [job("Complete", minutesAgo(10_000))],
      { outcome: "unknown", reason: GONE("none") },
    ],
    [
      "ran once, of which nothing is left",
      cronJob(),
      [],
      { outcome: "unknown", reason: GONE("none") },
    ],
    [
      "ran since, because a person wanted it",
      cronJob(),
      [job("Failed", minutesAgo(1), "x")],
      { outcome: "failed" },
    ],
    [
      "has only just begun again",
      cronJob({ status: { lastSuccessfulTime: "2026-11-14T02:05:00Z", active: [{}] } }),
      [],
      { outcome: "passed" },
    ],
    [
      "runs again, and passed before",
      cronJob({ status: { lastSuccessfulTime: "2026-11-14T02:05:00Z" } }),
      [job(undefined, NOW)],
      { outcome: "passed", running: true },
    ],
    [
      "is suspended",
      cronJob({ spec: { suspend: true }, status: { lastScheduleTime: undefined } }),
      [],
      { suspended: true },
    ],
    [
      "is overdue",
      cronJob({ status: { lastScheduleTime: new Date("2026-11-14T02:00:00Z") } }),
      [],
      { missed: "2026-11-21T02:00:00.000Z" },
    ],
  ])("that %s", (_, of, jobs, found) => expect(state(of, jobs)).toMatchObject(found));

  test("isn't overdue when it was made or changed since, a person has it proven, or it has only just begun", () => {
    const missed = { status: { lastScheduleTime: new Date("2026-11-14T02:00:00Z") } };
    const changed = [{ time: NOW, manager: "terraform" }];
    const noted = [{ time: NOW, subresource: "status" }];
    expect(
      state(cronJob({ ...missed, metadata: { creationTimestamp: NOW } }), []).missed,
    ).toBeUndefined();
    expect(
      state(cronJob({ ...missed, metadata: { managedFields: changed } }), []).missed,
    ).toBeUndefined();
    expect(
      state(cronJob({ ...missed, metadata: { managedFields: noted } }), []).missed,
    ).toBeDefined();
    expect(state(cronJob(missed), [job("Complete", NOW)]).missed).toBeUndefined();
    const soon = cronJob({ ...missed, spec: { schedule: "55 11 * * 6" } });
    expect(state(soon, []).missed).toBeUndefined();
    expect(state(cronJob({ ...missed, spec: { suspend: true } }), []).next).toBeUndefined();
  });
});

const database = (more: Partial<DatabaseState> = {}): DatabaseState => ({
  path: "/data/app.db",
  state: "synced",
  transaction: 34,
  replicated: 34,
  lag: 0,
  lastSync: minutesAgo(5).toISOString(),
  ...more,
});
const verification = (more: Partial<VerificationState> = {}): VerificationState => ({
  name: "notes-verify",
  running: false,
  suspended: false,
  outcome: "passed",
  at: minutesAgo(600).toISOString(),
  next: "2026-11-28T02:00:00.000Z",
  ...more,
});
const app = (more: Partial<AppState> = {}): AppState => ({
  name: "notes",
  namespace: "home",
  kind: "app",
  pods: { ready: 1, wanted: 1, restarts: 0 },
  replication: { databases: [database()], notAsked: 0 },
  verifications: [verification()],
  ...more,
});
const withDatabase = (more: Partial<DatabaseState>) =>
  app({ replication: { databases: [database(more)], notAsked: 0 } });
const gone = app({
  pods: { ready: 0, wanted: 1, notReady: "there is no pod", restarts: 0 },
  replication: { unknown: "there is no pod", databases: [], notAsked: 0 },
});
const readers = app({
  name: "notes-readers",
  kind: "readers",
  pods: { ready: 1, wanted: 2, notReady: "app lags", restarts: 1 },
  replication: undefined,
  verifications: [],
});

test.each<[string, AppState, string]>([
  ["well", app(), "home/notes|yes|5 min ago|0|0|10 h ago|passed|in 6 d"],
  ["gone", gone, "home/notes|no|?|?|0|10 h ago|passed|in 6 d"],
  [
    "unreachable",
    withDatabase({ state: "unreachable" }),
    "home/notes|yes|unreachable|?|0|10 h ago|passed|in 6 d",
  ],
  [
    "behind",
    withDatabase({ state: "behind", lag: 7 }),
    "home/notes|yes|5 min ago|7|0|10 h ago|passed|in 6 d",
  ],
  [
    "ahead",
    withDatabase({ state: "ahead", replicated: 50, lag: undefined }),
    "home/notes|yes|5 min ago|?|0|10 h ago|passed|in 6 d",
  ],
  [
    "never synced",
    withDatabase({ state: "never", lastSync: undefined }),
    "home/notes|yes|never|-|0|10 h ago|passed|in 6 d",
  ],
  [
    "of 0.3",
    withDatabase({ lag: undefined }),
    "home/notes|yes|5 min ago|?|0|10 h ago|passed|in 6 d",
  ],
  ["unproven", app({ verifications: [] }), "home/notes|yes|5 min ago|0|0|-|none|-"],
  [
    "not proven yet",
    app({ verifications: [verification({ outcome: "never", at: undefined })] }),
    "home/notes|yes|5 min ago|0|0|never|-|in 6 d",
  ],
  [
    "proven, or not: nobody knows",
    app({
      verifications: [
        verification({ missed: NOW.toISOString() }),
        verification({ outcome: "unknown", at: undefined }),
      ],
    }),
    "home/notes|yes|5 min ago|0|0|?|unknown|in 6 d",
  ],
  [
    "being proven",
    app({ verifications: [verification({ running: true })] }),
    "home/notes|yes|5 min ago|0|0|10 h ago|running|in 6 d",
  ],
  [
    "overdue",
    app({ verifications: [verification({ missed: NOW.toISOString() })] }),
    "home/notes|yes|5 min ago|0|0|10 h ago|overdue|in 6 d",
  ],
  [
    "suspended",
    app({ verifications: [verification({ suspended: true, next: undefined })] }),
    "home/notes|yes|5 min ago|0|0|10 h ago|passed|suspended",
  ],
  [
    "refuted by one of two proofs",
    app({
      verifications: [
        verification(),
        verification({ outcome: "failed", at: minutesAgo(700).toISOString() }),
      ],
    }),
    "home/notes|yes|5 min ago|0|0|11 h ago|failed|in 6 d",
  ],
  [
    "stopped",
    app({ pods: { ready: 0, wanted: 0, restarts: 0 } }),
    "home/notes|stopped|5 min ago|0|0|10 h ago|passed|in 6 d",
  ],
  ["that of readers", readers, "home/notes-readers|1/2|-|-|1|-|readers|-"],
])("the row of an app that is %s", (_, state, cells) =>
  expect(row(state, NOW).join("|")).toBe(cells),
);

test("the worst of several databases is shown, or else the one that was synced last", () => {
  const later = database({ path: "/later.db", lastSync: NOW.toISOString() });
  const all = [database(), later, database({ path: "/lags.db", lag: 2 })];
  expect(worst(all.slice(0, 2))?.path).toBe("/later.db");
  expect(worst(all)?.path).toBe("/lags.db");
  for (const state of ["unknown", "behind", "ahead", "never", "unreachable"] as const)
    expect(worst([...all, database({ path: "/bad.db", state })])?.path).toBe("/bad.db");
  expect(worst([])).toBeUndefined();
});

test("each database has a row of its own", () =>
  expect(databaseRows(app(), NOW)).toEqual([
    ["home/notes /data/app.db", "synced", "5 min ago", "0", "34", "34"],
  ]));

test("what isn't wrong is noted", () => {
  expect(notes(app())).toEqual([]);
  expect(
    notes(
      app({
        replication: { databases: [database({ state: "unknown", reason: "why" })], notAsked: 379 },
        verifications: [verification({ suspended: true })],
      }),
    ),
  ).toEqual([
    "home/notes: 1 of 380 databases were asked for, those that have written most; all of them: --databases",
    "home/notes: /data/app.db: why",
    "home/notes: notes-verify is suspended",
  ]);
});

test.each<[string, AppState, string[]]>([
  ["well", app(), []],
  ["unproven", app({ verifications: [] }), []],
  [
    "gone",
    gone,
    ["home/notes isn't ready: there is no pod", "kubectl -n home describe statefulset/notes"],
  ],
  [
    "not ready",
    app({ pods: { ready: 0, wanted: 1, notReady: "app: CrashLoopBackOff", restarts: 4 } }),
    ["home/notes isn't ready: app: CrashLoopBackOff", "npm run logs -- notes -n home"],
  ],
  [
    "stopped",
    app({ pods: { ready: 0, wanted: 0, restarts: 0 } }),
    ["home/notes is stopped: scaled to 0", "kubectl -n home scale statefulset/notes --replicas=1"],
  ],
  [
    "unreachable",
    withDatabase({ state: "unreachable", reason: "no answer within 10 s" }),
    [
      "home/notes: the replica can't be reached (/data/app.db): no answer within 10 s",
      "npm run logs -- notes -n home --since 10m",
    ],
  ],
  [
    "behind",
    app({
      replication: {
        databases: [database({ state: "behind", reason: "why" }), database({ state: "never" })],
        notAsked: 0,
      },
    }),
    [
      "home/notes: the backup is behind (/data/app.db and 1 more): why",
      "npm run logs -- notes -n home --since 10m",
    ],
  ],
  [
    "ahead",
    withDatabase({ state: "ahead", reason: "why" }),
    [
      "home/notes: the replica is ahead of the app (/data/app.db): why",
      "npm run logs -- notes -n home --since 10m",
    ],
  ],
  [
    "not known",
    app({ replication: { unknown: "no answer", databases: [], notAsked: 0 } }),
    ["home/notes: how far the backup is isn't known: no answer", "npm run logs -- notes -n home"],
  ],
  [
    "refuted",
    app({ verifications: [verification({ outcome: "failed", job: "j", reason: "why" })] }),
    [
      "home/notes: notes-verify failed 10 h ago: why",
      "kubectl -n home logs job/j --all-containers",
    ],
  ],
  [
    "overdue",
    app({
      verifications: [
        verification({ missed: "2026-11-21T02:00:00.000Z" }),
        verification({ name: "b" }),
      ],
    }),
    [
      "home/notes: notes-verify is overdue: nothing ran at 2026-11-21T02:00:00.000Z",
      "npm run verify -- notes -n home --name notes-verify",
    ],
  ],
  [
    "proven, or not: nobody knows",
    app({ verifications: [verification({ outcome: "unknown", at: undefined, reason: "why" })] }),
    ["home/notes: how notes-verify ended isn't known: why", "npm run verify -- notes -n home"],
  ],
  [
    "proven, or not, and being proven",
    app({ verifications: [verification({ outcome: "unknown", running: true })] }),
    [],
  ],
  [
    "overdue, and being proven",
    app({ verifications: [verification({ missed: "2026-11-21T02:00:00.000Z", running: true })] }),
    [],
  ],
  [
    "that of readers",
    readers,
    [
      "home/notes-readers isn't ready: app lags",
      "kubectl -n home describe pod -l app.kubernetes.io/name=notes-readers",
    ],
  ],
])("what a person must know of an app that is %s", (_, state, texts) =>
  expect(problemsOf(state, NOW).flatMap(({ text, command }) => [text, command])).toEqual(texts),
);
